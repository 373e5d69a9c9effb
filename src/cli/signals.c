/* SPDX-License-Identifier: Apache-2.0 */
#include "signals.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <unistd.h>

#include "cli.h"

/* The mutable globals: a signal handler gets no other argument than the signal. Lock-free atomics
 * are safe in handlers (C11 7.14.1.1). */
static atomic_bool cancelled, progress_asked;

static void on_signal(int number)
{
    (void)number;
    if (atomic_exchange(&cancelled, true))
        _exit(CLI_EXIT_INTERRUPTED);
}

const atomic_bool *cli_signals_catch(void)
{
    static const int numbers[] = {SIGINT, SIGTERM};
    /* SA_RESTART: a report's write must not fail for it; the run looks at the flag. */
    struct sigaction catch = {.sa_handler = on_signal, .sa_flags = SA_RESTART};

    sigemptyset(&catch.sa_mask);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        struct sigaction before;

        /* What the caller ignores (nohup, a background job) stays ignored. */
        if (sigaction(numbers[i], NULL, &before) == 0 && before.sa_handler != SIG_IGN)
            sigaction(numbers[i], &catch, NULL);
    }
    return &cancelled;
}

static void on_progress_signal(int number)
{
    (void)number;
    atomic_store(&progress_asked, true);
}

atomic_bool *cli_signals_progress(void)
{
    struct sigaction ask = {.sa_handler = on_progress_signal, .sa_flags = SA_RESTART};

    sigemptyset(&ask.sa_mask);
    sigaction(SIGUSR1, &ask, NULL);
#ifdef SIGINFO
    sigaction(SIGINFO, &ask, NULL);
#endif
    return &progress_asked;
}
