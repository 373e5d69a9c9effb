/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include <string.h>
#include <time.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/plan.h>
#include <rdpwhy/report.h>
#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

#include "base/rfc3339.h"

#include "database.h"

static const char *const inserts[INSERT_COUNT] = {
    [INSERT_RUN] = "INSERT INTO runs (head, file, added, version, started, vantage, source, "
                   "targets, finished, complete) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, "
                   "?10)",
    [INSERT_PART] = "INSERT INTO parts (run_id, place, vantage, version, started, targets, "
                    "complete) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [INSERT_HOST] = "INSERT INTO hosts (run_id, target, vantage, started, state, kind) VALUES "
                    "(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (target, vantage, started) DO NOTHING",
    [INSERT_CERTIFICATE] = "INSERT INTO certificates (sha256, subject, issuer, not_before, "
                           "not_after, key) VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (sha256) "
                           "DO NOTHING",
    [INSERT_ATTEMPT] = "INSERT INTO attempts (host_id, ordinal, profile, license_mode, started, "
                       "duration_us, outcome, answer, phase, ending, closed_by, code_space, code, "
                       "code_name, reason, address, tls_version, certificate) VALUES (?1, ?2, ?3, "
                       "?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)",
    [INSERT_PHASE] = "INSERT INTO phases (attempt_id, phase, start_us, duration_us) VALUES (?1, "
                     "?2, ?3, ?4) ON CONFLICT (attempt_id, phase) DO NOTHING",
    [INSERT_FINDING] = "INSERT INTO findings (host_id, place, rule, severity, summary) VALUES "
                       "(?1, ?2, ?3, ?4, ?5)",
    [INSERT_ACROSS] = "INSERT INTO across (run_id, place, target, rule, severity, summary) VALUES "
                      "(?1, ?2, ?3, ?4, ?5, ?6)",
};

/* ---- values -----------------------------------------------------------------------------------
 */

/* NULL where the time is not known. */
static const char *time_text(uint64_t us, char text[WHY_RFC3339_SIZE])
{
    if (us == 0 || !why_rfc3339_print((int64_t)(us / 1000000u), (int32_t)(us % 1000000u), text))
        return NULL;
    return text;
}

/* As wide as the others, so that texts are in the order of times. */
static const char *seconds_text(int64_t seconds, char text[WHY_RFC3339_SIZE])
{
    return why_rfc3339_print(seconds, 0, text) ? text : NULL;
}

static void bind_known(sqlite3_stmt *statement, int at, int64_t value)
{
    if (value > 0)
        why_history_bind_int(statement, at, value);
}

static uint64_t attempt_started(const struct why_result *result)
{
    return result->trace != NULL ? why_trace_head(result->trace)->started_us : 0;
}

/* When the first of its attempts began. */
static uint64_t host_started(const struct history_rows *rows, const struct why_host *host)
{
    uint64_t first = 0;

    for (size_t i = 0; i < host->count; i++) {
        uint64_t started = attempt_started(host->results[i]);

        if (started != 0 && (first == 0 || started < first))
            first = started;
    }
    return first != 0 ? first : rows->run_started_us;
}

/* ---- the run ----------------------------------------------------------------------------------
 */

int why_history_rows_open(struct history_rows *rows, struct why_history *h)
{
    int status = WHY_OK;

    *rows = (struct history_rows){.h = h};
    for (size_t i = 0; i < INSERT_COUNT && status == WHY_OK; i++)
        status = why_history_prepare(h, inserts[i], &rows->statements[i]);
    return status;
}

void why_history_rows_close(struct history_rows *rows)
{
    for (size_t i = 0; i < INSERT_COUNT; i++)
        (void)sqlite3_finalize(rows->statements[i]);
}

static int put_parts(struct history_rows *rows, const struct why_run_info *run)
{
    sqlite3_stmt *s = rows->statements[INSERT_PART];
    int status = WHY_OK;

    for (size_t i = 0; i < run->part_count && status == WHY_OK; i++) {
        const struct why_run_part *part = &run->parts[i];

        why_history_bind_int(s, 1, rows->run_id);
        why_history_bind_int(s, 2, (int64_t)i);
        why_history_bind_text(s, 3, part->vantage);
        why_history_bind_text(s, 4, part->version);
        why_history_bind_text(s, 5, part->started);
        bind_known(s, 6, part->targets);
        why_history_bind_int(s, 7, part->complete);
        status = why_history_step(rows->h, s);
    }
    return status;
}

int why_history_put_run(struct history_rows *rows, const struct why_run_info *run,
                        const struct history_origin *origin)
{
    sqlite3_stmt *s = rows->statements[INSERT_RUN];
    char added[WHY_RFC3339_SIZE], started[WHY_RFC3339_SIZE];
    int status;

    rows->run_started_us = run->started_us;
    why_history_bind_text(s, 1, origin->head);
    why_history_bind_text(s, 2, origin->file);
    why_history_bind_text(s, 3, seconds_text((int64_t)time(NULL), added));
    why_history_bind_text(s, 4, run->tool_version);
    why_history_bind_text(s, 5, time_text(run->started_us, started));
    why_history_bind_text(s, 6, run->vantage);
    why_history_bind_text(s, 7, run->source);
    bind_known(s, 8, (int64_t)run->target_count);
    why_history_bind_int(s, 9, (int64_t)origin->finished);
    why_history_bind_int(s, 10, origin->complete);
    status = why_history_step(rows->h, s);
    rows->run_id = sqlite3_last_insert_rowid(rows->h->db);
    return status == WHY_OK ? put_parts(rows, run) : status;
}

/* ---- a host -----------------------------------------------------------------------------------
 */

static int put_certificate(struct history_rows *rows, const struct why_certificate *certificate)
{
    sqlite3_stmt *s = rows->statements[INSERT_CERTIFICATE];
    char before[WHY_RFC3339_SIZE], after[WHY_RFC3339_SIZE];

    why_history_bind_text(s, 1, certificate->sha256);
    why_history_bind_text(s, 2, certificate->subject);
    why_history_bind_text(s, 3, certificate->issuer);
    why_history_bind_text(s, 4, seconds_text(certificate->not_before, before));
    why_history_bind_text(s, 5, seconds_text(certificate->not_after, after));
    why_history_bind_text(s, 6, certificate->key);
    return why_history_step(rows->h, s);
}

static int put_phases(struct history_rows *rows, const struct why_verdict *verdict)
{
    sqlite3_stmt *s = rows->statements[INSERT_PHASE];
    int64_t attempt = sqlite3_last_insert_rowid(rows->h->db);
    int status = WHY_OK;

    for (size_t i = 0; i < verdict->phase_count && status == WHY_OK; i++) {
        const struct why_phase_time *phase = &verdict->phases[i];

        why_history_bind_int(s, 1, attempt);
        why_history_bind_text(s, 2, why_phase_name(phase->phase));
        why_history_bind_int(s, 3, (int64_t)phase->start_us);
        why_history_bind_int(s, 4, (int64_t)phase->duration_us);
        status = why_history_step(rows->h, s);
    }
    return status;
}

static void bind_verdict(sqlite3_stmt *s, const struct why_verdict *verdict)
{
    why_history_bind_int(s, 6, (int64_t)verdict->duration_us);
    why_history_bind_text(s, 7, why_outcome_name(verdict->outcome));
    why_history_bind_text(s, 9, why_phase_name(verdict->phase));
    why_history_bind_text(s, 10, why_ending_name(verdict->ending));
    if (verdict->has_closer)
        why_history_bind_text(s, 11, why_closer_name(verdict->closed_by));
    if (verdict->has_code) {
        why_history_bind_text(s, 12, why_code_space_name(verdict->code.space));
        why_history_bind_int(s, 13, verdict->code.value);
        why_history_bind_text(s, 14, verdict->code.name);
    }
    if (verdict->reason[0] != '\0')
        why_history_bind_text(s, 15, verdict->reason);
}

static int put_attempt(struct history_rows *rows, int64_t host, const struct why_result *result)
{
    sqlite3_stmt *s = rows->statements[INSERT_ATTEMPT];
    const struct why_certificate *certificate =
        result->facts.has_certificate ? &result->facts.certificate : NULL;
    char started[WHY_RFC3339_SIZE];
    int status = WHY_OK;

    if (certificate != NULL && certificate->sha256[0] == '\0')
        certificate = NULL;
    if (certificate != NULL)
        status = put_certificate(rows, certificate);
    if (status != WHY_OK)
        return status;
    why_history_bind_int(s, 1, host);
    why_history_bind_int(s, 2, (int64_t)result->ordinal);
    why_history_bind_text(s, 3, why_profile_name(result->step.profile));
    why_history_bind_text(s, 4, why_license_mode_name(result->step.license_mode));
    why_history_bind_text(s, 5, time_text(attempt_started(result), started));
    bind_verdict(s, &result->verdict);
    why_history_bind_text(s, 8, why_answer_name(result->answer));
    why_history_bind_text(s, 16, result->facts.address);
    why_history_bind_text(s, 17, result->facts.tls_version);
    why_history_bind_text(s, 18, certificate != NULL ? certificate->sha256 : NULL);
    status = why_history_step(rows->h, s);
    return status == WHY_OK ? put_phases(rows, &result->verdict) : status;
}

static int put_finding(struct history_rows *rows, int64_t host, size_t place,
                       const struct why_finding *finding)
{
    sqlite3_stmt *s = rows->statements[INSERT_FINDING];

    why_history_bind_int(s, 1, host);
    why_history_bind_int(s, 2, (int64_t)place);
    why_history_bind_text(s, 3, finding->rule);
    why_history_bind_text(s, 4, why_severity_name(finding->severity));
    why_history_bind_text(s, 5, finding->summary);
    return why_history_step(rows->h, s);
}

int why_history_put_host(struct history_rows *rows, const struct why_host *host,
                         struct why_history_added *added)
{
    sqlite3_stmt *s = rows->statements[INSERT_HOST];
    const char *vantage = host->target->vantage, *started;
    char text[WHY_RFC3339_SIZE];
    int64_t id;
    int status;

    started = time_text(host_started(rows, host), text);
    why_history_bind_int(s, 1, rows->run_id);
    why_history_bind_text(s, 2, host->target->label);
    why_history_bind_text(s, 3, vantage != NULL ? vantage : "");
    why_history_bind_text(s, 4, started != NULL ? started : "");
    why_history_bind_text(s, 5, why_host_state_name(host->state));
    if (host->kind.kind != WHY_KIND_UNKNOWN)
        why_history_bind_text(s, 6, why_kind_name(host->kind.kind));
    status = why_history_step(rows->h, s);
    if (status != WHY_OK)
        return status;
    if (sqlite3_changes(rows->h->db) == 0) {
        added->known++;
        return WHY_OK;
    }
    id = sqlite3_last_insert_rowid(rows->h->db);
    added->hosts++;
    for (size_t i = 0; i < host->count && status == WHY_OK; i++) {
        status = put_attempt(rows, id, host->results[i]);
        added->attempts++;
    }
    for (size_t i = 0; i < host->finding_count && status == WHY_OK; i++)
        status = put_finding(rows, id, i, &host->findings[i]);
    return status;
}

int why_history_put_across(struct history_rows *rows, const struct why_target *target,
                           const struct why_finding *finding)
{
    sqlite3_stmt *s = rows->statements[INSERT_ACROSS];

    why_history_bind_int(s, 1, rows->run_id);
    why_history_bind_int(s, 2, rows->across++);
    why_history_bind_text(s, 3, target->label);
    why_history_bind_text(s, 4, finding->rule);
    why_history_bind_text(s, 5, why_severity_name(finding->severity));
    why_history_bind_text(s, 6, finding->summary);
    return why_history_step(rows->h, s);
}
