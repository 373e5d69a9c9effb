/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "facts/fact_table.h"

#include "table.h"

/* Values in text to numbers and sets. */

#define NUMBER_MAX_DIGITS 9

/* At least one and at most NUMBER_MAX_DIGITS digits at |*text|, which is moved behind them. */
static bool take_number(const char **text, int64_t *number)
{
    size_t count = strspn(*text, "0123456789");

    *number = 0;
    for (size_t i = 0; i < count && i < NUMBER_MAX_DIGITS; i++)
        *number = *number * 10 + ((*text)[i] - '0');
    *text += count;
    return count > 0 && count <= NUMBER_MAX_DIGITS;
}

static bool read_number(const char *text, int64_t *number)
{
    bool negative = *text == '-';

    text += negative;
    if (!take_number(&text, number) || *text)
        return false;
    if (negative)
        *number = -*number;
    return true;
}

/* "2s", "1.5s", "500ms", "5m", "1h"; seconds where no unit is given. */
static bool read_duration(const char *text, int64_t *us)
{
    static const struct {
        const char *name;
        int64_t us;
    } units[] = {{"", 1000000},   {"us", 1},         {"ms", 1000},      {"s", 1000000},
                 {"m", 60000000}, {"min", 60000000}, {"h", 3600000000}, {"d", 86400000000}};
    int64_t whole, fraction = 0, scale = 1;

    if (!take_number(&text, &whole))
        return false;
    if (*text == '.') {
        const char *digits = ++text;

        if (!take_number(&text, &fraction))
            return false;
        for (; digits < text; digits++)
            scale *= 10;
    }
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcmp(text, units[i].name) == 0) {
            *us = whole * units[i].us + fraction * units[i].us / scale;
            return true;
        }
    }
    return false;
}

static bool read_version(const char *text, int64_t *version)
{
    int64_t major, minor;

    if (!take_number(&text, &major) || *text++ != '.' || !take_number(&text, &minor) || *text)
        return false;
    *version = major * 10 + minor;
    return major == 1 && minor <= 3;
}

static bool read_build(const char *text, int64_t *build)
{
    int64_t major, minor, number;

    if (!take_number(&text, &major) || *text++ != '.' || !take_number(&text, &minor) ||
        *text++ != '.' || !take_number(&text, &number) || *text || major > 255 || minor > 65535 ||
        number > UINT32_MAX)
        return false;
    *build = major << 48 | minor << 32 | number;
    return true;
}

static bool find_word(const struct requirement_row *row, const char *text, size_t len, int *value)
{
    for (*value = 0; row->word(*value); ++*value) {
        if (strlen(row->word(*value)) == len && memcmp(row->word(*value), text, len) == 0)
            return true;
    }
    return false;
}

static int bad_word(const struct requirement_row *row, const char *text, size_t len, char *err,
                    size_t errlen)
{
    int n = snprintf(err, errlen, "'%.*s' is not one of", (int)(len > 64 ? 64 : len), text);

    for (int i = 0; row->word(i) && n > 0 && (size_t)n < errlen; i++)
        n += snprintf(err + n, errlen - (size_t)n, "%s %s", i ? "," : "", row->word(i));
    return WHY_ERR_USAGE;
}

static int read_words(const struct requirement_row *row, const char *text,
                      struct why_requirement *requirement, char *err, size_t errlen)
{
    bool several = (OPS_EQUALITY & OP(requirement->op)) != 0;

    for (;;) {
        size_t len = several ? strcspn(text, ",") : strlen(text);
        int value;

        if (!find_word(row, text, len, &value))
            return bad_word(row, text, len, err, errlen);
        requirement->words |= UINT64_C(1) << value;
        requirement->number = value;
        if (!text[len])
            return WHY_OK;
        text += len + 1;
    }
}

static int bad_value(const char *text, const char *expected, char *err, size_t errlen)
{
    snprintf(err, errlen, "'%.64s' is not %s", text, expected);
    return WHY_ERR_USAGE;
}

int why_requirement_value(const struct requirement_row *row, const char *text,
                          struct why_requirement *requirement, char *err, size_t errlen)
{
    int64_t *number = &requirement->number;

    switch (row->kind) {
    case VALUE_NUMBER:
        return read_number(text, number) ? WHY_OK : bad_value(text, "a whole number", err, errlen);
    case VALUE_DURATION:
        return read_duration(text, number)
                   ? WHY_OK
                   : bad_value(text, "a duration such as 2s, 500ms or 5m", err, errlen);
    case VALUE_VERSION:
        return read_version(text, number)
                   ? WHY_OK
                   : bad_value(text, "one of 1.0, 1.1, 1.2, 1.3", err, errlen);
    case VALUE_BUILD:
        return read_build(text, number)
                   ? WHY_OK
                   : bad_value(text, "a version such as 10.0.20348", err, errlen);
    case VALUE_WORDS:
        return read_words(row, text, requirement, err, errlen);
    case VALUE_TEXT:
        return *text ? WHY_OK : bad_value(text, "a text", err, errlen);
    default:
        return WHY_OK;
    }
}

/* The value of the word |text|; negative: the row has no such word. */
static int64_t word_value(const struct requirement_row *row, const char *text)
{
    int value;

    return find_word(row, text, strlen(text), &value) ? value : -1;
}

bool why_requirement_fact(const struct requirement_row *row, const struct why_result *result,
                          struct measurement *m)
{
    struct why_fact_value value = {.number = 0};
    const char *text = why_fact_text(why_fact_at(row->fact), result, &value);

    if (!text || !*text)
        return false;
    m->number = value.number;
    if (row->rank)
        m->number = row->rank(text);
    else if (row->kind == VALUE_WORDS)
        m->number = word_value(row, text);
    else if (row->kind == VALUE_BUILD && !read_build(text, &m->number))
        return false;
    m->text = text;
    if (text == value.buf) { /* which is gone when the text is wanted */
        snprintf(m->kept, sizeof(m->kept), "%s", text);
        m->text = m->kept;
    }
    if (row->prefix)
        snprintf(m->said, sizeof(m->said), "%s%s", row->prefix, text);
    return m->number >= 0;
}
