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

/* freerdp/error.h: MAKE_FREERDP_ERROR, class 1 is error info; class 2 has a table of its own. */
#define FREERDP_CLASS(value)  ((value) >> 16)
#define FREERDP_CLASS_ERRINFO 1
/* [MS-TSGU] 2.2.6: HRESULT_CODE(...) of the gateway's rows; what is less means too much else */
#define GATEWAY_FIRST 0x3E3
#define GATEWAY_LAST  0x5A00
/* MIT Kerberos, krb5_err.et: KRB5KDC_ERR_NONE; the protocol's own codes come first. */
#define MIT_KRB5_BASE (-1765328384)
#define MIT_KRB5_LAST (MIT_KRB5_BASE + 127)
/* ExtendedDisconnectReasonCode: exDiscReasonProtocolRangeStart, ...End */
#define PROTOCOL_FIRST 0x1000
#define PROTOCOL_LAST  0x7FFF

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
                const struct why_code_row *row, enum why_part part, enum why_form form)
{
    struct why_explanation *out = c->out;

    if (row == NULL)
        return;
    if (!why_grow(&out->meanings, &c->capacity, out->count + 1, sizeof(*out->meanings))) {
        c->nomem = true;
        return;
    }
    out->meanings[out->count++] = (struct why_meaning){table, row, part, form};
}

static void add_from(struct collection *c, const char *space, int64_t value, enum why_part part,
                     enum why_form form)
{
    const struct why_code_table *table = why_code_table_find(space);

    add(c, table, why_code_row_find(table, value), part, form);
}

/* Codes that hold another: 0xC00700EA is ERROR_MORE_DATA, 0x00010007 FreeRDP's error info 7. */
static void add_held(struct collection *c, int64_t value)
{
    uint32_t bits = (uint32_t)value;

    if (FREERDP_CLASS(value) == FREERDP_CLASS_ERRINFO)
        add_from(c, "error-info", value & 0xffff, WHY_PART_WHOLE, WHY_FORM_FREERDP);
    if (value >= GATEWAY_FIRST && value <= GATEWAY_LAST)
        add_from(c, "gateway", FACILITY_WIN32 | value, WHY_PART_WHOLE, WHY_FORM_GATEWAY_HALF);
    if ((int32_t)bits >= MIT_KRB5_BASE && (int32_t)bits <= MIT_KRB5_LAST)
        add_from(c, "kerberos", (int32_t)bits - MIT_KRB5_BASE, WHY_PART_WHOLE, WHY_FORM_MIT_KRB5);
    if ((bits & FACILITY_WIN32_MASK) == FACILITY_WIN32)
        add_from(c, "win32", bits & 0xffff, WHY_PART_WHOLE, WHY_FORM_WIN32);
    if (c->out->count == 0 && value >= PROTOCOL_FIRST && value <= PROTOCOL_LAST)
        add_from(c, "mstsc-extended", PROTOCOL_FIRST, WHY_PART_WHOLE, WHY_FORM_RANGE);
}

static void add_number(struct collection *c, int64_t value)
{
    size_t count = 0;
    const struct why_code_table *tables = why_code_tables(&count);

    for (size_t i = 0; i < count; i++) {
        bool is_signed = value < 0 && !tables[i].hexadecimal;

        add(c, &tables[i],
            why_code_row_find(&tables[i], is_signed || value >= 0 ? value : (uint32_t)value),
            WHY_PART_WHOLE, WHY_FORM_PLAIN);
    }
    add_held(c, value);
}

/* A code that a client shows in a dialog, where it is easily copied without its 0x or with one. */
static bool is_shown_by_clients(int64_t value)
{
    return value >= 0x100 && (why_code_row_find(why_code_table_find("mstsc"), value) != NULL ||
                              why_code_row_find(why_code_table_find("error-info"), value) != NULL);
}

/* Digits that are another code in the other base: 516 and 0x516. */
static void find_other_base(struct why_explanation *out)
{
    bool is_hex = out->query[0] == '0' && (out->query[1] == 'x' || out->query[1] == 'X');
    const char *digits = is_hex ? out->query + 2 : out->query;
    int64_t value;

    if (strlen(digits) > 8 || digits[strspn(digits, "0123456789")] != '\0')
        return;
    value = (int64_t)strtoull(digits, NULL, is_hex ? 10 : 16);
    if (value != out->value && is_shown_by_clients(value))
        (void)snprintf(out->other_base, sizeof(out->other_base), "%s%s", is_hex ? "" : "0x",
                       digits);
}

static void add_name(struct collection *c, const char *part)
{
    size_t count = 0;
    const struct why_code_table *tables = why_code_tables(&count);

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < tables[i].count; j++) {
            if (contains(tables[i].rows[j].name, part))
                add(c, &tables[i], &tables[i].rows[j], WHY_PART_WHOLE, WHY_FORM_PLAIN);
        }
    }
}

static void add_pair(struct collection *c)
{
    const int64_t extended = c->out->extended;

    add_from(c, "mstsc", c->out->code, WHY_PART_CODE, WHY_FORM_PLAIN);
    add_from(c, "mstsc-extended", extended, WHY_PART_EXTENDED, WHY_FORM_PLAIN);
    if (extended == 0) /* none: there is no second code that could mean anything elsewhere */
        return;
    /* ExtendedDisconnectReasonCode shares its numbers with the Set Error Info PDU. */
    add_from(c, "error-info", extended, WHY_PART_EXTENDED, WHY_FORM_PLAIN);
    if (c->out->count == 0)
        return;
    add_from(c, "license-error", extended, WHY_PART_HOMONYM, WHY_FORM_PLAIN);
    add_from(c, "win32", extended, WHY_PART_HOMONYM, WHY_FORM_PLAIN);
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
        find_other_base(out);
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

void why_table_format(const struct why_code_table *table, int64_t value, char *buf, size_t len)
{
    if (table->hexadecimal)
        (void)snprintf(buf, len, "0x%0*" PRIX64, (int)table->digits, (uint64_t)value);
    else
        (void)snprintf(buf, len, "%" PRId64, value);
}
