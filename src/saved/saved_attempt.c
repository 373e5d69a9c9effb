/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/result.h>
#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

#include "base/rfc3339.h"
#include "base/system_error.h"
#include "facts/fact_table.h"

#include "back.h"
#include "reader.h"

/* The rows of facts.def, whose numbers are the slots of their values, and what follows them. */
enum attempt_slot {
#define WHY_FACT(name, ...) SLOT_##name,
#include "facts/facts.def"
    SLOT_FIRST_TRY,
    SLOT_HOPS,
    SLOT_TLS_FIRST,
    SLOT_COUNT
};
_Static_assert(SLOT_COUNT <= WHY_JSON_SLOTS_MAX, "a reader has no room for them");

/* ---- the tree of members ----------------------------------------------------------------------
 */

/* The length of the name behind |object| in the path of row |index|: of an object in it; 0: the row
 * is not below it, or is its own. */
static size_t below(const char *object, size_t index)
{
    const char *path = why_fact_rows[index].object != NULL ? why_fact_rows[index].object : "";
    size_t len = strlen(object);

    if (strncmp(path, object, len) != 0 || path[len] == '\0' || (len > 0 && path[len] != '.'))
        return 0;
    return strcspn(path + len + (len > 0), ".");
}

static bool is_own(const char *object, size_t index)
{
    const char *path = why_fact_rows[index].object;

    return strcmp(path != NULL ? path : "", object) == 0;
}

static struct why_json_member *members_of(const char *object);

/* The member of |object| that row |index| is below, unless it is there already. */
static bool add_object(const char *object, size_t index, size_t len,
                       struct why_json_member *members, size_t *count)
{
    const char *name = why_fact_rows[index].object + strlen(object) + (*object != '\0');
    struct why_json_member *inner;
    char path[64], *copy;

    for (size_t i = 0; i < *count; i++) {
        if (members[i].members != NULL && strlen(members[i].name) == len &&
            strncmp(members[i].name, name, len) == 0)
            return true;
    }
    copy = strndup(name, len);
    (void)snprintf(path, sizeof(path), "%.*s", (int)(name + len - why_fact_rows[index].object),
                   why_fact_rows[index].object);
    inner = members_of(path);
    if (copy == NULL || inner == NULL) {
        free(copy);
        why_saved_members_free(inner);
        return false;
    }
    members[(*count)++] = (struct why_json_member){.name = copy, .members = inner};
    return true;
}

/* |object|: a path, "" for the record itself. */
static struct why_json_member *members_of(const char *object)
{
    struct why_json_member *members = calloc(why_fact_row_count + 4, sizeof(*members));
    size_t count = 0;

    for (size_t i = 0; members != NULL && i < why_fact_row_count; i++) {
        size_t len = below(object, i);

        if (is_own(object, i)) {
            members[count++] = (struct why_json_member){.name = why_fact_rows[i].key, .slot = i};
        } else if (len > 0 && !add_object(object, i, len, members, &count)) {
            why_saved_members_free(members);
            return NULL;
        }
    }
    return members;
}

struct why_json_member *why_saved_attempt_members(void)
{
    struct why_json_member *members = members_of("");
    size_t count = 0;

    while (members != NULL && members[count].name != NULL)
        count++;
    if (members != NULL) {
        members[count++] = (struct why_json_member){.name = "first_try", .slot = SLOT_FIRST_TRY};
        members[count++] = (struct why_json_member){.name = "hops", .slot = SLOT_HOPS};
        members[count] = (struct why_json_member){.name = "tls_first", .slot = SLOT_TLS_FIRST};
    }
    return members;
}

void why_saved_members_free(struct why_json_member *members)
{
    for (size_t i = 0; members != NULL && members[i].name != NULL; i++) {
        if (members[i].members == NULL)
            continue;
        why_saved_members_free((struct why_json_member *)(uintptr_t)members[i].members);
        free((char *)(uintptr_t)members[i].name);
    }
    free(members);
}

/* ---- values -----------------------------------------------------------------------------------
 */

static const char *put_hex(const struct why_json_value *value, uint32_t *to)
{
    char buf[16] = "";
    char *end;

    if (value->type != WHY_JSON_TEXT || value->len < 3 || value->len > 10)
        return "is not a hexadecimal number";
    memcpy(buf, value->text, value->len);
    *to = (uint32_t)strtoul(buf, &end, 16);
    return strncmp(buf, "0x", 2) == 0 && *end == '\0' ? NULL : "is not a hexadecimal number";
}

static const char *put_seconds(const struct why_json_value *value, int64_t *to)
{
    int32_t micro;

    if (value->type == WHY_JSON_TEXT &&
        why_rfc3339_parse(value->text, value->len, to, &micro) == WHY_OK)
        return NULL;
    return "is not a time";
}

static const char *put_kept(struct saved_draft *draft, const struct why_json_value *value,
                            const char **to)
{
    if (value->type != WHY_JSON_TEXT)
        return "is not a text";
    *to = why_saved_text(draft->reader, value);
    return *to != NULL ? NULL : why_back_nomem;
}

static const char *put_chars(const struct why_json_value *value, char *to, size_t size)
{
    if (value->type != WHY_JSON_TEXT)
        return "is not a text";
    return why_saved_chars(value, to, size) == WHY_OK ? NULL : why_back_nomem;
}

/* What is not plain; NULL or what is wrong. */
static const char *put_value(struct saved_draft *draft, const struct back_row *row,
                             const struct why_json_value *value)
{
    void *to = (char *)draft->result + row->to.offset;

    switch (row->how) {
    case BACK_HEX:
        return put_hex(value, to);
    case BACK_SECONDS:
        return put_seconds(value, to);
    case BACK_CHARS:
        return put_chars(value, to, row->to.size);
    case BACK_KEPT:
        return put_kept(draft, value, to);
    case BACK_READ:
        return row->read(draft, value);
    default:
        return NULL;
    }
}

static int put_back(struct saved_draft *draft, size_t index)
{
    const struct why_json_reader *json = &draft->reader->json;
    const struct why_json_value *value = &json->values[index];
    const struct why_fact_row *fact = &why_fact_rows[index];
    const struct back_row *row = &why_back_rows[index];
    const char *problem = NULL;
    char name[64];
    int status = WHY_OK;

    if (value->type == WHY_JSON_ABSENT)
        return WHY_OK;
    if (row->how == BACK_PLAIN) {
        struct why_json_member member = row->to;

        (void)snprintf(name, sizeof(name), "%s%s", fact->object != NULL ? fact->object : "",
                       fact->object != NULL ? "." : "");
        member.name = fact->key;
        member.slot = index;
        status = why_json_get(json, name, &member, draft->result);
    } else {
        problem = put_value(draft, row, value);
    }
    if (problem == why_back_nomem)
        return WHY_ERR_NOMEM;
    if (problem != NULL) {
        (void)snprintf(name, sizeof(name), "%s%s%s", fact->object != NULL ? fact->object : "",
                       fact->object != NULL ? "." : "", fact->key);
        return why_json_fail(json, name, problem);
    }
    if (status == WHY_OK && row->has != 0)
        *(bool *)((char *)draft->result + row->has) = true;
    return status;
}

/* ---- an attempt -------------------------------------------------------------------------------
 */

static void draft_begin(struct saved_draft *draft, struct saved_reader *r)
{
    struct why_verdict *verdict;

    /* One of rdpwhy's own, until outcome_basis says otherwise. */
    *draft = (struct saved_draft){
        .reader = r, .result = calloc(1, sizeof(*draft->result)), .head.library = "FreeRDP"};
    if (draft->result == NULL)
        return;
    verdict = &draft->result->verdict;
    verdict->phase = WHY_PHASE_NONE;
    verdict->phase_to = WHY_PHASE_NONE;
    verdict->sent_through = WHY_PHASE_NONE;
}

/* Every attempt says so much; who wrote none of it wrote no attempt. A first try says the first
 * two. */
static int check_required(const struct why_json_reader *json, size_t count)
{
    static const struct {
        size_t slot;
        const char *name;
    } required[] = {{SLOT_outcome, "outcome"},
                    {SLOT_ending, "ending"},
                    {SLOT_profile, "profile"},
                    {SLOT_license_mode, "license_mode"}};

    for (size_t i = 0; i < count; i++) {
        if (!why_json_has(json, required[i].slot))
            return why_json_fail(json, required[i].name, "is missing");
    }
    return WHY_OK;
}

/* What follows from the rest. */
static int settle(struct saved_draft *draft)
{
    const struct why_json_reader *json = &draft->reader->json;
    struct why_result *result = draft->result;
    struct why_verdict *v = &result->verdict;

    if (v->phase_to < v->phase)
        v->phase_to = v->phase;
    /* One without a name is of an older version, which knew those of Linux. */
    if (v->has_code && why_system_error_space(v->code.space) && !why_json_has(json, SLOT_code_name))
        v->code.value = why_system_error_linux(v->code.space, v->code.value);
    draft->head.profile = result->step.profile;
    draft->head.license_mode = result->step.license_mode;
    result->trace = why_trace_new(&draft->head);
    if (result->trace == NULL)
        return WHY_ERR_NOMEM;
    if (!draft->has_answer)
        result->answer = why_answer_of(result);
    return WHY_OK;
}

/* Of the object whose values were taken. */
static int read_object(struct saved_reader *r, size_t required, struct why_result **result)
{
    struct saved_draft draft;
    int status = check_required(&r->json, required);

    draft_begin(&draft, r);
    if (draft.result == NULL)
        return WHY_ERR_NOMEM;
    for (size_t i = 0; status == WHY_OK && i < why_fact_row_count; i++)
        status = put_back(&draft, i);
    if (status == WHY_OK)
        status = settle(&draft);
    if (status == WHY_OK)
        *result = draft.result;
    else
        why_result_free(draft.result);
    return status;
}

/* The attempts that belong to another one, as they stand in its record. */
struct others {
    struct why_json_value first_try, hops, tls_first;
};

static int read_record(struct saved_reader *r, const char *text, size_t len, size_t required,
                       struct why_result **result, struct others *others)
{
    int status = why_json_take(&r->json, text, len, r->attempt_members, SLOT_COUNT);

    *result = NULL;
    if (status != WHY_OK)
        return status;
    *others = (struct others){.first_try = r->json.values[SLOT_FIRST_TRY],
                              .hops = r->json.values[SLOT_HOPS],
                              .tls_first = r->json.values[SLOT_TLS_FIRST]};
    return read_object(r, required, result);
}

static int read_other(struct saved_reader *r, const struct why_json_value *value, const char *name,
                      size_t required, struct why_result **result)
{
    struct others none;

    if (value->type == WHY_JSON_ABSENT)
        return WHY_OK;
    if (value->type != WHY_JSON_OBJECT)
        return why_json_fail(&r->json, name, "is not an object");
    return read_record(r, value->text, value->len, required, result, &none);
}

/* The first try has only the members that it was written with; its step is the second's. */
static int read_others(struct saved_reader *r, const struct others *others,
                       struct why_result *result)
{
    int status = read_other(r, &others->first_try, "first_try", 2, &result->first_try);

    if (status == WHY_OK && result->first_try != NULL)
        result->first_try->step = result->step;
    if (status == WHY_OK)
        status = read_other(r, &others->tls_first, "tls_first", 4, &result->tls_first);
    return status;
}

/* Each hangs on the one behind it; the first may have others of its own. */
static int read_hops(struct saved_reader *r, const struct why_json_value *value,
                     struct why_result *result)
{
    struct why_json_value array = *value, element;
    struct why_result *before = NULL, *hop = NULL;
    struct others others;
    size_t count = 0;
    int status = WHY_OK;

    if (value->type == WHY_JSON_ABSENT)
        return WHY_OK;
    if (value->type != WHY_JSON_ARRAY)
        return why_json_fail(&r->json, "hops", "is not an array");
    while (status == WHY_OK && why_json_element(&array, &element)) {
        if (element.type != WHY_JSON_OBJECT || count++ == WHY_HOPS_MAX) {
            status = why_json_fail(&r->json, "hops", "is not a list of attempts");
            break;
        }
        status = read_record(r, element.text, element.len, 4, &hop, &others);
        if (status == WHY_OK && before == NULL)
            status = read_others(r, &others, hop);
        if (hop != NULL && before != NULL)
            hop->first_try = before;
        before = hop != NULL ? hop : before;
        hop = NULL;
    }
    why_result_free(result->first_try);
    result->first_try = before;
    return status;
}

int why_saved_attempt(struct saved_reader *r, struct why_result **result)
{
    struct others others;
    int status;

    r->file_target = NULL;
    status = read_record(r, r->json.line, r->json.line_len, 4, result, &others);

    if (status == WHY_OK)
        status = read_others(r, &others, *result);
    if (status == WHY_OK)
        status = read_hops(r, &others.hops, *result);
    if (status == WHY_OK)
        return WHY_OK;
    why_result_free(*result);
    *result = NULL;
    return status;
}
