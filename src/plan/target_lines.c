/* SPDX-License-Identifier: Apache-2.0 */
#include "target_lines.h"

#include <stdbool.h>
#include <string.h>

#include <rdpwhy/status.h>

static void pass_over_rest(FILE *in)
{
    int c;

    while ((c = getc(in)) != EOF && c != '\n')
        continue;
}

/* Reads one line, whatever is in it, into |line->buf| without its end. */
static int read_line(struct why_target_line *line, FILE *in, const char **problem)
{
    size_t len = 0;
    int c;

    line->number++;
    while ((c = getc(in)) != EOF && c != '\n') {
        *problem = c == '\0' ? "there is a NUL byte in it (is the file UTF-16? It must be UTF-8)"
                   : len == WHY_LINE_SIZE ? "the line is longer than 4096 bytes"
                                          : NULL;
        if (*problem != NULL) {
            pass_over_rest(in);
            return WHY_ERR_USAGE;
        }
        line->buf[len++] = (char)c;
    }
    if (ferror(in)) {
        *problem = "the file could not be read";
        return WHY_ERR_IO;
    }
    line->buf[len] = '\0';
    return c == EOF && len == 0 ? WHY_ERR_NOTFOUND : WHY_OK;
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

static char *strip(char *text)
{
    size_t len;

    while (is_white(*text))
        text++;
    for (char *c = text; *c != '\0'; c++) {
        if (*c == '#' && (c == text || is_white(c[-1]))) {
            *c = '\0';
            break;
        }
    }
    len = strlen(text);
    while (len > 0 && is_white(text[len - 1]))
        text[--len] = '\0';
    return text;
}

int why_target_line_read(struct why_target_line *line, FILE *in, const char **problem)
{
    int status;

    do {
        char *text = line->buf;

        status = read_line(line, in, problem);
        if (status != WHY_OK)
            break;
        /* The byte order mark that Windows editors put in front. */
        if (line->number == 1 && strncmp(text, "\xEF\xBB\xBF", 3) == 0)
            text += 3;
        line->text = strip(text);
    } while (*line->text == '\0');
    return status;
}
