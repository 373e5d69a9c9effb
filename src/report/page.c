/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/grow.h"
#include "base/text.h"

static const char *const style_codes[] = {
    [PAGE_PLAIN] = "",         [PAGE_BOLD] = "\033[1m",    [PAGE_DIM] = "\033[2m",
    [PAGE_GREEN] = "\033[32m", [PAGE_YELLOW] = "\033[33m", [PAGE_RED] = "\033[31m",
};

size_t why_page_width(const char *text)
{
    size_t width = 0;

    while (*text) {
        uint32_t codepoint = 0;
        size_t raw = 0;

        if (why_text_plain(text, &raw) > 0 && why_utf8_decode(text, &codepoint) > 0)
            width += why_utf8_columns(codepoint);
        else
            width += 4 * raw;
        text += raw;
    }
    return width;
}

/* A copy of |text| that is safe to show; NULL when out of memory. */
static char *harmless(struct page *page, const char *text)
{
    char *copy = why_text_shown(text);

    if (!copy)
        page->failed = true;
    return copy;
}

int why_page_open(struct page *page, bool color, size_t columns)
{
    *page = (struct page){.color = color, .columns = columns ? columns : PAGE_COLUMNS};
    return why_memory_open(&page->memory);
}

int why_page_close(struct page *page, FILE *out)
{
    int status = why_memory_close(&page->memory, page->failed ? NULL : out);

    return page->failed ? WHY_ERR_NOMEM : status;
}

void why_page_newline(struct page *page)
{
    fputc('\n', page->memory.out);
}

static void begin_style(struct page *page, enum page_style style)
{
    if (page->color && style != PAGE_PLAIN)
        fputs(style_codes[style], page->memory.out);
}

static void end_style(struct page *page, enum page_style style)
{
    if (page->color && style != PAGE_PLAIN)
        fputs("\033[0m", page->memory.out);
}

static void put_styled(struct page *page, enum page_style style, const char *text, size_t len)
{
    if (len == 0)
        return;
    begin_style(page, style);
    fwrite(text, 1, len, page->memory.out);
    end_style(page, style);
}

void why_page_text(struct page *page, enum page_style style, const char *text)
{
    char *clean = harmless(page, text);

    if (clean)
        put_styled(page, style, clean, strlen(clean));
    free(clean);
}

static void pad(struct page *page, size_t columns)
{
    fprintf(page->memory.out, "%*s", (int)columns, "");
}

void why_page_wrap(struct page *page, enum page_style style, size_t column, size_t indent,
                   const char *text)
{
    char *clean = harmless(page, text);
    const char *word = clean;

    begin_style(page, style);
    while (word && *word) {
        size_t len = strcspn(word, " ");
        char end = word[len];
        size_t width;

        clean[(size_t)(word - clean) + len] = '\0';
        width = why_page_width(word);
        if (word != clean && column + 1 + width > page->columns) {
            end_style(page, style);
            why_page_newline(page);
            pad(page, indent);
            begin_style(page, style);
            column = indent;
        } else if (word != clean) {
            fputc(' ', page->memory.out);
            column++;
        }
        fwrite(word, 1, len, page->memory.out);
        column += width;
        word += len + (end != '\0');
    }
    end_style(page, style);
    why_page_newline(page);
    free(clean);
}

void why_page_field(struct page *page, size_t indent, size_t label_width, const char *label,
                    const char *text)
{
    pad(page, indent);
    put_styled(page, PAGE_DIM, label, strlen(label));
    if (strlen(label) < label_width)
        pad(page, label_width - strlen(label));
    why_page_wrap(page, PAGE_PLAIN, indent + label_width, indent + label_width, text);
}

void why_page_heading(struct page *page, const char *text)
{
    why_page_newline(page);
    why_page_text(page, PAGE_BOLD, text);
    why_page_newline(page);
}

struct table_row *why_table_add(struct table *table)
{
    if (!why_grow(&table->rows, &table->capacity, table->count + 1, sizeof(*table->rows)))
        return NULL;
    table->rows[table->count] = (struct table_row){.cells = {NULL}};
    return &table->rows[table->count++];
}

void why_table_set(struct page *page, struct table_row *row, size_t column, enum page_style style,
                   const char *text)
{
    if (!row) {
        page->failed = true;
        return;
    }
    free(row->cells[column]);
    row->cells[column] = harmless(page, text);
    row->styles[column] = style;
}

static size_t column_width(const struct table *table, size_t column)
{
    size_t widest = 0;

    for (size_t i = 0; i < table->count; i++) {
        const char *cell = table->rows[i].cells[column];
        size_t width = cell ? why_page_width(cell) : 0;

        if (width > widest)
            widest = width;
    }
    return widest;
}

static const char *cell_text(const struct table_row *row, size_t column)
{
    return row->cells[column] ? row->cells[column] : "";
}

static void put_row(struct page *page, size_t indent, const struct table_row *row,
                    const size_t *widths, size_t columns)
{
    size_t at = indent;

    /* No blanks at the end of a line. */
    while (columns > 1 && *cell_text(row, columns - 1) == '\0')
        columns--;
    pad(page, indent);
    for (size_t i = 0; i + 1 < columns; i++) {
        const char *cell = cell_text(row, i);

        put_styled(page, row->styles[i], cell, strlen(cell));
        pad(page, widths[i] - why_page_width(cell) + 2);
        at += widths[i] + 2;
    }
    why_page_wrap(page, row->styles[columns - 1], at, at, cell_text(row, columns - 1));
}

static void table_clear(struct table *table)
{
    for (size_t i = 0; i < table->count; i++) {
        for (size_t k = 0; k < TABLE_COLUMNS; k++)
            free(table->rows[i].cells[k]);
    }
    free(table->rows);
    *table = (struct table){.columns = table->columns};
}

void why_page_table(struct page *page, size_t indent, struct table *table)
{
    size_t widths[TABLE_COLUMNS] = {0};

    for (size_t i = 0; i < table->columns; i++)
        widths[i] = column_width(table, i);
    for (size_t i = 0; i < table->count; i++)
        put_row(page, indent, &table->rows[i], widths, table->columns);
    table_clear(table);
}
