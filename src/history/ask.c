/* SPDX-License-Identifier: Apache-2.0 */
#include "history.h"

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/history.h>
#include <rdpwhy/status.h>

#include "base/grow.h"
#include "base/rfc3339.h"

#include "database.h"

#define PACE_RECENT 5  /* attempts that are held against */
#define PACE_BEFORE 20 /* as many before them at most, */
#define PACE_LEAST  5  /* and of both at least */

/* A question under way: a statement, and what its rows go into. */
struct asking {
    struct why_history *h;
    sqlite3_stmt *s;
    struct why_history_view *view;
};

typedef int (*on_row)(struct asking *a, void *arg);

static int each_row(struct asking *a, const char *sql, on_row take, void *arg)
{
    int status = why_history_prepare(a->h, sql, &a->s);

    while (status == WHY_OK && (status = why_history_next(a->h, a->s)) == WHY_OK)
        status = take(a, arg);
    (void)sqlite3_finalize(a->s);
    a->s = NULL;
    return status == WHY_ERR_NOTFOUND ? WHY_OK : status;
}

static void copy_time(char to[WHY_HISTORY_TIME], const char *from)
{
    (void)snprintf(to, WHY_HISTORY_TIME, "%s", from);
}

/* NULL for SQL's NULL; false when out of memory. */
static bool copy_text(struct asking *a, int column, char **to)
{
    free(*to);
    *to = NULL;
    if (sqlite3_column_type(a->s, column) == SQLITE_NULL)
        return true;
    *to = strdup(why_history_text(a->s, column));
    return *to != NULL;
}

static bool same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

static int by_us(const void *left, const void *right)
{
    uint64_t a, b;

    memcpy(&a, left, sizeof(a));
    memcpy(&b, right, sizeof(b));
    return a < b ? -1 : a > b;
}

/* Of |count| > 0 values, which are sorted. The lower one of two in the middle. */
static uint64_t median(uint64_t *values, size_t count)
{
    qsort(values, count, sizeof(*values), by_us);
    return values[(count - 1) / 2];
}

/* ---- hosts ------------------------------------------------------------------------------------
 */

enum host_column { HOST_TARGET, HOST_VANTAGE, HOST_STARTED, HOST_STATE, HOST_RULE, HOST_SUMMARY };
static const char hosts_sql[] =
    "SELECT h.target, h.vantage, h.started, h.state, f.rule, f.summary FROM hosts AS h"
    " LEFT JOIN findings AS f ON f.host_id = h.id AND f.place = 0"
    " ORDER BY h.target, h.vantage, h.started";

static bool is_next(const struct asking *a, const char *target, const char *vantage, int column)
{
    return target == NULL || strcmp(target, why_history_text(a->s, column)) != 0 ||
           strcmp(vantage, why_history_text(a->s, column + 1)) != 0;
}

static struct why_history_host *begin_host(struct asking *a)
{
    struct why_history_view *view = a->view;
    struct why_history_host *host;

    if (!why_grow(&view->hosts, &view->host_capacity, view->host_count + 1, sizeof(*view->hosts)))
        return NULL;
    host = &view->hosts[view->host_count++];
    memset(host, 0, sizeof(*host));
    host->target = strdup(why_history_text(a->s, HOST_TARGET));
    host->vantage = strdup(why_history_text(a->s, HOST_VANTAGE));
    if (host->target == NULL || host->vantage == NULL)
        return NULL;
    copy_time(host->first, why_history_text(a->s, HOST_STARTED));
    return host;
}

static void push_recent(struct why_history_host *host, enum why_host_state state)
{
    if (host->recent_count == WHY_HISTORY_RECENT) {
        memmove(host->recent, host->recent + 1, (WHY_HISTORY_RECENT - 1) * sizeof(host->recent[0]));
        host->recent_count--;
    }
    host->recent[host->recent_count++] = state;
}

static void take_state(struct why_history_host *host, enum why_host_state state, const char *when)
{
    if (host->records > 0 && host->state != state) {
        host->has_before = true;
        host->before = host->state;
        copy_time(host->until, host->last);
    }
    if (host->records == 0 || host->state != state) {
        copy_time(host->since, when);
        *host->rule_since = '\0';
    }
    host->state = state;
    push_recent(host, state);
}

static bool take_rule(struct asking *a, struct why_history_host *host, const char *when)
{
    char *before = host->rule;
    bool same;

    host->rule = NULL;
    if (!copy_text(a, HOST_RULE, &host->rule) || !copy_text(a, HOST_SUMMARY, &host->summary)) {
        free(before);
        return false;
    }
    same = same_text(before, host->rule);
    free(before);
    if (!same || *host->rule_since == '\0')
        copy_time(host->rule_since, when);
    return true;
}

static int take_host(struct asking *a, void *arg)
{
    struct why_history_view *view = a->view;
    struct why_history_host *host =
        view->host_count > 0 ? &view->hosts[view->host_count - 1] : NULL;
    const char *when = why_history_text(a->s, HOST_STARTED);
    int state = why_word_find(WHY_VOCAB_HOST_STATE, why_history_text(a->s, HOST_STATE));

    (void)arg;
    if (state < 0)
        return WHY_OK; /* a later version's */
    if (host == NULL || is_next(a, host->target, host->vantage, HOST_TARGET))
        host = begin_host(a);
    if (host == NULL)
        return WHY_ERR_NOMEM;
    take_state(host, (enum why_host_state)state, when);
    if (!take_rule(a, host, when))
        return WHY_ERR_NOMEM;
    copy_time(host->last, when);
    host->records++;
    return WHY_OK;
}

static void count_changes(struct why_history_host *host)
{
    size_t from =
        host->recent_count > WHY_HISTORY_WINDOW ? host->recent_count - WHY_HISTORY_WINDOW : 0;

    for (size_t i = from + 1; i < host->recent_count; i++)
        host->changes += host->recent[i] != host->recent[i - 1];
}

static int ask_hosts(struct asking *a)
{
    struct why_history_view *view = a->view;
    int status = each_row(a, hosts_sql, take_host, NULL);

    for (size_t i = 0; i < view->host_count && status == WHY_OK; i++) {
        const struct why_history_host *host = &view->hosts[i];

        count_changes(&view->hosts[i]);
        if (i == 0 || strcmp(host->first, view->first) < 0)
            copy_time(view->first, host->first);
        if (i == 0 || strcmp(host->last, view->last) > 0)
            copy_time(view->last, host->last);
    }
    return status;
}

/* ---- certificates -----------------------------------------------------------------------------
 */

enum certificate_column { CERT_SHA256, CERT_SUBJECT, CERT_ISSUER, CERT_AFTER, CERT_TARGET };
static const char certificates_sql[] =
    "SELECT DISTINCT c.sha256, c.subject, c.issuer, c.not_after, h.target FROM latest AS h"
    " JOIN attempts AS a ON a.host_id = h.id JOIN certificates AS c ON c.sha256 = a.certificate"
    " WHERE c.not_after IS NOT NULL ORDER BY c.not_after, c.sha256, h.target";

static struct why_history_certificate *begin_certificate(struct asking *a, int64_t not_after)
{
    struct why_history_view *view = a->view;
    struct why_history_certificate *c;

    if (!why_grow(&view->certificates, &view->certificate_capacity, view->certificate_count + 1,
                  sizeof(*view->certificates)))
        return NULL;
    c = &view->certificates[view->certificate_count++];
    memset(c, 0, sizeof(*c));
    c->not_after = not_after;
    if (!copy_text(a, CERT_SHA256, &c->sha256) || !copy_text(a, CERT_SUBJECT, &c->subject) ||
        !copy_text(a, CERT_ISSUER, &c->issuer))
        return NULL;
    return c;
}

static int take_certificate(struct asking *a, void *arg)
{
    struct why_history_view *view = a->view;
    struct why_history_certificate *c =
        view->certificate_count > 0 ? &view->certificates[view->certificate_count - 1] : NULL;
    const char *after = why_history_text(a->s, CERT_AFTER);
    int64_t seconds;
    int32_t micro;

    (void)arg;
    if (why_rfc3339_parse(after, strlen(after), &seconds, &micro) != WHY_OK)
        return WHY_OK; /* somebody else's row */
    if (c == NULL || strcmp(c->sha256, why_history_text(a->s, CERT_SHA256)) != 0)
        c = begin_certificate(a, seconds);
    if (c == NULL)
        return WHY_ERR_NOMEM;
    if (c->hosts < WHY_HISTORY_NAMED && !copy_text(a, CERT_TARGET, &c->names[c->hosts]))
        return WHY_ERR_NOMEM;
    c->hosts++;
    return WHY_OK;
}

/* ---- times ------------------------------------------------------------------------------------
 */

/* Only a phase that was left says how long it takes. */
#define PASSED "(a.outcome = 'completed' OR p.phase <> a.phase)"

enum time_column { TIME_VANTAGE, TIME_PHASE, TIME_DAY, TIME_US };
static const char times_sql[] =
    "SELECT h.vantage, p.phase, substr(h.started, 1, 10) AS day, p.duration_us FROM hosts AS h"
    " JOIN attempts AS a ON a.host_id = h.id JOIN phases AS p ON p.attempt_id = a.id"
    " WHERE " PASSED " ORDER BY h.vantage, p.phase, day";

/* The values of the last group of rows, and which group it is. */
struct group {
    uint64_t *values; /* owned */
    size_t count, capacity;
};

static bool push_value(struct group *group, int64_t us)
{
    if (!why_grow(&group->values, &group->capacity, group->count + 1, sizeof(*group->values)))
        return false;
    group->values[group->count++] = us > 0 ? (uint64_t)us : 0;
    return true;
}

static void end_times(struct why_history_view *view, struct group *group)
{
    struct why_history_times *times = &view->times[view->time_count - 1];

    if (group->values == NULL || group->count == 0)
        return;
    times->count = group->count;
    times->median_us = median(group->values, group->count);
    group->count = 0;
}

static bool begin_times(struct asking *a, int phase)
{
    struct why_history_view *view = a->view;
    struct why_history_times *times;

    if (!why_grow(&view->times, &view->time_capacity, view->time_count + 1, sizeof(*view->times)))
        return false;
    times = &view->times[view->time_count];
    memset(times, 0, sizeof(*times));
    times->vantage = strdup(why_history_text(a->s, TIME_VANTAGE));
    if (times->vantage == NULL)
        return false;
    times->phase = (enum why_phase)phase;
    (void)snprintf(times->day, sizeof(times->day), "%s", why_history_text(a->s, TIME_DAY));
    view->time_count++;
    return true;
}

static int take_time(struct asking *a, void *arg)
{
    struct group *group = arg;
    struct why_history_view *view = a->view;
    const struct why_history_times *last =
        view->time_count > 0 ? &view->times[view->time_count - 1] : NULL;
    int phase = why_word_find(WHY_VOCAB_PHASE, why_history_text(a->s, TIME_PHASE));

    if (phase < 0)
        return WHY_OK;
    if (last == NULL || last->phase != (enum why_phase)phase ||
        strcmp(last->vantage, why_history_text(a->s, TIME_VANTAGE)) != 0 ||
        strcmp(last->day, why_history_text(a->s, TIME_DAY)) != 0) {
        if (last != NULL)
            end_times(view, group);
        if (!begin_times(a, phase))
            return WHY_ERR_NOMEM;
    }
    return push_value(group, sqlite3_column_int64(a->s, TIME_US)) ? WHY_OK : WHY_ERR_NOMEM;
}

static int ask_times(struct asking *a)
{
    struct group group = {.count = 0};
    int status = each_row(a, times_sql, take_time, &group);

    if (status == WHY_OK && group.count > 0)
        end_times(a->view, &group);
    free(group.values);
    return status;
}

/* ---- what takes longer ------------------------------------------------------------------------
 */

enum pace_column { PACE_TARGET, PACE_VANTAGE, PACE_PROFILE, PACE_PHASE, PACE_US };
static const char paces_sql[] =
    "SELECT h.target, h.vantage, a.profile, p.phase, p.duration_us FROM hosts AS h"
    " JOIN attempts AS a ON a.host_id = h.id JOIN phases AS p ON p.attempt_id = a.id"
    " WHERE " PASSED " ORDER BY h.target, h.vantage, a.profile, p.phase, h.started";

/* The last values of one host, profile and phase. */
struct pacing {
    const struct why_history_limits *limits;
    char *target, *vantage; /* NULL: none yet; owned */
    int profile, phase;
    uint64_t values[PACE_BEFORE + PACE_RECENT]; /* oldest first */
    size_t count;
};

static bool is_slower(const struct why_history_limits *limits, uint64_t before, uint64_t recent)
{
    return recent > before && recent - before >= limits->floor_us &&
           (double)recent * 100 >= (double)before * limits->percent;
}

static int keep_pace(struct asking *a, struct pacing *p, const struct why_history_pace *found)
{
    struct why_history_view *view = a->view;
    struct why_history_pace *pace;

    if (!why_grow(&view->paces, &view->pace_capacity, view->pace_count + 1, sizeof(*view->paces)))
        return WHY_ERR_NOMEM;
    pace = &view->paces[view->pace_count++];
    *pace = *found;
    pace->target = strdup(p->target);
    pace->vantage = strdup(p->vantage);
    return pace->target != NULL && pace->vantage != NULL ? WHY_OK : WHY_ERR_NOMEM;
}

static int end_pace(struct asking *a, struct pacing *p)
{
    struct why_history_pace found = {.profile = (enum why_profile)p->profile,
                                     .phase = (enum why_phase)p->phase};

    if (p->target == NULL || p->count < PACE_LEAST + PACE_RECENT)
        return WHY_OK;
    found.recent_count = PACE_RECENT;
    found.before_count = p->count - PACE_RECENT;
    found.recent_us = median(p->values + found.before_count, found.recent_count);
    found.before_us = median(p->values, found.before_count);
    if (!is_slower(p->limits, found.before_us, found.recent_us) &&
        !is_slower(p->limits, found.recent_us, found.before_us))
        return WHY_OK;
    return keep_pace(a, p, &found);
}

static int begin_pace(struct asking *a, struct pacing *p, int profile, int phase)
{
    int status = end_pace(a, p);

    p->count = 0;
    p->profile = profile;
    p->phase = phase;
    if (status == WHY_OK &&
        (!copy_text(a, PACE_TARGET, &p->target) || !copy_text(a, PACE_VANTAGE, &p->vantage)))
        return WHY_ERR_NOMEM;
    return status;
}

static int take_pace(struct asking *a, void *arg)
{
    struct pacing *p = arg;
    int profile = why_word_find(WHY_VOCAB_PROFILE, why_history_text(a->s, PACE_PROFILE));
    int phase = why_word_find(WHY_VOCAB_PHASE, why_history_text(a->s, PACE_PHASE));
    int64_t us = sqlite3_column_int64(a->s, PACE_US);
    int status = WHY_OK;

    if (profile < 0 || phase < 0)
        return WHY_OK;
    if (profile != p->profile || phase != p->phase ||
        is_next(a, p->target, p->vantage, PACE_TARGET))
        status = begin_pace(a, p, profile, phase);
    if (status != WHY_OK)
        return status;
    if (p->count == PACE_BEFORE + PACE_RECENT)
        memmove(p->values, p->values + 1, --p->count * sizeof(p->values[0]));
    p->values[p->count++] = us > 0 ? (uint64_t)us : 0;
    return WHY_OK;
}

static int ask_paces(struct asking *a, const struct why_history_limits *limits)
{
    struct pacing p = {.limits = limits, .profile = -1, .phase = -1};
    int status = each_row(a, paces_sql, take_pace, &p);

    if (status == WHY_OK)
        status = end_pace(a, &p);
    free(p.target);
    free(p.vantage);
    return status;
}

/* ---- all of it --------------------------------------------------------------------------------
 */

static int ask_all(struct asking *a, const struct why_history_limits *limits)
{
    int64_t runs = 0, cut_off = 0;
    int status = why_history_number(a->h, "SELECT count(*) FROM runs", 0, &runs);

    if (status == WHY_OK)
        status =
            why_history_number(a->h, "SELECT count(*) FROM runs WHERE complete = 0", 0, &cut_off);
    a->view->runs = (size_t)runs;
    a->view->cut_off = (size_t)cut_off;
    if (status == WHY_OK)
        status = ask_hosts(a);
    if (status == WHY_OK)
        status = each_row(a, certificates_sql, take_certificate, NULL);
    if (status == WHY_OK)
        status = ask_times(a);
    return status == WHY_OK ? ask_paces(a, limits) : status;
}

int why_history_ask(struct why_history *history, int64_t now,
                    const struct why_history_limits *limits, struct why_history_view *view,
                    char *err, size_t errlen)
{
    struct asking a = {.h = history, .view = view};
    int status;

    *view = (struct why_history_view){.now = now};
    history->err = err;
    history->errlen = errlen;
    *err = '\0';
    /* One moment of the database, whoever adds to it meanwhile. */
    status = why_history_run(history, "BEGIN");
    if (status != WHY_OK)
        return status;
    status = ask_all(&a, limits);
    (void)sqlite3_exec(history->db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}
