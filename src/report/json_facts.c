/* SPDX-License-Identifier: Apache-2.0 */
#include "json_facts.h"

#include <string.h>

#include <rdpwhy/result.h>

#include "facts/fact_table.h"

static json_t *text_array(struct why_json_builder *b, const struct why_fact_row *row,
                          const struct why_result *result)
{
    json_t *array = why_json_build_array(b);
    struct why_fact_value value;

    for (size_t i = 0; row->get(result, i, &value) && value.text; i++)
        why_json_add_text(b, array, value.text);
    return array;
}

static json_t *number_array(struct why_json_builder *b, const struct why_fact_row *row,
                            const struct why_result *result)
{
    json_t *array = why_json_build_array(b);
    struct why_fact_value value;

    for (size_t i = 0; row->get(result, i, &value); i++)
        why_json_add(b, array, json_integer((json_int_t)value.number));
    return array;
}

static json_t *phase_array(struct why_json_builder *b, const struct why_verdict *verdict)
{
    json_t *phases = why_json_build_array(b);

    for (size_t i = 0; i < verdict->phase_count; i++) {
        json_t *phase = why_json_build_object(b);

        why_json_put_text(b, phase, "phase", why_phase_name(verdict->phases[i].phase));
        why_json_put_int(b, phase, "start_us", (int64_t)verdict->phases[i].start_us);
        why_json_put_int(b, phase, "duration_us", (int64_t)verdict->phases[i].duration_us);
        why_json_add(b, phases, phase);
    }
    return phases;
}

/* The object at |path| inside of |record|, which is made where it is not there yet. */
static json_t *object_at(struct why_json_builder *b, json_t *record, const char *path)
{
    while (path && *path) {
        size_t len = strcspn(path, ".");
        char key[32];
        json_t *object;

        snprintf(key, sizeof(key), "%.*s", (int)len, path);
        object = json_object_get(record, key);
        if (!object) {
            object = why_json_build_object(b);
            why_json_put(b, record, key, object);
        }
        record = object;
        path += len + (path[len] == '.');
    }
    return record;
}

static void put_fact(struct why_json_builder *b, json_t *record, const struct why_fact_row *row,
                     const struct why_result *result)
{
    struct why_fact_value value = {.text = NULL};
    bool text = row->kind == WHY_FACT_KIND_TEXT || row->kind == WHY_FACT_KIND_TIME;
    json_t *object;

    if (!row->get(result, 0, &value) || (text && (!value.text || !*value.text)))
        return;
    object = object_at(b, record, row->object);
    switch (row->kind) {
    case WHY_FACT_KIND_TEXT:
    case WHY_FACT_KIND_TIME:
        if (row->flags & FACT_PROSE)
            why_json_put_prose(b, object, row->key, value.text);
        else
            why_json_put_text(b, object, row->key, value.text);
        break;
    case WHY_FACT_KIND_NUMBER:
    case WHY_FACT_KIND_SKEW:
        why_json_put_int(b, object, row->key, value.number);
        break;
    case WHY_FACT_KIND_HEX:
        why_json_put_hex(b, object, row->key, (uint32_t)value.number);
        break;
    case WHY_FACT_KIND_BOOL:
        why_json_put_bool(b, object, row->key, value.number != 0);
        break;
    case WHY_FACT_KIND_TEXTS:
    case WHY_FACT_KIND_FLAGS:
        why_json_put(b, object, row->key, text_array(b, row, result));
        break;
    case WHY_FACT_KIND_NUMBERS:
        why_json_put(b, object, row->key, number_array(b, row, result));
        break;
    case WHY_FACT_KIND_PHASES:
        why_json_put(b, object, row->key, phase_array(b, &result->verdict));
        break;
    }
}

void why_json_put_facts(struct why_json_builder *b, json_t *record, const struct why_result *result,
                        unsigned flags)
{
    for (size_t i = 0; i < why_fact_row_count; i++) {
        const struct why_fact_row *row = &why_fact_rows[i];

        if ((row->flags & flags) == flags && (row->flags & b->without) == 0)
            put_fact(b, record, row, result);
    }
}

void why_json_put_facts_of(struct why_json_builder *b, json_t *record,
                           const struct why_result *result, const char *path)
{
    for (size_t i = 0; i < why_fact_row_count; i++) {
        const struct why_fact_row *row = &why_fact_rows[i];

        if (row->object && strcmp(row->object, path) == 0)
            put_fact(b, record, row, result);
    }
}
