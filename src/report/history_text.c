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

#include "page.h"

/* For people: what is not as it should be and since when, the most urgent first; then what keeps
 * changing, what expires, and what became slower. */

#define CERTIFICATES_SHOWN 10
#define DAYS_SHOWN         5
#define SHOWN_MAX          60 /* bytes of a subject */
#define DATE_LEN           10 /* of a time: its date */
#define MINUTE_LEN         16 /* up to its minute */

static enum page_style style_of(enum why_host_state state)
{
    static const enum page_style styles[] = {
        [WHY_ALARM_OK] = PAGE_GREEN,
        [WHY_ALARM_WARNING] = PAGE_YELLOW,
        [WHY_ALARM_CRITICAL] = PAGE_RED,
    };

    return styles[why_host_state_info(state)->alarm];
}

/* "2026-11-25 08:00", in UTC. */
static void minute(const char *time, char *buf, size_t len)
{
    char *t;

    (void)snprintf(buf, len, "%.*s", MINUTE_LEN, *time != '\0' ? time : "?");
    t = strchr(buf, 'T');
    if (t != NULL)
        *t = ' ';
}

/* |text| to |buf|, cut between two characters where it is too long for a column. */
static const char *cut(const char *text, char buf[SHOWN_MAX + 4])
{
    size_t n = 0;

    while (text[n] != '\0') {
        uint32_t codepoint;
        size_t step = why_utf8_decode(text + n, &codepoint);

        step = step > 0 ? step : 1;
        if (n + step > SHOWN_MAX)
            break;
        n += step;
    }
    (void)snprintf(buf, SHOWN_MAX + 4, "%.*s%s", (int)n, text, text[n] != '\0' ? "..." : "");
    return buf;
}

static void target_words(const char *target, const char *vantage, char *buf, size_t len)
{
    (void)snprintf(buf, len, "%s%s%s", target, *vantage != '\0' ? " from " : "", vantage);
}

#define COUNT_OF(array) (sizeof(array) / sizeof((array)[0]))

static void put_titles(struct page *page, struct table *table, const char *const *titles,
                       size_t count)
{
    struct table_row *row = why_table_add(table);

    for (size_t i = 0; i < count; i++)
        why_table_set(page, row, i, PAGE_DIM, titles[i]);
}

/* ---- hosts ------------------------------------------------------------------------------------
 */

static void strip(const struct why_history_host *host, char *buf, size_t len)
{
    size_t used = 0;

    *buf = '\0';
    for (size_t i = 0; i < host->recent_count && used < len; i++)
        used += (size_t)snprintf(buf + used, len - used, "%s",
                                 why_host_state_info(host->recent[i])->sign);
}

/* Why, and what it was before. */
static void host_words(const struct why_history_host *host, char *buf, size_t len)
{
    char time[32];
    size_t used;

    (void)snprintf(buf, len, "%s", host->summary != NULL ? host->summary : "");
    used = strlen(buf);
    if (host->has_before && used < len) {
        minute(host->until, time, sizeof(time));
        used += (size_t)snprintf(buf + used, len - used, "%slast %s %s", used > 0 ? "; " : "",
                                 why_host_state_name(host->before), time);
    }
    if (!host->has_before && used < len)
        used += (size_t)snprintf(buf + used, len - used, "%sso in %s%zu record%s",
                                 used > 0 ? "; " : "", host->records == 1 ? "" : "all ",
                                 host->records, host->records == 1 ? "" : "s");
    if (host->rule != NULL && strcmp(host->rule_since, host->since) != 0 && used < len) {
        minute(host->rule_since, time, sizeof(time));
        (void)snprintf(buf + used, len - used, "; %s since %s", host->rule, time);
    }
}

static void add_host(struct page *page, struct table *table, const struct why_history_host *host)
{
    struct table_row *row = why_table_add(table);
    char text[1024];

    why_table_set(page, row, 0, style_of(host->state), why_host_state_name(host->state));
    minute(host->since, text, sizeof(text));
    why_table_set(page, row, 1, PAGE_PLAIN, text);
    strip(host, text, sizeof(text));
    why_table_set(page, row, 2, PAGE_PLAIN, text);
    target_words(host->target, host->vantage, text, sizeof(text));
    why_table_set(page, row, 3, PAGE_PLAIN, text);
    host_words(host, text, sizeof(text));
    why_table_set(page, row, 4, PAGE_PLAIN, text);
}

static bool is_shown(const struct why_history_host *host, int verbosity)
{
    return verbosity > 0 || host->state != WHY_HOST_HEALTHY;
}

static void put_healthy(struct page *page, size_t healthy, bool all)
{
    if (healthy == 0)
        return;
    if (all)
        why_page_newline(page);
    why_page_printf(page, PAGE_DIM, "  %s%zu host%s healthy (-v shows %s)", all ? "all " : "",
                    healthy, healthy == 1 ? " is" : "s are", healthy == 1 ? "it" : "them");
    why_page_newline(page);
}

static void put_hosts(struct page *page, struct why_history_host *const *hosts, size_t count,
                      int verbosity)
{
    static const char *const titles[] = {"STATE", "SINCE (UTC)", "RECENT", "HOST", "WHY"};
    struct table table = {.columns = 5};
    size_t shown = 0;

    for (size_t i = 0; i < count; i++) {
        if (!is_shown(hosts[i], verbosity))
            continue;
        if (shown++ == 0) {
            why_page_heading(page, verbosity > 0 ? "States, and since when"
                                                 : "What is wrong, and since when");
            put_titles(page, &table, titles, COUNT_OF(titles));
        }
        add_host(page, &table, hosts[i]);
    }
    if (shown > 0)
        why_page_table(page, 2, &table);
    put_healthy(page, count - shown, shown == 0);
}

static void put_flapping(struct page *page, struct why_history_host *const *hosts, size_t count)
{
    static const char *const titles[] = {"CHANGES", "RECENT", "HOST"};
    struct table table = {.columns = 3};
    bool any = false;

    for (size_t i = 0; i < count; i++) {
        struct table_row *row;
        char text[1024];

        if (!why_history_is_flapping(hosts[i]))
            continue;
        if (!any) {
            why_page_heading(page, "Hosts that keep changing");
            put_titles(page, &table, titles, COUNT_OF(titles));
        }
        any = true;
        row = why_table_add(&table);
        (void)snprintf(text, sizeof(text), "%zu in %zu", hosts[i]->changes,
                       hosts[i]->recent_count < WHY_HISTORY_WINDOW ? hosts[i]->recent_count
                                                                   : (size_t)WHY_HISTORY_WINDOW);
        why_table_set(page, row, 0, PAGE_YELLOW, text);
        strip(hosts[i], text, sizeof(text));
        why_table_set(page, row, 1, PAGE_PLAIN, text);
        target_words(hosts[i]->target, hosts[i]->vantage, text, sizeof(text));
        why_table_set(page, row, 2, PAGE_PLAIN, text);
    }
    if (any)
        why_page_table(page, 2, &table);
}

/* ---- certificates -----------------------------------------------------------------------------
 */

static void certificate_hosts(const struct why_history_certificate *c, char *buf, size_t len)
{
    size_t used = 0, named = 0;

    for (; named < WHY_HISTORY_NAMED && c->names[named] != NULL && used < len; named++)
        used += (size_t)snprintf(buf + used, len - used, "%s%s", named > 0 ? ", " : "",
                                 c->names[named]);
    if (c->hosts > named && used < len)
        (void)snprintf(buf + used, len - used, " and %zu more", c->hosts - named);
}

static void put_certificates(struct page *page, const struct why_history_view *view, size_t shown)
{
    static const char *const titles[] = {"EXPIRES", "DAYS", "SUBJECT", "HOSTS"};
    struct table table = {.columns = 4};

    if (view->certificate_count == 0)
        return;
    why_page_heading(page, "Certificates that expire next");
    put_titles(page, &table, titles, COUNT_OF(titles));
    for (size_t i = 0; i < view->certificate_count && i < shown; i++) {
        const struct why_history_certificate *c = &view->certificates[i];
        int64_t days = why_whole_days(c->not_after - view->now);
        struct table_row *row = why_table_add(&table);
        char text[1024];

        (void)why_rfc3339_print_date(c->not_after, text);
        why_table_set(page, row, 0, PAGE_PLAIN, text);
        (void)snprintf(text, sizeof(text), "%" PRId64, days);
        why_table_set(page, row, 1, days < 0 ? PAGE_RED : PAGE_PLAIN, text);
        why_table_set(page, row, 2, PAGE_PLAIN, cut(c->subject != NULL ? c->subject : "?", text));
        certificate_hosts(c, text, sizeof(text));
        why_table_set(page, row, 3, PAGE_PLAIN, text);
    }
    why_page_table(page, 2, &table);
    if (view->certificate_count > shown) {
        why_page_printf(page, PAGE_DIM, "  %zu more (-v shows them)",
                        view->certificate_count - shown);
        why_page_newline(page);
    }
}

/* ---- times ------------------------------------------------------------------------------------
 */

static void put_paces(struct page *page, const struct why_history_view *view)
{
    static const char *const titles[] = {"PHASE", "BEFORE -> NOW", "PROFILE", "HOST"};
    struct table table = {.columns = 4};

    if (view->pace_count == 0)
        return;
    why_page_heading(page, "Phases that became slower or faster (medians)");
    put_titles(page, &table, titles, COUNT_OF(titles));
    for (size_t i = 0; i < view->pace_count; i++) {
        const struct why_history_pace *pace = &view->paces[i];
        struct table_row *row = why_table_add(&table);
        char text[1024], before[32], recent[32];

        why_table_set(page, row, 0, PAGE_PLAIN, why_phase_name(pace->phase));
        why_duration_text(pace->before_us, before, sizeof(before));
        why_duration_text(pace->recent_us, recent, sizeof(recent));
        (void)snprintf(text, sizeof(text), "%s -> %s", before, recent);
        why_table_set(page, row, 1, pace->recent_us > pace->before_us ? PAGE_RED : PAGE_GREEN,
                      text);
        why_table_set(page, row, 2, PAGE_PLAIN, why_profile_name(pace->profile));
        target_words(pace->target, pace->vantage, text, sizeof(text));
        why_table_set(page, row, 3, PAGE_PLAIN, text);
    }
    why_page_table(page, 2, &table);
}

/* "2026-11-25 1.2 ms, 2026-11-26 1.3 ms": the last days of |count|. */
static void day_words(const struct why_history_times *times, size_t count, char *buf, size_t len)
{
    size_t used = 0;

    *buf = '\0';
    for (size_t i = count > DAYS_SHOWN ? count - DAYS_SHOWN : 0; i < count && used < len; i++) {
        char text[32];

        why_duration_text(times[i].median_us, text, sizeof(text));
        used += (size_t)snprintf(buf + used, len - used, "%s%.*s %s", used > 0 ? ", " : "",
                                 DATE_LEN, times[i].day, text);
    }
}

static void put_times(struct page *page, const struct why_history_view *view)
{
    static const char *const titles[] = {"FROM", "PHASE", "MEDIAN OF EACH DAY"};
    struct table table = {.columns = 3};
    size_t end;

    if (view->time_count == 0)
        return;
    why_page_heading(page, "Duration of phases over all hosts");
    put_titles(page, &table, titles, COUNT_OF(titles));
    for (size_t i = 0; i < view->time_count; i = end) {
        const struct why_history_times *times = &view->times[i];
        struct table_row *row = why_table_add(&table);
        char text[1024];

        for (end = i + 1; end < view->time_count && view->times[end].phase == times->phase &&
                          strcmp(view->times[end].vantage, times->vantage) == 0;)
            end++;
        why_table_set(page, row, 0, PAGE_PLAIN, *times->vantage != '\0' ? times->vantage : "-");
        why_table_set(page, row, 1, PAGE_PLAIN, why_phase_name(times->phase));
        day_words(times, end - i, text, sizeof(text));
        why_table_set(page, row, 2, PAGE_PLAIN, text);
    }
    why_page_table(page, 2, &table);
}

/* ---- all of it --------------------------------------------------------------------------------
 */

static void put_head(struct page *page, const struct why_history_about *about,
                     const struct why_history_view *view)
{
    char first[32], last[32], cut_off[48] = "";

    minute(view->first, first, sizeof(first));
    minute(view->last, last, sizeof(last));
    if (view->cut_off > 0)
        (void)snprintf(cut_off, sizeof(cut_off), " (%zu without their end)", view->cut_off);
    why_page_text(page, PAGE_BOLD, about->file);
    why_page_printf(page, PAGE_PLAIN, ": %zu host%s in %zu run%s%s", view->host_count,
                    view->host_count == 1 ? "" : "s", view->runs, view->runs == 1 ? "" : "s",
                    cut_off);
    if (view->host_count > 0)
        why_page_printf(page, PAGE_PLAIN, ", %s to %s UTC", first, last);
    why_page_newline(page);
}

/* One line each, nothing else. */
static void put_lines(struct page *page, struct why_history_host *const *hosts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char since[32], target[1024];
        const char *state = why_host_state_name(hosts[i]->state);

        minute(hosts[i]->since, since, sizeof(since));
        target_words(hosts[i]->target, hosts[i]->vantage, target, sizeof(target));
        why_page_text(page, style_of(hosts[i]->state), state);
        why_page_printf(page, PAGE_PLAIN, "%*s%s  ", 13 - (int)strlen(state), "", since);
        why_page_text(page, PAGE_PLAIN, target);
        why_page_newline(page);
    }
}

static int write(FILE *out, const struct why_history_about *about,
                 const struct why_history_view *view)
{
    struct why_history_host **hosts = why_history_by_urgency(view);
    struct page page;
    int status = hosts != NULL ? why_page_open(&page, about->color, about->columns) : WHY_ERR_NOMEM;

    if (status != WHY_OK) {
        free(hosts);
        return status;
    }
    if (about->verbosity < 0) {
        put_lines(&page, hosts, view->host_count);
    } else {
        put_head(&page, about, view);
        if (view->host_count > 0)
            put_hosts(&page, hosts, view->host_count, about->verbosity);
        put_flapping(&page, hosts, view->host_count);
        put_certificates(&page, view,
                         about->verbosity > 0 ? view->certificate_count : CERTIFICATES_SHOWN);
        put_paces(&page, view);
        put_times(&page, view);
    }
    free(hosts);
    return why_page_close(&page, out);
}

const struct why_history_format why_history_text_format = {"text", write};
