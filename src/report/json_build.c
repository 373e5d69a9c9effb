/* SPDX-License-Identifier: Apache-2.0 */
#include "json_build.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>

json_t *why_json_build_object(struct why_json_builder *b)
{
    json_t *object = json_object();

    if (!object)
        b->failed = true;
    return object;
}

json_t *why_json_build_array(struct why_json_builder *b)
{
    json_t *array = json_array();

    if (!array)
        b->failed = true;
    return array;
}

void why_json_put(struct why_json_builder *b, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0)
        b->failed = true;
}

void why_json_put_text(struct why_json_builder *b, json_t *object, const char *key,
                       const char *text)
{
    if (text && *text)
        why_json_put(b, object, key, why_json_text(text));
}

void why_json_put_int(struct why_json_builder *b, json_t *object, const char *key, int64_t value)
{
    why_json_put(b, object, key, json_integer(value));
}

void why_json_put_bool(struct why_json_builder *b, json_t *object, const char *key, bool value)
{
    why_json_put(b, object, key, json_boolean(value));
}

void why_json_put_hex(struct why_json_builder *b, json_t *object, const char *key, uint32_t value)
{
    char text[16];

    snprintf(text, sizeof(text), "0x%" PRIX32, value);
    why_json_put_text(b, object, key, text);
}

void why_json_put_filled(struct why_json_builder *b, json_t *object, const char *key, json_t *value)
{
    if (json_object_size(value) > 0 || json_array_size(value) > 0)
        why_json_put(b, object, key, value);
    else
        json_decref(value);
}

void why_json_add(struct why_json_builder *b, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0)
        b->failed = true;
}

void why_json_add_text(struct why_json_builder *b, json_t *array, const char *text)
{
    why_json_add(b, array, why_json_text(text));
}

void why_json_put_prose(struct why_json_builder *b, json_t *object, const char *key,
                        const char *text)
{
    if (text && *text)
        why_json_put(b, object, key, why_json_prose(b, text));
}

void why_json_put_prose_list(struct why_json_builder *b, json_t *object, const char *key,
                             const char *const *texts)
{
    json_t *array = why_json_build_array(b);

    for (; texts && *texts; texts++)
        why_json_add(b, array, why_json_prose(b, *texts));
    why_json_put_filled(b, object, key, array);
}

json_t *why_json_build_record(struct why_json_builder *b, const char *kind)
{
    json_t *record = why_json_build_object(b);

    why_json_put_text(b, record, "schema", WHY_JSON_SCHEMA);
    why_json_put_text(b, record, "record", kind);
    return record;
}

int why_json_write_record(FILE *out, const struct why_json_builder *b, json_t *record)
{
    int status = b->failed ? WHY_ERR_NOMEM
                           : why_json_write_line(out, record, JSON_COMPACT | JSON_PRESERVE_ORDER);

    json_decref(record);
    return status;
}

/* The length of |word| where |text| begins with it, else 0. */
static size_t begins_with(const char *text, const char *word)
{
    size_t len = strlen(word);

    return strncmp(text, word, len) == 0 ? len : 0;
}

json_t *why_json_prose(const struct why_json_builder *b, const char *text)
{
    const struct why_target *target = b->target;
    char *copy = target ? malloc(4 * strlen(text) + 1) : NULL;
    char *to = copy;
    json_t *value;

    if (!target)
        return why_json_text(text);
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
