/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_FAIL_ON_H
#define RDPWHY_CLI_FAIL_ON_H

#include <stdbool.h>
#include <stddef.h>

#include <rdpwhy/diagnosis.h>

/* How bad a host has to be for the exit code 1: a state of the host, or the severity of a finding.
 */
struct cli_fail_on {
    bool by_severity;
    enum why_host_state state;
    enum why_severity severity;
};

/* "broken", "warning". Returns WHY_OK, or WHY_ERR_USAGE with what is wrong in |err|. */
int cli_fail_on_parse(struct cli_fail_on *fail_on, const char *text, char *err, size_t errlen);

/* Whether |host| is as bad as that, or worse. */
bool cli_fail_on_reached(const struct cli_fail_on *fail_on, const struct why_host *host);

/* The |i|th word that cli_fail_on_parse takes; NULL: there are no more. */
const char *cli_fail_on_word(size_t i);

#endif /* !defined(RDPWHY_CLI_FAIL_ON_H) */
