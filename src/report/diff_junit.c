/* SPDX-License-Identifier: Apache-2.0 */
#include "diff_formats.h"

#include <rdpwhy/status.h>

#include "escape.h"

/* A diff as JUnit XML: a suite per host that has changed, a case per change; what is worse fails.
 */

static void put_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    why_escape(out, ESCAPE_XML, value);
    fputc('"', out);
}

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
    put_attribute(out, "classname", host->target);
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

static void put_host(FILE *out, const struct why_diff_host *host)
{
    fputs("  <testsuite", out);
    put_attribute(out, "name", host->target);
    fprintf(out, " tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\" time=\"0\">\n",
            host->count, host->classes[WHY_CHANGE_WORSE]);
    for (size_t i = 0; i < host->count; i++)
        put_change(out, host, &host->changes[i]);
    fputs("  </testsuite>\n", out);
}

/* Where nothing has changed there is one case all the same: readers take none for a mistake. */
static void put_comparison(FILE *out, const struct why_diff_about *about,
                           const struct why_diff *diff)
{
    fputs("  <testsuite name=\"comparison\" tests=\"1\" failures=\"0\" errors=\"0\" skipped=\"0\" "
          "time=\"0\">\n    <testcase",
          out);
    put_attribute(out, "name", "both runs could be compared");
    fputs(" classname=\"comparison\" time=\"0\">\n      <system-out>", out);
    why_escape(out, ESCAPE_XML, about->baseline);
    fputs(" -&gt; ", out);
    why_escape(out, ESCAPE_XML, about->current);
    fprintf(out, ": %zu hosts</system-out>\n    </testcase>\n  </testsuite>\n", diff->compared);
}

static int write_junit(FILE *out, const struct why_diff_about *about, const struct why_diff *diff)
{
    fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"rdpwhy diff\">\n", out);
    put_comparison(out, about, diff);
    for (size_t i = 0; i < diff->count; i++)
        put_host(out, &diff->hosts[i]);
    fputs("</testsuites>\n", out);
    return fflush(out) == 0 && !ferror(out) ? WHY_OK : WHY_ERR_IO;
}

const struct why_diff_format why_diff_junit = {"junit", write_junit};
