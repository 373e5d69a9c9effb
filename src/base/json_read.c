/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_read.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/grow.h"

#define BLOCK_BYTES ((size_t)256 * 1024)
#define PIECE_BYTES ((size_t)4096)
#define WORD_BYTES  64

/* ---- lines ----------------------------------------------------------------------------------- */

static size_t read_some(const struct why_json_reader *r, char *to, size_t room)
{
    size_t n = 0;
    int c = 0;

    if (!r->line_by_line)
        return fread(to, 1, room, r->in);
    while (n < room && c != '\n' && (c = getc_unlocked(r->in)) != EOF)
        to[n++] = (char)c;
    return n;
}

/* Reads more behind what is left, which is moved to the buffer's beginning. */
static int fill(struct why_json_reader *r)
{
    size_t left = (size_t)(r->end - r->at), room = r->line_by_line ? PIECE_BYTES : BLOCK_BYTES, n;

    if (left > r->line_max)
        return WHY_ERR_MALFORMED;
    if (left > 0)
        memmove(r->buf, r->at, left);
    if (!why_grow(&r->buf, &r->capacity, left + room, 1))
        return WHY_ERR_NOMEM;
    n = read_some(r, r->buf + left, room);
    r->at = r->buf;
    r->end = r->buf + left + n;
    r->ended = n == 0;
    return n == 0 && ferror(r->in) ? WHY_ERR_IO : WHY_OK;
}

/* The next line without its newline. */
static int next_line(struct why_json_reader *r, const char **line, size_t *len)
{
    size_t searched = 0;

    r->number++;
    for (;;) {
        size_t left = (size_t)(r->end - r->at);
        bool over = r->in == NULL || r->ended;
        const char *newline =
            left > searched ? memchr(r->at + searched, '\n', left - searched) : NULL;
        int status;

        if (newline != NULL || (over && left > 0)) {
            *line = r->at;
            *len = newline != NULL ? (size_t)(newline - r->at) : left;
            r->at += *len + (newline != NULL);
            r->whole = newline != NULL;
            return *len > r->line_max ? WHY_ERR_MALFORMED : WHY_OK;
        }
        if (over)
            return WHY_ERR_NOTFOUND;
        searched = left;
        status = fill(r);
        if (status != WHY_OK)
            return status;
    }
}

static bool is_blank(const char *text, size_t len)
{
    while (len > 0 && (text[len - 1] == ' ' || text[len - 1] == '\t' || text[len - 1] == '\r'))
        len--;
    return len == 0;
}

int why_json_next(struct why_json_reader *r, const struct why_json_member *members)
{
    const char *line = NULL;
    size_t len = 0;
    int status;

    r->problem = NULL;
    do {
        status = next_line(r, &line, &len);
    } while (status == WHY_OK && is_blank(line, len));
    if (status != WHY_OK)
        return status;
    r->line = line;
    r->line_len = len;
    memset(r->values, 0, r->slot_count * sizeof(r->values[0]));
    return why_json_scan(line, len, members, r->values, &r->problem);
}

int why_json_take(struct why_json_reader *r, const char *text, size_t len,
                  const struct why_json_member *members, size_t slot_count)
{
    r->slot_count = slot_count;
    memset(r->values, 0, slot_count * sizeof(r->values[0]));
    if (why_json_scan(text, len, members, r->values, &r->problem) == WHY_OK)
        return WHY_OK;
    return why_json_fail(r, "not JSON:", r->problem);
}

void why_json_reader_clear(struct why_json_reader *r)
{
    free(r->buf);
    r->buf = NULL;
    r->capacity = 0;
}

/* ---- values ---------------------------------------------------------------------------------- */

bool why_json_has(const struct why_json_reader *r, size_t slot)
{
    return r->values[slot].type != WHY_JSON_ABSENT;
}

bool why_json_is(const struct why_json_value *value, const char *text)
{
    return value->type == WHY_JSON_TEXT && value->len == strlen(text) &&
           memcmp(value->text, text, value->len) == 0;
}

/* A text that is short where it is right, into |buf|: "" where it is longer than any word. */
static const char *short_text(const struct why_json_value *value, char buf[WORD_BYTES])
{
    buf[value->len < WORD_BYTES ? why_json_unescape(value, buf) : 0] = '\0';
    return buf;
}

int why_json_word(const struct why_json_value *value, enum why_vocabulary list)
{
    char buf[WORD_BYTES];

    return value->type == WHY_JSON_TEXT ? why_word_find(list, short_text(value, buf))
                                        : WHY_ERR_NOTFOUND;
}

char *why_json_string(const struct why_json_value *value)
{
    char *text = malloc(value->len + 1);

    if (text != NULL)
        text[why_json_unescape(value, text)] = '\0';
    return text;
}

/* ---- members --------------------------------------------------------------------------------- */

int why_json_fail(const struct why_json_reader *r, const char *subject, const char *problem)
{
    if (r->errlen > 0)
        (void)snprintf(r->err, r->errlen, "%s%sline %zu: %s%s%s", r->name != NULL ? r->name : "",
                       r->name != NULL ? ": " : "", r->number, subject != NULL ? subject : "",
                       subject != NULL ? r->wording->separator : "", problem);
    return WHY_ERR_MALFORMED;
}

static const char out_of_memory[] = "out of memory";

/* A number to the member of |size| bytes; enumerations and int alike. */
static void store(void *to, size_t size, int64_t number)
{
    if (size == sizeof(uint64_t))
        memcpy(to, &number, sizeof(number));
    else if (size == sizeof(uint32_t))
        memcpy(to, &(uint32_t){(uint32_t)number}, size);
    else if (size == sizeof(uint16_t))
        memcpy(to, &(uint16_t){(uint16_t)number}, size);
    else
        memcpy(to, &(bool){number != 0}, sizeof(bool));
}

static const char *get_word(const struct why_json_reader *r, const struct why_json_member *member,
                            void *to)
{
    const struct why_json_value *value = &r->values[member->slot];
    char buf[WORD_BYTES];
    int word;

    if (value->type != WHY_JSON_TEXT)
        return r->wording->no_text;
    word = member->find != NULL ? member->find(short_text(value, buf))
                                : why_json_word(value, member->list);
    if (word < 0)
        return r->wording->no_word;
    store(to, member->size, word);
    return NULL;
}

static const char *get_number(const struct why_json_reader *r, const struct why_json_member *member,
                              void *to)
{
    const struct why_json_value *value = &r->values[member->slot];

    if (value->type != WHY_JSON_INTEGER)
        return r->wording->no_integer;
    if (member->kind == WHY_JSON_GET_NUMBER &&
        (value->number < 0 || (uint64_t)value->number > member->max))
        return r->wording->out_of_range;
    store(to, member->size, value->number);
    return NULL;
}

static const char *get_bool(const struct why_json_reader *r, const struct why_json_member *member,
                            void *to)
{
    const struct why_json_value *value = &r->values[member->slot];

    if (value->type != WHY_JSON_BOOL)
        return "is neither true nor false";
    store(to, member->size, value->number);
    return NULL;
}

static const char *get_text(const struct why_json_reader *r, const struct why_json_member *member,
                            void *to)
{
    const struct why_json_value *value = &r->values[member->slot];
    char *text;

    if (value->type != WHY_JSON_TEXT)
        return r->wording->no_text;
    text = why_json_string(value);
    memcpy(to, &text, sizeof(text));
    return text != NULL ? NULL : out_of_memory;
}

int why_json_get(const struct why_json_reader *r, const char *prefix,
                 const struct why_json_member *member, void *out)
{
    static const char *(*const getters[])(const struct why_json_reader *r,
                                          const struct why_json_member *member, void *to) = {
        [WHY_JSON_GET_WORD] = get_word,      [WHY_JSON_GET_NUMBER] = get_number,
        [WHY_JSON_GET_INTEGER] = get_number, [WHY_JSON_GET_BOOL] = get_bool,
        [WHY_JSON_GET_TEXT] = get_text,
    };
    const char *problem = NULL;
    char name[WORD_BYTES];

    if (why_json_has(r, member->slot))
        problem = getters[member->kind](r, member, (char *)out + member->offset);
    else if (member->required)
        problem = "is missing";
    if (problem == NULL)
        return WHY_OK;
    if (problem == out_of_memory) {
        why_json_fail(r, NULL, problem);
        return WHY_ERR_NOMEM;
    }
    (void)snprintf(name, sizeof(name), "%s%s", prefix, member->name);
    return why_json_fail(r, name, problem);
}

int why_json_get_all(const struct why_json_reader *r, const char *prefix,
                     const struct why_json_member *members, void *out)
{
    int status = WHY_OK;

    for (; status == WHY_OK && members->name != NULL; members++) {
        if (members->kind != WHY_JSON_GET_NOTHING)
            status = why_json_get(r, prefix, members, out);
    }
    return status;
}
