/* SPDX-License-Identifier: Apache-2.0 */
#include "saved.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "base/grow.h"

#include "reader.h"

#define SCHEMA "rdpwhy/1"

/* The longest line that is read: texts of a server are 64 KiB at most, and every byte of them may
 * have become four. */
#define LINE_MAX_BYTES ((size_t)16 * 1024 * 1024)

/* Attempts that wait for their host's record, all hosts together: a run of --repeat 10000 has that
 * many of one host. */
#define WAITING_MAX ((size_t)200000)

static const struct why_json_wording wording = {
    .separator = " ",
    .no_text = "is not a text",
    .no_word = "is a word that this version does not know",
    .no_integer = "is not a number in range",
    .out_of_range = "is not a number in range",
};

enum line_slot {
    LINE_SCHEMA,
    LINE_RECORD,
    LINE_TARGET,
    LINE_VANTAGE,
    LINE_COMPLETE,
    LINE_INTERRUPTED,
    LINE_SLOTS
};

static const struct why_json_member line_members[] = {SAVED_AT("schema", LINE_SCHEMA),
                                                      SAVED_AT("record", LINE_RECORD),
                                                      SAVED_AT("target", LINE_TARGET),
                                                      SAVED_AT("vantage", LINE_VANTAGE),
                                                      SAVED_AT("complete", LINE_COMPLETE),
                                                      SAVED_AT("interrupted", LINE_INTERRUPTED),
                                                      SAVED_END};

/* A target of the run, and while it is told its attempts. */
struct saved_target {
    struct why_target target;
    char *vantage; /* that its records say; NULL; owned */
    bool finished, wanted;
    struct why_result **results; /* owned, as are the results */
    size_t count, capacity;
};

struct why_saved {
    FILE *in;
    const char *name;
    struct why_map targets; /* by label and vantage point: struct saved_target, owned */
    bool complete, interrupted;
    bool choosy;           /* somebody said which targets are wanted */
    struct saved_reader r; /* of the pass under way */
};

/* What the pass that tells is about. */
struct telling {
    struct why_saved *saved;
    const struct why_saved_sink *sink;
    struct why_scan_summary *summary;
    size_t waiting;
    int sink_status; /* what a function of the sink said that ended it */
};

/* ---- targets ----------------------------------------------------------------------------------
 */

static void drop_results(struct saved_target *t)
{
    for (size_t i = 0; i < t->count; i++)
        why_result_free(t->results[i]);
    free(t->results);
    t->results = NULL;
    t->count = t->capacity = 0;
}

static void target_free(void *value)
{
    struct saved_target *t = value;

    drop_results(t);
    free(t->target.host);
    free(t->target.label);
    free(t->vantage);
    free(t);
}

static struct saved_target *target_new(const char *label, const char *vantage)
{
    struct saved_target *t = calloc(1, sizeof(*t));

    if (t == NULL)
        return NULL;
    t->wanted = true;
    t->vantage = strdup(vantage);
    if (t->vantage != NULL && why_target_of_label(label, &t->target) == WHY_OK) {
        t->target.vantage = *vantage != '\0' ? t->vantage : NULL;
        return t;
    }
    target_free(t);
    return NULL;
}

/* The target of the line whose values were taken. */
static int target_of(struct why_saved *saved, struct saved_target **target)
{
    const struct why_json_value *value = &saved->r.json.values[LINE_TARGET];
    struct why_map_entry *entry;
    const char *label, *vantage = "";
    char *key = NULL;
    size_t len;

    if (value->type != WHY_JSON_TEXT || value->len == 0)
        return why_json_fail(&saved->r.json, "target", "is missing or is not a text");
    label = why_saved_text(&saved->r, value);
    if (saved->r.json.values[LINE_VANTAGE].type == WHY_JSON_TEXT)
        vantage = why_saved_text(&saved->r, &saved->r.json.values[LINE_VANTAGE]);
    if (label == NULL || vantage == NULL ||
        (key = malloc(strlen(label) + strlen(vantage) + 2)) == NULL)
        return WHY_ERR_NOMEM;
    len = (size_t)sprintf(key, "%s\n%s", label, vantage); /* no label has a line end */
    entry = why_map_add(&saved->targets, key, len);
    free(key);
    if (entry != NULL && entry->value == NULL)
        entry->value = target_new(label, vantage);
    if (entry == NULL || entry->value == NULL)
        return WHY_ERR_NOMEM;
    *target = entry->value;
    return WHY_OK;
}

static struct saved_target *target_at(const struct why_saved *saved, size_t index)
{
    return saved->targets.entries[index]->value;
}

/* ---- a pass over the file ---------------------------------------------------------------------
 */

struct records {
    int (*run)(void *arg), (*attempt)(void *arg, struct saved_target *target),
        (*host)(void *arg, struct saved_target *target), (*end)(void *arg), (*across)(void *arg);
};

static int pass_begin(struct why_saved *saved, char *err, size_t errlen)
{
    if (errlen > 0)
        *err = '\0';
    rewind(saved->in);
    saved->r = (struct saved_reader){.json = {.in = saved->in,
                                              .line_max = LINE_MAX_BYTES,
                                              .wording = &wording,
                                              .name = saved->name,
                                              .err = err,
                                              .errlen = errlen},
                                     .attempt_members = why_saved_attempt_members()};
    return saved->r.attempt_members != NULL ? WHY_OK : WHY_ERR_NOMEM;
}

static void pass_end(struct why_saved *saved)
{
    why_json_reader_clear(&saved->r.json);
    why_saved_members_free(saved->r.attempt_members);
    why_map_clear(&saved->r.texts, NULL);
    saved->r = (struct saved_reader){.attempt_members = NULL};
}

static int check_line(const struct why_json_reader *json, bool begun, bool ended)
{
    const struct why_json_value *record = &json->values[LINE_RECORD];

    if (json->values[LINE_SCHEMA].type != WHY_JSON_TEXT)
        return why_json_fail(json, NULL, "is not from a run of rdpwhy: \"schema\" is missing");
    if (!why_json_is(&json->values[LINE_SCHEMA], SCHEMA))
        return why_json_fail(json, "schema", "is not \"" SCHEMA "\"");
    if (record->type != WHY_JSON_TEXT)
        return why_json_fail(json, "record", "is missing");
    if (why_json_is(record, "run") == begun)
        return why_json_fail(json, NULL,
                             begun ? "a second run begins here" : "is not the beginning of a run");
    return ended ? why_json_fail(json, NULL, "comes after the end of the run") : WHY_OK;
}

/* The record of the line whose values were taken, to those who read it. */
static int read_record(struct why_saved *saved, const struct records *records, void *arg)
{
    const struct why_json_value *record = &saved->r.json.values[LINE_RECORD];
    bool attempt = why_json_is(record, "attempt");
    struct saved_target *target = NULL;
    int status;

    if (why_json_is(record, "run"))
        return records->run(arg);
    if (why_json_is(record, "end"))
        return records->end(arg);
    if (why_json_is(record, "across"))
        return records->across(arg);
    if (!attempt && !why_json_is(record, "host"))
        return WHY_OK; /* what later versions may add */
    status = target_of(saved, &target);
    if (status != WHY_OK || target == NULL || !target->wanted)
        return status;
    return attempt ? records->attempt(arg, target) : records->host(arg, target);
}

static int say_unreadable(const struct why_json_reader *json, int status)
{
    if (status == WHY_ERR_IO)
        (void)snprintf(json->err, json->errlen, "%s: cannot read: %s", json->name, strerror(errno));
    if (status != WHY_ERR_MALFORMED)
        return status;
    return json->problem != NULL ? why_json_fail(json, "not JSON:", json->problem)
                                 : why_json_fail(json, NULL, "is too long");
}

/* All records in their order. A last line that is cut off is passed over: it was being written when
 * the run was interrupted. */
static int pass(struct why_saved *saved, const struct records *records, void *arg)
{
    struct why_json_reader *json = &saved->r.json;
    bool begun = false, ended = false;

    for (;;) {
        int status;

        json->slot_count = LINE_SLOTS;
        status = why_json_next(json, line_members);
        if (status == WHY_ERR_NOTFOUND)
            return begun ? WHY_OK : why_json_fail(json, NULL, "the file is empty");
        if (status == WHY_ERR_MALFORMED && json->problem != NULL && begun && !json->whole)
            return WHY_OK;
        if (status != WHY_OK)
            return say_unreadable(json, status);
        status = check_line(json, begun, ended);
        begun = true;
        ended = ended || why_json_is(&json->values[LINE_RECORD], "end");
        if (status == WHY_OK)
            status = read_record(saved, records, arg);
        if (status != WHY_OK)
            return status;
    }
}

/* ---- looking through --------------------------------------------------------------------------
 */

static int see_nothing(void *arg)
{
    (void)arg;
    return WHY_OK;
}

static int see_attempt(void *arg, struct saved_target *target)
{
    (void)arg, (void)target;
    return WHY_OK;
}

static int see_host(void *arg, struct saved_target *target)
{
    const struct why_saved *saved = arg;

    if (target->finished)
        return why_json_fail(&saved->r.json, "target", "has its host's record twice");
    target->finished = true;
    return WHY_OK;
}

static int see_end(void *arg)
{
    struct why_saved *saved = arg;

    saved->complete = saved->r.json.values[LINE_COMPLETE].number != 0;
    saved->interrupted = saved->r.json.values[LINE_INTERRUPTED].number != 0;
    return WHY_OK;
}

int why_saved_open(struct why_saved **saved, FILE *in, const char *name, char *err, size_t errlen)
{
    static const struct records records = {see_nothing, see_attempt, see_host, see_end,
                                           see_nothing};
    int status;

    *saved = calloc(1, sizeof(**saved));
    if (*saved == NULL)
        return WHY_ERR_NOMEM;
    (*saved)->in = in;
    (*saved)->interrupted = true; /* unless its end says otherwise */
    (*saved)->name = name;
    status = pass_begin(*saved, err, errlen);
    if (status == WHY_OK)
        status = pass(*saved, &records, *saved);
    pass_end(*saved);
    if (status == WHY_OK)
        return WHY_OK;
    why_saved_free(*saved);
    *saved = NULL;
    return status == WHY_ERR_MALFORMED || status == WHY_ERR_IO ? WHY_ERR_USAGE : status;
}

void why_saved_free(struct why_saved *saved)
{
    if (saved == NULL)
        return;
    why_map_clear(&saved->targets, target_free);
    free(saved);
}

bool why_saved_is_complete(const struct why_saved *saved)
{
    return saved->complete;
}

size_t why_saved_count(const struct why_saved *saved)
{
    return saved->targets.count;
}

const char *why_saved_label(const struct why_saved *saved, size_t index)
{
    return target_at(saved, index)->target.label;
}

bool why_saved_is_finished(const struct why_saved *saved, size_t index)
{
    return target_at(saved, index)->finished;
}

void why_saved_want(struct why_saved *saved, size_t index)
{
    for (size_t i = 0; !saved->choosy && i < saved->targets.count; i++)
        target_at(saved, i)->wanted = false;
    saved->choosy = true;
    target_at(saved, index)->wanted = true;
}

/* ---- telling ----------------------------------------------------------------------------------
 */

static size_t count_wanted(const struct why_saved *saved)
{
    size_t count = 0;

    for (size_t i = 0; i < saved->targets.count; i++)
        count += target_at(saved, i)->wanted;
    return count;
}

/* Whether a target of this label is. */
static bool is_wanted(const struct why_saved *saved, const char *label)
{
    for (size_t i = 0; i < saved->targets.count; i++) {
        if (target_at(saved, i)->wanted && strcmp(target_at(saved, i)->target.label, label) == 0)
            return true;
    }
    return false;
}

/* What the sink says ends the pass, and is told apart from what is wrong with the file. */
static int sent(struct telling *t, int status)
{
    t->sink_status = status;
    return status;
}

static int tell_run(void *arg)
{
    struct telling *t = arg;
    struct saved_run_lists lists;
    struct why_run_info run;
    int status = why_saved_run(&t->saved->r, &run, &lists);

    if (status == WHY_OK && t->saved->choosy)
        run.target_count = count_wanted(t->saved);
    if (status == WHY_OK)
        status = sent(t, t->sink->on_begin(t->sink->arg, &run));
    why_saved_run_clear(&lists);
    return status;
}

/* Of the attempt and of those that belong to it. */
static void set_target(struct why_result *result, const struct why_target *target)
{
    for (; result != NULL; result = result->first_try) {
        result->target = target;
        if (result->tls_first != NULL)
            result->tls_first->target = target;
    }
}

static int tell_attempt(void *arg, struct saved_target *target)
{
    struct telling *t = arg;
    struct why_result *result = NULL;
    int status = why_saved_attempt(&t->saved->r, &result);

    if (status != WHY_OK)
        return status;
    if (t->waiting == WAITING_MAX) {
        why_result_free(result);
        return why_json_fail(&t->saved->r.json, NULL, "too many attempts of unfinished hosts");
    }
    if (!why_grow(&target->results, &target->capacity, target->count + 1,
                  sizeof(struct why_result *))) {
        why_result_free(result);
        return WHY_ERR_NOMEM;
    }
    target->results[target->count++] = result;
    t->waiting++;
    if (t->saved->r.file_target != NULL &&
        why_target_set_address(&target->target, t->saved->r.file_target) != WHY_OK)
        return WHY_ERR_NOMEM;
    set_target(result, &target->target);
    t->summary->attempts++;
    t->summary->outcomes[result->verdict.outcome]++;
    return sent(t, t->sink->on_attempt(t->sink->arg, result));
}

static int by_ordinal(const void *left, const void *right)
{
    const struct why_result *a = *(struct why_result *const *)left;
    const struct why_result *b = *(struct why_result *const *)right;

    return a->ordinal < b->ordinal ? -1 : a->ordinal > b->ordinal;
}

/* What an attempt's answer is that fails for its TLS version is the host's to say, and saved there.
 */
static void settle_answers(const struct saved_target *target, enum why_answer tls_version)
{
    if (tls_version == WHY_ANSWER_TLS_VERSION)
        return;
    for (size_t i = 0; i < target->count; i++) {
        if (target->results[i]->answer == WHY_ANSWER_TLS_VERSION)
            target->results[i]->answer = tls_version;
    }
}

static int tell_host(void *arg, struct saved_target *target)
{
    struct telling *t = arg;
    struct why_host host;
    int status = why_saved_host(&t->saved->r, &host);

    if (status == WHY_OK) {
        if (target->count > 0)
            qsort(target->results, target->count, sizeof(struct why_result *), by_ordinal);
        settle_answers(target, host.tls_version);
        host.target = &target->target;
        host.results = target->results;
        host.count = target->count;
        t->summary->hosts++;
        t->summary->states[host.state]++;
        status = sent(t, t->sink->on_host(t->sink->arg, &host));
    }
    why_saved_host_clear(&host);
    t->waiting -= target->count;
    drop_results(target);
    return status;
}

/* What is told of hosts as a whole is left out where only some are wanted that it is not about. */
static int tell_across(void *arg)
{
    struct telling *t = arg;
    struct why_finding finding;
    struct why_target target;
    int status;

    if (t->sink->on_across == NULL)
        return WHY_OK;
    status = why_saved_across(&t->saved->r, &target, &finding);
    if (status == WHY_OK && is_wanted(t->saved, target.label))
        status = sent(t, t->sink->on_across(t->sink->arg, &target, &finding));
    free(finding.texts);
    free(target.host);
    free(target.label);
    return status;
}

int why_saved_tell(struct why_saved *saved, const struct why_saved_sink *sink,
                   struct why_scan_summary *summary, char *err, size_t errlen)
{
    static const struct records records = {tell_run, tell_attempt, tell_host, see_nothing,
                                           tell_across};
    struct telling t = {.saved = saved, .sink = sink, .summary = summary};
    int status = pass_begin(saved, err, errlen);

    *summary = (struct why_scan_summary){.hosts = 0};
    if (status == WHY_OK)
        status = pass(saved, &records, &t);
    summary->complete = status == WHY_OK && (saved->complete || saved->choosy);
    summary->interrupted = saved->interrupted && !saved->choosy;
    for (size_t i = 0; i < saved->targets.count; i++)
        drop_results(target_at(saved, i));
    pass_end(saved);
    if (t.sink_status != WHY_OK)
        return t.sink_status;
    return status == WHY_ERR_MALFORMED || status == WHY_ERR_IO ? WHY_ERR_USAGE : status;
}

void why_saved_place(struct why_saved *saved, const char *vantage, const char *otherwise,
                     bool among_others)
{
    for (size_t i = 0; i < saved->targets.count; i++) {
        struct saved_target *t = target_at(saved, i);

        if (vantage != NULL)
            t->target.vantage = vantage;
        else if (t->target.vantage == NULL)
            t->target.vantage = otherwise;
        t->target.among_others = among_others;
    }
}

const char *why_saved_vantage(const struct why_saved *saved, size_t index)
{
    return target_at(saved, index)->target.vantage;
}

int why_saved_head(FILE *in, const char *name,
                   int (*on_begin)(void *arg, const struct why_run_info *run), void *arg, char *err,
                   size_t errlen)
{
    struct why_saved saved = {.in = in, .name = name};
    struct saved_run_lists lists = {.parts = NULL};
    struct why_run_info run;
    int status = pass_begin(&saved, err, errlen), said = WHY_OK;

    saved.r.json.slot_count = LINE_SLOTS;
    if (status == WHY_OK)
        status = why_json_next(&saved.r.json, line_members);
    if (status == WHY_OK)
        status = check_line(&saved.r.json, false, false);
    if (status == WHY_OK)
        status = why_saved_run(&saved.r, &run, &lists);
    if (status == WHY_OK)
        said = on_begin(arg, &run);
    why_saved_run_clear(&lists);
    pass_end(&saved);
    if (said != WHY_OK)
        return said;
    return status == WHY_ERR_MALFORMED || status == WHY_ERR_IO ? WHY_ERR_USAGE : status;
}
