/* SPDX-License-Identifier: Apache-2.0 */
#include "rfc3339.h"

#include <stdio.h>
#include <string.h>

#include <rdpwhy/status.h>

struct date {
    int64_t year;
    unsigned month, day;
};

/* Days since 1970-01-01. Years begin in March here, so that the leap day is a year's last. */
static int64_t days_of(const struct date *d)
{
    int64_t y = d->year - (d->month <= 2 ? 1 : 0);
    int64_t era = (y >= 0 ? y : y - 399) / 400, of_era = y - era * 400;
    unsigned m = d->month <= 2 ? d->month + 9 : d->month - 3;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * m + 2) / 5 + d->day -
           1 - 719468;
}

static struct date date_of(int64_t days)
{
    int64_t since = days + 719468; /* since 0000-03-01 */
    int64_t era = (since >= 0 ? since : since - 146096) / 146097;
    unsigned of_era = (unsigned)(since - era * 146097);
    unsigned years = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * years + years / 4 - years / 100);
    unsigned shifted = (5 * of_year + 2) / 153;
    unsigned month = shifted < 10 ? shifted + 3 : shifted - 9;

    return (struct date){(int64_t)years + era * 400 + (month <= 2), month,
                         of_year - (153 * shifted + 2) / 5 + 1};
}

static int64_t day_of(int64_t seconds)
{
    return seconds / 86400 - (seconds % 86400 < 0);
}

bool why_rfc3339_print_date(int64_t seconds, char text[WHY_RFC3339_SIZE])
{
    struct date d = date_of(day_of(seconds));

    text[0] = '\0';
    if (d.year < 0 || d.year > 9999)
        return false;
    (void)snprintf(text, WHY_RFC3339_SIZE, "%04u-%02u-%02u", (unsigned)d.year, d.month, d.day);
    return true;
}

bool why_rfc3339_print(int64_t seconds, int32_t micro, char text[WHY_RFC3339_SIZE])
{
    unsigned of_day = (unsigned)(seconds - day_of(seconds) * 86400);
    char fraction[16] = "";
    size_t n;

    if (!why_rfc3339_print_date(seconds, text))
        return false;
    if (micro >= 0)
        (void)snprintf(fraction, sizeof(fraction), ".%06u", (unsigned)micro % 1000000u);
    n = strlen(text);
    (void)snprintf(text + n, WHY_RFC3339_SIZE - n, "T%02u:%02u:%02u%sZ", of_day / 3600,
                   of_day / 60 % 60, of_day % 60, fraction);
    return true;
}

/* |count| digits and, unless it is NUL, the |mark| behind them. */
static bool take(const char **at, size_t count, char mark, unsigned *number)
{
    *number = 0;
    for (; count > 0; count--, ++*at) {
        if (**at < '0' || **at > '9')
            return false;
        *number = *number * 10 + (unsigned)(**at - '0');
    }
    return mark == '\0' || *(*at)++ == mark;
}

/* The fraction at |at|, whose point was taken, up to the Z at |end|. */
static bool take_fraction(const char *at, const char *end, int32_t *micro)
{
    unsigned digit, value = 0, count = 0;

    for (; at < end && take(&at, 1, '\0', &digit); count++)
        value = count < 6 ? value * 10 + digit : value;
    for (unsigned i = count; i < 6; i++)
        value *= 10;
    *micro = (int32_t)value;
    return count > 0 && at == end;
}

int why_rfc3339_parse(const char *text, size_t len, int64_t *seconds, int32_t *micro)
{
    unsigned year, hour, minute, second;
    const char *at = text, *end = text + (len > 0 ? len - 1 : 0);
    struct date date, again;

    *micro = -1;
    if (len < sizeof("YYYY-MM-DDThh:mm:ssZ") - 1 || *end != 'Z' || !take(&at, 4, '-', &year) ||
        !take(&at, 2, '-', &date.month) || !take(&at, 2, 'T', &date.day) ||
        !take(&at, 2, ':', &hour) || !take(&at, 2, ':', &minute) || !take(&at, 2, '\0', &second) ||
        (at < end && (*at != '.' || !take_fraction(at + 1, end, micro))))
        return WHY_ERR_MALFORMED;
    date.year = year;
    if (date.month < 1 || date.month > 12 || date.day < 1 || hour > 23 || minute > 59 ||
        second > 60)
        return WHY_ERR_NOTFOUND;
    again = date_of(days_of(&date));
    if (again.month != date.month || again.day != date.day) /* a 31 June is a 1 July */
        return WHY_ERR_NOTFOUND;
    *seconds = days_of(&date) * 86400 + hour * 3600 + minute * 60 + second;
    return WHY_OK;
}
