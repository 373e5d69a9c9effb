/* SPDX-License-Identifier: Apache-2.0 */
#include "record.h"

#include <rdpwhy/status.h>
#include <rdpwhy/vocab.h>

#include "base/hex.h"

#define AT(name_, slot_)                                                                           \
    {                                                                                              \
        .name = (name_), .slot = (slot_)                                                           \
    }
#define OF(name_, members_)                                                                        \
    {                                                                                              \
        .name = (name_), .members = (members_)                                                     \
    }
#define END                                                                                        \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/* clang-format off */
static const struct why_json_member range_members[] = {AT("to", MERGE_PHASE_TO), END};
static const struct why_json_member code_members[] = {
    AT("space", MERGE_SPACE), AT("value", MERGE_CODE), END};
static const struct why_json_member certificate_members[] = {AT("sha256", MERGE_CERTIFICATE), END};
static const struct why_json_member file_members[] = {AT("target", MERGE_FILE_TARGET), END};
static const struct why_json_member tls_members[] = {OF("certificate", certificate_members), END};
/* clang-format on */

const struct why_json_member why_merge_members[] = {AT("schema", MERGE_SCHEMA),
                                                    AT("record", MERGE_RECORD),
                                                    AT("target", MERGE_TARGET),
                                                    AT("vantage", MERGE_VANTAGE),
                                                    AT("version", MERGE_VERSION),
                                                    AT("started", MERGE_STARTED),
                                                    AT("targets", MERGE_TARGETS),
                                                    AT("merged", MERGE_MERGED),
                                                    AT("complete", MERGE_COMPLETE),
                                                    AT("interrupted", MERGE_INTERRUPTED),
                                                    AT("state", MERGE_STATE),
                                                    AT("findings", MERGE_FINDINGS),
                                                    AT("ordinal", MERGE_ORDINAL),
                                                    AT("outcome", MERGE_OUTCOME),
                                                    AT("phase", MERGE_PHASE),
                                                    OF("phase_range", range_members),
                                                    AT("ending", MERGE_ENDING),
                                                    OF("code", code_members),
                                                    AT("address", MERGE_ADDRESS),
                                                    OF("tls", tls_members),
                                                    AT("phases", MERGE_PHASES),
                                                    OF("file", file_members),
                                                    END};

const struct why_json_member why_merge_whose[] = {
    AT("record", MERGE_RECORD), AT("target", MERGE_TARGET), AT("vantage", MERGE_VANTAGE), END};

/* The first that later versions may have words for is left open. */
static int8_t word(const struct why_json_value *value, enum why_vocabulary list)
{
    int number = value->type == WHY_JSON_TEXT ? why_json_word(value, list) : -1;

    return (int8_t)number;
}

static uint32_t number(const struct why_json_value *value)
{
    bool fits =
        value->type == WHY_JSON_INTEGER && value->number >= 0 && value->number <= UINT32_MAX;

    return fits ? (uint32_t)value->number : 0;
}

enum { STEP_PHASE, STEP_DURATION, STEP_SLOTS };
static const struct why_json_member step_members[] = {AT("phase", STEP_PHASE),
                                                      AT("duration_us", STEP_DURATION), END};

/* What TCP took. */
static uint32_t connect_us(const struct why_json_value *phases)
{
    struct why_json_value array = *phases, element;

    while (array.type == WHY_JSON_ARRAY && why_json_element(&array, &element)) {
        struct why_json_value values[STEP_SLOTS] = {{.type = WHY_JSON_ABSENT}};
        const char *problem = NULL;

        if (element.type != WHY_JSON_OBJECT ||
            why_json_scan(element.text, element.len, step_members, values, &problem) != WHY_OK)
            return 0;
        if (why_json_is(&values[STEP_PHASE], why_phase_name(WHY_PHASE_CONNECT)))
            return number(&values[STEP_DURATION]);
    }
    return 0;
}

bool why_merge_view(const struct why_json_value *values, struct merge_view *view)
{
    const struct why_json_value *sha256 = &values[MERGE_CERTIFICATE];

    *view = (struct merge_view){
        .ordinal = number(&values[MERGE_ORDINAL]),
        .connect_us = connect_us(&values[MERGE_PHASES]),
        .code = values[MERGE_CODE].number,
        .outcome = word(&values[MERGE_OUTCOME], WHY_VOCAB_OUTCOME),
        .phase = word(&values[MERGE_PHASE], WHY_VOCAB_PHASE),
        .phase_to = word(&values[MERGE_PHASE_TO], WHY_VOCAB_PHASE),
        .ending = word(&values[MERGE_ENDING], WHY_VOCAB_ENDING),
        .space = word(&values[MERGE_SPACE], WHY_VOCAB_CODE_SPACE),
    };
    view->has_certificate = sha256->type == WHY_JSON_TEXT &&
                            sha256->len == 2 * (size_t)DIGEST_SIZE &&
                            why_hex_parse(sha256->text, sha256->len, view->certificate);
    return view->outcome >= 0 && view->ending >= 0;
}

int why_merge_state(const struct why_json_value *values)
{
    return word(&values[MERGE_STATE], WHY_VOCAB_HOST_STATE);
}

enum { FINDING_ATTEMPTS, FINDING_SLOTS };
static const struct why_json_member finding_members[] = {AT("attempts", FINDING_ATTEMPTS), END};

size_t why_merge_telling(const struct why_json_value *values)
{
    struct why_json_value array = values[MERGE_FINDINGS], element;
    struct why_json_value of[FINDING_SLOTS] = {{.type = WHY_JSON_ABSENT}};
    const char *problem = NULL;

    if (array.type != WHY_JSON_ARRAY || !why_json_element(&array, &element) ||
        element.type != WHY_JSON_OBJECT ||
        why_json_scan(element.text, element.len, finding_members, of, &problem) != WHY_OK)
        return 0;
    array = of[FINDING_ATTEMPTS];
    if (array.type != WHY_JSON_ARRAY || !why_json_element(&array, &element))
        return 0;
    return number(&element);
}
