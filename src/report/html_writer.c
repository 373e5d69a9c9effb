/* SPDX-License-Identifier: Apache-2.0 */
#include "html_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>

#include "json_text.h"

#define SLOTS      8192
#define LONGEST    4096 /* bytes; a longer value is not remembered */
#define SHORTEST   12   /* bytes; a shorter one costs no more than its number */
#define JSON_FLAGS (JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII | JSON_ENCODE_ANY)

struct slot {
    char *text; /* owned; NULL: empty */
    json_int_t number;
};

struct html_writer {
    FILE *out;
    int status;
    uint64_t written;
    json_int_t next;
    struct slot slots[SLOTS];
};

struct html_writer *why_html_writer_new(FILE *out)
{
    struct html_writer *writer = calloc(1, sizeof(*writer));

    if (writer)
        writer->out = out;
    return writer;
}

void why_html_writer_free(struct html_writer *writer)
{
    if (!writer)
        return;
    for (size_t i = 0; i < SLOTS; i++)
        free(writer->slots[i].text);
    free(writer);
}

int why_html_status(const struct html_writer *writer)
{
    return writer->status;
}

uint64_t why_html_written(const struct html_writer *writer)
{
    return writer->written;
}

static void fail(struct html_writer *writer, int status)
{
    if (writer->status == WHY_OK)
        writer->status = status;
}

void why_html_write(struct html_writer *writer, const void *bytes, size_t len)
{
    if (writer->status != WHY_OK || len == 0)
        return;
    if (fwrite(bytes, 1, len, writer->out) != len)
        fail(writer, WHY_ERR_IO);
    writer->written += len;
}

/*
 * JSON inside a script element must not hold "</script" nor "<!--" (HTML, "Restrictions for
 * contents of script elements"). Outside of strings JSON has none of these characters, so each of
 * them can be escaped; JSON_ENSURE_ASCII has taken care of U+2028 and U+2029.
 */
static void write_json(struct html_writer *writer, const char *text)
{
    while (*text) {
        size_t plain = strcspn(text, "<>&");
        char escape[8];

        why_html_write(writer, text, plain);
        text += plain;
        if (*text) {
            snprintf(escape, sizeof(escape), "\\u%04x", (unsigned char)*text++);
            why_html_write(writer, escape, 6);
        }
    }
}

void why_html_line(struct html_writer *writer, const struct why_json_builder *b, json_t *record)
{
    char *line = b->failed ? NULL : json_dumps(record, JSON_FLAGS);

    json_decref(record);
    if (!line) {
        fail(writer, WHY_ERR_NOMEM);
        return;
    }
    write_json(writer, line);
    why_html_write(writer, "\n", 1);
    free(line);
}

/* FNV-1a. Who provokes collisions makes the page longer, not wrong: texts are compared. */
static size_t slot_of(const char *text)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);

    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return (size_t)((hash ^ hash >> 32) % SLOTS);
}

static void define(struct html_writer *writer, struct slot *slot, char *text)
{
    char head[48];
    int n = snprintf(head, sizeof(head), "{\"d\":%" JSON_INTEGER_FORMAT ",\"v\":", ++writer->next);

    free(slot->text);
    *slot = (struct slot){text, writer->next};
    why_html_write(writer, head, (size_t)n);
    write_json(writer, text);
    why_html_write(writer, "}\n", 2);
}

/* What stands for |value| (taken over): its number, or itself. NULL when out of memory. */
static json_t *share(struct html_writer *writer, json_t *value)
{
    char *text = json_dumps(value, JSON_FLAGS);
    size_t len = text ? strlen(text) : 0;
    json_int_t number;
    struct slot *slot;

    if (!text || len < SHORTEST || len > LONGEST) {
        free(text);
        return value;
    }
    json_decref(value);
    slot = &writer->slots[slot_of(text)];
    if (slot->text && strcmp(slot->text, text) == 0)
        free(text);
    else
        define(writer, slot, text);
    number = slot->number;
    return json_integer(number);
}

static bool is_empty(const json_t *value)
{
    return (json_is_object(value) && json_object_size(value) == 0) ||
           (json_is_array(value) && json_array_size(value) == 0);
}

void why_html_put_shared(struct html_writer *writer, struct why_json_builder *b, json_t *object,
                         const char *key, json_t *value)
{
    if (is_empty(value))
        json_decref(value);
    else
        why_json_put(b, object, key, share(writer, value));
}

void why_html_add_shared(struct html_writer *writer, struct why_json_builder *b, json_t *array,
                         json_t *value)
{
    if (is_empty(value))
        json_decref(value);
    else
        why_json_add(b, array, share(writer, value));
}

size_t why_html_cost(const struct html_writer *writer, const json_t *value)
{
    char *text = json_dumps(value, JSON_FLAGS);
    size_t cost = text ? strlen(text) : 0;
    const struct slot *slot = text ? &writer->slots[slot_of(text)] : NULL;

    if (slot && slot->text && strcmp(slot->text, text) == 0)
        cost = SHORTEST;
    free(text);
    return cost;
}

/* The length of |word| where |text| begins with it, else 0. */
static size_t begins_with(const char *text, const char *word)
{
    size_t len = strlen(word);

    return strncmp(text, word, len) == 0 ? len : 0;
}

json_t *why_html_text(const struct why_target *target, const char *text)
{
    char *copy = malloc(4 * strlen(text) + 1);
    char *to = copy;
    json_t *value;

    if (!copy)
        return NULL;
    while (*text) {
        size_t label = begins_with(text, target->label);
        size_t host = label ? 0 : begins_with(text, target->host);

        if (label || host)
            *to++ = label ? '\001' : '\002';
        else if (*text == '\001' || *text == '\002') /* a stand-in that is none */
            to += snprintf(to, 5, "\\x%02x", (unsigned char)*text++);
        else
            *to++ = *text++;
        text += label + host;
    }
    *to = '\0';
    value = why_json_text(copy);
    free(copy);
    return value;
}
