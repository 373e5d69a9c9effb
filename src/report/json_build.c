/* SPDX-License-Identifier: Apache-2.0 */
#include "json_build.h"

#include <inttypes.h>
#include <stdio.h>

#include "json_text.h"

json_t *json_build_object(struct json_builder *b)
{
    json_t *object = json_object();

    if (!object)
        b->failed = true;
    return object;
}

json_t *json_build_array(struct json_builder *b)
{
    json_t *array = json_array();

    if (!array)
        b->failed = true;
    return array;
}

void json_put(struct json_builder *b, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0)
        b->failed = true;
}

void json_put_text(struct json_builder *b, json_t *object, const char *key, const char *text)
{
    if (text && *text)
        json_put(b, object, key, why_json_text(text));
}

void json_put_int(struct json_builder *b, json_t *object, const char *key, int64_t value)
{
    json_put(b, object, key, json_integer(value));
}

void json_put_bool(struct json_builder *b, json_t *object, const char *key, bool value)
{
    json_put(b, object, key, json_boolean(value));
}

void json_put_hex(struct json_builder *b, json_t *object, const char *key, uint32_t value)
{
    char text[16];

    snprintf(text, sizeof(text), "0x%" PRIX32, value);
    json_put_text(b, object, key, text);
}

void json_put_filled(struct json_builder *b, json_t *object, const char *key, json_t *value)
{
    if (json_object_size(value) > 0 || json_array_size(value) > 0)
        json_put(b, object, key, value);
    else
        json_decref(value);
}

void json_add(struct json_builder *b, json_t *array, json_t *value)
{
    if (json_array_append_new(array, value) != 0)
        b->failed = true;
}

void json_add_text(struct json_builder *b, json_t *array, const char *text)
{
    json_add(b, array, why_json_text(text));
}
