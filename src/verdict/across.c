/* SPDX-License-Identifier: Apache-2.0 */
#include "across.h"

#include <string.h>

#include <rdpwhy/status.h>

#include "rules.h"

/* A connection is called slow beside another from here on. */
#define SLOWER_TIMES    4u
#define SLOWER_FLOOR_US UINT64_C(100000)

#define PLACES_NAMED 4u /* in one sentence */

struct views {
    const struct why_target *target;
    const struct why_view *items;
    size_t count;
};

typedef bool view_test(const struct why_view *view);

/* Rules of several places have no matcher for the results of one. */
bool why_match_across(const struct host_results *h, struct finding_builder *b)
{
    (void)h, (void)b;
    return false;
}

static bool works(const struct why_view *view)
{
    return view->state == WHY_HOST_HEALTHY || view->state == WHY_HOST_DEGRADED;
}

static bool fails(const struct why_view *view)
{
    return !works(view);
}

static const struct why_view *first_of(const struct views *v, view_test *test)
{
    for (size_t i = 0; i < v->count; i++) {
        if (test(&v->items[i]))
            return &v->items[i];
    }
    return NULL;
}

static bool is_same_end(const struct why_view *a, const struct why_view *b)
{
    return a->verdict.outcome == b->verdict.outcome && a->verdict.phase == b->verdict.phase &&
           a->verdict.ending == b->verdict.ending && a->verdict.has_code == b->verdict.has_code &&
           (!a->verdict.has_code || (a->verdict.code.space == b->verdict.code.space &&
                                     a->verdict.code.value == b->verdict.code.value));
}

static bool is_same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL || strcmp(a, b) == 0;
}

/* "fra, nyc and 3 more" of the views that |test| holds for. */
static void places(const struct views *v, view_test *test, char *buf, size_t len)
{
    size_t wanted = 0, named = 0, at = 0;

    for (size_t i = 0; i < v->count; i++)
        wanted += test(&v->items[i]);
    *buf = '\0';
    for (size_t i = 0; i < v->count && named < PLACES_NAMED && at < len; i++) {
        if (!test(&v->items[i]))
            continue;
        at += (size_t)snprintf(buf + at, len - at, "%s%s",
                               named == 0            ? ""
                               : named + 1 == wanted ? " and "
                                                     : ", ",
                               v->items[i].vantage);
        named++;
    }
    if (named < wanted && at < len)
        (void)snprintf(buf + at, len - at, " and %zu more", wanted - named);
}

/* "fra: healthy, completed in active: done", for as many as a finding holds. */
static void add_lines(const struct views *v, struct finding_builder *b)
{
    for (size_t i = 0; i < v->count; i++) {
        const struct why_view *view = &v->items[i];
        char line[WHY_FINDING_TEXT / 2];

        why_verdict_line(&view->verdict, line, sizeof(line));
        add_fact(b, "%s: %s, %s%s%s", view->vantage, why_host_state_name(view->state), line,
                 view->address != NULL ? ", at " : "", view->address != NULL ? view->address : "");
    }
}

static bool addresses_differ(const struct views *v)
{
    const char *first = NULL;

    for (size_t i = 0; i < v->count; i++) {
        if (!is_same_text(first, v->items[i].address))
            return true;
        first = first != NULL ? first : v->items[i].address;
    }
    return false;
}

static uint64_t conditions_of(const struct views *v)
{
    if (addresses_differ(v))
        return WHY_IF(OTHER_ADDRESS);
    for (size_t i = 0; i < v->count; i++) {
        if (v->items[i].address == NULL)
            return 0;
    }
    return WHY_IF(SAME_ADDRESS);
}

static uint64_t ending_condition(const struct why_view *view)
{
    switch (view->verdict.ending) {
    case WHY_END_NAME_NOT_FOUND:
        return WHY_IF(PERMANENT);
    case WHY_END_TIMEOUT:
        return WHY_IF(SILENT);
    default:
        return WHY_IF(CLOSED);
    }
}

/* ---- the rules --------------------------------------------------------------------------------
 */

typedef bool across_match(const struct views *v, struct finding_builder *b);

static bool path_differs(const struct views *v, struct finding_builder *b)
{
    const struct why_view *failing = first_of(v, fails);
    char good[120], bad[120], line[160];

    if (failing == NULL || first_of(v, works) == NULL)
        return false;
    places(v, works, good, sizeof(good));
    places(v, fails, bad, sizeof(bad));
    why_verdict_line(&failing->verdict, line, sizeof(line));
    summarize(b, "The server works from %s, but not from %s: %s%s", good, bad, line,
              conditions_of(v) == WHY_IF(SAME_ADDRESS) ? ", so something on that path differs"
                                                       : "");
    b->conditions |= ending_condition(failing);
    add_lines(v, b);
    return true;
}

static bool all_end_alike(const struct views *v)
{
    for (size_t i = 1; i < v->count; i++) {
        if (!is_same_end(&v->items[0], &v->items[i]))
            return false;
    }
    return true;
}

static bool fails_everywhere(const struct views *v, struct finding_builder *b)
{
    char line[160];

    if (first_of(v, works) != NULL || !all_end_alike(v))
        return false;
    why_verdict_line(&v->items[0].verdict, line, sizeof(line));
    summarize(b, "The server fails in the same way from all %zu places: %s", v->count, line);
    add_lines(v, b);
    return true;
}

static bool endings_differ(const struct views *v, struct finding_builder *b)
{
    if (first_of(v, works) != NULL || all_end_alike(v))
        return false;
    summarize(b, "The server fails from all %zu places, but not in the same way", v->count);
    add_lines(v, b);
    return true;
}

static bool other_certificate(const struct views *v, struct finding_builder *b)
{
    const struct why_view *first = NULL, *other = NULL;

    for (size_t i = 0; i < v->count && other == NULL; i++) {
        if (first != NULL && !is_same_text(first->certificate, v->items[i].certificate))
            other = &v->items[i];
        if (first == NULL && v->items[i].certificate != NULL)
            first = &v->items[i];
    }
    if (other == NULL)
        return false;
    summarize(b, "%s and %s got different certificates", first->vantage, other->vantage);
    for (size_t i = 0; i < v->count; i++) {
        if (v->items[i].certificate != NULL)
            add_fact(b, "%s: SHA-256 %s", v->items[i].vantage, v->items[i].certificate);
    }
    return true;
}

static bool other_addresses(const struct views *v, struct finding_builder *b)
{
    if (!addresses_differ(v))
        return false;
    summarize(b, "The name leads to different addresses from different places");
    for (size_t i = 0; i < v->count; i++) {
        if (v->items[i].address != NULL)
            add_fact(b, "%s: %s", v->items[i].vantage, v->items[i].address);
    }
    return true;
}

static bool slower_by_place(const struct views *v, struct finding_builder *b)
{
    const struct why_view *fast = NULL, *slow = NULL;

    for (size_t i = 0; i < v->count; i++) {
        const struct why_view *view = &v->items[i];

        if (view->connect_us == 0)
            continue;
        if (fast == NULL || view->connect_us < fast->connect_us)
            fast = view;
        if (slow == NULL || view->connect_us > slow->connect_us)
            slow = view;
    }
    if (fast == NULL || slow->connect_us < fast->connect_us * SLOWER_TIMES ||
        slow->connect_us - fast->connect_us < SLOWER_FLOOR_US)
        return false;
    summarize(b, "The TCP connection takes %.0f ms from %s, and %.1f ms from %s",
              (double)slow->connect_us / 1e3, slow->vantage, (double)fast->connect_us / 1e3,
              fast->vantage);
    add_fact(b, "TCP connect, one measurement each: %s %.1f ms, %s %.1f ms", fast->vantage,
             (double)fast->connect_us / 1e3, slow->vantage, (double)slow->connect_us / 1e3);
    return true;
}

/* What differs by place comes first. */
static const struct {
    enum why_rule rule;
    across_match *match;
} rules[WHY_ACROSS_MAX] = {
    {WHY_RULE_PATH_DIFFERS, path_differs},           {WHY_RULE_ENDINGS_DIFFER, endings_differ},
    {WHY_RULE_OTHER_CERTIFICATE, other_certificate}, {WHY_RULE_FAILS_EVERYWHERE, fails_everywhere},
    {WHY_RULE_OTHER_ADDRESSES, other_addresses},     {WHY_RULE_SLOWER_BY_PLACE, slower_by_place},
};

const char *why_across_rule(size_t index)
{
    return why_rule_info(rules[index].rule)->name;
}

int why_across(const struct why_target *target, const struct why_view *views, size_t count,
               struct why_finding findings[WHY_ACROSS_MAX], size_t *found)
{
    const struct views all = {target, views, count};
    const struct host_results none = {.target = target};

    *found = 0;
    for (size_t i = 0; count > 1 && i < WHY_ACROSS_MAX; i++) {
        struct why_finding *finding = &findings[*found];
        struct finding_builder builder = {.finding = finding, .rule = rules[i].rule};

        memset(finding, 0, sizeof(*finding));
        finding->rule = why_rule_info(rules[i].rule)->name;
        finding->severity = why_rule_info(rules[i].rule)->severity;
        builder.conditions = conditions_of(&all);
        if (!rules[i].match(&all, &builder))
            continue;
        if (why_finding_fill_texts(&none, &builder) != WHY_OK)
            return WHY_ERR_NOMEM;
        ++*found;
    }
    return WHY_OK;
}
