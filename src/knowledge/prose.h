/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KNOWLEDGE_PROSE_H
#define RDPWHY_KNOWLEDGE_PROSE_H

#include <stddef.h>
#include <stdio.h>

/* What the rules say, read from text files (rules/README.md has their form) and written as C. */

/* A row of rules.def, as words. */
struct prose_rule {
    const char *id, *name, *severity;
};

struct prose_streams {
    FILE *out;    /* initializers of an array of struct why_rule_info */
    FILE *depend; /* NULL, or for the names of what was read, as in a makefile */
    FILE *errors; /* FILE:LINE: what is wrong */
};

/*
 * Reads FOLDER/NAME.txt of each of |count| |rules|, and FOLDER/shared. Returns how many errors were
 * told; what was written is of use only where that is 0.
 */
size_t prose_compile(const struct prose_rule *rules, size_t count, const char *folder,
                     const struct prose_streams *streams);

#endif /* !defined(RDPWHY_KNOWLEDGE_PROSE_H) */
