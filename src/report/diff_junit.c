/* SPDX-License-Identifier: Apache-2.0 */
#include "diff_formats.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "escape.h"
#include "junit_parts.h"
#include "steps.h"

/* A diff as JUnit XML: a suite per host that has changed or that something is required of, a case
 * per change and requirement; what is worse or not met fails. */

static void put_values(FILE *out, const struct why_change *change)
{
    why_escape(out, ESCAPE_XML, change->before ? change->before : "-");
    fputs(" -&gt; ", out);
    why_escape(out, ESCAPE_XML, change->after ? change->after : "-");
}

static void put_change(FILE *out, const struct why_diff_host *host, const struct why_change *change)
{
    char steps[512];

    why_diff_steps_words(change, steps, sizeof(steps));
    fprintf(out, "    <testcase name=\"%s: %s\"", change->info->name, steps);
    why_junit_attribute(out, "classname", host->target);
    fputs(" time=\"0\">\n      ", out);
    if (change->class == WHY_CHANGE_WORSE) {
        fputs("<failure message=\"", out);
        put_values(out, change);
        fprintf(out, "\" type=\"%s\"/>", change->info->name);
    } else {
        fprintf(out, "<system-out>%s: ", why_change_class_name(change->class));
        put_values(out, change);
        fputs("</system-out>", out);
    }
    fputs("\n    </testcase>\n", out);
}

/* |changed| is NULL where nothing has, |judged| where nothing was required. */
static void put_host(FILE *out, const char *target, const struct why_diff_host *changed,
                     const struct why_judged_host *judged)
{
    size_t changes = changed ? changed->count : 0, requirements = judged ? judged->count : 0;
    size_t failures =
        (changed ? changed->classes[WHY_CHANGE_WORSE] : 0) + (judged ? judged->unmet : 0);

    fputs("  <testsuite", out);
    why_junit_attribute(out, "name", target);
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\" time=\"0\">\n",
            changes + requirements, failures);
    for (size_t i = 0; i < changes; i++)
        put_change(out, changed, &changed->changes[i]);
    for (size_t i = 0; i < requirements; i++)
        why_junit_requirement(out, target, &judged->judgements[i]);
    fputs("  </testsuite>\n", out);
}

/* Where nothing has changed or was required there is one case all the same: readers take none for a
 * mistake. */
static void put_comparison(FILE *out, const struct why_diff_about *about,
                           const struct why_diff *diff)
{
    fputs("  <testsuite name=\"comparison\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" "
          "time=\"0\">\n    <testcase",
          out);
    why_junit_attribute(out, "name", "both runs could be compared");
    fputs(" classname=\"comparison\" time=\"0\">\n      <system-out>", out);
    why_escape(out, ESCAPE_XML, about->baseline);
    fputs(" -&gt; ", out);
    why_escape(out, ESCAPE_XML, about->current);
    fprintf(out, ": %zu hosts</system-out>\n    </testcase>\n  </testsuite>\n", diff->compared);
}

/* A host's requirements, found by its name: they stand in one suite with its changes. */
struct entry {
    const struct why_judged_host *host;
    bool told;
};

static int by_target(const void *left, const void *right)
{
    const struct entry *a = left, *b = right;

    return strcmp(a->host->target, b->host->target);
}

static int is_target(const void *target, const void *entry)
{
    return strcmp(target, ((const struct entry *)entry)->host->target);
}

static struct entry *find(struct entry *entries, size_t count, const char *target)
{
    return count > 0 ? bsearch(target, entries, count, sizeof(*entries), is_target) : NULL;
}

/* Hosts that have changed, then the others that something was required of; both worst first. */
static int put_hosts(FILE *out, const struct why_judged_list *judged, const struct why_diff *diff)
{
    struct entry *entries = calloc(judged->count + 1, sizeof(*entries));

    if (!entries)
        return WHY_ERR_NOMEM;
    for (size_t i = 0; i < judged->count; i++)
        entries[i].host = &judged->hosts[i];
    qsort(entries, judged->count, sizeof(*entries), by_target);
    for (size_t i = 0; i < diff->count; i++) {
        struct entry *entry = find(entries, judged->count, diff->hosts[i].target);

        put_host(out, diff->hosts[i].target, &diff->hosts[i], entry ? entry->host : NULL);
        if (entry)
            entry->told = true;
    }
    for (size_t i = 0; i < judged->count; i++) {
        const struct why_judged_host *host = &judged->hosts[i];
        const struct entry *entry = find(entries, judged->count, host->target);

        if (entry && !entry->told)
            put_host(out, host->target, NULL, host);
    }
    free(entries);
    return WHY_OK;
}

static int write_junit(FILE *out, const struct why_diff_about *about, const struct why_diff *diff)
{
    static const struct why_judged_list nothing = {.count = 0};
    int status;

    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rdpwhy diff\">\n", out);
    put_comparison(out, about, diff);
    status = put_hosts(out, about->judged ? about->judged : &nothing, diff);
    if (status != WHY_OK)
        return status;
    fputs("</testsuites>\n", out);
    return fflush(out) == 0 && !ferror(out) ? WHY_OK : WHY_ERR_IO;
}

const struct why_diff_format why_diff_junit = {"junit", write_junit};
