/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>

/* How findings are put into words. */

char *why_finding_next_fact(struct finding_builder *b)
{
    struct why_finding *f = b->finding;

    /* Further facts overwrite nothing that counts: the last place is for them. */
    if (f->because_count < WHY_FINDING_BECAUSE_MAX)
        f->because_count++;
    return f->because[f->because_count - 1];
}

static bool rests_on(const struct why_finding *f, const struct why_result *r)
{
    for (size_t i = 0; i < f->attempt_count; i++) {
        if (f->attempts[i] == r->ordinal)
            return true;
    }
    return false;
}

void why_finding_add_attempt(struct finding_builder *b, const struct why_result *r)
{
    struct why_finding *f = b->finding;

    if (!rests_on(f, r) && f->attempt_count < WHY_FINDING_ATTEMPTS_MAX)
        f->attempts[f->attempt_count++] = r->ordinal;
}

void why_step_words(const struct why_result *r, char *buf, size_t len)
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

void why_finding_add_line(struct finding_builder *b, const struct why_result *r, const char *line)
{
    char step[64];

    why_finding_add_attempt(b, r);
    why_step_words(r, step, sizeof(step));
    if (!join_fact(b->finding, step, line))
        add_fact(b, "%s: %s", step, line);
}

void why_finding_add_verdict(struct finding_builder *b, const struct why_result *r)
{
    static const char twice[] = ", and the same when tried again";
    const struct why_result *before = why_first_of_two(r);
    char line[256], told[sizeof(line) + sizeof(twice)];

    why_verdict_line(&r->verdict, line, sizeof(line));
    (void)snprintf(told, sizeof(told), "%s%s", line,
                   before != NULL && why_ended_alike(before, r) ? twice : "");
    why_finding_add_line(b, r, told);
}

const struct why_result *why_finding_add_attempts(const struct host_results *h,
                                                  struct finding_builder *b, result_test *test)
{
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (test(r))
            why_finding_add_attempt(b, r);
    }
    return why_results_first(h, test);
}

const struct why_result *why_finding_add_verdicts(const struct host_results *h,
                                                  struct finding_builder *b, result_test *test)
{
    const struct why_result *r;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (!test(r))
            continue;
        b->conditions |= why_ending_conditions(r);
        why_finding_add_verdict(b, r);
    }
    return why_results_first(h, test);
}

bool why_finding_add_passing(const struct host_results *h, struct finding_builder *b,
                             result_test *wanted)
{
    const struct why_result *r;
    bool passes = true;

    for (size_t i = 0; (r = why_results_next(h, &i)) != NULL;) {
        if (wanted(r))
            passes = passes && why_is_passed_elsewhere(h, r);
    }
    b->conditions |= passes ? WHY_IF(OTHERS_PASS) : WHY_IF(NONE_PASSES);
    if (passes)
        b->finding->severity = WHY_SEVERITY_WARNING;
    return passes;
}

bool why_finding_add_wordless(const struct host_results *h, struct finding_builder *b,
                              result_test *wanted, const char *closed, const char *silent)
{
    const struct why_result *r = why_finding_add_verdicts(h, b, wanted);
    char step[64];
    bool passes;

    if (r == NULL)
        return false;
    why_step_words(r, step, sizeof(step));
    passes = why_finding_add_passing(h, b, wanted);
    summarize(b, "%s%s%s%s", (b->conditions & WHY_IF(CLOSED)) == 0 ? silent : closed,
              passes ? "; this happens with " : "", passes ? step : "",
              passes ? ", other attempts get past this point" : "");
    return true;
}

void why_date_words(int64_t seconds, char *buf, size_t len)
{
    time_t t = (time_t)seconds;
    struct tm tm;

    if (gmtime_r(&t, &tm) == NULL || strftime(buf, len, "%Y-%m-%d", &tm) == 0)
        (void)snprintf(buf, len, "%" PRId64, seconds);
}

/* The code of the first attempt that the finding rests on, as people write it. */
static void code_words(const struct host_results *h, const struct finding_builder *b, char *buf,
                       size_t len)
{
    const struct why_finding *f = b->finding;

    (void)snprintf(buf, len, "CODE");
    for (size_t i = 0; i < h->count; i++) {
        const struct why_verdict *v = &h->results[i]->verdict;

        if (f->attempt_count == 0 || h->results[i]->ordinal != f->attempts[0] || !v->has_code)
            continue;
        why_code_format(v->code.space, v->code.value, buf, len);
        return;
    }
}

/* One list of a rule: those texts whose conditions hold. With |arena| NULL only sizes are counted.
 */
#define ADDRESS_MAX 64

/* The address of "192.0.2.7:3389" or "[2001:db8::7]:3389" in |buf|; NULL: it is none. */
static const char *address_in(const char *text, char *buf)
{
    const char *colon = text != NULL ? strrchr(text, ':') : NULL;
    bool brackets = colon != NULL && text[0] == '[' && colon[-1] == ']';
    size_t len = colon != NULL ? (size_t)(colon - text) : 0;

    if (len < 3 || len >= ADDRESS_MAX)
        return NULL;
    memcpy(buf, text + brackets, len - 2 * (size_t)brackets);
    buf[len - 2 * (size_t)brackets] = '\0';
    return buf;
}

/* The address that was used, or that the last dial went to. */
static const char *tried_address(const struct host_results *h, char *buf)
{
    const char *found = NULL;

    for (size_t i = 0; i < h->count && found == NULL; i++) {
        const struct why_result *r = h->results[i];

        found = r->facts.address;
        for (size_t k = r->trace != NULL ? why_trace_count(r->trace) : 0; k-- > 0 && found == NULL;)
            if (why_trace_at(r->trace, k)->kind == WHY_EV_DIAL)
                found = address_in(why_trace_at(r->trace, k)->text, buf);
    }
    return found != NULL ? found : h->target->host;
}

/* When what |b| rests on was captured; untouched where it was made just now. */
static void captured_at(const struct host_results *h, const struct finding_builder *b,
                        struct why_rule_fields *fields)
{
    for (size_t i = 0; i < h->count; i++) {
        const struct why_result *r = h->results[i];
        const struct why_trace_head *head = r->trace != NULL ? why_trace_head(r->trace) : NULL;
        uint64_t end_us;

        if (head == NULL || (head->library != NULL && head->capture == NULL) ||
            head->started_us == 0 || (b->finding->attempt_count > 0 && !rests_on(b->finding, r)))
            continue;
        end_us = head->started_us + r->verdict.duration_us;
        if (fields->from_us == 0 || head->started_us < fields->from_us)
            fields->from_us = head->started_us;
        if (end_us > fields->to_us)
            fields->to_us = end_us;
    }
}

/* NULL: there is none. */
static const char *gateway_of(const struct host_results *h)
{
    for (size_t i = 0; i < h->count; i++) {
        if (h->results[i]->facts.gateway.label != NULL)
            return h->results[i]->facts.gateway.label;
    }
    return NULL;
}

static size_t fill_list(const struct host_results *h, const struct finding_builder *b,
                        const struct why_rule_text *texts, const char **list, char *arena)
{
    char address[ADDRESS_MAX];
    char code[32];
    struct why_rule_fields fields = {.host = h->target->host,
                                     .target = h->target->label,
                                     .address = tried_address(h, address),
                                     .port = h->target->port,
                                     .code = code,
                                     .gateway = gateway_of(h)};
    size_t used = 0, n = 0;

    code_words(h, b, code, sizeof(code));
    captured_at(h, b, &fields);
    for (; texts != NULL && texts->text != NULL && n < WHY_FINDING_LIST_MAX; texts++) {
        size_t len;

        if (!why_text_fits(texts, b->conditions, h->kind))
            continue;
        len = why_rule_expand(texts->text, &fields, NULL, 0) + 1;
        if (arena != NULL) {
            (void)why_rule_expand(texts->text, &fields, arena + used, len);
            list[n] = arena + used;
        }
        used += len;
        n++;
    }
    return used;
}

int why_finding_fill_texts(const struct host_results *h, struct finding_builder *b)
{
    const struct why_rule_info *info = why_rule_info(b->rule);
    struct why_finding *f = b->finding;
    size_t causes = fill_list(h, b, info->causes, f->causes, NULL);
    size_t checks = fill_list(h, b, info->checks, f->checks, NULL);
    size_t remedies = fill_list(h, b, info->remedies, f->remedies, NULL);

    if (causes + checks + remedies == 0)
        return WHY_OK;
    f->texts = malloc(causes + checks + remedies);
    if (f->texts == NULL)
        return WHY_ERR_NOMEM;
    (void)fill_list(h, b, info->causes, f->causes, f->texts);
    (void)fill_list(h, b, info->checks, f->checks, f->texts + causes);
    (void)fill_list(h, b, info->remedies, f->remedies, f->texts + causes + checks);
    return WHY_OK;
}
