/* SPDX-License-Identifier: Apache-2.0 */
#include "history_formats.h"

#include <rdpwhy/plan.h>
#include <rdpwhy/result.h>
#include <rdpwhy/status.h>

#include "base/rfc3339.h"

#include "json_build.h"

/* A history as JSON Lines: record history, then a record for each host, certificate, day of a
 * phase, and phase that takes longer or less long than before; record history-end. */

static int write_head(FILE *out, const struct why_history_about *about,
                      const struct why_history_view *view)
{
    struct why_json_builder b = {false};
    json_t *record = why_json_build_record(&b, "history");
    char now[WHY_RFC3339_SIZE];

    why_json_put_text(&b, record, "file", about->file);
    if (why_rfc3339_print(view->now, -1, now))
        why_json_put_text(&b, record, "asked", now);
    why_json_put_int(&b, record, "runs", (int64_t)view->runs);
    why_json_put_int(&b, record, "cut_off", (int64_t)view->cut_off);
    why_json_put_text(&b, record, "first", view->first);
    why_json_put_text(&b, record, "last", view->last);
    return why_json_write_record(out, &b, record);
}

static json_t *before_of(struct why_json_builder *b, const struct why_history_host *host)
{
    json_t *before = why_json_build_object(b);

    if (host->has_before) {
        why_json_put_text(b, before, "state", why_host_state_name(host->before));
        why_json_put_text(b, before, "last", host->until);
    }
    return before;
}

static int write_host(FILE *out, const struct why_history_host *host)
{
    struct why_json_builder b = {false};
    json_t *record = why_json_build_record(&b, "history-host");
    json_t *recent = why_json_build_array(&b);

    why_json_put_text(&b, record, "target", host->target);
    why_json_put_text(&b, record, "vantage", host->vantage);
    why_json_put_text(&b, record, "state", why_host_state_name(host->state));
    why_json_put_text(&b, record, "since", host->since);
    why_json_put_filled(&b, record, "before", before_of(&b, host));
    why_json_put_text(&b, record, "rule", host->rule);
    why_json_put_text(&b, record, "summary", host->summary);
    if (host->rule != NULL)
        why_json_put_text(&b, record, "rule_since", host->rule_since);
    why_json_put_int(&b, record, "records", (int64_t)host->records);
    why_json_put_text(&b, record, "first", host->first);
    why_json_put_text(&b, record, "last", host->last);
    for (size_t i = 0; i < host->recent_count; i++)
        why_json_add_text(&b, recent, why_host_state_name(host->recent[i]));
    why_json_put(&b, record, "recent", recent);
    why_json_put_int(&b, record, "changes", (int64_t)host->changes);
    if (why_history_is_flapping(host))
        why_json_put_bool(&b, record, "flapping", true);
    return why_json_write_record(out, &b, record);
}

static int write_certificate(FILE *out, const struct why_history_certificate *certificate,
                             int64_t now)
{
    struct why_json_builder b = {false};
    json_t *record = why_json_build_record(&b, "history-certificate");
    json_t *targets = why_json_build_array(&b);
    char after[WHY_RFC3339_SIZE];

    why_json_put_text(&b, record, "sha256", certificate->sha256);
    why_json_put_text(&b, record, "subject", certificate->subject);
    why_json_put_text(&b, record, "issuer", certificate->issuer);
    if (why_rfc3339_print(certificate->not_after, -1, after))
        why_json_put_text(&b, record, "not_after", after);
    why_json_put_int(&b, record, "days_left", why_whole_days(certificate->not_after - now));
    why_json_put_int(&b, record, "hosts", (int64_t)certificate->hosts);
    for (size_t i = 0; i < WHY_HISTORY_NAMED && certificate->names[i] != NULL; i++)
        why_json_add_text(&b, targets, certificate->names[i]);
    why_json_put(&b, record, "targets", targets);
    return why_json_write_record(out, &b, record);
}

static int write_times(FILE *out, const struct why_history_times *times)
{
    struct why_json_builder b = {false};
    json_t *record = why_json_build_record(&b, "history-times");

    why_json_put_text(&b, record, "vantage", times->vantage);
    why_json_put_text(&b, record, "phase", why_phase_name(times->phase));
    why_json_put_text(&b, record, "day", times->day);
    why_json_put_int(&b, record, "count", (int64_t)times->count);
    why_json_put_int(&b, record, "median_us", (int64_t)times->median_us);
    return why_json_write_record(out, &b, record);
}

static int write_pace(FILE *out, const struct why_history_pace *pace)
{
    struct why_json_builder b = {false};
    json_t *record = why_json_build_record(&b, "history-pace");

    why_json_put_text(&b, record, "target", pace->target);
    why_json_put_text(&b, record, "vantage", pace->vantage);
    why_json_put_text(&b, record, "profile", why_profile_name(pace->profile));
    why_json_put_text(&b, record, "phase", why_phase_name(pace->phase));
    why_json_put_int(&b, record, "before_count", (int64_t)pace->before_count);
    why_json_put_int(&b, record, "before_us", (int64_t)pace->before_us);
    why_json_put_int(&b, record, "recent_count", (int64_t)pace->recent_count);
    why_json_put_int(&b, record, "recent_us", (int64_t)pace->recent_us);
    return why_json_write_record(out, &b, record);
}

static int write_end(FILE *out, const struct why_history_view *view)
{
    struct why_json_builder b = {false};
    json_t *record = why_json_build_record(&b, "history-end");
    json_t *states = why_json_build_object(&b);
    size_t counts[WHY_HOST_STATE_COUNT] = {0};

    for (size_t i = 0; i < view->host_count; i++)
        counts[view->hosts[i].state]++;
    for (int state = 0; state < WHY_HOST_STATE_COUNT; state++)
        why_json_put_int(&b, states, why_host_state_name((enum why_host_state)state),
                         (int64_t)counts[state]);
    why_json_put_int(&b, record, "hosts", (int64_t)view->host_count);
    why_json_put(&b, record, "states", states);
    why_json_put_bool(&b, record, "complete", true);
    return why_json_write_record(out, &b, record);
}

static int write(FILE *out, const struct why_history_about *about,
                 const struct why_history_view *view)
{
    int status = write_head(out, about, view);

    for (size_t i = 0; i < view->host_count && status == WHY_OK; i++)
        status = write_host(out, &view->hosts[i]);
    for (size_t i = 0; i < view->certificate_count && status == WHY_OK; i++)
        status = write_certificate(out, &view->certificates[i], view->now);
    for (size_t i = 0; i < view->time_count && status == WHY_OK; i++)
        status = write_times(out, &view->times[i]);
    for (size_t i = 0; i < view->pace_count && status == WHY_OK; i++)
        status = write_pace(out, &view->paces[i]);
    return status == WHY_OK ? write_end(out, view) : status;
}

const struct why_history_format why_history_jsonl_format = {"jsonl", write};
