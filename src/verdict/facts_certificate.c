/* SPDX-License-Identifier: Apache-2.0 */
#include "facts.h"

#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

#include "certificate.h"

void why_facts_certificate(struct gathering *g, const struct why_event *event, const char *host,
                           const struct why_certificate *known, bool *has,
                           struct why_certificate *c)
{
    if (*has) {
        c->chain_length++;
        return;
    }
    if (event->value != 0)
        return;
    switch (why_certificate_parse(event->bytes, event->len, host, g->head->started_us, known, c)) {
    case WHY_OK:
        *has = true;
        c->chain_length = 1;
        break;
    case WHY_ERR_NOMEM:
        g->nomem = true;
        break;
    default:
        break;
    }
}
