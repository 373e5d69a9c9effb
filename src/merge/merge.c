/* SPDX-License-Identifier: Apache-2.0 */
#include "merge.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>

#include "base/grow.h"
#include "base/hex.h"
#include "base/rfc3339.h"
#include "verdict/across.h"

#include "record.h"

#define SCHEMA "rdpwhy/1"

/* As in a saved run that is shown: texts of a server are 64 KiB at most. */
#define LINE_MAX_BYTES ((size_t)16 * 1024 * 1024)

#define VANTAGES_MAX 65535u

static const struct why_json_wording wording = {
    .separator = " ",
    .no_text = "is not a text",
    .no_word = "is a word that this version does not know",
    .no_integer = "is not a number in range",
    .out_of_range = "is not a number in range",
};

/* A file that was added. */
struct merge_file {
    const char *vantage, *otherwise; /* the merge's; NULL */
    size_t lines;                    /* that are good */
};

struct why_merge {
    struct why_map hosts;    /* by label: struct merge_host, owned */
    struct why_map vantages; /* by name: its number + 1, as a pointer */
    struct why_map texts;    /* all others that are kept */
    struct merge_file *files;
    size_t file_count, file_capacity;
    struct why_merge_run *runs;
    size_t run_count, run_capacity;
    size_t cut_off, duplicates, unknown;
    bool interrupted;
};

struct why_merge *why_merge_new(void)
{
    return calloc(1, sizeof(struct why_merge));
}

void why_merge_free(struct why_merge *m)
{
    if (m == NULL)
        return;
    why_map_clear(&m->hosts, why_merge_host_free);
    why_map_clear(&m->vantages, NULL);
    why_map_clear(&m->texts, NULL);
    free(m->files);
    free(m->runs);
    free(m);
}

/* ---- texts that are kept ----------------------------------------------------------------------
 */

/* NULL when out of memory, or for what is no text (|*bad|). */
static const char *keep(struct why_merge *m, const struct why_json_value *value)
{
    char buf[256];
    char *text = value->len < sizeof(buf) ? buf : malloc(value->len + 1);
    const struct why_map_entry *entry;

    if (text == NULL)
        return NULL;
    entry = why_map_add(&m->texts, text, why_json_unescape(value, text));
    if (text != buf)
        free(text);
    return entry != NULL ? entry->key : NULL;
}

static const char *keep_text(struct why_merge *m, const char *text)
{
    const struct why_map_entry *entry = why_map_add(&m->texts, text, strlen(text));

    return entry != NULL ? entry->key : NULL;
}

/* Its number; < 0 when out of memory, or where there are too many. */
static int vantage_number(struct why_merge *m, const char *name)
{
    struct why_map_entry *entry = why_map_add(&m->vantages, name, strlen(name));

    if (entry == NULL || m->vantages.count > VANTAGES_MAX)
        return -1;
    if (entry->value == NULL)
        entry->value = (void *)(uintptr_t)m->vantages.count;
    return (int)(uintptr_t)entry->value - 1;
}

size_t why_merge_vantage_count(const struct why_merge *m)
{
    return m->vantages.count;
}

const char *why_merge_vantage(const struct why_merge *m, size_t index)
{
    return m->vantages.entries[index]->key;
}

/* ---- one line after the other -----------------------------------------------------------------
 */

/* A file as it is read the first time. */
struct adding {
    struct why_merge *m;
    struct why_json_reader json;
    struct merge_file file;
    size_t number; /* of the file */
    int64_t started;
    bool begun, ended, complete;
    size_t first_run;                 /* of the file, in |m->runs| */
    struct merge_host **with_pending; /* hosts that have attempts without a record of their own */
    size_t with_count, with_capacity;
};

static struct why_json_reader reader_of(FILE *in, const char *name, char *err, size_t errlen)
{
    if (errlen > 0)
        *err = '\0';
    rewind(in);
    return (struct why_json_reader){.in = in,
                                    .line_max = LINE_MAX_BYTES,
                                    .slot_count = MERGE_SLOTS,
                                    .wording = &wording,
                                    .name = name,
                                    .err = err,
                                    .errlen = errlen};
}

/* What the vantage point of a record is called; NULL when out of memory. */
static const char *vantage_of(struct why_merge *m, const struct merge_file *file,
                              const struct why_json_value *value)
{
    if (file->vantage != NULL)
        return file->vantage;
    return value->type == WHY_JSON_TEXT && value->len > 0 ? keep(m, value) : file->otherwise;
}

static int64_t started_of(const struct why_json_value *value)
{
    int64_t seconds = 0;
    int32_t micro = 0;

    if (value->type != WHY_JSON_TEXT ||
        why_rfc3339_parse(value->text, value->len, &seconds, &micro) != WHY_OK)
        return 0;
    return seconds * 1000000 + micro;
}

static int add_run(struct adding *a, const struct why_json_value *values)
{
    struct why_merge *m = a->m;
    struct why_merge_run *run;

    if (!why_grow(&m->runs, &m->run_capacity, m->run_count + 1, sizeof(*m->runs)))
        return WHY_ERR_NOMEM;
    run = &m->runs[m->run_count++];
    *run = (struct why_merge_run){
        .vantage = vantage_of(m, &a->file, &values[MERGE_VANTAGE]),
        .version =
            values[MERGE_VERSION].type == WHY_JSON_TEXT ? keep(m, &values[MERGE_VERSION]) : NULL,
        .started =
            values[MERGE_STARTED].type == WHY_JSON_TEXT ? keep(m, &values[MERGE_STARTED]) : NULL,
        .targets =
            values[MERGE_TARGETS].type == WHY_JSON_INTEGER ? values[MERGE_TARGETS].number : 0,
        .complete = values[MERGE_COMPLETE].number != 0,
    };
    return run->vantage != NULL ? WHY_OK : WHY_ERR_NOMEM;
}

/* The runs of a file that was merged before. */
static int add_merged(struct adding *a, struct why_json_value array)
{
    struct why_json_value element;
    int status = WHY_OK;

    while (status == WHY_OK && why_json_element(&array, &element)) {
        struct why_json_value values[MERGE_SLOTS] = {{.type = WHY_JSON_ABSENT}};
        const char *problem = NULL;

        if (element.type != WHY_JSON_OBJECT ||
            why_json_scan(element.text, element.len, why_merge_members, values, &problem) != WHY_OK)
            return why_json_fail(&a->json, "merged", "has something that is not a run");
        status = add_run(a, values);
    }
    return status;
}

static int read_run(struct adding *a)
{
    const struct why_json_value *values = a->json.values;

    a->started = started_of(&values[MERGE_STARTED]);
    if (values[MERGE_MERGED].type == WHY_JSON_ARRAY)
        return add_merged(a, values[MERGE_MERGED]);
    return add_run(a, values);
}

static struct merge_host *host_of(struct adding *a)
{
    const struct why_json_value *value = &a->json.values[MERGE_TARGET];
    const char *label = keep(a->m, value);
    struct why_map_entry *entry =
        label != NULL ? why_map_add(&a->m->hosts, label, strlen(label)) : NULL;

    if (entry != NULL && entry->value == NULL)
        entry->value = calloc(1, sizeof(struct merge_host));
    return entry != NULL ? entry->value : NULL;
}

/* NULL when out of memory. */
static struct merge_place *place_of(struct adding *a, struct merge_host *host)
{
    const char *vantage = vantage_of(a->m, &a->file, &a->json.values[MERGE_VANTAGE]);
    int number = vantage != NULL ? vantage_number(a->m, vantage) : -1;

    return number >= 0 ? why_merge_place_add(host, (size_t)number) : NULL;
}

static int add_attempt(struct adding *a, struct merge_host *host, struct merge_place *place)
{
    const struct why_json_value *address = &a->json.values[MERGE_ADDRESS];
    const struct why_json_value *to = &a->json.values[MERGE_FILE_TARGET];
    struct merge_view view;

    if (!why_merge_view(a->json.values, &view))
        return why_json_fail(&a->json, NULL,
                             "has an outcome or ending that this version does not know");
    if (address->type == WHY_JSON_TEXT && (view.address = keep(a->m, address)) == NULL)
        return WHY_ERR_NOMEM;
    if (to->type == WHY_JSON_TEXT && (host->file_target = keep(a->m, to)) == NULL)
        return WHY_ERR_NOMEM;
    if (place->pending == NULL) {
        if (!why_grow(&a->with_pending, &a->with_capacity, a->with_count + 1,
                      sizeof(struct merge_host *)))
            return WHY_ERR_NOMEM;
        a->with_pending[a->with_count++] = host;
    }
    return why_merge_pending_add(place, &view) ? WHY_OK : WHY_ERR_NOMEM;
}

/* Of two records of a host the newer run's counts; of runs that began at the same time, the one
 * that was given last. */
static int finish_host(struct adding *a, struct merge_place *place)
{
    int state = why_merge_state(a->json.values);

    if (state < 0)
        return why_json_fail(&a->json, "state", "is a word that this version does not know");
    if (place->finished && place->run == a->number)
        return why_json_fail(&a->json, "target", "has its host's record twice");
    a->m->duplicates += place->finished;
    if (!place->finished || a->started >= place->started)
        why_merge_place_finish(place, a->number, a->started, (enum why_host_state)state,
                               why_merge_telling(a->json.values));
    why_merge_pending_drop(place);
    return WHY_OK;
}

static int read_record(struct adding *a)
{
    const struct why_json_value *values = a->json.values, *record = &values[MERGE_RECORD];
    bool attempt = why_json_is(record, "attempt");
    struct merge_host *host;
    struct merge_place *place;

    if (why_json_is(record, "run"))
        return read_run(a);
    if (why_json_is(record, "end")) {
        a->ended = true;
        a->complete = values[MERGE_COMPLETE].number != 0;
        a->m->interrupted = a->m->interrupted || values[MERGE_INTERRUPTED].number != 0;
        return WHY_OK;
    }
    if (!attempt && !why_json_is(record, "host")) {
        a->m->unknown += !why_json_is(record, "across"); /* those are made anew */
        return WHY_OK;
    }
    if (values[MERGE_TARGET].type != WHY_JSON_TEXT || values[MERGE_TARGET].len == 0)
        return why_json_fail(&a->json, "target", "is missing or is not a text");
    host = host_of(a);
    place = host != NULL ? place_of(a, host) : NULL;
    if (place == NULL)
        return WHY_ERR_NOMEM;
    return attempt ? add_attempt(a, host, place) : finish_host(a, place);
}

static int check_line(struct adding *a)
{
    const struct why_json_value *values = a->json.values;

    if (values[MERGE_SCHEMA].type != WHY_JSON_TEXT)
        return why_json_fail(&a->json, NULL, "is not from a run of rdpwhy: \"schema\" is missing");
    if (!why_json_is(&values[MERGE_SCHEMA], SCHEMA))
        return why_json_fail(&a->json, "schema", "is not \"" SCHEMA "\"");
    if (values[MERGE_RECORD].type != WHY_JSON_TEXT)
        return why_json_fail(&a->json, "record", "is missing");
    if (why_json_is(&values[MERGE_RECORD], "run") == a->begun)
        return why_json_fail(&a->json, NULL,
                             a->begun ? "a second run begins here"
                                      : "is not the beginning of a run");
    return a->ended ? why_json_fail(&a->json, NULL, "comes after the end of the run") : WHY_OK;
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

/* A last line that is cut off is passed over: it was being written when the run ended. */
static int read_all(struct adding *a)
{
    for (;;) {
        int status = why_json_next(&a->json, why_merge_members);

        if (status == WHY_ERR_NOTFOUND)
            return a->begun ? WHY_OK : why_json_fail(&a->json, NULL, "the file is empty");
        if (status == WHY_ERR_MALFORMED && a->json.problem != NULL && a->begun && !a->json.whole)
            return WHY_OK;
        if (status != WHY_OK)
            return say_unreadable(&a->json, status);
        status = check_line(a);
        if (status != WHY_OK)
            return status;
        a->begun = true;
        status = read_record(a);
        if (status != WHY_OK)
            return status;
        a->file.lines = a->json.number;
    }
}

/* Attempts whose host this file does not finish. */
static void drop_pending(struct adding *a)
{
    for (size_t i = 0; i < a->with_count; i++) {
        for (size_t k = 0; k < a->with_pending[i]->count; k++)
            why_merge_pending_drop(&a->with_pending[i]->places[k]);
    }
    free(a->with_pending);
}

int why_merge_add(struct why_merge *m, FILE *in, const char *name, const char *vantage,
                  const char *otherwise, char *err, size_t errlen)
{
    struct adding a = {.m = m, .number = m->file_count, .first_run = m->run_count};
    int status;

    a.json = reader_of(in, name, err, errlen);
    a.file.vantage = vantage != NULL ? keep_text(m, vantage) : NULL;
    a.file.otherwise = keep_text(m, otherwise);
    if (!why_grow(&m->files, &m->file_capacity, m->file_count + 1, sizeof(*m->files)))
        return WHY_ERR_NOMEM;
    status = read_all(&a);
    drop_pending(&a);
    why_json_reader_clear(&a.json);
    m->files[m->file_count++] = a.file;
    m->cut_off += a.begun && !a.ended;
    for (size_t i = a.first_run; i < m->run_count; i++)
        m->runs[i].complete = m->run_count == a.first_run + 1 ? a.complete : m->runs[i].complete;
    return status == WHY_ERR_MALFORMED || status == WHY_ERR_IO ? WHY_ERR_USAGE : status;
}

/* ---- what it comes to -------------------------------------------------------------------------
 */

static void count_place(const struct merge_place *place, struct why_merge_counts *counts)
{
    counts->hosts += place->finished;
    counts->unfinished += !place->finished;
    if (!place->finished)
        return;
    counts->states[place->state]++;
    for (size_t i = 0; i < WHY_OUTCOME_COUNT; i++) {
        counts->outcomes[i] += place->outcomes[i];
        counts->attempts += place->outcomes[i];
    }
}

void why_merge_count(const struct why_merge *m, struct why_merge_counts *counts)
{
    size_t position = 0;
    const struct why_map_entry *entry;

    *counts = (struct why_merge_counts){.runs = m->run_count,
                                        .cut_off = m->cut_off,
                                        .duplicates = m->duplicates,
                                        .unknown = m->unknown,
                                        .complete = m->run_count > 0,
                                        .interrupted = m->interrupted};
    while ((entry = why_map_next(&m->hosts, &position)) != NULL) {
        const struct merge_host *host = entry->value;

        for (size_t i = 0; i < host->count; i++)
            count_place(&host->places[i], counts);
    }
    for (size_t i = 0; i < m->run_count; i++)
        counts->complete = counts->complete && m->runs[i].complete;
    counts->complete = counts->complete && counts->unfinished == 0;
}

const struct why_merge_run *why_merge_run(const struct why_merge *m, size_t index)
{
    return &m->runs[index];
}

bool why_merge_counts_of(const struct why_merge *m, size_t run, const char *label,
                         const char *vantage)
{
    const struct merge_host *host = why_map_get(&m->hosts, label, strlen(label));
    const void *number =
        vantage != NULL ? why_map_get(&m->vantages, vantage, strlen(vantage)) : NULL;
    const struct merge_place *place =
        host != NULL && number != NULL ? why_merge_place_find(host, (uintptr_t)number - 1) : NULL;

    return place != NULL && place->finished && place->run == run;
}

/* ---- its lines --------------------------------------------------------------------------------
 */

struct sending {
    struct why_merge *m;
    size_t run;
    const struct merge_file *file;
    struct why_json_reader json;
    int (*on_line)(void *arg, const char *line, size_t len);
    void *arg;
    char *buf; /* a line with another vantage point; owned */
    size_t capacity;
    int said; /* by on_line */
};

/* The line with |vantage| as its vantage point: in the place of another, or behind its brace. */
static int send_renamed(struct sending *s, const char *vantage)
{
    const struct why_json_reader *json = &s->json;
    const struct why_json_value *old = &json->values[MERGE_VANTAGE];
    const char *brace = memchr(json->line, '{', json->line_len);
    bool replaces = old->type == WHY_JSON_TEXT;
    const char *from = replaces ? old->text : brace + 1;
    size_t front = (size_t)(from - json->line), len = strlen(vantage);
    const char *rest = from + (replaces ? old->len : 0);
    size_t left = json->line_len - (size_t)(rest - json->line), at;

    if (!why_grow(&s->buf, &s->capacity, front + 2 * len + left + 32, 1))
        return WHY_ERR_NOMEM;
    memcpy(s->buf, json->line, front);
    at = front;
    if (!replaces)
        at += (size_t)sprintf(s->buf + at, "\"vantage\":\"");
    for (size_t i = 0; i < len; i++) {
        if (vantage[i] == '"' || vantage[i] == '\\')
            s->buf[at++] = '\\';
        s->buf[at++] = vantage[i];
    }
    if (!replaces)
        at += (size_t)sprintf(s->buf + at, "\",");
    memcpy(s->buf + at, rest, left);
    s->said = s->on_line(s->arg, s->buf, at + left);
    return s->said;
}

static int send_line(struct sending *s)
{
    const struct why_json_reader *json = &s->json;
    const struct why_json_value *values = json->values;
    const char *label, *vantage;

    if (!why_json_is(&values[MERGE_RECORD], "attempt") &&
        !why_json_is(&values[MERGE_RECORD], "host"))
        return WHY_OK;
    label = keep(s->m, &values[MERGE_TARGET]);
    vantage = vantage_of(s->m, s->file, &values[MERGE_VANTAGE]);
    if (label == NULL || vantage == NULL)
        return WHY_ERR_NOMEM;
    if (!why_merge_counts_of(s->m, s->run, label, vantage))
        return WHY_OK;
    if (s->file->vantage != NULL || values[MERGE_VANTAGE].type != WHY_JSON_TEXT)
        return send_renamed(s, vantage);
    s->said = s->on_line(s->arg, json->line, json->line_len);
    return s->said;
}

int why_merge_lines(struct why_merge *m, size_t run, FILE *in, const char *name,
                    int (*on_line)(void *arg, const char *line, size_t len), void *arg, char *err,
                    size_t errlen)
{
    struct sending s = {.m = m, .run = run, .file = &m->files[run], .on_line = on_line, .arg = arg};
    int status = WHY_OK;

    s.json = reader_of(in, name, err, errlen);
    while (status == WHY_OK && s.json.number < s.file->lines) {
        status = why_json_next(&s.json, why_merge_whose);
        if (status == WHY_OK)
            status = send_line(&s);
        else if (status == WHY_ERR_NOTFOUND)
            status = why_json_fail(&s.json, NULL, "is missing: the file has changed meanwhile");
        else
            status = say_unreadable(&s.json, status);
    }
    why_json_reader_clear(&s.json);
    free(s.buf);
    if (s.said != WHY_OK)
        return s.said;
    return status == WHY_ERR_MALFORMED || status == WHY_ERR_IO ? WHY_ERR_USAGE : status;
}

/* Those who are told of findings, one rule after the other: what differs comes first. */
struct telling {
    const struct why_merge *m;
    size_t turn; /* the rule whose turn it is */
    int (*on_finding)(void *arg, const struct why_target *target,
                      const struct why_finding *finding);
    void *arg;
};

/* ---- what several places saw ------------------------------------------------------------------
 */

static void take_code(const struct merge_view *from, struct why_verdict *to)
{
    const struct why_code_row *row;

    to->has_code = from->space >= 0;
    if (!to->has_code)
        return;
    to->code.space = (enum why_code_space)from->space;
    to->code.value = from->code;
    row = why_code_lookup(to->code.space, to->code.value);
    to->code.name = row != NULL ? row->name : NULL;
}

/* |hex| holds the certificate's digest. */
static void take_view(const struct why_merge *m, const struct merge_place *place,
                      struct why_view *view, char *hex)
{
    const struct merge_view *from = &place->view;

    *view = (struct why_view){.vantage = why_merge_vantage(m, place->vantage),
                              .state = (enum why_host_state)place->state,
                              .address = from->address,
                              .connect_us = from->connect_us};
    view->verdict.outcome = (enum why_outcome)from->outcome;
    view->verdict.phase = (enum why_phase)from->phase;
    view->verdict.phase_to = (enum why_phase)from->phase_to;
    view->verdict.ending = (enum why_ending)from->ending;
    take_code(from, &view->verdict);
    if (!from->has_certificate)
        return;
    *why_hex_print(hex, from->certificate, DIGEST_SIZE) = '\0';
    view->certificate = hex;
}

typedef char digest_text[2 * DIGEST_SIZE + 1];

static int tell_host(const struct telling *t, const char *label, const struct merge_host *host)
{
    struct why_finding *findings = calloc(WHY_ACROSS_MAX, sizeof(*findings));
    struct why_view *views = calloc(host->count, sizeof(*views));
    digest_text *digests = calloc(host->count, sizeof(*digests));
    struct why_target target = {.label = NULL};
    size_t count = 0, found = 0;
    int status = why_target_of_label(label, &target);

    if (status == WHY_OK && host->file_target != NULL)
        status = why_target_set_address(&target, host->file_target);
    if (findings == NULL || views == NULL || digests == NULL)
        status = WHY_ERR_NOMEM;

    for (size_t i = 0; status == WHY_OK && i < host->count; i++) {
        if (host->places[i].finished && host->places[i].view.outcome >= 0) {
            take_view(t->m, &host->places[i], &views[count], digests[count]);
            count++;
        }
    }
    if (status == WHY_OK)
        status = why_across(&target, views, count, findings, &found);
    for (size_t i = 0; i < found; i++) {
        if (status == WHY_OK && findings[i].rule == why_across_rule(t->turn))
            status = t->on_finding(t->arg, &target, &findings[i]);
        free(findings[i].texts);
    }
    free(target.host);
    free(target.label);
    free(findings);
    free(views);
    free(digests);
    return status;
}

int why_merge_across(const struct why_merge *m,
                     int (*on_finding)(void *arg, const struct why_target *target,
                                       const struct why_finding *finding),
                     void *arg)
{
    struct telling t = {.m = m, .on_finding = on_finding, .arg = arg};
    const struct why_map_entry *entry;
    int status = WHY_OK;

    for (; t.turn < WHY_ACROSS_MAX; t.turn++) {
        size_t position = 0;

        while (status == WHY_OK && (entry = why_map_next(&m->hosts, &position)) != NULL) {
            const struct merge_host *host = entry->value;

            if (host->count > 1)
                status = tell_host(&t, entry->key, host);
        }
    }
    return status;
}
