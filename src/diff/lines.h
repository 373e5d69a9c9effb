/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_DIFF_LINES_H
#define RDPWHY_DIFF_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* The longest line that is read: texts of a server are 64 KiB at most, and every byte of them may
 * have become four. Keeps a file without line ends from being taken into memory whole. */
#define LINES_MAX ((size_t)16 * 1024 * 1024)

/* The lines of a file. All zeros but |in| is the beginning. */
struct lines {
    FILE *in;
    char *buf; /* owned */
    size_t start, end, capacity;
    size_t number; /* of the line read last */
    bool ended;    /* the file's last line was read */
    bool whole;    /* the line read last ended with a newline */
};

/*
 * The next line without its newline in |*line|, valid until the next call. Returns WHY_OK,
 * WHY_ERR_NOTFOUND at the end, WHY_ERR_IO (errno), WHY_ERR_MALFORMED for a line that is too long,
 * or WHY_ERR_NOMEM.
 */
int why_lines_next(struct lines *lines, const char **line, size_t *len);
void why_lines_clear(struct lines *lines);

#endif /* !defined(RDPWHY_DIFF_LINES_H) */
