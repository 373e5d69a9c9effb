/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <stdio.h>

void cli_say(const char *text)
{
    fputs("rdpwhy: ", stderr);
    for (; *text; text++)
        fputc((unsigned char)*text < 0x20 || *text == 0x7F ? '?' : *text, stderr);
    fputc('\n', stderr);
}
