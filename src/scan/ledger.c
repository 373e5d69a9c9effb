/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <stddef.h>

const char why_ledger_not_settled[] = "the account's first use in this run has not finished";
const char why_ledger_not_accepted[] =
    "the account was already rejected in this run; another attempt could lock it";

enum ledger_answer why_ledger_claim(struct ledger *ledger, bool *used, const char **why_not)
{
    *why_not = ledger->rejected ? why_ledger_not_accepted
               : *used          ? "the account was already used once on this host in this run"
                                : NULL;
    if (*why_not != NULL)
        return LEDGER_NO;
    if (ledger->pending)
        return LEDGER_WAIT;
    *used = true;
    ledger->pending = !ledger->accepted;
    return LEDGER_YES;
}

void why_ledger_settle(struct ledger *ledger, bool accepted)
{
    if (accepted)
        ledger->accepted = true;
    else
        ledger->rejected = true;
    ledger->pending = false;
}

void why_ledger_leave(struct ledger *ledger)
{
    ledger->pending = false;
}

void why_ledger_release(struct ledger *ledger, bool *used)
{
    *used = false;
    ledger->pending = false;
}

void why_ledger_lose(struct ledger *ledger)
{
    if (!ledger->accepted)
        ledger->rejected = true;
    ledger->pending = false;
}
