/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_PAGE_H
#define RDPWHY_REPORT_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "memory.h"

/*
 * Text for a terminal, put together in memory and written at once. Everything that goes through
 * these functions is made harmless first: what is not UTF-8, control characters, and characters
 * that turn the direction of writing around become \xNN, byte by byte.
 */

#define PAGE_COLUMNS 100 /* where nobody says how many there are */

enum page_style {
    PAGE_PLAIN,
    PAGE_BOLD,
    PAGE_DIM,
    PAGE_GREEN,
    PAGE_YELLOW,
    PAGE_RED,
};

struct page {
    struct memory memory;
    bool color;
    size_t columns;
    bool failed; /* out of memory */
};

/* |columns|: where lines are broken; 0: PAGE_COLUMNS. Returns WHY_OK or WHY_ERR_NOMEM. */
int why_page_open(struct page *page, bool color, size_t columns);
/* Writes the page to |out|, flushes, and frees it. Returns WHY_OK, WHY_ERR_IO or WHY_ERR_NOMEM. */
int why_page_close(struct page *page, FILE *out);

void why_page_newline(struct page *page);
/* |text| as it is, on the current line. */
void why_page_text(struct page *page, enum page_style style, const char *text);
/* The same with a format; cut at 1 KiB. A macro, so that compilers check the format. */
#define why_page_printf(page, style, ...)                                                          \
    do {                                                                                           \
        char text_[1024];                                                                          \
        snprintf(text_, sizeof(text_), __VA_ARGS__);                                               \
        why_page_text(page, style, text_);                                                         \
    } while (0)
/*
 * |text| broken between words where it would pass the page's last column, ended with a newline. The
 * current line is at column |column| already; lines after the first are indented by |indent|.
 */
void why_page_wrap(struct page *page, enum page_style style, size_t column, size_t indent,
                   const char *text);
/* A line of its own: |label| in a column from |indent| on, the text wrapped beside it. */
void why_page_field(struct page *page, size_t indent, size_t label_width, const char *label,
                    const char *text);
/* A heading after an empty line. */
void why_page_heading(struct page *page, const char *text);

/* Columns of |text| after it was made harmless. */
size_t why_page_width(const char *text);

/* A table: the first row is the heading, the last column is wrapped. */
#define TABLE_COLUMNS 6
struct table_row {
    char *cells[TABLE_COLUMNS]; /* owned */
    enum page_style styles[TABLE_COLUMNS];
};
struct table {
    struct table_row *rows; /* owned */
    size_t count, capacity;
    size_t columns;
};

/* A new row at the end with empty cells, or NULL when out of memory. */
struct table_row *why_table_add(struct table *table);
void why_table_set(struct page *page, struct table_row *row, size_t column, enum page_style style,
                   const char *text);
/* Writes the table, each line indented by |indent|, and clears it. */
void why_page_table(struct page *page, size_t indent, struct table *table);

#endif /* !defined(RDPWHY_REPORT_PAGE_H) */
