/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_MEMORY_H
#define RDPWHY_REPORT_MEMORY_H

#include <stddef.h>
#include <stdio.h>

/* Text that is put together in memory and written at once: what a cut-off run has written ends with
 * a whole piece. All zeros is closed. */
struct memory {
    FILE *out;
    char *text;
    size_t len;
};

/* Returns WHY_OK or WHY_ERR_NOMEM. */
int why_memory_open(struct memory *memory);
/* Writes the text to |to| (NULL: nowhere) and frees it. Returns WHY_OK, WHY_ERR_IO or
 * WHY_ERR_NOMEM. */
int why_memory_close(struct memory *memory, FILE *to);

#endif /* !defined(RDPWHY_REPORT_MEMORY_H) */
