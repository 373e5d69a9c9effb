/* SPDX-License-Identifier: Apache-2.0 */
#include "prompt.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#define LOOK_FOR_SIGNALS_MS 100

/* Signals that would leave the terminal without echo. They are blocked while it is off, and looked
 * for: a handler would need a global to tell what it saw. */
static const int blocked[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP};

static void fill_set(sigset_t *set)
{
    sigemptyset(set);
    for (size_t i = 0; i < sizeof(blocked) / sizeof(blocked[0]); i++)
        sigaddset(set, blocked[i]);
}

static bool is_signal_pending(void)
{
    sigset_t pending;

    if (sigpending(&pending) != 0)
        return false;
    for (size_t i = 0; i < sizeof(blocked) / sizeof(blocked[0]); i++) {
        struct sigaction action;

        if (sigismember(&pending, blocked[i]) && sigaction(blocked[i], NULL, &action) == 0 &&
            action.sa_handler != SIG_IGN)
            return true;
    }
    return false;
}

static bool set_echo(int tty, const struct termios *before, bool on)
{
    struct termios now = *before;

    if (!on)
        now.c_lflag &= ~(tcflag_t)(ECHO | ECHOE | ECHOK | ECHONL);
    while (tcsetattr(tty, TCSAFLUSH, &now) != 0) {
        if (errno != EINTR)
            return false;
    }
    return true;
}

static int put(int tty, const char *text)
{
    return write(tty, text, strlen(text)) < 0 ? WHY_ERR_IO : WHY_OK;
}

/* Turns the echo on and lets the pending signal act, which may end the process; if it goes on, the
 * question is asked again. */
static bool let_signal_act(int tty, const struct termios *before, const char *question)
{
    sigset_t set;

    set_echo(tty, before, true);
    put(tty, "\n");
    fill_set(&set);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    sigprocmask(SIG_BLOCK, &set, NULL);
    return set_echo(tty, before, false) && put(tty, question) == WHY_OK;
}

static int read_line(int tty, const struct termios *before, const char *question, char *buf,
                     size_t len)
{
    size_t used = 0;

    for (;;) {
        struct pollfd ready = {.fd = tty, .events = POLLIN};
        char byte;

        if (is_signal_pending()) {
            used = 0;
            if (!let_signal_act(tty, before, question))
                return WHY_ERR_IO;
        }
        if (poll(&ready, 1, LOOK_FOR_SIGNALS_MS) <= 0)
            continue;
        if (read(tty, &byte, 1) != 1)
            return WHY_ERR_IO;
        if (byte == '\n') {
            buf[used] = '\0';
            return WHY_OK;
        }
        if (used + 1 == len)
            return WHY_ERR_USAGE;
        buf[used++] = byte;
    }
}

int cli_prompt(const char *question, char *buf, size_t len)
{
    int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    int status = WHY_ERR_IO;
    struct termios before;
    sigset_t set, mask;

    if (tty < 0)
        return WHY_ERR_NOTFOUND;
    fill_set(&set);
    sigprocmask(SIG_BLOCK, &set, &mask);
    if (tcgetattr(tty, &before) == 0 && set_echo(tty, &before, false)) {
        status = put(tty, question);
        if (status == WHY_OK)
            status = read_line(tty, &before, question, buf, len);
        set_echo(tty, &before, true);
        put(tty, "\n");
    }
    sigprocmask(SIG_SETMASK, &mask, NULL);
    close(tty);
    return status;
}
