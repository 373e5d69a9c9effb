/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_JSON_BUILD_H
#define RDPWHY_REPORT_JSON_BUILD_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

/*
 * Builds JSON objects without a check after every member: what fails is remembered, and the record
 * is thrown away in one place. Unknown is absent: NULL and "" add nothing, nor do empty objects.
 */
struct json_builder {
    bool failed; /* out of memory */
};

json_t *json_build_object(struct json_builder *b);
json_t *json_build_array(struct json_builder *b);

void json_put(struct json_builder *b, json_t *object, const char *key, json_t *value);
/* Server or user text. */
void json_put_text(struct json_builder *b, json_t *object, const char *key, const char *text);
void json_put_int(struct json_builder *b, json_t *object, const char *key, int64_t value);
void json_put_bool(struct json_builder *b, json_t *object, const char *key, bool value);
/* "0x80004" */
void json_put_hex(struct json_builder *b, json_t *object, const char *key, uint32_t value);
/* An object or array that may have stayed empty. */
void json_put_filled(struct json_builder *b, json_t *object, const char *key, json_t *value);

void json_add(struct json_builder *b, json_t *array, json_t *value);
void json_add_text(struct json_builder *b, json_t *array, const char *text);

#endif /* !defined(RDPWHY_REPORT_JSON_BUILD_H) */
