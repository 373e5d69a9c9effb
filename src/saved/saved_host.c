/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/status.h>

#include "base/grow.h"

#include "reader.h"

/* More than any host has: a file may say what it likes. */
#define FINDINGS_MAX   1000u
#define SPREADS_MAX    100000u
#define JUDGEMENTS_MAX 10000u
#define TEXTS_MAX      ((size_t)1024 * 1024) /* of the lists of one finding */

enum host_slot {
    HOST_STATE,
    HOST_TLS_VERSION,
    HOST_KIND,
    HOST_KIND_BASIS,
    HOST_KIND_EVIDENCE,
    HOST_FINDINGS,
    HOST_SPREADS,
    HOST_REQUIREMENTS,
    HOST_CONNECTIONS,
    HOST_AUTHENTICATIONS,
    HOST_REQUESTED,
    HOST_ISSUED,
    HOST_UNKNOWN,
    HOST_SECOND_TRIES,
    HOST_TLS_FIRST,
    HOST_UDP,
    HOST_AS_REQUESTS,
    HOST_TGS_REQUESTS,
    HOST_SLOTS
};

#define OF(name_, members_)                                                                        \
    {                                                                                              \
        .name = (name_), .members = (members_)                                                     \
    }
#define COUNT(slot_, member_)                                                                      \
    SAVED_INTO(#member_, slot_, NUMBER, struct why_footprint, member_, .max = UINT32_MAX)

/* clang-format off */
static const struct why_json_member kind_members[] = {
    SAVED_AT("kind", HOST_KIND), SAVED_AT("kind_basis", HOST_KIND_BASIS),
    SAVED_AT("kind_evidence", HOST_KIND_EVIDENCE), SAVED_END};
static const struct why_json_member footprint_members[] = {
    COUNT(HOST_CONNECTIONS, connections), COUNT(HOST_AUTHENTICATIONS, authentications),
    COUNT(HOST_REQUESTED, licenses_requested), COUNT(HOST_ISSUED, licenses_issued),
    COUNT(HOST_UNKNOWN, licenses_unknown), COUNT(HOST_SECOND_TRIES, second_tries),
    COUNT(HOST_TLS_FIRST, tls_first), COUNT(HOST_UDP, udp_datagrams),
    COUNT(HOST_AS_REQUESTS, as_requests), COUNT(HOST_TGS_REQUESTS, tgs_requests), SAVED_END};
static const struct why_json_member host_members[] = {
    SAVED_INTO("state", HOST_STATE, WORD, struct why_host, state, .required = true,
               .list = WHY_VOCAB_HOST_STATE),
    SAVED_INTO("tls_version", HOST_TLS_VERSION, WORD, struct why_host, tls_version,
               .list = WHY_VOCAB_ANSWER),
    OF("server", kind_members), SAVED_AT("findings", HOST_FINDINGS),
    SAVED_AT("spreads", HOST_SPREADS), SAVED_AT("requirements", HOST_REQUIREMENTS),
    OF("footprint", footprint_members), SAVED_END};
/* clang-format on */

/* Takes the next object of |array| in, with its |members|. Returns as why_json_take, or
 * WHY_ERR_NOTFOUND at the end. */
static int next_object(struct saved_reader *r, struct why_json_value *array, const char *name,
                       const struct why_json_member *members, size_t slots)
{
    struct why_json_value element;

    if (array->type == WHY_JSON_ABSENT)
        return WHY_ERR_NOTFOUND;
    if (array->type != WHY_JSON_ARRAY)
        return why_json_fail(&r->json, name, "is not an array");
    if (!why_json_element(array, &element))
        return WHY_ERR_NOTFOUND;
    if (element.type != WHY_JSON_OBJECT)
        return why_json_fail(&r->json, name, "has an element that is no object");
    return why_json_take(&r->json, element.text, element.len, members, slots);
}

/* Room for one more in an array of |*count|, at most |most|; cleared. */
static int add_item(struct saved_reader *r, void *items, size_t *count, size_t size, size_t most,
                    const char *name)
{
    size_t capacity = *count;
    char *first;

    if (*count == most)
        return why_json_fail(&r->json, name, "has too many elements");
    /* doubled at every power of two */
    if ((*count & (*count - 1)) == 0 &&
        !why_grow(items, &capacity, *count == 0 ? 1 : 2 * *count, size))
        return WHY_ERR_NOMEM;
    memcpy(&first, items, sizeof(first));
    memset(first + *count * size, 0, size);
    ++*count;
    return WHY_OK;
}

/* ---- findings ---------------------------------------------------------------------------------
 */

enum finding_slot {
    FINDING_RULE,
    FINDING_SEVERITY,
    FINDING_SUMMARY,
    FINDING_BECAUSE,
    FINDING_CAUSES,
    FINDING_CHECKS,
    FINDING_REMEDIES,
    FINDING_ATTEMPTS,
    FINDING_SLOTS
};

static const struct why_json_member finding_members[] = {SAVED_AT("rule", FINDING_RULE),
                                                         SAVED_AT("severity", FINDING_SEVERITY),
                                                         SAVED_AT("summary", FINDING_SUMMARY),
                                                         SAVED_AT("because", FINDING_BECAUSE),
                                                         SAVED_AT("causes", FINDING_CAUSES),
                                                         SAVED_AT("checks", FINDING_CHECKS),
                                                         SAVED_AT("remedies", FINDING_REMEDIES),
                                                         SAVED_AT("attempts", FINDING_ATTEMPTS),
                                                         SAVED_END};

/* The next text of |array|; false at its end. */
static bool next_text(struct why_json_value *array, struct why_json_value *text)
{
    while (array->type == WHY_JSON_ARRAY && why_json_element(array, text)) {
        if (text->type == WHY_JSON_TEXT)
            return true;
    }
    return false;
}

static int take_because(struct saved_reader *r, struct why_finding *finding)
{
    struct why_json_value array = r->json.values[FINDING_BECAUSE], text;
    int status = WHY_OK;

    while (status == WHY_OK && finding->because_count < WHY_FINDING_BECAUSE_MAX &&
           next_text(&array, &text))
        status = why_saved_chars(&text, finding->because[finding->because_count++],
                                 sizeof(finding->because[0]));
    return status;
}

static void take_ordinals(struct saved_reader *r, struct why_finding *finding)
{
    struct why_json_value array = r->json.values[FINDING_ATTEMPTS], element;

    while (array.type == WHY_JSON_ARRAY && finding->attempt_count < WHY_FINDING_ATTEMPTS_MAX &&
           why_json_element(&array, &element)) {
        if (element.type == WHY_JSON_INTEGER && element.number > 0)
            finding->attempts[finding->attempt_count++] = (size_t)element.number;
    }
}

/* Bytes that the texts of a list take. */
static size_t list_size(const struct why_json_value *list)
{
    struct why_json_value array = *list, text;
    size_t size = 0;

    while (next_text(&array, &text))
        size += text.len + 1;
    return size;
}

/* Moves the texts of a list to |at|. Returns what is behind them. */
static char *put_list(const struct why_json_value *list, const char **texts, char *at)
{
    struct why_json_value array = *list, text;
    size_t count = 0;

    while (count < WHY_FINDING_LIST_MAX && next_text(&array, &text)) {
        texts[count++] = at;
        at += why_json_unescape(&text, at);
        *at++ = '\0';
    }
    return at;
}

static int take_lists(struct saved_reader *r, struct why_finding *finding)
{
    const struct why_json_value *values = r->json.values;
    size_t size = list_size(&values[FINDING_CAUSES]) + list_size(&values[FINDING_CHECKS]) +
                  list_size(&values[FINDING_REMEDIES]);
    char *at;

    if (size > TEXTS_MAX)
        return why_json_fail(&r->json, "findings", "has texts that are too long");
    at = finding->texts = malloc(size + 1);
    if (at == NULL)
        return WHY_ERR_NOMEM;
    at = put_list(&values[FINDING_CAUSES], finding->causes, at);
    at = put_list(&values[FINDING_CHECKS], finding->checks, at);
    (void)put_list(&values[FINDING_REMEDIES], finding->remedies, at);
    return WHY_OK;
}

/* "info", "warning", "error"; < 0: none of them. */
static int severity_of(const struct why_json_value *value)
{
    for (int i = WHY_SEVERITY_INFO; i <= WHY_SEVERITY_ERROR; i++) {
        if (why_json_is(value, why_severity_name((enum why_severity)i)))
            return i;
    }
    return -1;
}

static int take_finding(struct saved_reader *r, struct why_finding *finding)
{
    const struct why_json_value *values = r->json.values;
    int severity = severity_of(&values[FINDING_SEVERITY]), status;

    if (severity < 0)
        return why_json_fail(&r->json, "findings",
                             "has a severity that this version does not know");
    if (values[FINDING_RULE].type != WHY_JSON_TEXT || values[FINDING_SUMMARY].type != WHY_JSON_TEXT)
        return why_json_fail(&r->json, "findings", "has one without a rule or a summary");
    finding->severity = (enum why_severity)severity;
    finding->rule = why_saved_text(r, &values[FINDING_RULE]);
    if (finding->rule == NULL)
        return WHY_ERR_NOMEM;
    take_ordinals(r, finding);
    status = why_saved_chars(&values[FINDING_SUMMARY], finding->summary, sizeof(finding->summary));
    if (status == WHY_OK)
        status = take_because(r, finding);
    return status == WHY_OK ? take_lists(r, finding) : status;
}

static int take_findings(struct saved_reader *r, struct why_json_value array, struct why_host *host)
{
    for (;;) {
        int status = next_object(r, &array, "findings", finding_members, FINDING_SLOTS);

        if (status == WHY_OK)
            status = add_item(r, &host->findings, &host->finding_count, sizeof(*host->findings),
                              FINDINGS_MAX, "findings");
        if (status == WHY_OK)
            status = take_finding(r, &host->findings[host->finding_count - 1]);
        if (status != WHY_OK)
            return status == WHY_ERR_NOTFOUND ? WHY_OK : status;
    }
}

/* ---- repeats ----------------------------------------------------------------------------------
 */

enum spread_slot {
    SPREAD_PROFILE,
    SPREAD_LICENSE_MODE,
    SPREAD_PHASE,
    SPREAD_COUNT,
    SPREAD_MIN,
    SPREAD_MEDIAN,
    SPREAD_MAX,
    SPREAD_SLOTS
};

#define SPREAD(slot_, kind_, member_, ...)                                                         \
    SAVED_INTO(#member_, slot_, kind_, struct why_spread, member_, .required = true, __VA_ARGS__)

/* clang-format off */
static const struct why_json_member spread_members[] = {
    SPREAD(SPREAD_PROFILE, WORD, profile, .list = WHY_VOCAB_PROFILE),
    SPREAD(SPREAD_LICENSE_MODE, WORD, license_mode, .list = WHY_VOCAB_LICENSE_MODE),
    SAVED_INTO("phase", SPREAD_PHASE, WORD, struct why_spread, phase, .list = WHY_VOCAB_PHASE),
    SPREAD(SPREAD_COUNT, NUMBER, count, .max = UINT32_MAX),
    SPREAD(SPREAD_MIN, NUMBER, min_us, .max = INT64_MAX),
    SPREAD(SPREAD_MEDIAN, NUMBER, median_us, .max = INT64_MAX),
    SPREAD(SPREAD_MAX, NUMBER, max_us, .max = INT64_MAX), SAVED_END};
/* clang-format on */

static int take_spreads(struct saved_reader *r, struct why_json_value array, struct why_host *host)
{
    for (;;) {
        int status = next_object(r, &array, "spreads", spread_members, SPREAD_SLOTS);

        if (status == WHY_OK)
            status = add_item(r, &host->spreads, &host->spread_count, sizeof(*host->spreads),
                              SPREADS_MAX, "spreads");
        if (status == WHY_OK) {
            struct why_spread *spread = &host->spreads[host->spread_count - 1];

            spread->phase = WHY_PHASE_COUNT;
            status = why_json_get_all(&r->json, "spreads.", spread_members, spread);
        }
        if (status != WHY_OK)
            return status == WHY_ERR_NOTFOUND ? WHY_OK : status;
    }
}

/* ---- requirements -----------------------------------------------------------------------------
 */

enum judgement_slot { JUDGEMENT_REQUIREMENT, JUDGEMENT_MET, JUDGEMENT_FACT, JUDGEMENT_SLOTS };

static const struct why_json_member judgement_members[] = {
    SAVED_AT("requirement", JUDGEMENT_REQUIREMENT), SAVED_AT("met", JUDGEMENT_MET),
    SAVED_AT("fact", JUDGEMENT_FACT), SAVED_END};

/* "require-tls" of "tls>=1.2": the rule is called as what is required (src/require/table.c). */
static const char *rule_of(struct saved_reader *r, const char *requirement)
{
    char rule[64];
    struct why_json_value value = {.type = WHY_JSON_TEXT, .text = rule};

    if (requirement == NULL)
        return NULL;
    (void)snprintf(rule, sizeof(rule), "require-%.*s",
                   (int)strspn(requirement, "abcdefghijklmnopqrstuvwxyz0123456789-"), requirement);
    value.len = strlen(rule);
    return why_saved_text(r, &value);
}

static int take_judgement(struct saved_reader *r, struct why_judgement *judgement)
{
    const struct why_json_value *values = r->json.values;

    if (values[JUDGEMENT_REQUIREMENT].type != WHY_JSON_TEXT ||
        values[JUDGEMENT_MET].type != WHY_JSON_BOOL)
        return why_json_fail(&r->json, "requirements", "has one that does not say what is met");
    judgement->met = values[JUDGEMENT_MET].number != 0;
    judgement->requirement = why_saved_text(r, &values[JUDGEMENT_REQUIREMENT]);
    judgement->rule = rule_of(r, judgement->requirement);
    if (judgement->requirement == NULL || judgement->rule == NULL)
        return WHY_ERR_NOMEM;
    return values[JUDGEMENT_FACT].type == WHY_JSON_TEXT
               ? why_saved_chars(&values[JUDGEMENT_FACT], judgement->fact, sizeof(judgement->fact))
               : WHY_OK;
}

static int take_judgements(struct saved_reader *r, struct why_json_value array,
                           struct why_host *host)
{
    for (;;) {
        int status = next_object(r, &array, "requirements", judgement_members, JUDGEMENT_SLOTS);

        if (status == WHY_OK)
            status = add_item(r, &host->judgements, &host->judgement_count,
                              sizeof(*host->judgements), JUDGEMENTS_MAX, "requirements");
        if (status == WHY_OK)
            status = take_judgement(r, &host->judgements[host->judgement_count - 1]);
        if (status != WHY_OK)
            return status == WHY_ERR_NOTFOUND ? WHY_OK : status;
    }
}

/* ---- the host ---------------------------------------------------------------------------------
 */

static int take_kind(struct saved_reader *r, struct why_server_kind *kind)
{
    struct why_json_value evidence = r->json.values[HOST_KIND_EVIDENCE], text;
    const struct why_json_value *name = &r->json.values[HOST_KIND];
    char word[64] = "";

    if (name->type != WHY_JSON_TEXT)
        return WHY_OK;
    (void)why_saved_chars(name, word, sizeof(word));
    kind->kind = why_kind_find(word); /* UNKNOWN: a kind of a later version */
    kind->certain = why_json_is(&r->json.values[HOST_KIND_BASIS], "certain");
    while (kind->evidence_count < WHY_KIND_EVIDENCE_MAX && next_text(&evidence, &text)) {
        const char *kept = why_saved_text(r, &text);

        if (kept == NULL)
            return WHY_ERR_NOMEM;
        kind->evidence[kind->evidence_count++] = kept;
    }
    return WHY_OK;
}

int why_saved_host(struct saved_reader *r, struct why_host *host)
{
    struct why_json_value findings, spreads, requirements;
    int status = why_json_take(&r->json, r->json.line, r->json.line_len, host_members, HOST_SLOTS);

    *host = (struct why_host){.tls_version = WHY_ANSWER_TLS_VERSION};
    findings = r->json.values[HOST_FINDINGS];
    spreads = r->json.values[HOST_SPREADS];
    requirements = r->json.values[HOST_REQUIREMENTS];
    if (status == WHY_OK)
        status = why_json_get_all(&r->json, "", host_members, host);
    if (status == WHY_OK)
        status = why_json_get_all(&r->json, "footprint.", footprint_members, &host->footprint);
    if (status == WHY_OK)
        status = take_kind(r, &host->kind);
    if (status == WHY_OK)
        status = take_findings(r, findings, host);
    if (status == WHY_OK)
        status = take_spreads(r, spreads, host);
    return status == WHY_OK ? take_judgements(r, requirements, host) : status;
}

void why_saved_host_clear(struct why_host *host)
{
    free(host->judgements);
    host->judgements = NULL;
    why_host_clear(host);
}

/* ---- several places ---------------------------------------------------------------------------
 */

enum across_slot { ACROSS_TARGET, ACROSS_FINDING, ACROSS_SLOTS };

static const struct why_json_member across_members[] = {
    SAVED_AT("target", ACROSS_TARGET), SAVED_AT("finding", ACROSS_FINDING), SAVED_END};

int why_saved_across(struct saved_reader *r, struct why_target *target, struct why_finding *finding)
{
    int status =
        why_json_take(&r->json, r->json.line, r->json.line_len, across_members, ACROSS_SLOTS);
    struct why_json_value object = r->json.values[ACROSS_FINDING];
    const char *label;

    *target = (struct why_target){.label = NULL};
    memset(finding, 0, sizeof(*finding));
    if (status != WHY_OK)
        return status;
    if (r->json.values[ACROSS_TARGET].type != WHY_JSON_TEXT || object.type != WHY_JSON_OBJECT)
        return why_json_fail(&r->json, "finding", "or its target is missing");
    label = why_saved_text(r, &r->json.values[ACROSS_TARGET]);
    if (label == NULL || why_target_of_label(label, target) != WHY_OK)
        return WHY_ERR_NOMEM;
    status = why_json_take(&r->json, object.text, object.len, finding_members, FINDING_SLOTS);
    return status == WHY_OK ? take_finding(r, finding) : status;
}
