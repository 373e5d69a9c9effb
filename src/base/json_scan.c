/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_scan.h"

#include <stddef.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/hex.h"
#include "base/text.h"

struct scan {
    const char *at, *end;
    unsigned depth;
    struct why_json_value *values;
    const char *problem;
};

static bool fail(struct scan *s, const char *problem)
{
    if (!s->problem)
        s->problem = problem;
    return false;
}

static void skip_space(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\n' || *s->at == '\r'))
        s->at++;
}

/* The next character that is not white space; '\0' at the end. A NUL in the text ends it too, and
 * no grammar rule takes one. */
static char peek(struct scan *s)
{
    skip_space(s);
    return s->at < s->end ? *s->at : '\0';
}

static bool take(struct scan *s, char c)
{
    if (peek(s) != c)
        return false;
    s->at++;
    return true;
}

static int hex4(const char *text)
{
    int value = 0;

    for (int i = 0; i < 4; i++) {
        int digit = why_hex_digit(text[i]);

        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

static bool is_high(int unit)
{
    return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool is_low(int unit)
{
    return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* The \u escape whose digits begin at |s->at|. Half of a surrogate pair is allowed (RFC 8259 8.2).
 * \u0000 is refused: texts end with a NUL here, and no writer of this schema makes one. */
static bool skip_unicode(struct scan *s)
{
    int unit = s->end - s->at >= 4 ? hex4(s->at) : -1;

    if (unit <= 0)
        return fail(s, "a \\u escape is wrong");
    s->at += 4;
    return true;
}

static bool skip_escape(struct scan *s)
{
    char c;

    if (s->at == s->end)
        return fail(s, "a string does not end");
    c = *s->at++;
    if (c == 'u')
        return skip_unicode(s);
    if (c == '\0' || !strchr("\"\\/bfnrt", c))
        return fail(s, "an escape is unknown");
    return true;
}

#define EACH_BYTE(value) (UINT64_C(0x0101010101010101) * (value))
#define HIGH_BITS        EACH_BYTE(0x80u)

/* Whether a byte of |word| is zero, or has its highest bit. */
static uint64_t has_zero(uint64_t word)
{
    return ((word - EACH_BYTE(1u)) & ~word & HIGH_BITS) | (word & HIGH_BITS);
}

/* Past ASCII that stands for itself, eight bytes at a time: most of a report is that. */
static const char *skip_plain(const char *at, const char *end)
{
    uint64_t word;

    for (; end - at >= (ptrdiff_t)sizeof(word); at += sizeof(word)) {
        memcpy(&word, at, sizeof(word));
        if ((has_zero(word ^ EACH_BYTE('"')) | has_zero(word ^ EACH_BYTE('\\')) |
             ((word - EACH_BYTE(0x20u)) & ~word & HIGH_BITS)) != 0)
            break;
    }
    while (at < end && (unsigned char)(*at - 0x20) < 0x60 && *at != '"' && *at != '\\')
        at++;
    return at;
}

/* A string whose opening quote was taken. */
static bool take_string(struct scan *s, struct why_json_value *value)
{
    *value = (struct why_json_value){.type = WHY_JSON_TEXT, .text = s->at};
    while ((s->at = skip_plain(s->at, s->end)) < s->end) {
        unsigned char c = (unsigned char)*s->at;

        if (c == '"') {
            value->len = (size_t)(s->at++ - value->text);
            return true;
        }
        if (c == '\\') {
            value->escaped = true;
            s->at++;
            if (!skip_escape(s))
                return false;
        } else if (c < 0x20) {
            return fail(s, "a string contains a control character");
        } else {
            uint32_t codepoint;
            size_t n = why_utf8_decode_part(s->at, (size_t)(s->end - s->at), &codepoint);

            if (n == 0)
                return fail(s, "a string is not UTF-8");
            s->at += n;
        }
    }
    return fail(s, "a string does not end");
}

static size_t skip_digits(struct scan *s)
{
    const char *start = s->at;

    while (s->at < s->end && *s->at >= '0' && *s->at <= '9')
        s->at++;
    return (size_t)(s->at - start);
}

/* Digits to a number; false where it does not fit. */
static bool integer_of(const char *text, const char *end, bool negative, int64_t *number)
{
    uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX, value = 0;

    for (; text < end; text++) {
        unsigned digit = (unsigned)(*text - '0');

        if (value > (limit - digit) / 10)
            return false;
        value = value * 10 + digit;
    }
    *number = negative ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

static bool skip_fraction(struct scan *s, struct why_json_value *value)
{
    if (s->at < s->end && *s->at == '.') {
        value->type = WHY_JSON_REAL;
        s->at++;
        if (skip_digits(s) == 0)
            return fail(s, "a number is malformed");
    }
    if (s->at < s->end && (*s->at == 'e' || *s->at == 'E')) {
        value->type = WHY_JSON_REAL;
        s->at++;
        if (s->at < s->end && (*s->at == '+' || *s->at == '-'))
            s->at++;
        if (skip_digits(s) == 0)
            return fail(s, "a number is malformed");
    }
    return true;
}

static bool take_number(struct scan *s, struct why_json_value *value)
{
    bool negative = *s->at == '-';
    const char *digits = s->at += negative;
    size_t count = skip_digits(s);

    *value = (struct why_json_value){.type = WHY_JSON_INTEGER};
    if (count == 0 || (count > 1 && *digits == '0'))
        return fail(s, "a number is malformed");
    if (!integer_of(digits, s->at, negative, &value->number))
        return fail(s, "a number is too large");
    return skip_fraction(s, value);
}

static bool take_word(struct scan *s, const char *word, struct why_json_value is,
                      struct why_json_value *value)
{
    size_t len = strlen(word);

    if ((size_t)(s->end - s->at) < len || memcmp(s->at, word, len) != 0)
        return fail(s, "a value is malformed");
    s->at += len;
    *value = is;
    return true;
}

static bool take_value(struct scan *s, const struct why_json_member *wanted,
                       struct why_json_value *value);

static const struct why_json_member *find(const struct why_json_member *wanted,
                                          const struct why_json_value *key)
{
    for (; wanted && wanted->name; wanted++) {
        /* a string is followed by its quote: there is a first byte */
        if (*wanted->name == *key->text && strncmp(wanted->name, key->text, key->len) == 0 &&
            wanted->name[key->len] == '\0')
            return wanted;
    }
    return NULL;
}

static bool take_member(struct scan *s, const struct why_json_member *wanted)
{
    const struct why_json_member *member;
    struct why_json_value key, value;

    if (!take(s, '"'))
        return fail(s, "a member has no name");
    if (!take_string(s, &key))
        return false;
    if (!take(s, ':'))
        return fail(s, "a colon is missing");
    member = find(wanted, &key);
    if (!take_value(s, member ? member->members : NULL, &value))
        return false;
    if (!member || member->members)
        return true;
    if (s->values[member->slot].type != WHY_JSON_ABSENT)
        return fail(s, "a member is given twice");
    s->values[member->slot] = value;
    return true;
}

/* An object or array whose opening bracket was taken. */
static bool take_nested(struct scan *s, bool object, const struct why_json_member *wanted,
                        struct why_json_value *value)
{
    char closing = object ? '}' : ']';
    struct why_json_value element;

    *value = (struct why_json_value){.type = object ? WHY_JSON_OBJECT : WHY_JSON_ARRAY,
                                     .text = s->at - 1};
    if (++s->depth > WHY_JSON_DEPTH_MAX)
        return fail(s, "values are nested too deep");
    if (!take(s, closing)) {
        do {
            if (!(object ? take_member(s, wanted) : take_value(s, NULL, &element)))
                return false;
        } while (take(s, ','));
        if (!take(s, closing))
            return fail(s, "a comma or a closing bracket is missing");
    }
    s->depth--;
    value->len = (size_t)(s->at - value->text);
    return true;
}

static bool take_value(struct scan *s, const struct why_json_member *wanted,
                       struct why_json_value *value)
{
    switch (peek(s)) {
    case '{':
        s->at++;
        return take_nested(s, true, wanted, value);
    case '[':
        s->at++;
        return take_nested(s, false, NULL, value);
    case '"':
        s->at++;
        return take_string(s, value);
    case 't':
        return take_word(s, "true", (struct why_json_value){.type = WHY_JSON_BOOL, .number = 1},
                         value);
    case 'f':
        return take_word(s, "false", (struct why_json_value){.type = WHY_JSON_BOOL}, value);
    case 'n':
        return take_word(s, "null", (struct why_json_value){.type = WHY_JSON_NULL}, value);
    case '-':
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        return take_number(s, value);
    case '\0':
        return fail(s, s->at == s->end ? "it ends too early" : "it contains a NUL byte");
    default:
        return fail(s, "a value is malformed");
    }
}

int why_json_scan(const char *text, size_t len, const struct why_json_member *wanted,
                  struct why_json_value *values, const char **problem)
{
    struct scan s = {.at = text, .end = text + len, .values = values};
    struct why_json_value whole;

    if (!take(&s, '{'))
        fail(&s, "it is not an object");
    else if (take_nested(&s, true, wanted, &whole) && (peek(&s), s.at != s.end))
        fail(&s, "something follows the object");
    *problem = s.problem;
    return s.problem ? WHY_ERR_MALFORMED : WHY_OK;
}

bool why_json_element(struct why_json_value *array, struct why_json_value *element)
{
    struct scan s = {.at = array->text, .end = array->text + array->len};

    if (s.at < s.end && (*s.at == '[' || *s.at == ','))
        s.at++;
    if (peek(&s) == ']' || s.at == s.end || !take_value(&s, NULL, element))
        return false;
    skip_space(&s);
    array->text = s.at;
    array->len = (size_t)(s.end - s.at);
    return true;
}

static char *put_utf8(char *to, unsigned codepoint)
{
    if (codepoint < 0x80) {
        *to++ = (char)codepoint;
    } else if (codepoint < 0x800) {
        *to++ = (char)(0xC0 | codepoint >> 6);
        *to++ = (char)(0x80 | (codepoint & 0x3F));
    } else if (codepoint < 0x10000) {
        *to++ = (char)(0xE0 | codepoint >> 12);
        *to++ = (char)(0x80 | (codepoint >> 6 & 0x3F));
        *to++ = (char)(0x80 | (codepoint & 0x3F));
    } else {
        *to++ = (char)(0xF0 | codepoint >> 18);
        *to++ = (char)(0x80 | (codepoint >> 12 & 0x3F));
        *to++ = (char)(0x80 | (codepoint >> 6 & 0x3F));
        *to++ = (char)(0x80 | (codepoint & 0x3F));
    }
    return to;
}

/* The codepoint of the escape behind "\u" at |*at|, which is known to be right; half of a surrogate
 * pair is one of its own, which is not UTF-8 and gets escaped where it is written (WTF-8). */
static unsigned take_codepoint(const char **at, const char *end)
{
    int unit = hex4(*at), low;

    *at += 4;
    if (!is_high(unit) || end - *at < 6 || (*at)[0] != '\\' || (*at)[1] != 'u')
        return (unsigned)unit;
    low = hex4(*at + 2);
    if (!is_low(low))
        return (unsigned)unit;
    *at += 6;
    return 0x10000u + (((unsigned)unit & 0x3FF) << 10) + ((unsigned)low & 0x3FF);
}

size_t why_json_unescape(const struct why_json_value *value, char *buf)
{
    static const char letters[] = "bfnrt", meanings[] = "\b\f\n\r\t";
    const char *at = value->text, *end = at + value->len;
    char *to = buf;

    while (at < end) {
        const char *letter;

        if (*at != '\\') {
            *to++ = *at++;
            continue;
        }
        at++;
        if (*at == 'u') {
            at++;
            to = put_utf8(to, take_codepoint(&at, end));
            continue;
        }
        letter = strchr(letters, *at);
        *to++ = letter ? meanings[letter - letters] : *at;
        at++;
    }
    return (size_t)(to - buf);
}
