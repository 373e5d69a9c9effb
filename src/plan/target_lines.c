/* SPDX-License-Identifier: Apache-2.0 */
#include "target_lines.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#define NOT_YET (EOF - 1)
#define FAILED  (EOF - 2)

static int next_of_pipe(struct why_target_pipe *pipe, int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    ssize_t n;

    if (pipe->at < pipe->len)
        return (unsigned char)pipe->buf[pipe->at++];
    do {
        if (poll(&ready, 1, 0) == 0)
            return NOT_YET;
        n = read(fd, pipe->buf, sizeof(pipe->buf));
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == EAGAIN ? NOT_YET : FAILED;
    if (n == 0)
        return EOF;
    pipe->at = 1;
    pipe->len = (size_t)n;
    return (unsigned char)pipe->buf[0];
}

static int next_char(FILE *in, struct why_target_pipe *pipe)
{
    int c;

    if (pipe != NULL)
        return next_of_pipe(pipe, fileno(in));
    c = getc(in);
    return c == EOF && ferror(in) ? FAILED : c;
}

static void add_char(struct why_target_line *line, char c)
{
    if (line->problem != NULL)
        return;
    if (c == '\0')
        line->problem = "it contains a NUL byte (is the file UTF-16? It must be UTF-8)";
    else if (line->len == WHY_LINE_SIZE)
        line->problem = "the line is longer than 4096 bytes";
    else
        line->buf[line->len++] = c;
}

/* Reads one line, whatever is in it, into |line->buf| without its end. */
static int read_line(struct why_target_line *line, FILE *in, struct why_target_pipe *pipe,
                     const char **problem)
{
    int c;

    if (!line->begun) {
        line->begun = true;
        line->len = 0;
        line->problem = NULL;
        line->number++;
    }
    while ((c = next_char(in, pipe)) >= 0 && c != '\n')
        add_char(line, (char)c);
    if (c == NOT_YET)
        return WHY_ERR_AGAIN;
    line->begun = false;
    *problem = c == FAILED ? "the file could not be read" : line->problem;
    if (*problem != NULL)
        return c == FAILED ? WHY_ERR_IO : WHY_ERR_USAGE;
    line->buf[line->len] = '\0';
    return c == EOF && line->len == 0 ? WHY_ERR_NOTFOUND : WHY_OK;
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

int why_target_line_read(struct why_target_line *line, FILE *in, struct why_target_pipe *pipe,
                         const char **problem)
{
    int status;

    do {
        char *text = line->buf;

        status = read_line(line, in, pipe, problem);
        if (status != WHY_OK)
            break;
        /* The byte order mark that Windows editors put in front. */
        if (line->number == 1 && strncmp(text, "\xEF\xBB\xBF", 3) == 0)
            text += 3;
        line->text = strip(text);
    } while (*line->text == '\0');
    return status;
}
