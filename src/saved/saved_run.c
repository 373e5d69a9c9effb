/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "base/grow.h"
#include "base/rfc3339.h"

#include "reader.h"

enum run_slot {
    SLOT_VERSION,
    SLOT_VANTAGE,
    SLOT_MERGED,
    SLOT_BUILT,
    SLOT_RUNNING,
    SLOT_OPENSSL,
    SLOT_STARTED,
    SLOT_SOURCE,
    SLOT_ROUTING_KIND,
    SLOT_ROUTING_TEXT,
    SLOT_PRECONNECTION,
    SLOT_PROXY_URL,
    SLOT_PROXY_RESOLVE,
    SLOT_GATEWAY_HOST,
    SLOT_GATEWAY_TRANSPORT,
    SLOT_PROFILES,
    SLOT_LICENSE_MODES,
    SLOT_NUMBERS, /* and those behind it are numbers and words of struct why_run_info */
    SLOT_COUNT = SLOT_NUMBERS + 16
};

#define OF(name_, members_)                                                                        \
    {                                                                                              \
        .name = (name_), .members = (members_)                                                     \
    }
#define NUMBER(name_, nth_, max_)                                                                  \
    SAVED_INTO(#name_, SLOT_NUMBERS + (nth_), NUMBER, struct why_run_info, name_, .max = (max_))

/* clang-format off */
static const struct why_json_member library_members[] = {
    SAVED_AT("freerdp_built", SLOT_BUILT), SAVED_AT("freerdp_running", SLOT_RUNNING),
    SAVED_AT("openssl", SLOT_OPENSSL), SAVED_END};
static const struct why_json_member routing_members[] = {
    SAVED_AT("kind", SLOT_ROUTING_KIND), SAVED_AT("text", SLOT_ROUTING_TEXT), SAVED_END};
static const struct why_json_member proxy_members[] = {
    SAVED_AT("url", SLOT_PROXY_URL), SAVED_AT("resolve", SLOT_PROXY_RESOLVE), SAVED_END};
static const struct why_json_member gateway_members[] = {
    SAVED_AT("host", SLOT_GATEWAY_HOST), SAVED_AT("transport", SLOT_GATEWAY_TRANSPORT), SAVED_END};
static const struct why_json_member option_members[] = {
    SAVED_AT("profiles", SLOT_PROFILES), SAVED_AT("license_modes", SLOT_LICENSE_MODES),
    SAVED_INTO("until", SLOT_NUMBERS, WORD, struct why_run_info, until, .list = WHY_VOCAB_PHASE),
    NUMBER(timeout_us, 1, INT64_MAX), NUMBER(connect_timeout_us, 2, INT64_MAX),
    NUMBER(linger_us, 3, INT64_MAX), NUMBER(jobs, 4, UINT32_MAX), NUMBER(per_host, 5, UINT32_MAX),
    NUMBER(repeat, 6, UINT32_MAX),
    NUMBER(pause_us, 9, INT64_MAX), NUMBER(second_try_us, 10, INT64_MAX),
    NUMBER(watch_us, 11, INT64_MAX),
    OF("routing", routing_members), OF("proxy", proxy_members),
    OF("gateway", gateway_members),
    SAVED_AT("preconnection", SLOT_PRECONNECTION),
    SAVED_INTO("follow", SLOT_NUMBERS + 12, BOOL, struct why_run_info, follow, .max = 0),
    SAVED_INTO("udp", SLOT_NUMBERS + 13, BOOL, struct why_run_info, udp, .max = 0),
    SAVED_INTO("credentials", SLOT_NUMBERS + 7, BOOL, struct why_run_info, credentials, .max = 0),
    SAVED_END};
static const struct why_json_member target_members[] = {
    SAVED_INTO("targets", SLOT_NUMBERS + 8, NUMBER, struct why_run_info, target_count, .max = INT64_MAX),
    SAVED_END};
static const struct why_json_member run_members[] = {
    SAVED_AT("version", SLOT_VERSION), SAVED_AT("vantage", SLOT_VANTAGE), SAVED_AT("merged", SLOT_MERGED), SAVED_AT("started", SLOT_STARTED),
    SAVED_AT("source", SLOT_SOURCE), SAVED_AT("targets", SLOT_NUMBERS + 8),
    OF("libraries", library_members), OF("options", option_members), SAVED_END};
/* clang-format on */

/* A text of the run's; NULL where there is none. */
static int take_text(struct saved_reader *r, size_t slot, const char *name, const char **text)
{
    const struct why_json_value *value = &r->json.values[slot];

    if (value->type == WHY_JSON_ABSENT)
        return WHY_OK;
    if (value->type != WHY_JSON_TEXT)
        return why_json_fail(&r->json, name, "is not a text");
    *text = why_saved_text(r, value);
    return *text != NULL ? WHY_OK : WHY_ERR_NOMEM;
}

static int take_texts(struct saved_reader *r, struct why_run_info *run)
{
    int status = take_text(r, SLOT_VERSION, "version", &run->tool_version);

    if (status == WHY_OK)
        status = take_text(r, SLOT_VANTAGE, "vantage", &run->vantage);
    if (status == WHY_OK)
        status = take_text(r, SLOT_BUILT, "freerdp_built", &run->library_built);
    if (status == WHY_OK)
        status = take_text(r, SLOT_RUNNING, "freerdp_running", &run->library_running);
    if (status == WHY_OK)
        status = take_text(r, SLOT_OPENSSL, "openssl", &run->openssl);
    if (status == WHY_OK)
        status = take_text(r, SLOT_SOURCE, "source", &run->source);
    if (status == WHY_OK)
        status = take_text(r, SLOT_PRECONNECTION, "options.preconnection", &run->preconnection);
    return status;
}

static int take_started(struct saved_reader *r, struct why_run_info *run)
{
    const struct why_json_value *value = &r->json.values[SLOT_STARTED];
    int64_t seconds;
    int32_t micro;

    if (value->type == WHY_JSON_ABSENT)
        return WHY_OK;
    if (value->type != WHY_JSON_TEXT ||
        why_rfc3339_parse(value->text, value->len, &seconds, &micro) != WHY_OK || seconds < 0)
        return why_json_fail(&r->json, "started", "is not a time");
    run->started_us = (uint64_t)seconds * 1000000 + (uint64_t)(micro < 0 ? 0 : micro);
    return WHY_OK;
}

/* The words of an array, |*count| of them in |words|, which holds as many as the list has. */
static int take_words(struct saved_reader *r, size_t slot, enum why_vocabulary list, int *words,
                      size_t *count)
{
    struct why_json_value array = r->json.values[slot], element;
    const char *name = slot == SLOT_PROFILES ? "profiles" : "license_modes";
    size_t most;

    (void)why_vocab(list, &most);
    *count = 0;
    if (array.type == WHY_JSON_ABSENT)
        return WHY_OK;
    if (array.type != WHY_JSON_ARRAY)
        return why_json_fail(&r->json, name, "is not an array");
    while (why_json_element(&array, &element)) {
        int word = why_json_word(&element, list);

        if (word < 0)
            return why_json_fail(&r->json, name, "has a word that this version does not know");
        if (*count == most)
            return why_json_fail(&r->json, name, "has a word twice");
        words[(*count)++] = word;
    }
    return WHY_OK;
}

static int take_lists(struct saved_reader *r, struct why_run_info *run,
                      struct saved_run_lists *lists)
{
    int words[WHY_PROFILE_COUNT + WHY_LICENSE_MODE_COUNT];
    int status = take_words(r, SLOT_PROFILES, WHY_VOCAB_PROFILE, words, &run->profile_count);

    for (size_t i = 0; i < run->profile_count; i++)
        lists->profiles[i] = (enum why_profile)words[i];
    if (status == WHY_OK)
        status = take_words(r, SLOT_LICENSE_MODES, WHY_VOCAB_LICENSE_MODE, words,
                            &run->license_mode_count);
    for (size_t i = 0; status == WHY_OK && i < run->license_mode_count; i++)
        lists->modes[i] = (enum why_license_mode)words[i];
    run->profiles = lists->profiles;
    run->license_modes = lists->modes;
    return status;
}

static int take_routing(struct saved_reader *r, struct why_run_info *run)
{
    const char *kind = NULL;
    int status = take_text(r, SLOT_ROUTING_KIND, "options.routing.kind", &kind);

    if (status != WHY_OK || kind == NULL)
        return status;
    run->routing.kind = why_routing_kind_find(kind);
    if (run->routing.kind == WHY_ROUTING_KIND_COUNT)
        return why_json_fail(&r->json, "options.routing.kind",
                             "is a word that this version does not know");
    return take_text(r, SLOT_ROUTING_TEXT, "options.routing.text", &run->routing.text);
}

/* ---- what was merged --------------------------------------------------------------------------
 */

enum part_slot {
    PART_VANTAGE,
    PART_VERSION,
    PART_STARTED,
    PART_TARGETS,
    PART_COMPLETE,
    PART_SLOTS
};

static const struct why_json_member part_members[] = {
    SAVED_AT("vantage", PART_VANTAGE),   SAVED_AT("version", PART_VERSION),
    SAVED_AT("started", PART_STARTED),   SAVED_AT("targets", PART_TARGETS),
    SAVED_AT("complete", PART_COMPLETE), SAVED_END};

static int take_part(struct saved_reader *r, struct why_run_part *part)
{
    const struct why_json_value *values = r->json.values;
    int status = take_text(r, PART_VANTAGE, "merged.vantage", &part->vantage);

    if (status == WHY_OK)
        status = take_text(r, PART_VERSION, "merged.version", &part->version);
    if (status == WHY_OK)
        status = take_text(r, PART_STARTED, "merged.started", &part->started);
    if (values[PART_TARGETS].type == WHY_JSON_INTEGER)
        part->targets = values[PART_TARGETS].number;
    part->complete = values[PART_COMPLETE].number != 0;
    if (status == WHY_OK && part->vantage == NULL)
        return why_json_fail(&r->json, "merged", "has a run without a vantage point");
    return status;
}

static int take_parts(struct saved_reader *r, struct why_json_value array, struct why_run_info *run,
                      struct saved_run_lists *lists)
{
    struct why_json_value element;
    size_t capacity = 0;
    int status = WHY_OK;

    while (status == WHY_OK && array.type == WHY_JSON_ARRAY && why_json_element(&array, &element)) {
        if (element.type != WHY_JSON_OBJECT)
            return why_json_fail(&r->json, "merged", "has an element that is no object");
        status = why_json_take(&r->json, element.text, element.len, part_members, PART_SLOTS);
        if (status == WHY_OK &&
            !why_grow(&lists->parts, &capacity, run->part_count + 1, sizeof(*lists->parts)))
            status = WHY_ERR_NOMEM;
        if (status != WHY_OK)
            break;
        lists->parts[run->part_count] = (struct why_run_part){.vantage = NULL};
        status = take_part(r, &lists->parts[run->part_count++]);
    }
    run->parts = lists->parts;
    return status;
}

void why_saved_run_clear(struct saved_run_lists *lists)
{
    free(lists->parts);
    lists->parts = NULL;
}

int why_saved_run(struct saved_reader *r, struct why_run_info *run, struct saved_run_lists *lists)
{
    int status = why_json_take(&r->json, r->json.line, r->json.line_len, run_members, SLOT_COUNT);

    struct why_json_value merged = r->json.values[SLOT_MERGED];

    *run = (struct why_run_info){.until = WHY_PHASE_ACTIVE, .repeat = 1};
    lists->parts = NULL;
    if (status == WHY_OK)
        status = take_texts(r, run);
    if (status == WHY_OK)
        status = take_started(r, run);
    if (status == WHY_OK)
        status = why_json_get_all(&r->json, "options.", option_members, run);
    if (status == WHY_OK)
        status = why_json_get_all(&r->json, "", target_members, run);
    if (status == WHY_OK)
        status = take_routing(r, run);
    if (status == WHY_OK)
        status = take_text(r, SLOT_PROXY_URL, "options.proxy.url", &run->proxy);
    if (status == WHY_OK)
        status = take_text(r, SLOT_PROXY_RESOLVE, "options.proxy.resolve", &run->proxy_resolve);
    if (status == WHY_OK)
        status = take_text(r, SLOT_GATEWAY_HOST, "options.gateway.host", &run->gateway);
    if (status == WHY_OK)
        status = take_text(r, SLOT_GATEWAY_TRANSPORT, "options.gateway.transport",
                           &run->gateway_transport);
    if (status == WHY_OK)
        status = take_lists(r, run, lists);
    return status == WHY_OK ? take_parts(r, merged, run, lists) : status;
}
