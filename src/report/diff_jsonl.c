/* SPDX-License-Identifier: Apache-2.0 */
#include "diff_formats.h"

#include <rdpwhy/status.h>

#include "json_records.h"

/* A diff as JSON Lines: record diff, a record change for each change, a record requirements for
 * each host of which something is required, record diff-end. */

static json_t *steps_of(struct why_json_builder *b, const struct why_change *change)
{
    json_t *steps = why_json_build_array(b);

    for (size_t i = 0; i < change->step_count; i++) {
        json_t *step = why_json_build_object(b);

        why_json_put_text(b, step, "profile", why_profile_name(change->steps[i].profile));
        why_json_put_text(b, step, "license_mode",
                          why_license_mode_name(change->steps[i].license_mode));
        why_json_add(b, steps, step);
    }
    return steps;
}

static json_t *details_of(struct why_json_builder *b, const struct why_change *change)
{
    json_t *details = why_json_build_object(b);

    for (size_t i = 0; i < change->detail_count; i++) {
        json_t *detail = why_json_build_object(b);

        why_json_put_text(b, detail, "before", change->details[i].before);
        why_json_put_text(b, detail, "after", change->details[i].after);
        why_json_put(b, details, change->details[i].name, detail);
    }
    return details;
}

static int write_change(FILE *out, const char *target, const struct why_change *change)
{
    struct why_json_builder b = {false};
    json_t *record = why_json_build_record(&b, "change");

    why_json_put_text(&b, record, "target", target);
    why_json_put_text(&b, record, "what", change->info->name);
    why_json_put_text(&b, record, "class", why_change_class_name(change->class));
    why_json_put_text(&b, record, "before", change->before);
    why_json_put_text(&b, record, "after", change->after);
    why_json_put_filled(&b, record, "details", details_of(&b, change));
    why_json_put_filled(&b, record, "steps", steps_of(&b, change));
    return why_json_write_record(out, &b, record);
}

static int write_head(FILE *out, const struct why_diff_about *about)
{
    struct why_json_builder b = {false};
    json_t *record = why_json_build_record(&b, "diff");

    why_json_put_text(&b, record, "baseline", about->baseline);
    why_json_put_text(&b, record, "current", about->current);
    return why_json_write_record(out, &b, record);
}

static int write_judged(FILE *out, const struct why_judged_host *host)
{
    struct why_json_builder b = {false};
    json_t *record = why_json_build_record(&b, "requirements");

    why_json_put_text(&b, record, "target", host->target);
    why_json_put_judgements(&b, record, host->judgements, host->count);
    return why_json_write_record(out, &b, record);
}

static int write_end(FILE *out, const struct why_diff_about *about, const struct why_diff *diff)
{
    struct why_json_builder b = {false};
    json_t *record = why_json_build_record(&b, "diff-end");

    why_json_put_int(&b, record, "hosts", (int64_t)diff->compared);
    why_json_put_int(&b, record, "hosts_with_changes", (int64_t)diff->count);
    for (int class = 0; class < WHY_CHANGE_CLASS_COUNT; class ++)
        why_json_put_int(&b, record, why_change_class_name((enum why_change_class) class),
                         (int64_t)diff->classes[class]);
    why_json_put_int(&b, record, "steps_only_in_baseline", (int64_t)diff->only_baseline);
    why_json_put_int(&b, record, "steps_only_in_current", (int64_t)diff->only_current);
    if (about->judged && about->judged->count > 0)
        why_json_put_int(&b, record, "hosts_unmet", (int64_t)about->judged->unmet);
    why_json_put_bool(&b, record, "complete", true);
    return why_json_write_record(out, &b, record);
}

static int write_jsonl(FILE *out, const struct why_diff_about *about, const struct why_diff *diff)
{
    int status = write_head(out, about);

    for (size_t i = 0; i < diff->count; i++) {
        const struct why_diff_host *host = &diff->hosts[i];

        for (size_t k = 0; k < host->count && status == WHY_OK; k++)
            status = write_change(out, host->target, &host->changes[k]);
    }
    for (size_t i = 0; about->judged && i < about->judged->count && status == WHY_OK; i++)
        status = write_judged(out, &about->judged->hosts[i]);
    if (status == WHY_OK)
        status = write_end(out, about, diff);
    if (status == WHY_OK && fflush(out) != 0)
        status = WHY_ERR_IO;
    return status;
}

const struct why_diff_format why_diff_jsonl = {"jsonl", write_jsonl};
