/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_SIGNALS_H
#define RDPWHY_CLI_SIGNALS_H

#include <stdatomic.h>

/*
 * From now on the first SIGINT or SIGTERM sets the flag that is returned, and the second ends the
 * process at once with exit code 130.
 */
const atomic_bool *cli_signals_catch(void);

/*
 * From now on SIGUSR1, and SIGINFO where there is one, sets the flag that is returned; whoever
 * answers takes it back.
 */
atomic_bool *cli_signals_progress(void);

#endif /* !defined(RDPWHY_CLI_SIGNALS_H) */
