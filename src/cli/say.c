/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <unistd.h>

#include "base/text.h"

/* Needs no memory: that there is none may be what it has to say. */
void cli_say(const char *text)
{
    fputs("rdpwhy: ", stderr);
    while (*text) {
        size_t raw = 0;
        size_t n = why_text_plain(text, &raw);

        fwrite(text, 1, n, stderr);
        for (size_t i = 0; n == 0 && i < raw; i++)
            fprintf(stderr, "\\x%02x", (unsigned char)text[i]);
        text += raw;
    }
    fputc('\n', stderr);
}

bool cli_reader_has_left(int error)
{
    struct pollfd out = {.fd = STDOUT_FILENO, .events = POLLOUT};

    if (error == EPIPE)
        return true;
    return error == 0 && poll(&out, 1, 0) == 1 && (out.revents & (POLLERR | POLLHUP)) != 0;
}
