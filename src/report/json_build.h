/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_JSON_BUILD_H
#define RDPWHY_REPORT_JSON_BUILD_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include <jansson.h>

#include "json_text.h"

struct why_target;

#define WHY_JSON_SCHEMA "rdpwhy/1"

/*
 * Builds JSON objects without a check after every member: what fails is remembered, and the record
 * is thrown away in one place. Unknown is absent: NULL and "" add nothing, nor do empty objects.
 */
struct why_json_builder {
    bool failed; /* out of memory */
    /* For records of many targets in one file: sentences get stand-ins for this one
     * (why_json_prose); NULL: they stay as they are. */
    const struct why_target *target;
    unsigned without; /* FACT_ bits: facts that have one of them are left out */
};

json_t *why_json_build_object(struct why_json_builder *b);
json_t *why_json_build_array(struct why_json_builder *b);

/* An object with the members that every record of JSON Lines begins with. */
json_t *why_json_build_record(struct why_json_builder *b, const char *kind);
/* Writes |record| as a line and gives it up. Returns WHY_OK, WHY_ERR_NOMEM or WHY_ERR_IO. */
int why_json_write_record(FILE *out, const struct why_json_builder *b, json_t *record);

/*
 * A sentence that may name the target, as a JSON string: with the builder's target, its label is
 * U+0001 and its host U+0002, so that sentences about different hosts are the same.
 */
json_t *why_json_prose(const struct why_json_builder *b, const char *text);

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
void why_json_put_prose(struct why_json_builder *b, json_t *object, const char *key,
                        const char *text);
/* The sentences up to the first NULL. */
void why_json_put_prose_list(struct why_json_builder *b, json_t *object, const char *key,
                             const char *const *texts);

#endif /* !defined(RDPWHY_REPORT_JSON_BUILD_H) */
