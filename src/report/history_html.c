/* SPDX-License-Identifier: Apache-2.0 */
#include "history_formats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/result.h>
#include <rdpwhy/status.h>

#include "base/rfc3339.h"
#include "base/text.h"

#include "escape.h"

/* A page of tables without a script: a host's strip is one cell for each of its last records. */

#define MINUTE_LEN 16 /* of a time: up to its minute */

static const char head[] =
    "<!doctype html>\n"
    "<html lang=\"en\">\n"
    "<head>\n"
    "<meta charset=\"utf-8\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n"
    "<title>rdpwhy history</title>\n"
    "<style>\n"
    "body { font: 15px/1.4 system-ui, sans-serif; margin: 1.5rem; }\n"
    "table { border-collapse: collapse; margin-bottom: 1.5rem; }\n"
    "caption { text-align: left; font-weight: 600; padding: .3rem 0; }\n"
    "th, td { text-align: left; vertical-align: top; padding: .15rem .7rem .15rem 0; }\n"
    "th { font-weight: 400; opacity: .7; }\n"
    ".strip { font-family: monospace; white-space: nowrap; }\n"
    ".strip span { display: inline-block; width: 1.1em; text-align: center; color: #fff; }\n"
    ".ok { background: #2e7d32; } .warning { background: #9a6700; } .critical { background: "
    "#c62828; }\n"
    "</style>\n"
    "</head>\n"
    "<body>\n";

static void put(FILE *out, const char *text)
{
    why_escape(out, ESCAPE_XML, text);
}

static void put_cell(FILE *out, const char *text)
{
    fputs("<td>", out);
    put(out, text);
    fputs("</td>", out);
}

static void put_minute(FILE *out, const char *time)
{
    char text[MINUTE_LEN + 1], *t;

    (void)snprintf(text, sizeof(text), "%.*s", MINUTE_LEN, *time != '\0' ? time : "?");
    t = strchr(text, 'T');
    if (t != NULL)
        *t = ' ';
    put(out, text);
}

static void begin_table(FILE *out, const char *caption, const char *const *titles, size_t count)
{
    fprintf(out, "<table>\n<caption>%s</caption>\n<thead><tr>", caption);
    for (size_t i = 0; i < count; i++)
        fprintf(out, "<th scope=\"col\">%s</th>", titles[i]);
    fputs("</tr></thead>\n<tbody>\n", out);
}

static void end_table(FILE *out)
{
    fputs("</tbody>\n</table>\n", out);
}

/* ---- hosts ------------------------------------------------------------------------------------
 */

static void put_sign(FILE *out, enum why_host_state state)
{
    static const char *const classes[] = {
        [WHY_ALARM_OK] = "ok",
        [WHY_ALARM_WARNING] = "warning",
        [WHY_ALARM_CRITICAL] = "critical",
    };
    const struct why_host_state_info *info = why_host_state_info(state);

    fprintf(out, "<span class=\"%s\" title=\"%s\">%s</span>", classes[info->alarm],
            why_host_state_name(state), info->sign);
}

static void put_since(FILE *out, const struct why_history_host *host)
{
    fputs("<td>", out);
    put_minute(out, host->since);
    if (host->has_before) {
        fprintf(out, "<br>last %s ", why_host_state_name(host->before));
        put_minute(out, host->until);
    }
    fputs("</td>", out);
}

static void put_host(FILE *out, const struct why_history_host *host)
{
    fputs("<tr>", out);
    put_cell(out, why_host_state_name(host->state));
    put_since(out, host);
    fputs("<td class=\"strip\">", out);
    for (size_t i = 0; i < host->recent_count; i++)
        put_sign(out, host->recent[i]);
    fprintf(out, "</td><td>%zu%s</td>", host->changes,
            why_history_is_flapping(host) ? ", keeps changing" : "");
    put_cell(out, host->target);
    put_cell(out, host->vantage);
    put_cell(out, host->summary != NULL ? host->summary : "");
    fputs("</tr>\n", out);
}

static void put_hosts(FILE *out, struct why_history_host *const *hosts, size_t count)
{
    static const char *const titles[] = {"State",  "Since (UTC)", "Last records", "Changes",
                                         "Target", "From",        "Why"};

    if (count == 0)
        return;
    begin_table(out, "Hosts", titles, sizeof(titles) / sizeof(titles[0]));
    for (size_t i = 0; i < count; i++)
        put_host(out, hosts[i]);
    end_table(out);
}

/* ---- the others -------------------------------------------------------------------------------
 */

static void put_certificates(FILE *out, const struct why_history_view *view)
{
    static const char *const titles[] = {"Expires", "Days", "Subject", "Hosts"};

    if (view->certificate_count == 0)
        return;
    begin_table(out, "Certificates, the next to expire first", titles,
                sizeof(titles) / sizeof(titles[0]));
    for (size_t i = 0; i < view->certificate_count; i++) {
        const struct why_history_certificate *c = &view->certificates[i];
        char date[WHY_RFC3339_SIZE];

        (void)why_rfc3339_print_date(c->not_after, date);
        fprintf(out, "<tr><td>%s</td><td>%" PRId64 "</td>", date,
                why_whole_days(c->not_after - view->now));
        put_cell(out, c->subject != NULL ? c->subject : "?");
        fprintf(out, "<td>%zu: ", c->hosts);
        for (size_t k = 0; k < WHY_HISTORY_NAMED && c->names[k] != NULL; k++) {
            fputs(k > 0 ? ", " : "", out);
            put(out, c->names[k]);
        }
        fputs(c->hosts > WHY_HISTORY_NAMED ? ", …</td></tr>\n" : "</td></tr>\n", out);
    }
    end_table(out);
}

static void put_paces(FILE *out, const struct why_history_view *view)
{
    static const char *const titles[] = {"Phase", "Before", "Now", "Profile", "Target", "From"};

    if (view->pace_count == 0)
        return;
    begin_table(out, "Phases that became slower or faster (medians)", titles,
                sizeof(titles) / sizeof(titles[0]));
    for (size_t i = 0; i < view->pace_count; i++) {
        const struct why_history_pace *pace = &view->paces[i];
        char before[32], recent[32];

        why_duration_text(pace->before_us, before, sizeof(before));
        why_duration_text(pace->recent_us, recent, sizeof(recent));
        fprintf(out, "<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td>",
                why_phase_name(pace->phase), before, recent, why_profile_name(pace->profile));
        put_cell(out, pace->target);
        put_cell(out, pace->vantage);
        fputs("</tr>\n", out);
    }
    end_table(out);
}

static void put_times(FILE *out, const struct why_history_view *view)
{
    static const char *const titles[] = {"From", "Phase", "Day", "Median", "Attempts"};

    if (view->time_count == 0)
        return;
    begin_table(out, "Duration of phases over all hosts", titles,
                sizeof(titles) / sizeof(titles[0]));
    for (size_t i = 0; i < view->time_count; i++) {
        const struct why_history_times *times = &view->times[i];
        char median[32];

        why_duration_text(times->median_us, median, sizeof(median));
        fputs("<tr>", out);
        put_cell(out, times->vantage);
        put_cell(out, why_phase_name(times->phase));
        put_cell(out, times->day);
        put_cell(out, median);
        fprintf(out, "<td>%zu</td></tr>\n", times->count);
    }
    end_table(out);
}

static int write(FILE *out, const struct why_history_about *about,
                 const struct why_history_view *view)
{
    struct why_history_host **hosts = why_history_by_urgency(view);

    if (hosts == NULL)
        return WHY_ERR_NOMEM;
    fputs(head, out);
    fputs("<h1>", out);
    put(out, about->file);
    fprintf(out, "</h1>\n<p>%zu hosts, %zu runs (%zu without their end)</p>\n", view->host_count,
            view->runs, view->cut_off);
    put_hosts(out, hosts, view->host_count);
    put_certificates(out, view);
    put_paces(out, view);
    put_times(out, view);
    fputs("</body>\n</html>\n", out);
    free(hosts);
    return fflush(out) == 0 && !ferror(out) ? WHY_OK : WHY_ERR_IO;
}

const struct why_history_format why_history_html_format = {"html", write};
