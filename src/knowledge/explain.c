/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/knowledge.h>

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/grow.h"

/* HRESULT_FROM_WIN32 and its NTSTATUS twin ([MS-ERREF] 2.1, 2.3): facility 7, a Win32 error below
 * it. */
#define FACILITY_WIN32_MASK 0xBFFF0000u
#define FACILITY_WIN32      0x80070000u

/* ---- reading the query ----------------------------------------------------------------------- */

/* A number at |*text|; moves |*text| behind it. */
static bool take_number(const char **text, int64_t *value)
{
    const char *digits = **text == '-' ? *text + 1 : *text;
    int base = digits[0] == '0' && (digits[1] == 'x' || digits[1] == 'X') ? 16 : 10;
    char *end;

    if (base == 16)
        digits += 2;
    if (!isxdigit((unsigned char)*digits))
        return false;
    errno = 0;
    *value = (int64_t)strtoull(digits, &end, base);
    if (errno != 0 || end == digits || *value < 0 || *value > (int64_t)UINT32_MAX)
        return false;
    if (**text == '-')
        *value = -*value;
    *text = end;
    return true;
}

static bool is_number(const char *text, int64_t *value)
{
    return take_number(&text, value) && *text == '\0';
}

/* "C000006D": eight hexadecimal digits without 0x, as event logs show them. */
static bool is_bare_hex(const char *text, int64_t *value)
{
    char *end;

    if (strlen(text) != 8 || strspn(text, "0123456789abcdefABCDEF") != 8)
        return false;
    *value = (int64_t)strtoull(text, &end, 16);
    return true;
}

static bool is_pair(const char *text, int64_t *code, int64_t *extended)
{
    size_t gap;

    if (!take_number(&text, code))
        return false;
    gap = strspn(text, " ,/");
    text += gap;
    return gap > 0 && take_number(&text, extended) && *text == '\0' && *code >= 0 && *extended >= 0;
}

/* Letters in any case; '-', '_' and ' ' are the same. */
static int fold(char c)
{
    return c == '-' || c == ' ' ? '_' : tolower((unsigned char)c);
}

static bool contains(const char *name, const char *part)
{
    for (; *name != '\0'; name++) {
        size_t i = 0;

        while (part[i] != '\0' && fold(name[i]) == fold(part[i]))
            i++;
        if (part[i] == '\0')
            return true;
    }
    return false;
}

/* One letter is in too many names to ask for anything. */
static bool is_name(const char *query)
{
    size_t letters = 0;

    for (; *query != '\0'; query++)
        letters += isalnum((unsigned char)*query) != 0;
    return letters >= 2;
}

/* ---- collecting ------------------------------------------------------------------------------ */

struct collection {
    struct why_explanation *out;
    size_t capacity;
    bool nomem;
};

static void add(struct collection *c, const struct why_code_table *table,
                const struct why_code_row *row, enum why_part part, bool wrapped)
{
    struct why_explanation *out = c->out;

    if (row == NULL)
        return;
    if (!why_grow(&out->meanings, &c->capacity, out->count + 1, sizeof(*out->meanings))) {
        c->nomem = true;
        return;
    }
    out->meanings[out->count++] = (struct why_meaning){table, row, part, wrapped};
}

static void add_from(struct collection *c, const char *space, int64_t value, enum why_part part)
{
    const struct why_code_table *table = why_code_table_find(space);

    add(c, table, why_code_row_find(table, value), part, false);
}

/* Win32 errors travel inside other codes: 0xC00700EA is ERROR_MORE_DATA. */
static void add_wrapped(struct collection *c, int64_t value)
{
    const struct why_code_table *win32 = why_code_table_find("win32");

    if (((uint32_t)value & FACILITY_WIN32_MASK) == FACILITY_WIN32)
        add(c, win32, why_code_row_find(win32, value & 0xffff), WHY_PART_WHOLE, true);
}

static void add_number(struct collection *c, int64_t value)
{
    size_t count = 0;
    const struct why_code_table *tables = why_code_tables(&count);

    for (size_t i = 0; i < count; i++) {
        bool is_signed = value < 0 && !tables[i].hexadecimal;

        add(c, &tables[i],
            why_code_row_find(&tables[i], is_signed || value >= 0 ? value : (uint32_t)value),
            WHY_PART_WHOLE, false);
    }
    add_wrapped(c, value < 0 ? (int64_t)(uint32_t)value : value);
}

static void add_name(struct collection *c, const char *part)
{
    size_t count = 0;
    const struct why_code_table *tables = why_code_tables(&count);

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < tables[i].count; j++) {
            if (contains(tables[i].rows[j].name, part))
                add(c, &tables[i], &tables[i].rows[j], WHY_PART_WHOLE, false);
        }
    }
}

static void add_pair(struct collection *c)
{
    add_from(c, "mstsc", c->out->code, WHY_PART_CODE);
    add_from(c, "mstsc-extended", c->out->extended, WHY_PART_EXTENDED);
    /* ExtendedDisconnectReasonCode shares its numbers with the Set Error Info PDU. */
    add_from(c, "error-info", c->out->extended, WHY_PART_EXTENDED);
    if (c->out->count == 0)
        return;
    add_from(c, "license-error", c->out->extended, WHY_PART_HOMONYM);
    add_from(c, "win32", c->out->extended, WHY_PART_HOMONYM);
}

static int finish(const struct collection *c)
{
    if (c->nomem)
        return WHY_ERR_NOMEM;
    return c->out->count > 0 || c->out->rule != WHY_RULE_COUNT ? WHY_OK : WHY_ERR_NOTFOUND;
}

int why_explain(const char *query, struct why_explanation *out)
{
    struct collection c = {.out = out};
    int64_t code = 0, extended = 0;

    *out = (struct why_explanation){.query = query, .rule = why_rule_find(query)};
    if (out->rule != WHY_RULE_COUNT)
        return WHY_OK;
    if (is_pair(query, &code, &extended)) {
        out->is_pair = true;
        out->code = (uint32_t)code;
        out->extended = (uint32_t)extended;
        add_pair(&c);
        return finish(&c);
    }
    if (is_number(query, &out->value)) {
        out->is_number = true;
        add_number(&c, out->value);
        return finish(&c);
    }
    if (is_name(query))
        add_name(&c, query);
    if (out->count == 0 && is_bare_hex(query, &out->value)) {
        out->is_number = true;
        add_number(&c, out->value);
    }
    return finish(&c);
}

void why_explanation_clear(struct why_explanation *explanation)
{
    if (explanation == NULL)
        return;
    free(explanation->meanings);
    explanation->meanings = NULL;
    explanation->count = 0;
}

enum why_rule why_meaning_rule(const struct why_code_table *table, const struct why_code_row *row)
{
    int space = why_word_find(WHY_VOCAB_CODE_SPACE, table->space);

    /* CredSSP carries SSPI codes in the place of an NTSTATUS too. */
    if (strcmp(table->space, "sspi") == 0)
        space = WHY_SPACE_NTSTATUS;
    return space < 0 ? WHY_RULE_COUNT : why_rule_of_code((enum why_code_space)space, row->value);
}

void why_table_format(const struct why_code_table *table, int64_t value, char *buf, size_t len)
{
    if (table->hexadecimal)
        (void)snprintf(buf, len, "0x%0*" PRIX64, (int)table->digits, (uint64_t)value);
    else
        (void)snprintf(buf, len, "%" PRId64, value);
}
