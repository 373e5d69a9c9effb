/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_SIGNALS_H
#define RDPWHY_CLI_SIGNALS_H

#include <stdatomic.h>

/*
 * From now on the first SIGINT or SIGTERM sets the flag that is returned, and the second ends the
 * process at once with exit code 130.
 */
const atomic_bool *cli_signals_catch(void);

#endif /* !defined(RDPWHY_CLI_SIGNALS_H) */
