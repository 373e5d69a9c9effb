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
struct why_json_builder {
    bool failed; /* out of memory */
};

json_t *why_json_build_object(struct why_json_builder *b);
json_t *why_json_build_array(struct why_json_builder *b);

void why_json_put(struct why_json_builder *b, json_t *object, const char *key, json_t *value);
/* Server or user text. */
void why_json_put_text(struct why_json_builder *b, json_t *object, const char *key,
                       const char *text);
void why_json_put_int(struct why_json_builder *b, json_t *object, const char *key, int64_t value);
void why_json_put_bool(struct why_json_builder *b, json_t *object, const char *key, bool value);
/* "0x80004" */
void why_json_put_hex(struct why_json_builder *b, json_t *object, const char *key, uint32_t value);
/* An object or array that may have stayed empty. */
void why_json_put_filled(struct why_json_builder *b, json_t *object, const char *key,
                         json_t *value);

void why_json_add(struct why_json_builder *b, json_t *array, json_t *value);
void why_json_add_text(struct why_json_builder *b, json_t *array, const char *text);

#endif /* !defined(RDPWHY_REPORT_JSON_BUILD_H) */
