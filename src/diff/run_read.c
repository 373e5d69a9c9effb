/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/result.h>
#include <rdpwhy/status.h>

#include "base/grow.h"
#include "base/json_read.h"
#include "base/rfc3339.h"
#include "base/system_error.h"

#include "run.h"

#define SCHEMA "rdpwhy/1"

/* The longest line that is read: texts of a server are 64 KiB at most, and every byte of them may
 * have become four. */
#define LINE_MAX_BYTES ((size_t)16 * 1024 * 1024)

static const struct why_json_wording wording = {
    .separator = " ",
    .no_text = "is a word that this version does not know",
    .no_word = "is a word that this version does not know",
    .no_integer = "is not a number in range",
    .out_of_range = "is not a number in range",
};

/* Where the members of a line go. */
enum slot {
    SLOT_SCHEMA,
    SLOT_RECORD,
    SLOT_TARGET,
    SLOT_VANTAGE,
    SLOT_MERGED,
    SLOT_PROFILE,
    SLOT_LICENSE_MODE,
    SLOT_REPEAT,
    SLOT_STARTED,
    SLOT_OUTCOME,
    SLOT_PHASE,
    SLOT_PHASE_TO,
    SLOT_ENDING,
    SLOT_CLOSED_BY,
    SLOT_ANSWER,
    SLOT_CODE_SPACE,
    SLOT_CODE_VALUE,
    SLOT_PHASES,
    SLOT_EXPIRED,
    SLOT_NOT_YET_VALID,
    SLOT_SELF_SIGNED,
    SLOT_NAME_MATCHES,
    SLOT_CLOCK_SKEW,
    SLOT_CREDSSP,
    SLOT_DURATION,
    SLOT_PROFILES,
    SLOT_LICENSE_MODES,
    SLOT_UNTIL,
    SLOT_TIMEOUT,
    SLOT_CONNECT_TIMEOUT,
    SLOT_RUN_REPEAT,
    SLOT_CREDENTIALS,
    SLOT_PRECONNECTION,
    SLOT_FOLLOW,
    SLOT_UDP,
    SLOT_ROUTING_KIND,
    SLOT_ROUTING_TEXT,
    SLOT_PROXY_URL,
    SLOT_PROXY_RESOLVE,
    SLOT_GATEWAY,
    SLOT_GATEWAY_TRANSPORT,
    SLOT_STATE,
    SLOT_KIND,
    SLOT_COMPLETE,
    SLOT_FACTS, /* and one for each enum fact behind it */
    SLOT_COUNT = SLOT_FACTS + FACT_COUNT
};
#define FACT(fact) (SLOT_FACTS + (fact))

_Static_assert(SLOT_COUNT <= WHY_JSON_SLOTS_MAX, "a reader has no room for them");

/* Rows of members that are taken as they are, of those whose readers look at them, and of words and
 * numbers that go to a struct. */
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
#define WORD(slot_, list_, struct_, member_)                                                       \
#member_, .slot = (slot_), .kind = WHY_JSON_GET_WORD, .list = (list_),                         \
              WHY_JSON_INTO(struct_, member_)
#define NUMBER(slot_, max_, struct_, member_)                                                      \
#member_, .slot = (slot_), .kind = WHY_JSON_GET_NUMBER, .max = (max_),                         \
              WHY_JSON_INTO(struct_, member_)

/* What is wanted besides the facts, and the objects that hold those. */
/* clang-format off */
static const struct why_json_member no_members[] = {END};
static const struct why_json_member code_members[] = {
    {"space", .slot = SLOT_CODE_SPACE, .kind = WHY_JSON_GET_WORD, .list = WHY_VOCAB_CODE_SPACE,
     WHY_JSON_INTO(struct run_attempt, code_space)},
    AT("value", SLOT_CODE_VALUE), END};
static const struct why_json_member certificate_members[] = {
    AT("expired", SLOT_EXPIRED), AT("not_yet_valid", SLOT_NOT_YET_VALID),
    AT("self_signed", SLOT_SELF_SIGNED), AT("name_matches", SLOT_NAME_MATCHES), END};
static const struct why_json_member tls_members[] = {
    OF("certificate", certificate_members), END};
static const struct why_json_member ntlm_members[] = {
    AT("clock_skew_s", SLOT_CLOCK_SKEW), END};
static const struct why_json_member credssp_members[] = {AT("version", SLOT_CREDSSP), END};
static const struct why_json_member server_members[] = {AT("kind", SLOT_KIND), END};
static const struct why_json_member routing_members[] = {
    AT("kind", SLOT_ROUTING_KIND), AT("text", SLOT_ROUTING_TEXT), END};
static const struct why_json_member proxy_members[] = {
    AT("url", SLOT_PROXY_URL), AT("resolve", SLOT_PROXY_RESOLVE), END};
static const struct why_json_member gateway_members[] = {
    AT("host", SLOT_GATEWAY), AT("transport", SLOT_GATEWAY_TRANSPORT), END};
static const struct why_json_member options_members[] = {
    AT("profiles", SLOT_PROFILES), AT("license_modes", SLOT_LICENSE_MODES),
    {WORD(SLOT_UNTIL, WHY_VOCAB_PHASE, struct why_run_plan, until)},
    {NUMBER(SLOT_TIMEOUT, INT64_MAX, struct why_run_plan, timeout_us)},
    {NUMBER(SLOT_CONNECT_TIMEOUT, INT64_MAX, struct why_run_plan, connect_timeout_us)},
    {NUMBER(SLOT_RUN_REPEAT, 10000, struct why_run_plan, repeat)},
    AT("credentials", SLOT_CREDENTIALS), OF("routing", routing_members),
    AT("preconnection", SLOT_PRECONNECTION), AT("follow", SLOT_FOLLOW),
    AT("udp", SLOT_UDP),
    OF("proxy", proxy_members), OF("gateway", gateway_members), END};
static const struct why_json_member phase_members[] = {
    AT("phase", SLOT_PHASE), AT("duration_us", SLOT_DURATION), END};
static const struct why_json_member range_members[] = {AT("to", SLOT_PHASE_TO), END};
/* Of all records; those of an attempt go to its struct. */
static const struct why_json_member record_members[] = {
    AT("schema", SLOT_SCHEMA), AT("record", SLOT_RECORD), AT("target", SLOT_TARGET),
    AT("vantage", SLOT_VANTAGE), AT("merged", SLOT_MERGED),
    {WORD(SLOT_PROFILE, WHY_VOCAB_PROFILE, struct run_attempt, profile), .required = true},
    {WORD(SLOT_LICENSE_MODE, WHY_VOCAB_LICENSE_MODE, struct run_attempt, license_mode),
     .required = true},
    {NUMBER(SLOT_REPEAT, UINT32_MAX, struct run_attempt, repeat)},
    {WORD(SLOT_OUTCOME, WHY_VOCAB_OUTCOME, struct run_attempt, outcome), .required = true},
    {WORD(SLOT_ENDING, WHY_VOCAB_ENDING, struct run_attempt, ending), .required = true},
    {WORD(SLOT_PHASE, WHY_VOCAB_PHASE, struct run_attempt, phase)},
    {WORD(SLOT_ANSWER, WHY_VOCAB_ANSWER, struct run_attempt, answer)},
    AT("started", SLOT_STARTED), AT("phases", SLOT_PHASES),
    OF("phase_range", range_members), AT("closed_by", SLOT_CLOSED_BY), AT("state", SLOT_STATE),
    AT("complete", SLOT_COMPLETE), OF("code", code_members),
    OF("negotiation", no_members), OF("session", no_members), OF("udp", no_members), OF("tls", tls_members), OF("ntlm", ntlm_members),
    OF("credssp", credssp_members), OF("security", no_members),
    OF("license", no_members), OF("server", server_members), OF("options", options_members),
    END};
/* clang-format on */

/* Where the facts are. */
static const struct {
    const char *object, *key; /* NULL: the record itself */
} places[FACT_COUNT] = {
#define WHY_FACT(...)
#define WHY_COMPARED_FACT(name, object, key, ...) [FACT_##name] = {object, key},
#include "facts/facts.def"
};

static bool is_in(enum fact fact, const char *object)
{
    return strcmp(places[fact].object ? places[fact].object : "", object) == 0;
}

static void free_members(struct why_json_member *members)
{
    for (size_t i = 0; members && members[i].name; i++)
        free_members((struct why_json_member *)(uintptr_t)members[i].members);
    free(members);
}

/* A copy of |members|, those of |object| (a path, "" for the record), with the facts that are in
 * it. NULL when out of memory. */
static struct why_json_member *with_facts(const struct why_json_member *members, const char *object)
{
    struct why_json_member *copy;
    bool failed = false;
    size_t count = 0;

    while (members[count].name)
        count++;
    copy = calloc(count + FACT_COUNT + 1, sizeof(*copy));
    for (size_t i = 0; copy && i < count; i++) {
        char path[64];

        copy[i] = members[i];
        if (!members[i].members)
            continue;
        snprintf(path, sizeof(path), "%s%s%s", object, *object ? "." : "", members[i].name);
        copy[i].members = with_facts(members[i].members, path);
        failed = failed || !copy[i].members;
    }
    for (enum fact fact = 0; copy && fact < FACT_COUNT; fact++) {
        if (is_in(fact, object))
            copy[count++] = (struct why_json_member){.name = places[fact].key, .slot = FACT(fact)};
    }
    if (!failed)
        return copy;
    free_members(copy);
    return NULL;
}

struct reader {
    struct why_json_reader json;
    struct why_json_member *members; /* of all records; owned */
    struct why_run *run;
    bool begun;
    size_t ended;  /* the line of the run's end; 0: not yet */
    char *scratch; /* for texts with escapes; owned */
    size_t scratch_size;
};

/* The entry of the text at |value|, its escapes resolved; NULL when out of memory. */
static struct why_map_entry *keep_text(struct reader *r, struct why_map *map,
                                       const struct why_json_value *value)
{
    if (!value->escaped)
        return why_map_add(map, value->text, value->len);
    if (!why_grow(&r->scratch, &r->scratch_size, value->len, 1))
        return NULL;
    return why_map_add(map, r->scratch, why_json_unescape(value, r->scratch));
}

/* ---- the run's first line ---------------------------------------------------------------------
 */

/* The words of an array of them, each once; |put| takes them. */
static int read_words(struct reader *r, enum slot slot, enum why_vocabulary list,
                      const char *member, void (*put)(struct why_run_plan *plan, int word))
{
    struct why_json_value array = r->json.values[slot], element;
    unsigned seen = 0;

    if (array.type == WHY_JSON_ABSENT)
        return WHY_OK;
    if (array.type != WHY_JSON_ARRAY)
        return why_json_fail(&r->json, member, "is not an array");
    while (why_json_element(&array, &element)) {
        int word = why_json_word(&element, list);

        if (word < 0)
            return why_json_fail(&r->json, member, wording.no_word);
        if (!(seen & 1u << word))
            put(&r->run->plan, word);
        seen |= 1u << word;
    }
    return WHY_OK;
}

static void put_profile(struct why_run_plan *plan, int word)
{
    plan->profiles[plan->profile_count++] = (enum why_profile)word;
}

static void put_license_mode(struct why_run_plan *plan, int word)
{
    plan->license_modes[plan->license_mode_count++] = (enum why_license_mode)word;
}

/* A text of the line, kept with the run; NULL: out of memory. */
static const char *kept(struct reader *r, enum slot slot)
{
    struct why_map_entry *entry = keep_text(r, &r->run->texts, &r->json.values[slot]);

    return entry != NULL ? entry->key : NULL;
}

/* It is sent again as it stands there. */
static int read_routing(struct reader *r)
{
    struct why_routing *routing = &r->run->plan.routing;
    const char *kind, *problem;

    if (r->json.values[SLOT_ROUTING_KIND].type != WHY_JSON_TEXT)
        return WHY_OK;
    kind = kept(r, SLOT_ROUTING_KIND);
    if (kind == NULL)
        return WHY_ERR_NOMEM;
    routing->kind = why_routing_kind_find(kind);
    if (routing->kind == WHY_ROUTING_KIND_COUNT)
        return why_json_fail(&r->json, "options.routing.kind", wording.no_word);
    if (r->json.values[SLOT_ROUTING_TEXT].type == WHY_JSON_TEXT &&
        (routing->text = kept(r, SLOT_ROUTING_TEXT)) == NULL)
        return WHY_ERR_NOMEM;
    problem = why_routing_problem(routing);
    return problem == NULL ? WHY_OK : why_json_fail(&r->json, "options.routing.text", problem);
}

static int read_preconnection(struct reader *r)
{
    const char **text = &r->run->plan.preconnection, *problem;

    if (r->json.values[SLOT_PRECONNECTION].type != WHY_JSON_TEXT)
        return WHY_OK;
    *text = kept(r, SLOT_PRECONNECTION);
    if (*text == NULL)
        return WHY_ERR_NOMEM;
    problem = why_blob_problem(*text);
    return problem == NULL ? WHY_OK : why_json_fail(&r->json, "options.preconnection", problem);
}

static const struct why_json_member part_members[] = {AT("vantage", 0), END};

/* Whether the run is merged from others with different vantage points. */
static int read_merged(struct reader *r)
{
    struct why_json_value array = r->json.values[SLOT_MERGED];
    struct why_json_value element, first = {.type = WHY_JSON_ABSENT};

    while (array.type == WHY_JSON_ARRAY && why_json_element(&array, &element)) {
        struct why_json_value vantage = {.type = WHY_JSON_ABSENT};
        const char *problem = NULL;

        if (element.type != WHY_JSON_OBJECT ||
            why_json_scan(element.text, element.len, part_members, &vantage, &problem) != WHY_OK ||
            vantage.type != WHY_JSON_TEXT)
            return why_json_fail(&r->json, "merged", "has a run without a vantage point");
        if (first.type == WHY_JSON_ABSENT)
            first = vantage;
        if (first.len != vantage.len || memcmp(first.text, vantage.text, first.len) != 0)
            r->run->plan.from_several = true;
    }
    return WHY_OK;
}

static int read_proxy(struct reader *r)
{
    struct why_run_plan *plan = &r->run->plan;

    if (r->json.values[SLOT_PROXY_URL].type != WHY_JSON_TEXT)
        return WHY_OK;
    plan->proxy = kept(r, SLOT_PROXY_URL);
    if (r->json.values[SLOT_PROXY_RESOLVE].type == WHY_JSON_TEXT)
        plan->proxy_resolve = kept(r, SLOT_PROXY_RESOLVE);
    return plan->proxy != NULL ? WHY_OK : WHY_ERR_NOMEM;
}

static int read_gateway(struct reader *r)
{
    struct why_run_plan *plan = &r->run->plan;

    if (r->json.values[SLOT_GATEWAY].type != WHY_JSON_TEXT)
        return WHY_OK;
    plan->gateway = kept(r, SLOT_GATEWAY);
    if (r->json.values[SLOT_GATEWAY_TRANSPORT].type == WHY_JSON_TEXT)
        plan->gateway_transport = kept(r, SLOT_GATEWAY_TRANSPORT);
    return plan->gateway != NULL ? WHY_OK : WHY_ERR_NOMEM;
}

static int read_run(struct reader *r)
{
    struct why_run_plan *plan = &r->run->plan;
    int status = read_words(r, SLOT_PROFILES, WHY_VOCAB_PROFILE, "profiles", put_profile);

    plan->until = WHY_PHASE_ACTIVE;
    if (status == WHY_OK)
        status = read_merged(r);
    if (status == WHY_OK)
        status = read_words(r, SLOT_LICENSE_MODES, WHY_VOCAB_LICENSE_MODE, "license_modes",
                            put_license_mode);
    if (status == WHY_OK)
        status = why_json_get_all(&r->json, "", options_members, plan);
    if (status == WHY_OK)
        status = read_routing(r);
    if (status == WHY_OK)
        status = read_preconnection(r);
    plan->follow = r->json.values[SLOT_FOLLOW].number != 0;
    plan->udp = r->json.values[SLOT_UDP].number != 0;
    if (status == WHY_OK)
        status = read_proxy(r);
    if (status == WHY_OK)
        status = read_gateway(r);
    plan->repeat = plan->repeat ? plan->repeat : 1;
    plan->credentials = r->json.values[SLOT_CREDENTIALS].number != 0;
    return status;
}

/* ---- attempts and hosts -----------------------------------------------------------------------
 */

/* The host as one place saw it: "srv1:3389 from fra". */
static struct why_map_entry *keep_place(struct reader *r, const struct why_json_value *target)
{
    static const char from[] = " from ";
    const struct why_json_value *vantage = &r->json.values[SLOT_VANTAGE];
    size_t len;

    if (vantage->type != WHY_JSON_TEXT)
        return keep_text(r, &r->run->hosts, target);
    if (!why_grow(&r->scratch, &r->scratch_size, target->len + vantage->len + sizeof(from), 1))
        return NULL;
    len = why_json_unescape(target, r->scratch);
    memcpy(r->scratch + len, from, sizeof(from) - 1);
    len += sizeof(from) - 1;
    len += why_json_unescape(vantage, r->scratch + len);
    return why_map_add(&r->run->hosts, r->scratch, len);
}

static int host_of(struct reader *r, struct run_host **host)
{
    const struct why_json_value *target = &r->json.values[SLOT_TARGET];
    struct why_map_entry *entry;

    if (target->type != WHY_JSON_TEXT || target->len == 0)
        return why_json_fail(&r->json, "target", "is missing or is not a text");
    entry =
        r->run->plan.from_several ? keep_place(r, target) : keep_text(r, &r->run->hosts, target);
    if (!entry)
        return WHY_ERR_NOMEM;
    if (!entry->value) {
        entry->value = *host = malloc(sizeof(**host));
        if (!*host)
            return WHY_ERR_NOMEM;
        **host = (struct run_host){
            .number = (uint32_t)r->run->hosts.count - 1, .target = entry->key, .state = -1};
    }
    *host = entry->value;
    return WHY_OK;
}

/* Errors of a system are what their names say: the run may be from another system, where the number
 * is another's. One without a name is of an older version, which knew those of Linux. */
static int read_code(struct reader *r, struct run_attempt *a)
{
    const struct why_json_value *value = &r->json.values[SLOT_CODE_VALUE];
    const struct why_json_value *name = &r->json.values[FACT(FACT_code_name)];
    enum why_code_space space;
    char text[WHY_SYSTEM_ERROR_MAX];
    int status = why_json_get(&r->json, "code.", &code_members[0], a);

    if (status != WHY_OK || a->code_space < 0)
        return status;
    space = (enum why_code_space)a->code_space;
    a->has_code = true;
    if (why_system_error_space(space) && name->type == WHY_JSON_TEXT) {
        snprintf(text, sizeof(text), "%.*s", (int)(name->len < sizeof(text) ? name->len : 0),
                 name->text);
        a->code = why_system_error_read(space, text);
        return WHY_OK;
    }
    if (value->type != WHY_JSON_INTEGER)
        return why_json_fail(&r->json, "code.value", "is missing or is not a number");
    a->code = why_system_error_space(space) ? why_system_error_linux(space, value->number)
                                            : value->number;
    return WHY_OK;
}

static int64_t number_or_none(const struct why_json_value *value)
{
    return value->type == WHY_JSON_INTEGER ? value->number : RUN_NO_NUMBER;
}

/* Seconds since 1970, or RUN_NO_NUMBER. */
static int64_t time_or_none(const struct why_json_value *value)
{
    int64_t seconds;
    int32_t micro;

    return value->type == WHY_JSON_TEXT &&
                   why_rfc3339_parse(value->text, value->len, &seconds, &micro) == WHY_OK
               ? seconds
               : RUN_NO_NUMBER;
}

static int read_facts(struct reader *r, struct run_attempt *a)
{
    const struct why_json_value *v = r->json.values;

    for (size_t i = 0; i < FACT_COUNT; i++) {
        const struct why_map_entry *text;

        if (v[FACT(i)].type != WHY_JSON_TEXT)
            continue;
        text = keep_text(r, &r->run->texts, &v[FACT(i)]);
        if (!text)
            return WHY_ERR_NOMEM;
        a->facts[i] = text->key;
    }
    a->flags = (v[SLOT_EXPIRED].number ? RUN_EXPIRED : 0) |
               (v[SLOT_NOT_YET_VALID].number ? RUN_NOT_YET_VALID : 0) |
               (v[SLOT_SELF_SIGNED].number ? RUN_SELF_SIGNED : 0) |
               (v[SLOT_NAME_MATCHES].number ? RUN_NAME_MATCHES : 0);
    a->clock_skew_s = number_or_none(&v[SLOT_CLOCK_SKEW]);
    a->credssp = number_or_none(&v[SLOT_CREDSSP]);
    a->started_s = time_or_none(&v[SLOT_STARTED]);
    return WHY_OK;
}

/* The answer of an attempt in the file of an older version, which does not tell it: what that file
 * tells besides does not tell WITHHELD from THROUGH, nor ACCOUNT and NTLM from FAULT. */
static enum why_answer derive_answer(const struct reader *r, const struct run_attempt *a)
{
    const struct why_json_value *to = &r->json.values[SLOT_PHASE_TO];
    bool closed = r->json.values[SLOT_CLOSED_BY].type == WHY_JSON_TEXT;
    char version[16] = "";
    struct why_result result = {
        .step = {.profile = a->profile, .license_mode = a->license_mode},
        .verdict = {.outcome = a->outcome,
                    .phase = a->phase,
                    .phase_to = to->type == WHY_JSON_TEXT ? WHY_PHASE_ACTIVE : a->phase,
                    .ending = a->ending,
                    .has_closer = closed,
                    .has_code = a->has_code,
                    .code = {.space = (enum why_code_space)a->code_space, .value = a->code}},
        /* of offers of a single TLS version, which are the tls profile's */
        .facts = {.selected_protocol = WHY_PROTOCOL_SSL, .account_sent = r->run->plan.credentials}};

    if (a->facts[FACT_tls_version]) {
        snprintf(version, sizeof(version), "%s", a->facts[FACT_tls_version]);
        result.facts.tls_version = version;
    }
    return why_answer_of(&result);
}

/* One {"phase":…,"duration_us":…}. The phase in which the attempt ended is none that was gone
 * through: its time is a time-out's or the peer's mood. */
static int read_phase(struct reader *r, struct run_attempt *a, const struct why_json_value *element)
{
    struct why_json_value values[SLOT_COUNT] = {{.type = WHY_JSON_ABSENT}};
    const struct why_json_value *duration = &values[SLOT_DURATION];
    const char *problem;
    int phase;

    if (element->type != WHY_JSON_OBJECT ||
        why_json_scan(element->text, element->len, phase_members, values, &problem) != WHY_OK)
        return why_json_fail(&r->json, "phases", "has an element that is not an object");
    phase = why_json_word(&values[SLOT_PHASE], WHY_VOCAB_PHASE);
    if (phase < 0)
        return why_json_fail(&r->json, "phases.phase",
                             values[SLOT_PHASE].type == WHY_JSON_ABSENT ? "is missing"
                                                                        : wording.no_word);
    if (duration->type != WHY_JSON_INTEGER || duration->number < 0)
        return why_json_fail(&r->json, "phases.duration_us",
                             "is missing or is not a number in range");
    if ((enum why_phase)phase == a->phase && a->outcome != WHY_OUTCOME_COMPLETED)
        return WHY_OK;
    a->phases[phase] = duration->number < UINT32_MAX ? (uint32_t)duration->number : UINT32_MAX - 1;
    return WHY_OK;
}

/* Times are compared only where a step was repeated: one time alone says nothing. */
static int read_phases(struct reader *r, struct run_attempt *a)
{
    struct why_json_value array = r->json.values[SLOT_PHASES], element;
    int status = WHY_OK;

    if (array.type != WHY_JSON_ARRAY || r->run->plan.repeat < 2)
        return WHY_OK;
    a->phases = malloc(WHY_PHASE_COUNT * sizeof(*a->phases));
    if (!a->phases)
        return WHY_ERR_NOMEM;
    for (size_t i = 0; i < WHY_PHASE_COUNT; i++)
        a->phases[i] = UINT32_MAX;
    while (status == WHY_OK && why_json_element(&array, &element))
        status = read_phase(r, a, &element);
    return status;
}

static struct run_attempt *add_attempt(struct why_run *run)
{
    struct run_attempt *a;

    if (!why_grow(&run->attempts, &run->capacity, run->count + 1, sizeof(*run->attempts)))
        return NULL;
    a = &run->attempts[run->count++];
    *a = (struct run_attempt){.phase = WHY_PHASE_NONE, .code_space = -1};
    return a;
}

static int read_attempt(struct reader *r)
{
    struct run_attempt *a = add_attempt(r->run);
    struct run_host *host = NULL;
    int status = a ? host_of(r, &host) : WHY_ERR_NOMEM;

    if (status == WHY_OK)
        status = why_json_get_all(&r->json, "", record_members, a);
    if (status == WHY_OK)
        status = read_code(r, a);
    if (status == WHY_OK)
        status = read_facts(r, a);
    if (status == WHY_OK && !why_json_has(&r->json, SLOT_ANSWER))
        a->answer = derive_answer(r, a);
    if (status == WHY_OK)
        status = read_phases(r, a);
    if (host)
        a->host = host->number;
    if (status != WHY_OK && a) {
        free(a->phases);
        r->run->count--;
    }
    return status;
}

static int read_host(struct reader *r)
{
    static const struct why_json_member state = {
        WORD(SLOT_STATE, WHY_VOCAB_HOST_STATE, struct run_host, state), .required = true};
    const struct why_json_value *kind = &r->json.values[SLOT_KIND];
    struct run_host *host = NULL;
    int status = host_of(r, &host);

    if (status == WHY_OK)
        status = why_json_get(&r->json, "", &state, host);
    if (status == WHY_OK && host != NULL && kind->type == WHY_JSON_TEXT) {
        const struct why_map_entry *text = keep_text(r, &r->run->texts, kind);

        if (text == NULL)
            return WHY_ERR_NOMEM;
        host->kind = text->key;
    }
    return status;
}

static int read_end(struct reader *r)
{
    r->ended = r->json.number;
    r->run->plan.complete = r->json.values[SLOT_COMPLETE].number != 0;
    return WHY_OK;
}

/* ---- the file ---------------------------------------------------------------------------------
 */

static int read_record(struct reader *r)
{
    static const struct {
        const char *name;
        int (*read)(struct reader *r);
    } records[] = {{"attempt", read_attempt}, {"host", read_host}, {"end", read_end}};
    const struct why_json_value *record = &r->json.values[SLOT_RECORD];

    if (r->json.values[SLOT_SCHEMA].type != WHY_JSON_TEXT)
        return why_json_fail(&r->json, NULL, "is not from a run of rdpwhy: \"schema\" is missing");
    if (!why_json_is(&r->json.values[SLOT_SCHEMA], SCHEMA))
        return why_json_fail(&r->json, "schema", "is not \"" SCHEMA "\"");
    if (record->type != WHY_JSON_TEXT)
        return why_json_fail(&r->json, "record", "is missing");
    if (why_json_is(record, "run")) {
        if (r->begun)
            return why_json_fail(&r->json, NULL, "a second run begins here");
        r->begun = true;
        return read_run(r);
    }
    if (!r->begun)
        return why_json_fail(&r->json, NULL, "is not the beginning of a run");
    if (r->ended)
        return why_json_fail(&r->json, NULL, "comes after the end of the run");
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        if (why_json_is(record, records[i].name))
            return records[i].read(r);
    }
    return WHY_OK; /* what later versions may add */
}

static int say_unreadable(struct reader *r, int status)
{
    if (status == WHY_ERR_IO)
        snprintf(r->json.err, r->json.errlen, "%s: cannot read: %s", r->json.name, strerror(errno));
    if (status != WHY_ERR_MALFORMED)
        return status;
    return r->json.problem ? why_json_fail(&r->json, "not JSON:", r->json.problem)
                           : why_json_fail(&r->json, NULL, "is too long");
}

static int check_end(struct reader *r, bool partial)
{
    if (!r->begun)
        return why_json_fail(&r->json, NULL, "the file is empty");
    if (partial || r->run->plan.complete) {
        if (r->json.errlen > 0)
            *r->json.err = '\0'; /* of the line that was cut off */
        return WHY_OK;
    }
    if (r->ended) {
        r->json.number = r->ended;
        return why_json_fail(&r->json, NULL, "the run was not finished (see --allow-partial)");
    }
    return why_json_fail(&r->json, NULL,
                         "the run was interrupted here: its end is missing (see --allow-partial)");
}

static int read_all(struct reader *r, bool partial)
{
    for (;;) {
        int status = why_json_next(&r->json, r->members);
        bool too_long = status == WHY_ERR_MALFORMED && !r->json.problem;

        if (status == WHY_ERR_NOTFOUND)
            return check_end(r, partial);
        status = status == WHY_OK ? read_record(r) : say_unreadable(r, status);
        /* Only a whole line has its newline: this one was cut off. */
        if (status == WHY_ERR_MALFORMED && !too_long && r->begun && !r->json.whole)
            return check_end(r, partial);
        if (status != WHY_OK)
            return status;
    }
}

static int by_step(const void *left, const void *right)
{
    const struct run_attempt *a = left, *b = right;

    if (a->host != b->host)
        return a->host < b->host ? -1 : 1;
    if (a->profile != b->profile)
        return a->profile < b->profile ? -1 : 1;
    if (a->license_mode != b->license_mode)
        return a->license_mode < b->license_mode ? -1 : 1;
    return a->repeat < b->repeat ? -1 : a->repeat > b->repeat;
}

static void settle_answers(struct run_attempt *attempts, size_t count)
{
    bool tls_works = false;

    for (size_t i = 0; i < count; i++)
        tls_works = tls_works || why_answer_shows_tls(attempts[i].answer, attempts[i].profile,
                                                      attempts[i].facts[FACT_tls_version]);
    for (size_t i = 0; i < count; i++)
        attempts[i].answer = why_answer_settle(attempts[i].answer, tls_works);
}

static void index_hosts(struct why_run *run)
{
    if (run->count > 0)
        qsort(run->attempts, run->count, sizeof(*run->attempts), by_step);
    for (size_t i = 0; i < run->count; i++) {
        struct run_host *host = why_run_host(run, run->attempts[i].host);

        if (host->count++ == 0)
            host->first = i;
    }
    for (size_t i = 0; i < run->hosts.count; i++) {
        const struct run_host *host = why_run_host(run, i);

        if (host->count > 0)
            settle_answers(&run->attempts[host->first], host->count);
    }
}

int why_run_read(struct why_run **run, FILE *in, const char *name, bool partial, char *err,
                 size_t errlen)
{
    struct reader r = {.json = {.in = in,
                                .line_max = LINE_MAX_BYTES,
                                .slot_count = SLOT_COUNT,
                                .wording = &wording,
                                .name = name,
                                .err = err,
                                .errlen = errlen},
                       .members = with_facts(record_members, "")};
    int status;

    *run = r.run = calloc(1, sizeof(**run));
    status = r.run && r.members ? read_all(&r, partial) : WHY_ERR_NOMEM;
    why_json_reader_clear(&r.json);
    free_members(r.members);
    free(r.scratch);
    if (status == WHY_OK) {
        index_hosts(*run);
        return WHY_OK;
    }
    why_run_free(*run);
    *run = NULL;
    return status == WHY_ERR_MALFORMED ? WHY_ERR_USAGE : status;
}
