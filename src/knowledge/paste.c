/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/knowledge.h>

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* How far apart a main and an extended code may stand, as in a dialog's two lines. */
#define PAIR_GAP   120
#define LABEL_MAX  24
#define HEX_DIGITS 8

/* One code of a text: where it stands, and its number where it is one. */
struct found {
    const char *start, *end;
    int base; /* of the number; 0: a name */
};

/* ---- what stands before a number ------------------------------------------------------------- */

/* Words after which a decimal number is a code and not a port, a time or a count. */
static const char *const labels[] = {"code",   "codes",        "error",      "reason", "result",
                                     "status", "disconnected", "fehlercode", "erreur"};

/* Letters of other scripts may stand right beside a number. */
static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Whether the word before |at| is a label: "Error code: 3334", "(Reason= 2308)". */
static bool has_label(const char *text, const char *at)
{
    const char *end = at, *start;

    while (end > text && strchr(" \t\r\n:=#([\"'!", end[-1]) != NULL)
        end--;
    start = end;
    while (start > text && is_word(start[-1]))
        start--;
    for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++) {
        size_t length = strlen(labels[i]);

        /* "disconnectReason", "errorCode": the word may end with it. */
        if ((size_t)(end - start) >= length && (size_t)(end - start) <= LABEL_MAX &&
            strncasecmp(end - length, labels[i], length) == 0)
            return true;
    }
    return false;
}

static bool has_colon(const char *text, const char *at)
{
    while (at > text && (at[-1] == ' ' || at[-1] == '\t'))
        at--;
    /* U+FF1A, the colon of Chinese and Japanese dialogs */
    return (at > text && at[-1] == ':') ||
           (at - text >= 3 && memcmp(at - 3, "\xEF\xBC\x9A", 3) == 0);
}

/* ---- kinds of codes -------------------------------------------------------------------------- */

static bool is_hex(const char *at, const char **end)
{
    size_t digits;

    if (at[0] != '0' || (at[1] != 'x' && at[1] != 'X'))
        return false;
    digits = strspn(at + 2, "0123456789abcdefABCDEF");
    *end = at + 2 + digits;
    return digits > 0 && digits <= HEX_DIGITS && !is_word(**end);
}

/* Eight hexadecimal digits, as event logs write an NTSTATUS or HRESULT of a failure. */
static bool is_bare_status(const char *at, const char **end)
{
    *end = at + strspn(at, "0123456789abcdefABCDEF");
    return *end - at == HEX_DIGITS && !is_word(**end) && **end != '-' &&
           strchr("8cC", at[0]) != NULL && at[1] == '0';
}

/* A 32-bit code as a signed decimal, which nothing else looks like. */
static bool is_negative(const char *at, const char **end)
{
    *end = at + 1 + strspn(at + 1, "0123456789");
    return at[0] == '-' && *end - at >= 10 && *end - at <= 11 && !is_word(**end);
}

static bool is_labelled(const char *text, const char *at, const char **end)
{
    *end = at + strspn(at, "0123456789");
    return *end > at && *end - at <= 10 && !is_word(**end) && **end != '/' && **end != '-' &&
           has_label(text, at);
}

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static bool is_row_name(const char *name, size_t length)
{
    size_t count = 0;
    const struct why_code_table *tables = why_code_tables(&count);

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < tables[i].count; j++) {
            if (strlen(tables[i].rows[j].name) == length &&
                strncasecmp(tables[i].rows[j].name, name, length) == 0)
                return true;
        }
    }
    return false;
}

/* A whole name; one without an underscore or a capital inside would be a word of the text. */
static bool is_name(const char *at, const char **end)
{
    bool telling = false;

    for (*end = at; is_name_char(**end) && *end - at < WHY_QUERY_MAX; (*end)++)
        telling = telling || **end == '_' || (*end > at && isupper((unsigned char)**end));
    while (*end > at && (*end)[-1] == '-')
        (*end)--;
    if (!telling || *end - at < 4 || *end - at >= WHY_QUERY_MAX)
        return false;
    return is_row_name(at, (size_t)(*end - at)) ||
           (strncasecmp(at, "AADSTS", 6) == 0 && strspn(at + 6, "0123456789") >= 4);
}

static bool next_code(const char *text, const char *at, struct found *found)
{
    for (; *at != '\0'; at++) {
        const char *end = at;

        if (at > text && is_word(at[-1]))
            continue;
        *found = (struct found){.start = at};
        if (is_hex(at, &end) || is_bare_status(at, &end)) {
            found->base = 16;
        } else if (!is_name(at, &end)) {
            if (!is_negative(at, &end) && !is_labelled(text, at, &end))
                continue;
            found->base = 10;
        }
        found->end = end;
        return true;
    }
    return false;
}

/* ---- the list -------------------------------------------------------------------------------- */

/* Whether any letters of |from| to |to| are |word|, in any case. */
static bool holds(const char *from, const char *to, const char *word)
{
    size_t length = strlen(word);

    for (; to - from >= (ptrdiff_t)length; from++) {
        if (strncasecmp(from, word, length) == 0)
            return true;
    }
    return false;
}

static int64_t number_of(const struct found *found)
{
    return (int64_t)strtoull(found->start, NULL, found->base);
}

static bool is_in(const char *space, const struct found *found)
{
    return why_code_row_find(why_code_table_find(space), number_of(found)) != NULL;
}

/*
 * "Error code: 0x904", and on the next line "Extended error code: 0x7", in whatever language: both
 * behind a colon, and the second one known as an extended code.
 */
static bool are_pair(const char *text, const struct found *first, const struct found *second)
{
    const char *line;

    if (first->base == 0 || second->base == 0 || second->start - first->end > PAIR_GAP ||
        !is_in("mstsc", first) ||
        (!is_in("mstsc-extended", second) && !is_in("error-info", second)))
        return false;
    if (holds(first->end, second->start, "extended") ||
        holds(first->end, second->start, "erweitert"))
        return true;
    line = memchr(first->end, '\n', (size_t)(second->start - first->end));
    return line != NULL && first->base == 16 && second->base == 16 &&
           has_colon(text, first->start) && has_colon(text, second->start);
}

/* Zero is what a log says where there is no error. */
static bool is_zero(const struct found *found)
{
    return found->base != 0 && number_of(found) == 0;
}

static void keep(char (*queries)[WHY_QUERY_MAX], size_t *count, const struct found *first,
                 const struct found *second)
{
    char *query = queries[*count];

    (void)snprintf(query, WHY_QUERY_MAX, "%.*s%s%.*s", (int)(first->end - first->start),
                   first->start, second != NULL ? "/" : "",
                   second != NULL ? (int)(second->end - second->start) : 0,
                   second != NULL ? second->start : "");
    for (size_t i = 0; i < *count; i++) {
        if (strcasecmp(queries[i], query) == 0)
            return;
    }
    (*count)++;
}

size_t why_explain_find(const char *text, char (*queries)[WHY_QUERY_MAX], size_t max)
{
    size_t count = 0;
    const char *at = text;
    struct found first, second;

    while (count < max && next_code(text, at, &first)) {
        bool pair = next_code(text, first.end, &second) && are_pair(text, &first, &second);

        at = pair ? second.end : first.end;
        if (!is_zero(&first) || (pair && !is_zero(&second)))
            keep(queries, &count, &first, pair ? &second : NULL);
    }
    return count;
}
