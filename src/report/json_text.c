/* SPDX-License-Identifier: Apache-2.0 */
#include "json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/text.h"

static char *escape_byte(char *to, uint8_t byte)
{
    static const char digits[] = "0123456789abcdef";

    *to++ = '\\';
    *to++ = 'x';
    *to++ = digits[byte >> 4];
    *to++ = digits[byte & 15];
    return to;
}

json_t *why_json_text(const char *text)
{
    char *clean = malloc(4 * strlen(text) + 1);
    char *to = clean;
    json_t *value;

    if (!clean)
        return NULL;
    while (*text) {
        uint32_t codepoint = 0;
        size_t n = why_utf8_decode(text, &codepoint);

        if (n > 0 && (codepoint < 0x7F || codepoint > 0x9F)) {
            memcpy(to, text, n);
            to += n;
            text += n;
        } else {
            for (size_t i = 0; i < (n ? n : 1); i++)
                to = escape_byte(to, (uint8_t)*text++);
        }
    }
    *to = '\0';
    value = json_string(clean);
    free(clean);
    return value;
}

/* Writes |text|, JSON in UTF-8, where all that is harmful stands inside of strings. */
static void write_guarded(FILE *out, const char *text)
{
    const char *from = text;

    while (*text) {
        uint32_t codepoint = 0;
        size_t raw = 1;
        bool plain = (unsigned char)*text < 0x7F || why_text_plain(text, &raw) > 0;

        if (!plain && why_utf8_decode(text, &codepoint) > 0) {
            fwrite(from, 1, (size_t)(text - from), out);
            fprintf(out, "\\u%04X", (unsigned)codepoint);
            from = text + raw;
        }
        text += raw;
    }
    fwrite(from, 1, (size_t)(text - from), out);
}

int why_json_write_line(FILE *out, const json_t *value, size_t flags)
{
    char *line = json_dumps(value, flags);

    if (!line)
        return WHY_ERR_NOMEM;
    write_guarded(out, line);
    free(line);
    return fputc('\n', out) == EOF || ferror(out) ? WHY_ERR_IO : WHY_OK;
}

/* Days since 1970-01-01 to a date of the proleptic Gregorian calendar: gmtime_r() is limited by
 * time_t and depends on nothing else that is wanted here. Years begin in March, so that the leap
 * day is a year's last. */
static void date_of_days(int64_t days, int64_t *year, unsigned *month, unsigned *day)
{
    int64_t since = days + 719468; /* since 0000-03-01 */
    int64_t era = (since >= 0 ? since : since - 146096) / 146097;
    unsigned of_era = (unsigned)(since - era * 146097);
    unsigned years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * years + years / 4 - years / 100);
    unsigned shifted = (5 * of_year + 2) / 153;

    *day = of_year - (153 * shifted + 2) / 5 + 1;
    *month = shifted < 10 ? shifted + 3 : shifted - 9;
    *year = (int64_t)years + era * 400 + (*month <= 2);
}

bool why_time_text(struct why_time time, char text[WHY_TIME_TEXT])
{
    int64_t days = time.seconds / 86400 - (time.seconds % 86400 < 0);
    unsigned of_day = (unsigned)(time.seconds - days * 86400);
    unsigned month = 0, day = 0;
    int64_t year = 0;
    int n;

    date_of_days(days, &year, &month, &day);
    if (year < 0 || year > 9999)
        return false;
    n = snprintf(text, WHY_TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u", (unsigned)year, month, day,
                 of_day / 3600, of_day / 60 % 60, of_day % 60);
    if (time.micro < 0)
        snprintf(text + n, WHY_TIME_TEXT - (size_t)n, "Z");
    else
        snprintf(text + n, WHY_TIME_TEXT - (size_t)n, ".%06uZ", (unsigned)time.micro);
    return true;
}

struct why_time why_time_of_us(uint64_t us)
{
    return (struct why_time){(int64_t)(us / 1000000), (int32_t)(us % 1000000)};
}

struct why_time why_time_of_seconds(int64_t seconds)
{
    return (struct why_time){seconds, -1};
}

struct why_time why_time_of_filetime(uint64_t filetime)
{
    return (struct why_time){(int64_t)(filetime / 10000000) - INT64_C(11644473600),
                             (int32_t)(filetime / 10 % 1000000)};
}
