/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_TEXT_ALIKE_H
#define RDPWHY_REPORT_TEXT_ALIKE_H

#include <stdbool.h>
#include <stddef.h>

#include "page.h"

struct why_host;
struct why_result;

/* What several attempts of a host have in common is said once, with the attempts it is true of. */

#define WHY_ALIKE_LABEL 15   /* columns of a field's label */
#define WHY_ALIKE_TEXT  1024 /* bytes of what is said */

/* Appends to |buf| of WHY_ALIKE_TEXT bytes; what does not fit is cut. */
#define WHY_ALIKE_APPEND(buf, ...)                                                                 \
    do {                                                                                           \
        size_t at_ = strlen(buf);                                                                  \
        snprintf((buf) + at_, WHY_ALIKE_TEXT - at_, __VA_ARGS__);                                  \
    } while (0)

/* Whether two attempts are alike; an attempt that is not like itself has nothing to say. */
struct why_alike {
    bool (*same)(const struct why_result *a, const struct why_result *b, const void *arg);
    const void *arg;
    void (*name)(const struct why_result *result, char *buf, size_t len); /* NULL: its step */
};

/* Whether the attempt at |index| has something to say that none before it has said. */
bool why_alike_is_first(const struct why_host *host, size_t index, const struct why_alike *alike);
/* How many different things the attempts say. */
size_t why_alike_count(const struct why_host *host, const struct why_alike *alike);
/* Appends the names of the attempts that are like the one at |first|, each once. */
void why_alike_names(const struct why_host *host, size_t first, const struct why_alike *alike,
                     char *buf, size_t len);

/* A field of the text report: a line for each thing that |describe| says of the attempts. */
struct why_alike_field {
    const char *label;
    bool label_once; /* the lines below the first have none */
    bool once;       /* the first thing that is said will do */
    /* Writes to |buf| of WHY_ALIKE_TEXT bytes, which is empty: it stays so where nothing is known.
     */
    void (*describe)(const struct why_result *result, const void *arg, char *buf);
    const void *arg;
    void (*name)(const struct why_result *result, char *buf, size_t len); /* as above */
};

/* |*heading| is written before the first line and is NULL then. */
void why_alike_put(struct page *page, const struct why_host *host,
                   const struct why_alike_field *field, const char **heading);

#endif /* !defined(RDPWHY_REPORT_TEXT_ALIKE_H) */
