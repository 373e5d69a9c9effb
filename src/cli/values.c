/* SPDX-License-Identifier: Apache-2.0 */
#include "values.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/text.h"

#define US_PER_SECOND UINT64_C(1000000)
#define SECONDS_MAX   UINT64_C(3600)
#define SHARDS_MAX    100000u

/* The digits at |*text|, at most 9 of them, as a number; |*text| is moved behind them. */
static uint64_t take_digits(const char **text, size_t *count)
{
    uint64_t value = 0;

    *count = strspn(*text, "0123456789");
    for (size_t i = 0; i < *count && i < 9; i++)
        value = value * 10 + (uint64_t)((*text)[i] - '0');
    if (*count > 9)
        value = UINT64_C(1000000000);
    *text += *count;
    return value;
}

/* The digits behind the decimal point at |*text| as microseconds; finer ones are passed over. */
static uint64_t take_fraction(const char **text, size_t *count)
{
    uint64_t us = 0, unit = US_PER_SECOND;

    *count = strspn(*text, "0123456789");
    for (size_t i = 0; i < *count; i++) {
        unit /= 10;
        us += unit * (uint64_t)((*text)[i] - '0');
    }
    *text += *count;
    return us;
}

/* "1.5" in millionths: digits, a point and digits, of which one side may be missing. */
static bool take_decimal(const char *text, uint64_t *value)
{
    size_t digits = 0, fraction = 0;

    *value = take_digits(&text, &digits) * US_PER_SECOND;
    if (*text == '.') {
        text++;
        *value += take_fraction(&text, &fraction);
    }
    return digits + fraction > 0 && *text == '\0';
}

int cli_value_seconds(const char *text, enum cli_zero zero, uint64_t *us, char *err, size_t errlen)
{
    uint64_t value;

    if (!take_decimal(text, &value)) {
        snprintf(err, errlen, "'%s' is not a number of seconds", text);
        return WHY_ERR_USAGE;
    }
    if ((value == 0 && zero == CLI_NOT_ZERO) || value > SECONDS_MAX * US_PER_SECOND) {
        snprintf(err, errlen, "%s is out of range (%s, at most 3600 seconds)", text,
                 zero == CLI_NOT_ZERO ? "more than 0" : "0 or more");
        return WHY_ERR_USAGE;
    }
    *us = value;
    return WHY_OK;
}

int cli_value_factor(const char *text, unsigned *percent, char *err, size_t errlen)
{
    uint64_t value;

    if (!take_decimal(text, &value)) {
        snprintf(err, errlen, "'%s' is not a number", text);
        return WHY_ERR_USAGE;
    }
    if (value <= US_PER_SECOND || value > 1000 * US_PER_SECOND) {
        snprintf(err, errlen, "%s is out of range (more than 1, at most 1000)", text);
        return WHY_ERR_USAGE;
    }
    *percent = (unsigned)(value / (US_PER_SECOND / 100));
    return WHY_OK;
}

int cli_value_number(const char *text, unsigned min, unsigned max, unsigned *value, char *err,
                     size_t errlen)
{
    const char *rest = text;
    size_t digits = 0;
    uint64_t number = take_digits(&rest, &digits);

    if (digits == 0 || *rest) {
        snprintf(err, errlen, "'%s' is not a whole number", text);
        return WHY_ERR_USAGE;
    }
    if (number < min || number > max) {
        snprintf(err, errlen, "%s is out of range (%u to %u)", text, min, max);
        return WHY_ERR_USAGE;
    }
    *value = (unsigned)number;
    return WHY_OK;
}

int cli_value_word(const struct cli_words *words, const char *text, size_t len, int *value,
                   char *err, size_t errlen)
{
    char word[64];

    *value = WHY_ERR_NOTFOUND;
    if (len < sizeof(word)) {
        memcpy(word, text, len);
        word[len] = '\0';
        *value = why_word_find(words->list, word);
    }
    if (*value < 0) {
        snprintf(err, errlen, "unknown %s '%.*s' (try: rdpwhy list %s)", words->what, (int)len,
                 text, words->lookup);
        return WHY_ERR_USAGE;
    }
    return WHY_OK;
}

static void add_value(int *values, size_t *count, int value)
{
    for (size_t i = 0; i < *count; i++) {
        if (values[i] == value)
            return;
    }
    values[(*count)++] = value;
}

int cli_value_words(const struct cli_words *words, const char *text, int *values, size_t *count,
                    char *err, size_t errlen)
{
    for (;;) {
        size_t len = strcspn(text, ","), all = 0;
        int value = 0, status;

        if (len == 3 && memcmp(text, "all", 3) == 0) {
            why_vocab(words->list, &all);
            for (size_t i = 0; i < all; i++)
                add_value(values, count, (int)i);
        } else {
            status = cli_value_word(words, text, len, &value, err, errlen);
            if (status != WHY_OK)
                return status;
            add_value(values, count, value);
        }
        if (text[len] == '\0')
            return WHY_OK;
        text += len + 1;
    }
}

bool cli_value_is_vantage(const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++) {
        if ((unsigned char)text[i] <= ' ' || text[i] == 0x7f)
            return false;
    }
    return len > 0 && len <= CLI_VANTAGE_MAX && why_utf8_valid(text);
}

int cli_value_shard(const char *text, struct why_shard *shard, char *err, size_t errlen)
{
    const char *at = text;
    size_t digits = 0;
    uint64_t index = take_digits(&at, &digits), count = 0;
    bool whole = digits > 0 && *at++ == '/';

    if (whole)
        count = take_digits(&at, &digits);
    if (!whole || digits == 0 || *at != '\0' || count > SHARDS_MAX || index < 1 || index > count) {
        snprintf(err, errlen, "'%s' is not a part I of N parts, as in 1/4", text);
        return WHY_ERR_USAGE;
    }
    *shard = (struct why_shard){(unsigned)index, (unsigned)count};
    return WHY_OK;
}
