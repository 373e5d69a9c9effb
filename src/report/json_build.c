/* SPDX-License-Identifier: Apache-2.0 */
#include "json_build.h"

#include <inttypes.h>
#include <stdio.h>

#include "json_text.h"

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
