/* SPDX-License-Identifier: Apache-2.0 */
#include "fail_on.h"

#include <stdio.h>
#include <string.h>

#include <rdpwhy/status.h>

#define STATES     (WHY_HOST_STATE_COUNT - 1) /* no state is better than healthy */
#define SEVERITIES (WHY_SEVERITY_ERROR + 1)

const char *cli_fail_on_word(size_t i)
{
    if (i < STATES)
        return why_host_state_name((enum why_host_state)(i + 1));
    return i < STATES + SEVERITIES ? why_severity_name((enum why_severity)(i - STATES)) : NULL;
}

static int say_words(const char *text, char *err, size_t errlen)
{
    int used = snprintf(err, errlen, "'%s' is none of", text);

    for (size_t i = 0; cli_fail_on_word(i) && used > 0 && (size_t)used < errlen; i++)
        used +=
            snprintf(err + used, errlen - (size_t)used, "%s %s", i ? "," : "", cli_fail_on_word(i));
    return WHY_ERR_USAGE;
}

int cli_fail_on_parse(struct cli_fail_on *fail_on, const char *text, char *err, size_t errlen)
{
    size_t i = 0;

    while (cli_fail_on_word(i) && strcmp(cli_fail_on_word(i), text) != 0)
        i++;
    if (!cli_fail_on_word(i))
        return say_words(text, err, errlen);
    *fail_on = (struct cli_fail_on){.by_severity = i >= STATES};
    if (fail_on->by_severity)
        fail_on->severity = (enum why_severity)(i - STATES);
    else
        fail_on->state = (enum why_host_state)(i + 1);
    return WHY_OK;
}

bool cli_fail_on_reached(const struct cli_fail_on *fail_on, const struct why_host *host)
{
    if (!fail_on->by_severity)
        return host->state >= fail_on->state;
    for (size_t i = 0; i < host->finding_count; i++) {
        if (host->findings[i].severity >= fail_on->severity)
            return true;
    }
    return false;
}
