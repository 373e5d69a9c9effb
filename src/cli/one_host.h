/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_ONE_HOST_H
#define RDPWHY_CLI_ONE_HOST_H

#include <stdbool.h>

/*
 * The one host that |text| is, as reports show it; the caller's to free. |*any_port|: no port was
 * named. NULL after a message that begins with |command|.
 */
char *cli_one_host(const char *command, const char *text, bool *any_port);

/* Whether |label|, as reports show it, is the host |wanted|, or with |any_port| one of its ports.
 */
bool cli_is_host(const char *label, const char *wanted, bool any_port);

#endif /* !defined(RDPWHY_CLI_ONE_HOST_H) */
