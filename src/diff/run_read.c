/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/result.h>
#include <rdpwhy/status.h>

#include "base/json_scan.h"
#include "base/system_error.h"

#include "lines.h"
#include "run.h"

#define SCHEMA "rdpwhy/1"

/* Where the members of a line go. */
enum slot {
    SLOT_SCHEMA,
    SLOT_RECORD,
    SLOT_TARGET,
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
    SLOT_STATE,
    SLOT_KIND,
    SLOT_COMPLETE,
    SLOT_FACTS, /* and one for each enum fact behind it */
    SLOT_COUNT = SLOT_FACTS + FACT_COUNT
};
#define FACT(fact) (SLOT_FACTS + (fact))

/* clang-format off */
static const struct why_json_member code_members[] = {
    {"space", SLOT_CODE_SPACE, NULL}, {"value", SLOT_CODE_VALUE, NULL},
    {"name", FACT(FACT_CODE_NAME), NULL}, {NULL, 0, NULL}};
static const struct why_json_member negotiation_members[] = {
    {"selected", FACT(FACT_SELECTED), NULL}, {NULL, 0, NULL}};
static const struct why_json_member certificate_members[] = {
    {"sha256", FACT(FACT_CERT_SHA256), NULL}, {"subject", FACT(FACT_CERT_SUBJECT), NULL},
    {"issuer", FACT(FACT_CERT_ISSUER), NULL}, {"not_before", FACT(FACT_CERT_NOT_BEFORE), NULL},
    {"not_after", FACT(FACT_CERT_NOT_AFTER), NULL}, {"key", FACT(FACT_CERT_KEY), NULL},
    {"expired", SLOT_EXPIRED, NULL}, {"not_yet_valid", SLOT_NOT_YET_VALID, NULL},
    {"self_signed", SLOT_SELF_SIGNED, NULL}, {"name_matches", SLOT_NAME_MATCHES, NULL},
    {NULL, 0, NULL}};
static const struct why_json_member tls_members[] = {
    {"version", FACT(FACT_TLS_VERSION), NULL}, {"cipher", FACT(FACT_TLS_CIPHER), NULL},
    {"certificate", 0, certificate_members}, {NULL, 0, NULL}};
static const struct why_json_member ntlm_members[] = {
    {"os_version", FACT(FACT_OS_VERSION), NULL}, {"dns_computer", FACT(FACT_COMPUTER), NULL},
    {"netbios_computer", FACT(FACT_NETBIOS_COMPUTER), NULL},
    {"dns_domain", FACT(FACT_DOMAIN), NULL}, {"clock_skew_s", SLOT_CLOCK_SKEW, NULL},
    {NULL, 0, NULL}};
static const struct why_json_member credssp_members[] = {
    {"version", SLOT_CREDSSP, NULL}, {NULL, 0, NULL}};
static const struct why_json_member security_members[] = {
    {"method", FACT(FACT_METHOD), NULL}, {"level", FACT(FACT_LEVEL), NULL}, {NULL, 0, NULL}};
static const struct why_json_member license_members[] = {
    {"result", FACT(FACT_LICENSE), NULL}, {NULL, 0, NULL}};
static const struct why_json_member server_members[] = {
    {"version", FACT(FACT_SERVER_VERSION), NULL}, {"kind", SLOT_KIND, NULL}, {NULL, 0, NULL}};
static const struct why_json_member options_members[] = {
    {"profiles", SLOT_PROFILES, NULL}, {"license_modes", SLOT_LICENSE_MODES, NULL},
    {"until", SLOT_UNTIL, NULL}, {"timeout_us", SLOT_TIMEOUT, NULL},
    {"connect_timeout_us", SLOT_CONNECT_TIMEOUT, NULL}, {"repeat", SLOT_RUN_REPEAT, NULL},
    {"credentials", SLOT_CREDENTIALS, NULL}, {NULL, 0, NULL}};
static const struct why_json_member phase_members[] = {
    {"phase", SLOT_PHASE, NULL}, {"duration_us", SLOT_DURATION, NULL}, {NULL, 0, NULL}};
static const struct why_json_member range_members[] = {
    {"to", SLOT_PHASE_TO, NULL}, {NULL, 0, NULL}};
static const struct why_json_member record_members[] = {
    {"schema", SLOT_SCHEMA, NULL}, {"record", SLOT_RECORD, NULL}, {"target", SLOT_TARGET, NULL},
    {"profile", SLOT_PROFILE, NULL}, {"license_mode", SLOT_LICENSE_MODE, NULL},
    {"repeat", SLOT_REPEAT, NULL}, {"variation", FACT(FACT_VARIATION), NULL},
    {"started", SLOT_STARTED, NULL}, {"outcome", SLOT_OUTCOME, NULL},
    {"phase", SLOT_PHASE, NULL}, {"ending", SLOT_ENDING, NULL}, {"phases", SLOT_PHASES, NULL},
    {"phase_range", 0, range_members}, {"closed_by", SLOT_CLOSED_BY, NULL},
    {"answer", SLOT_ANSWER, NULL},
    {"state", SLOT_STATE, NULL}, {"complete", SLOT_COMPLETE, NULL}, {"code", 0, code_members},
    {"negotiation", 0, negotiation_members}, {"tls", 0, tls_members}, {"ntlm", 0, ntlm_members},
    {"credssp", 0, credssp_members}, {"security", 0, security_members},
    {"license", 0, license_members}, {"server", 0, server_members},
    {"options", 0, options_members}, {NULL, 0, NULL}};
/* clang-format on */

struct reader {
    struct why_run *run;
    struct lines lines;
    struct why_json_value values[SLOT_COUNT];
    bool begun;
    size_t ended;  /* the line of the run's end; 0: not yet */
    char *scratch; /* for texts with escapes; owned */
    size_t scratch_size;
    const char *name;
    char *err;
    size_t errlen;
};

static int fail(struct reader *r, const char *member, const char *problem)
{
    snprintf(r->err, r->errlen, "%s: line %zu: %s%s%s", r->name, r->lines.number,
             member ? member : "", member ? " " : "", problem);
    return WHY_ERR_USAGE;
}

/* The text at |value| with its escapes resolved; NULL when out of memory. */
static const char *resolve(struct reader *r, const struct why_json_value *value, size_t *len)
{
    *len = value->len;
    if (!value->escaped)
        return value->text;
    if (r->scratch_size < value->len) {
        char *scratch = realloc(r->scratch, value->len);

        if (!scratch)
            return NULL;
        r->scratch = scratch;
        r->scratch_size = value->len;
    }
    *len = why_json_unescape(value, r->scratch);
    return r->scratch;
}

static int keep_text(struct reader *r, struct pool *pool, const struct why_json_value *value,
                     size_t *number)
{
    size_t len;
    const char *text = resolve(r, value, &len);

    *number = text ? why_pool_add(pool, text, len) : POOL_NONE;
    return *number == POOL_NONE ? WHY_ERR_NOMEM : WHY_OK;
}

/* A member that has to be a word of |list|. */
static int word_of(struct reader *r, const struct why_json_value *value, enum why_vocabulary list,
                   const char *member, int *word)
{
    char text[32];

    *word = WHY_ERR_NOTFOUND;
    if (value->type == WHY_JSON_ABSENT)
        return fail(r, member, "is missing");
    if (value->type == WHY_JSON_TEXT && value->len < sizeof(text)) {
        memcpy(text, value->text, value->len);
        text[value->len] = '\0';
        *word = why_word_find(list, text);
    }
    return *word < 0 ? fail(r, member, "is no word that this version knows") : WHY_OK;
}

/* A member that is absent, or a number that is not negative. */
static int number_of(struct reader *r, enum slot slot, const char *member, uint64_t max,
                     uint64_t *number)
{
    const struct why_json_value *value = &r->values[slot];

    if (value->type == WHY_JSON_ABSENT)
        return WHY_OK;
    if (value->type != WHY_JSON_INTEGER || value->number < 0 || (uint64_t)value->number > max)
        return fail(r, member, "is not a number in range");
    *number = (uint64_t)value->number;
    return WHY_OK;
}

static bool is_text(const struct why_json_value *value, const char *text)
{
    return value->type == WHY_JSON_TEXT && value->len == strlen(text) &&
           memcmp(value->text, text, value->len) == 0;
}

/* ---- the run's first line ---------------------------------------------------------------------
 */

/* The words of an array of them, each once, at most |max|; |put| takes them. */
static int read_words(struct reader *r, enum slot slot, enum why_vocabulary list,
                      const char *member, void (*put)(struct why_run_plan *plan, int word))
{
    struct why_json_value array = r->values[slot], element;
    unsigned seen = 0;

    if (array.type == WHY_JSON_ABSENT)
        return WHY_OK;
    if (array.type != WHY_JSON_ARRAY)
        return fail(r, member, "is not an array");
    while (why_json_element(&array, &element)) {
        int word;
        int status = word_of(r, &element, list, member, &word);

        if (status != WHY_OK)
            return status;
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

static int read_run(struct reader *r)
{
    struct why_run_plan *plan = &r->run->plan;
    uint64_t repeat = 1;
    int until = WHY_PHASE_ACTIVE;
    int status = read_words(r, SLOT_PROFILES, WHY_VOCAB_PROFILE, "profiles", put_profile);

    if (status == WHY_OK)
        status = read_words(r, SLOT_LICENSE_MODES, WHY_VOCAB_LICENSE_MODE, "license_modes",
                            put_license_mode);
    if (status == WHY_OK && r->values[SLOT_UNTIL].type != WHY_JSON_ABSENT)
        status = word_of(r, &r->values[SLOT_UNTIL], WHY_VOCAB_PHASE, "until", &until);
    if (status == WHY_OK)
        status = number_of(r, SLOT_TIMEOUT, "timeout_us", INT64_MAX, &plan->timeout_us);
    if (status == WHY_OK)
        status = number_of(r, SLOT_CONNECT_TIMEOUT, "connect_timeout_us", INT64_MAX,
                           &plan->connect_timeout_us);
    if (status == WHY_OK)
        status = number_of(r, SLOT_RUN_REPEAT, "repeat", 10000, &repeat);
    plan->until = (enum why_phase)until;
    plan->repeat = repeat ? (unsigned)repeat : 1;
    plan->credentials = r->values[SLOT_CREDENTIALS].number != 0;
    return status;
}

/* ---- attempts and hosts -----------------------------------------------------------------------
 */

static int host_of(struct reader *r, size_t *index)
{
    struct why_run *run = r->run;
    const struct why_json_value *target = &r->values[SLOT_TARGET];
    struct run_host *hosts;
    size_t capacity;

    if (target->type != WHY_JSON_TEXT || target->len == 0)
        return fail(r, "target", "is missing or is not a text");
    if (keep_text(r, &run->targets, target, index) != WHY_OK)
        return WHY_ERR_NOMEM;
    if (*index < run->host_capacity)
        return WHY_OK;
    capacity = run->host_capacity ? 2 * run->host_capacity : 256;
    hosts = realloc(run->hosts, capacity * sizeof(*hosts));
    if (!hosts)
        return WHY_ERR_NOMEM;
    for (size_t i = run->host_capacity; i < capacity; i++)
        hosts[i] = (struct run_host){.state = -1};
    run->hosts = hosts;
    run->host_capacity = capacity;
    return WHY_OK;
}

static struct run_attempt *add_attempt(struct why_run *run)
{
    struct run_attempt *attempts = run->attempts;

    if (run->count == run->capacity) {
        size_t capacity = run->capacity ? 2 * run->capacity : 1024;

        attempts = realloc(attempts, capacity * sizeof(*attempts));
        if (!attempts)
            return NULL;
        run->attempts = attempts;
        run->capacity = capacity;
    }
    attempts[run->count] = (struct run_attempt){.host = 0};
    return &attempts[run->count++];
}

static int read_step(struct reader *r, struct run_attempt *a)
{
    uint64_t repeat = 0;
    int profile = 0, mode = 0;
    size_t host;
    int status = host_of(r, &host);

    if (status == WHY_OK)
        status = word_of(r, &r->values[SLOT_PROFILE], WHY_VOCAB_PROFILE, "profile", &profile);
    if (status == WHY_OK)
        status = word_of(r, &r->values[SLOT_LICENSE_MODE], WHY_VOCAB_LICENSE_MODE, "license_mode",
                         &mode);
    if (status == WHY_OK)
        status = number_of(r, SLOT_REPEAT, "repeat", UINT32_MAX, &repeat);
    if (status != WHY_OK)
        return status;
    a->host = (uint32_t)host;
    a->profile = (enum why_profile)profile;
    a->license_mode = (enum why_license_mode)mode;
    a->repeat = (uint32_t)repeat;
    return WHY_OK;
}

/* Errors of a system are what their names say: the run may be from another system, where the number
 * is another's. One without a name is of an older version, which knew those of Linux. */
static int read_code(struct reader *r, struct run_attempt *a)
{
    const struct why_json_value *value = &r->values[SLOT_CODE_VALUE];
    const struct why_json_value *name = &r->values[FACT(FACT_CODE_NAME)];
    enum why_code_space space = (enum why_code_space)a->code_space;
    char text[WHY_SYSTEM_ERROR_MAX];

    a->has_code = true;
    if (why_system_error_space(space) && name->type == WHY_JSON_TEXT) {
        snprintf(text, sizeof(text), "%.*s", (int)(name->len < sizeof(text) ? name->len : 0),
                 name->text);
        a->code = why_system_error_read(space, text);
        return WHY_OK;
    }
    if (value->type != WHY_JSON_INTEGER)
        return fail(r, "code.value", "is missing or is not a number");
    a->code = why_system_error_space(space) ? why_system_error_linux(space, value->number)
                                            : value->number;
    return WHY_OK;
}

static int read_verdict(struct reader *r, struct run_attempt *a)
{
    int outcome = 0, ending = 0, phase = WHY_PHASE_NONE;
    int status = word_of(r, &r->values[SLOT_OUTCOME], WHY_VOCAB_OUTCOME, "outcome", &outcome);

    if (status == WHY_OK)
        status = word_of(r, &r->values[SLOT_ENDING], WHY_VOCAB_ENDING, "ending", &ending);
    if (status == WHY_OK && r->values[SLOT_PHASE].type != WHY_JSON_ABSENT)
        status = word_of(r, &r->values[SLOT_PHASE], WHY_VOCAB_PHASE, "phase", &phase);
    a->code_space = -1;
    if (status == WHY_OK && r->values[SLOT_CODE_SPACE].type != WHY_JSON_ABSENT) {
        status = word_of(r, &r->values[SLOT_CODE_SPACE], WHY_VOCAB_CODE_SPACE, "code.space",
                         &a->code_space);
        if (status == WHY_OK)
            status = read_code(r, a);
    }
    a->outcome = (enum why_outcome)outcome;
    a->ending = (enum why_ending)ending;
    a->phase = (enum why_phase)phase;
    return status;
}

static int64_t number_or_none(const struct why_json_value *value)
{
    return value->type == WHY_JSON_INTEGER ? value->number : RUN_NO_NUMBER;
}

static int read_facts(struct reader *r, struct run_attempt *a)
{
    const struct why_json_value *v = r->values;

    for (size_t i = 0; i < FACT_COUNT; i++) {
        size_t number;

        if (v[FACT(i)].type != WHY_JSON_TEXT)
            continue;
        if (keep_text(r, &r->run->texts, &v[FACT(i)], &number) != WHY_OK)
            return WHY_ERR_NOMEM;
        a->facts[i] = r->run->texts.texts[number];
    }
    a->flags = (v[SLOT_EXPIRED].number ? RUN_EXPIRED : 0) |
               (v[SLOT_NOT_YET_VALID].number ? RUN_NOT_YET_VALID : 0) |
               (v[SLOT_SELF_SIGNED].number ? RUN_SELF_SIGNED : 0) |
               (v[SLOT_NAME_MATCHES].number ? RUN_NAME_MATCHES : 0);
    a->clock_skew_s = number_or_none(&v[SLOT_CLOCK_SKEW]);
    a->credssp = number_or_none(&v[SLOT_CREDSSP]);
    if (v[SLOT_STARTED].type != WHY_JSON_TEXT ||
        !why_run_time(v[SLOT_STARTED].text, v[SLOT_STARTED].len, &a->started_s))
        a->started_s = RUN_NO_NUMBER;
    return WHY_OK;
}

/* The answer of an attempt in the file of an older version, which does not tell it: what that file
 * tells besides does not tell WITHHELD from THROUGH, nor ACCOUNT and NTLM from FAULT. */
static enum why_answer derive_answer(const struct reader *r, const struct run_attempt *a)
{
    const struct why_json_value *to = &r->values[SLOT_PHASE_TO];
    bool closed = r->values[SLOT_CLOSED_BY].type == WHY_JSON_TEXT;
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

    if (a->facts[FACT_TLS_VERSION]) {
        snprintf(version, sizeof(version), "%s", a->facts[FACT_TLS_VERSION]);
        result.facts.tls_version = version;
    }
    return why_answer_of(&result);
}

static int read_answer(struct reader *r, struct run_attempt *a)
{
    int answer = 0, status;

    if (r->values[SLOT_ANSWER].type == WHY_JSON_ABSENT) {
        a->answer = derive_answer(r, a);
        return WHY_OK;
    }
    status = word_of(r, &r->values[SLOT_ANSWER], WHY_VOCAB_ANSWER, "answer", &answer);
    a->answer = (enum why_answer)answer;
    return status;
}

/* One {"phase":…,"duration_us":…}. The phase in which the attempt ended is none that was gone
 * through: its time is a time-out's or the peer's mood. */
static int read_phase(struct reader *r, struct run_attempt *a, const struct why_json_value *element)
{
    struct why_json_value values[SLOT_COUNT] = {{.type = WHY_JSON_ABSENT}};
    const char *problem;
    int phase, status;

    if (element->type != WHY_JSON_OBJECT ||
        why_json_scan(element->text, element->len, phase_members, values, &problem) != WHY_OK)
        return fail(r, "phases", "has an element that is no object");
    status = word_of(r, &values[SLOT_PHASE], WHY_VOCAB_PHASE, "phases.phase", &phase);
    if (status != WHY_OK)
        return status;
    if (values[SLOT_DURATION].type != WHY_JSON_INTEGER || values[SLOT_DURATION].number < 0)
        return fail(r, "phases.duration_us", "is missing or is not a number in range");
    if ((enum why_phase)phase == a->phase && a->outcome != WHY_OUTCOME_COMPLETED)
        return WHY_OK;
    a->phases[phase] = values[SLOT_DURATION].number < UINT32_MAX
                           ? (uint32_t)values[SLOT_DURATION].number
                           : UINT32_MAX - 1;
    return WHY_OK;
}

/* Times are compared only where a step was repeated: one time alone says nothing. */
static int read_phases(struct reader *r, struct run_attempt *a)
{
    struct why_json_value array = r->values[SLOT_PHASES], element;
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

static int read_attempt(struct reader *r)
{
    struct run_attempt *a = add_attempt(r->run);
    int status = a ? read_step(r, a) : WHY_ERR_NOMEM;

    if (status == WHY_OK)
        status = read_verdict(r, a);
    if (status == WHY_OK)
        status = read_facts(r, a);
    if (status == WHY_OK)
        status = read_answer(r, a);
    if (status == WHY_OK)
        status = read_phases(r, a);
    if (status != WHY_OK && a) {
        free(a->phases);
        r->run->count--;
    }
    return status;
}

static int read_host(struct reader *r)
{
    size_t index, number;
    int state;
    int status = host_of(r, &index);

    if (status == WHY_OK)
        status = word_of(r, &r->values[SLOT_STATE], WHY_VOCAB_HOST_STATE, "state", &state);
    if (status != WHY_OK)
        return status;
    r->run->hosts[index].state = state;
    if (r->values[SLOT_KIND].type == WHY_JSON_TEXT) {
        status = keep_text(r, &r->run->texts, &r->values[SLOT_KIND], &number);
        if (status == WHY_OK)
            r->run->hosts[index].kind = r->run->texts.texts[number];
    }
    return status;
}

static int read_end(struct reader *r)
{
    r->ended = r->lines.number;
    r->run->plan.complete = r->values[SLOT_COMPLETE].number != 0;
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
    const struct why_json_value *record = &r->values[SLOT_RECORD];

    if (r->values[SLOT_SCHEMA].type != WHY_JSON_TEXT)
        return fail(r, NULL, "is not of a run of rdpwhy: \"schema\" is missing");
    if (!is_text(&r->values[SLOT_SCHEMA], SCHEMA))
        return fail(r, "schema", "is another one than \"" SCHEMA "\"");
    if (record->type != WHY_JSON_TEXT)
        return fail(r, "record", "is missing");
    if (is_text(record, "run")) {
        if (r->begun)
            return fail(r, NULL, "a second run begins here");
        r->begun = true;
        return read_run(r);
    }
    if (!r->begun)
        return fail(r, NULL, "is not the beginning of a run");
    if (r->ended)
        return fail(r, NULL, "stands behind the end of the run");
    for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
        if (is_text(record, records[i].name))
            return records[i].read(r);
    }
    return WHY_OK; /* what later versions may add */
}

static bool is_blank(const char *line, size_t len)
{
    while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t' || line[len - 1] == '\r'))
        len--;
    return len == 0;
}

static int read_line(struct reader *r, const char *line, size_t len)
{
    const char *problem = NULL;

    if (is_blank(line, len))
        return WHY_OK;
    memset(r->values, 0, sizeof(r->values));
    if (why_json_scan(line, len, record_members, r->values, &problem) != WHY_OK)
        return fail(r, "not JSON:", problem);
    return read_record(r);
}

static int say_unreadable(struct reader *r, int status)
{
    if (status == WHY_ERR_IO)
        snprintf(r->err, r->errlen, "%s: cannot be read: %s", r->name, strerror(errno));
    else if (status == WHY_ERR_MALFORMED)
        return fail(r, NULL, "is too long");
    return status;
}

static int check_end(struct reader *r, bool partial)
{
    if (!r->begun)
        return fail(r, NULL, "the file is empty");
    if (partial || r->run->plan.complete) {
        if (r->errlen > 0)
            *r->err = '\0'; /* of the line that was cut off */
        return WHY_OK;
    }
    if (r->ended) {
        r->lines.number = r->ended;
        return fail(r, NULL, "the run was not finished (see --allow-partial)");
    }
    return fail(r, NULL, "the run was cut off here: its end is missing (see --allow-partial)");
}

static int read_all(struct reader *r, bool partial)
{
    for (;;) {
        const char *line;
        size_t len;
        int status = why_lines_next(&r->lines, &line, &len);

        if (status == WHY_ERR_NOTFOUND)
            return check_end(r, partial);
        if (status != WHY_OK)
            return say_unreadable(r, status);
        status = read_line(r, line, len);
        /* Only a whole line has its newline: this one was cut off. */
        if (status == WHY_ERR_USAGE && r->begun && !r->lines.whole)
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
                                                      attempts[i].facts[FACT_TLS_VERSION]);
    for (size_t i = 0; i < count; i++)
        attempts[i].answer = why_answer_settle(attempts[i].answer, tls_works);
}

static void index_hosts(struct why_run *run)
{
    if (run->count > 0)
        qsort(run->attempts, run->count, sizeof(*run->attempts), by_step);
    for (size_t i = 0; i < run->count; i++) {
        struct run_host *host = &run->hosts[run->attempts[i].host];

        if (host->count++ == 0)
            host->first = i;
    }
    for (size_t i = 0; i < run->targets.count; i++) {
        if (run->hosts[i].count > 0)
            settle_answers(&run->attempts[run->hosts[i].first], run->hosts[i].count);
    }
}

int why_run_read(struct why_run **run, FILE *in, const char *name, bool partial, char *err,
                 size_t errlen)
{
    struct reader r = {.lines = {.in = in}, .name = name, .err = err, .errlen = errlen};
    int status;

    *run = r.run = calloc(1, sizeof(**run));
    status = r.run ? read_all(&r, partial) : WHY_ERR_NOMEM;
    why_lines_clear(&r.lines);
    free(r.scratch);
    if (status == WHY_OK) {
        index_hosts(*run);
        return WHY_OK;
    }
    why_run_free(*run);
    *run = NULL;
    return status;
}
