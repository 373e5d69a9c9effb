/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/result.h>
#include <rdpwhy/status.h>

#include "base/rfc3339.h"

#include "rows.h"

static bool both_have(const struct pair *pair)
{
    return pair->attempts[BEFORE]->facts[FACT_certificate_sha256] &&
           pair->attempts[AFTER]->facts[FACT_certificate_sha256];
}

#define SUBJECT_SHOWN 64 /* bytes; the whole subject is among the details */

/* Bytes of |text| that are shown, without half a character at the end. */
static int shown(const char *text)
{
    size_t n = strlen(text);

    if (n <= SUBJECT_SHOWN)
        return (int)n;
    n = SUBJECT_SHOWN;
    while (n > 0 && ((unsigned char)text[n] & 0xC0) == 0x80)
        n--;
    return (int)n;
}

/* "CN=srv1 until 2027-01-01, sha256 0123456789abcdef" */
static void describe(const struct run_attempt *a, char *buf, size_t len)
{
    const char *subject = a->facts[FACT_certificate_subject],
               *until = a->facts[FACT_certificate_not_after];

    if (!subject)
        subject = "no subject";
    snprintf(buf, len, "%.*s%s%s%.10s, sha256 %.16s", shown(subject), subject,
             subject[shown(subject)] ? "..." : "", until ? " until " : "", until ? until : "",
             a->facts[FACT_certificate_sha256]);
}

void why_row_certificate(const struct row *row, const struct pair *pair)
{
    static const struct {
        const char *name;
        enum fact fact;
    } parts[] = {
        {"sha256", FACT_certificate_sha256},       {"subject", FACT_certificate_subject},
        {"issuer", FACT_certificate_issuer},       {"not_before", FACT_certificate_not_before},
        {"not_after", FACT_certificate_not_after}, {"key", FACT_certificate_key}};
    const struct run_attempt *before = pair->attempts[BEFORE], *after = pair->attempts[AFTER];
    struct why_change change = why_row_change(row, WHY_CHANGE_OTHER);
    char texts[2][SUBJECT_SHOWN + 64];

    if (!both_have(pair) ||
        strcmp(before->facts[FACT_certificate_sha256], after->facts[FACT_certificate_sha256]) == 0)
        return;
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        why_change_detail(&change, parts[i].name, before->facts[parts[i].fact],
                          after->facts[parts[i].fact]);
    describe(before, texts[BEFORE], sizeof(texts[BEFORE]));
    describe(after, texts[AFTER], sizeof(texts[AFTER]));
    why_row_put(row, pair, &change, texts[BEFORE], texts[AFTER]);
}

/* A property of both certificates that is there or not. */
static void judge_flag(const struct row *row, const struct pair *pair, unsigned flag, bool good,
                       const char *with, const char *without)
{
    bool before = (pair->attempts[BEFORE]->flags & flag) != 0;
    bool after = (pair->attempts[AFTER]->flags & flag) != 0;
    struct why_change change;

    if (!both_have(pair) || before == after)
        return;
    change = why_row_change(row, after == good ? WHY_CHANGE_BETTER : WHY_CHANGE_WORSE);
    why_row_put(row, pair, &change, before ? with : without, after ? with : without);
}

static const char *validity(const struct run_attempt *a)
{
    if (a->flags & RUN_EXPIRED)
        return "expired";
    return a->flags & RUN_NOT_YET_VALID ? "not yet valid" : "valid";
}

void why_row_certificate_expired(const struct row *row, const struct pair *pair)
{
    const char *before = validity(pair->attempts[BEFORE]), *after = validity(pair->attempts[AFTER]);
    struct why_change change;

    if (!both_have(pair) || strcmp(before, after) == 0)
        return;
    change = why_row_change(row, strcmp(after, "valid") == 0    ? WHY_CHANGE_BETTER
                                 : strcmp(before, "valid") == 0 ? WHY_CHANGE_WORSE
                                                                : WHY_CHANGE_OTHER);
    why_row_put(row, pair, &change, before, after);
}

void why_row_certificate_name(const struct row *row, const struct pair *pair)
{
    judge_flag(row, pair, RUN_NAME_MATCHES, true, "is for this name", "is for another name");
}

void why_row_certificate_trust(const struct row *row, const struct pair *pair)
{
    judge_flag(row, pair, RUN_SELF_SIGNED, false, "self-signed", "signed by another key");
}

/* Days from the attempt to the certificate's end. */
static bool days_left(const struct run_attempt *a, int64_t *days)
{
    const char *until = a->facts[FACT_certificate_not_after];
    int64_t end;
    int32_t micro;

    if (!until || a->started_s == RUN_NO_NUMBER || (a->flags & RUN_EXPIRED) ||
        why_rfc3339_parse(until, strlen(until), &end, &micro) != WHY_OK)
        return false;
    *days = why_whole_days(end - a->started_s);
    return true;
}

/* A day less every day is no change; a limit that is crossed is one. */
void why_row_certificate_days(const struct row *row, const struct pair *pair)
{
    int64_t days[2], limit = pair->limits->certificate_days;
    struct why_change change;
    char texts[2][48];

    if (!days_left(pair->attempts[BEFORE], &days[BEFORE]) ||
        !days_left(pair->attempts[AFTER], &days[AFTER]) ||
        (days[BEFORE] < limit) == (days[AFTER] < limit))
        return;
    change = why_row_change(row, days[AFTER] < limit ? WHY_CHANGE_WORSE : WHY_CHANGE_BETTER);
    for (int side = BEFORE; side <= AFTER; side++)
        snprintf(texts[side], sizeof(texts[side]), "%" PRId64 " days left", days[side]);
    why_row_put(row, pair, &change, texts[BEFORE], texts[AFTER]);
}
