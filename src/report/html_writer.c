/* SPDX-License-Identifier: Apache-2.0 */
#include "html_writer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/map.h"
#include "facts/fact_table.h"

#define SHARED_MAX 8192 /* values; then all are forgotten */
#define LONGEST    4096 /* bytes; a longer value is not remembered */
#define SHORTEST   12   /* bytes; a shorter one costs no more than its number */
#define JSON_FLAGS (JSON_COMPACT | JSON_PRESERVE_ORDER | JSON_ENSURE_ASCII | JSON_ENCODE_ANY)

struct html_writer {
    FILE *out;
    int status;
    uint64_t written;
    json_int_t next;
    struct why_map shared; /* JSON that was written, to its number */
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
    why_map_clear(&writer->shared, NULL);
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

static void define(struct html_writer *writer, struct why_map_entry *entry)
{
    char head[48];
    int n = snprintf(head, sizeof(head), "{\"d\":%" JSON_INTEGER_FORMAT ",\"v\":", ++writer->next);

    entry->value = (void *)(uintptr_t)writer->next;
    why_html_write(writer, head, (size_t)n);
    write_json(writer, entry->key);
    why_html_write(writer, "}\n", 2);
}

/* What stands for |value| (taken over): its number, or itself. NULL when out of memory. */
static json_t *share(struct html_writer *writer, json_t *value)
{
    char *text = json_dumps(value, JSON_FLAGS);
    size_t len = text ? strlen(text) : 0;
    struct why_map_entry *entry;

    if (!text || len < SHORTEST || len > LONGEST) {
        free(text);
        return value;
    }
    json_decref(value);
    if (writer->shared.count >= SHARED_MAX)
        why_map_clear(&writer->shared, NULL);
    entry = why_map_add(&writer->shared, text, len);
    free(text);
    if (!entry)
        return NULL;
    if (!entry->value)
        define(writer, entry);
    return json_integer((json_int_t)(uintptr_t)entry->value);
}

/* A member that differs from attempt to attempt. */
static bool is_own(const char *key)
{
    for (size_t i = 0; i < why_fact_row_count; i++) {
        if ((why_fact_rows[i].flags & FACT_OWN) && strcmp(why_fact_rows[i].key, key) == 0)
            return true;
    }
    return strcmp(key, "at") == 0;
}

/* A member of a record that attempts have in common which ended in the same way. */
static bool is_of_verdict(const char *key)
{
    for (size_t i = 0; i < why_fact_row_count; i++) {
        if ((why_fact_rows[i].flags & FACT_FIRST_TRY) && !why_fact_rows[i].object &&
            strcmp(why_fact_rows[i].key, key) == 0)
            return true;
    }
    return false;
}

static void share_members(struct html_writer *writer, struct why_json_builder *b, json_t *object);

/* A part with the one member |key|, whose value is an object or array. */
static json_t *part_of(struct html_writer *writer, struct why_json_builder *b, const char *key,
                       json_t *value)
{
    json_t *part = why_json_build_object(b), *element;
    size_t i;

    json_array_foreach(value, i, element)
    {
        if (json_is_object(element))
            share_members(writer, b, element);
    }
    why_json_put(b, part, key, json_incref(value));
    return share(writer, part);
}

/* Whether |object| is best shared as it is. */
static bool is_flat(json_t *object)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        if (is_own(key) || json_is_object(value) || json_is_array(value))
            return false;
    }
    return true;
}

/* Whether all members of |object| are shared. */
static bool is_shared(const json_t *object)
{
    return json_object_size(object) == 1 && json_object_get(object, "=");
}

static void add_plain(struct html_writer *writer, struct why_json_builder *b, json_t *parts,
                      json_t *plain)
{
    if (json_object_size(plain) > 0)
        why_json_add(b, parts, share(writer, plain));
    else
        json_decref(plain);
}

/*
 * Takes all members of |object| that are not its own out of it and puts what stands for them under
 * "=": each object and array by itself, numbers and texts together, but those of a verdict apart
 * from those of the step, which others ended in the same way.
 */
static void share_members(struct html_writer *writer, struct why_json_builder *b, json_t *object)
{
    json_t *parts = why_json_build_array(b);
    json_t *step = why_json_build_object(b), *verdict = why_json_build_object(b);
    const char *key;
    json_t *value;
    void *next;

    json_object_foreach_safe(object, next, key, value)
    {
        if (is_own(key))
            continue;
        if (json_is_object(value) && !is_flat(value)) {
            share_members(writer, b, value);
            if (!is_shared(value))
                continue;
        }
        if (json_is_object(value) || json_is_array(value))
            why_json_add(b, parts, part_of(writer, b, key, value));
        else
            why_json_put(b, is_of_verdict(key) ? verdict : step, key, json_incref(value));
        json_object_del(object, key);
    }
    add_plain(writer, b, parts, step);
    add_plain(writer, b, parts, verdict);
    why_json_put_filled(b, object, "=", parts);
}

void why_html_shared_line(struct html_writer *writer, struct why_json_builder *b, json_t *record)
{
    if (!b->failed)
        share_members(writer, b, record);
    why_html_line(writer, b, record);
}

size_t why_html_cost(const struct html_writer *writer, json_t *object)
{
    const char *key;
    json_t *value;
    size_t cost = 0;

    json_object_foreach(object, key, value)
    {
        json_t *part = json_pack("{sO}", key, value);
        char *text = json_dumps(part, JSON_FLAGS);
        size_t len = text ? strlen(text) : 0;

        cost += text && why_map_find(&writer->shared, text, len) ? SHORTEST : len;
        free(text);
        json_decref(part);
    }
    return cost;
}
