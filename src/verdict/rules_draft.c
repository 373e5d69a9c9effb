/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>

/* How findings are put into words. */

char *next_fact(struct draft *d)
{
    struct why_finding *f = d->finding;

    /* Further facts overwrite nothing that counts: the last place is for them. */
    if (f->because_count < WHY_FINDING_BECAUSE_MAX)
        f->because_count++;
    return f->because[f->because_count - 1];
}

void rest_on(struct draft *d, const struct why_result *r)
{
    struct why_finding *f = d->finding;

    for (size_t i = 0; i < f->attempt_count; i++) {
        if (f->attempts[i] == r->ordinal)
            return;
    }
    if (f->attempt_count < WHY_FINDING_ATTEMPTS_MAX)
        f->attempts[f->attempt_count++] = r->ordinal;
}

void step_words(const struct why_result *r, char *buf, size_t len)
{
    int n = snprintf(buf, len, "%s", why_profile_name(r->step.profile));

    if (n > 0 && (size_t)n < len && r->step.license_mode != WHY_LICENSE_MODE_FRESH)
        n += snprintf(buf + n, len - (size_t)n, " %s", why_license_mode_name(r->step.license_mode));
    if (n > 0 && (size_t)n < len && r->step.repeat > 0)
        (void)snprintf(buf + n, len - (size_t)n, " #%u", r->step.repeat + 1);
}

/* Puts |step| before the colon of the fact that ends in |line|; false where there is none. */
static bool join_fact(struct why_finding *f, const char *step, const char *line)
{
    for (size_t i = 0; i < f->because_count; i++) {
        char *fact = f->because[i];
        char *colon = strstr(fact, ": "), joined[WHY_FINDING_TEXT];

        if (colon == NULL || strcmp(colon + 2, line) != 0)
            continue;
        if (strlen(fact) + strlen(step) + 2 < sizeof(joined)) {
            (void)snprintf(joined, sizeof(joined), "%.*s, %s%s", (int)(colon - fact), fact, step,
                           colon);
            (void)snprintf(fact, WHY_FINDING_TEXT, "%s", joined);
        }
        return true;
    }
    return false;
}

void rest_on_verdict(struct draft *d, const struct why_result *r)
{
    char step[64], line[256];

    rest_on(d, r);
    step_words(r, step, sizeof(step));
    why_verdict_line(&r->verdict, line, sizeof(line));
    if (!join_fact(d->finding, step, line))
        because(d, "%s: %s", step, line);
}

size_t rest_on_all(const struct evidence *e, struct draft *d,
                   bool (*wanted)(const struct why_result *r))
{
    const struct why_result *r;
    size_t n = 0;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (!wanted(r))
            continue;
        d->conditions |= ending_conditions(r);
        rest_on_verdict(d, r);
        n++;
    }
    return n;
}

bool tell_passing(const struct evidence *e, struct draft *d,
                  bool (*wanted)(const struct why_result *r))
{
    const struct why_result *r;
    bool passes = true;

    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (wanted(r))
            passes = passes && is_passed_elsewhere(e, r);
    }
    d->conditions |= passes ? WHY_IF_OTHERS_PASS : WHY_IF_NONE_PASSES;
    if (passes)
        d->finding->severity = WHY_SEVERITY_WARNING;
    return passes;
}

bool rest_on_wordless(const struct evidence *e, struct draft *d,
                      bool (*wanted)(const struct why_result *r), const char *closed,
                      const char *silent)
{
    const struct why_result *r;
    char step[64] = "";
    bool passes;

    if (rest_on_all(e, d, wanted) == 0)
        return false;
    for (size_t i = 0; (r = next_measured(e, &i)) != NULL;) {
        if (wanted(r) && step[0] == '\0')
            step_words(r, step, sizeof(step));
    }
    passes = tell_passing(e, d, wanted);
    summarize(d, "%s%s%s%s", (d->conditions & WHY_IF_CLOSED) == 0 ? silent : closed,
              passes ? "; seen with " : "", passes ? step : "",
              passes ? ", other attempts pass there" : "");
    return true;
}

void date_words(int64_t seconds, char *buf, size_t len)
{
    time_t t = (time_t)seconds;
    struct tm tm;

    if (gmtime_r(&t, &tm) == NULL || strftime(buf, len, "%Y-%m-%d", &tm) == 0)
        (void)snprintf(buf, len, "%" PRId64, seconds);
}

/* One list of a rule: those texts whose conditions hold. With |arena| NULL only sizes are counted.
 */
static size_t fill_list(const struct evidence *e, const struct draft *d,
                        const struct why_rule_text *texts, const char **list, char *arena)
{
    size_t used = 0, n = 0;

    for (; texts != NULL && texts->text != NULL && n < WHY_FINDING_LIST_MAX; texts++) {
        size_t len;

        if (!why_text_fits(texts, d->conditions, e->kind))
            continue;
        len = why_rule_expand(texts->text, e->target->host, e->target->port, e->target->label, NULL,
                              0) +
              1;
        if (arena != NULL) {
            (void)why_rule_expand(texts->text, e->target->host, e->target->port, e->target->label,
                                  arena + used, len);
            list[n] = arena + used;
        }
        used += len;
        n++;
    }
    return used;
}

int fill_texts(const struct evidence *e, struct draft *d)
{
    const struct why_rule_info *info = why_rule_info(d->rule);
    struct why_finding *f = d->finding;
    size_t causes = fill_list(e, d, info->causes, f->causes, NULL);
    size_t checks = fill_list(e, d, info->checks, f->checks, NULL);
    size_t remedies = fill_list(e, d, info->remedies, f->remedies, NULL);

    if (causes + checks + remedies == 0)
        return WHY_OK;
    f->texts = malloc(causes + checks + remedies);
    if (f->texts == NULL)
        return WHY_ERR_NOMEM;
    (void)fill_list(e, d, info->causes, f->causes, f->texts);
    (void)fill_list(e, d, info->checks, f->checks, f->texts + causes);
    (void)fill_list(e, d, info->remedies, f->remedies, f->texts + causes + checks);
    return WHY_OK;
}
