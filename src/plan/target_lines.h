/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TARGET_LINES_H
#define RDPWHY_TARGET_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define WHY_LINE_SIZE 4096u

/* The lines of a list of targets. All zeros before the first. */
struct why_target_line {
    char buf[WHY_LINE_SIZE + 1];
    size_t len;          /* of the line being read */
    bool begun;          /* a part of it has been read */
    const char *problem; /* what is wrong with it; its rest is being passed over */
    size_t number;
    char *text; /* in |buf|: without comment and white space around it */
};

/* What has been read of an input that may keep its reader waiting. All zeros before the first. */
struct why_target_pipe {
    char buf[65536];
    size_t at, len;
};

/*
 * Reads the next line that has a target in it. Returns WHY_OK, WHY_ERR_NOTFOUND at the end of the
 * file, or WHY_ERR_IO or WHY_ERR_USAGE with |*problem|. The rest of a line that is too long or
 * holds a NUL is passed over, so that the next one can be read. With |pipe| the input is read past
 * its FILE, and never waited for: WHY_ERR_AGAIN where nothing more is there yet.
 */
int why_target_line_read(struct why_target_line *line, FILE *in, struct why_target_pipe *pipe,
                         const char **problem);

#endif /* !defined(RDPWHY_TARGET_LINES_H) */
