/* SPDX-License-Identifier: Apache-2.0 */
#include "offline/offline.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/captured.h>
#include <rdpwhy/status.h>

#include "base/grow.h"

/* Results beyond that keep nothing of what passed, and of those of a host that ended alike only
 * some are kept at all. */
#define KEPT_MAX  2000u
#define KINDS_MAX 64u
#define HELD_MAX  2000u

struct offline_host {
    struct why_target target;
    struct why_result **results; /* those that are kept */
    size_t count, capacity;
    size_t attempts;                                             /* all of them */
    unsigned repeats[WHY_PROFILE_COUNT][WHY_LICENSE_MODE_COUNT]; /* of each step */
    struct why_map kinds; /* struct kind; the value is how many were so */
};

/* A result that waits. */
struct offline_held {
    struct why_result *result; /* owned */
    struct offline_host *host;
};

/* What makes two results alike for what is said of their host; no padding, for it is a key. */
struct kind {
    int64_t code;
    int32_t profile, mode, outcome, phase, phase_to, ending, closer, second_try;
};

/* ---- hosts ----------------------------------------------------------------------------------- */

static void host_free(void *value)
{
    struct offline_host *host = value;

    for (size_t i = 0; i < host->count; i++)
        why_result_free(host->results[i]);
    free(host->results);
    why_map_clear(&host->kinds, NULL);
    free(host->target.host);
    free(host->target.label);
    free(host);
}

static struct offline_host *host_new(const struct why_trace_head *head, const char *label)
{
    struct offline_host *host = calloc(1, sizeof(*host));

    if (host == NULL)
        return NULL;
    host->target =
        (struct why_target){.host = strdup(head->host), .port = head->port, .label = strdup(label)};
    if (host->target.host != NULL && host->target.label != NULL)
        return host;
    host_free(host);
    return NULL;
}

/* NULL: out of memory. */
static struct offline_host *host_of(struct why_offline *o, const struct why_trace_head *head)
{
    char label[512];
    struct offline_host *host;

    (void)snprintf(label, sizeof(label), strchr(head->host, ':') != NULL ? "[%s]:%u" : "%s:%u",
                   head->host, (unsigned)head->port);
    host = why_map_get(&o->hosts, label, strlen(label));
    if (host != NULL)
        return host;
    host = host_new(head, label);
    if (host == NULL || why_map_put(&o->hosts, label, strlen(label), host) == WHY_OK)
        return host;
    host_free(host);
    return NULL;
}

/* ---- results --------------------------------------------------------------------------------- */

static struct kind kind_of(const struct why_result *r)
{
    const struct why_verdict *v = &r->verdict;

    return (struct kind){
        .code = v->has_code ? v->code.value : 0,
        .profile = r->step.profile,
        .mode = r->step.license_mode,
        .outcome = v->outcome,
        .phase = v->phase,
        .phase_to = v->phase_to,
        .ending = v->ending,
        .closer = v->has_closer ? (int32_t)v->closed_by : -1,
        .second_try = r->first_try != NULL,
    };
}

/* Counts the result among those of its host. |*alike|: how many were like it before. */
static int count_alike(struct offline_host *host, const struct why_result *result, size_t *alike)
{
    struct kind kind = kind_of(result);
    struct why_map_entry *entry = why_map_find(&host->kinds, &kind, sizeof(kind));

    *alike = WHY_OFFLINE_ALIKE;
    if (entry == NULL && host->kinds.count == KINDS_MAX)
        return WHY_OK;
    if (entry == NULL)
        entry = why_map_add(&host->kinds, &kind, sizeof(kind));
    if (entry == NULL)
        return WHY_ERR_NOMEM;
    *alike = (uintptr_t)entry->value;
    entry->value = (void *)(*alike + 1);
    return WHY_OK;
}

/* Takes |result| over. */
static int keep(struct why_offline *o, struct offline_host *host, struct why_result *result)
{
    size_t alike;
    int status = count_alike(host, result, &alike);

    if (status == WHY_OK && o->kept >= KEPT_MAX && alike >= WHY_OFFLINE_ALIKE) {
        why_result_free(result);
        o->unkept++;
        return WHY_OK;
    }
    if (status != WHY_OK ||
        !why_grow(&host->results, &host->capacity, host->count + 1, sizeof(struct why_result *))) {
        why_result_free(result);
        return WHY_ERR_NOMEM;
    }
    host->results[host->count++] = result;
    return ++o->kept > KEPT_MAX ? why_result_slim(result) : WHY_OK;
}

/* With those that belong to it. */
static void number(struct why_result *result, size_t ordinal)
{
    for (; result != NULL; result = result->first_try) {
        result->ordinal = ordinal;
        if (result->tls_first != NULL)
            result->tls_first->ordinal = ordinal;
    }
}

static int hand_on(struct why_offline *o, struct offline_host *host, struct why_result *result)
{
    int status = WHY_OK;

    if (o->hold && result->captured != NULL)
        status = why_captured_append(result->captured, result->trace);
    if (status == WHY_OK)
        status = why_results_add(&o->out, result);
    if (status == WHY_OK)
        return keep(o, host, result);
    why_result_free(result);
    return status;
}

/* Hands on the first |count| of those that wait. */
static int release(struct why_offline *o, size_t count)
{
    int status = WHY_OK;
    size_t i = 0;

    while (i < count && status == WHY_OK) {
        status = hand_on(o, o->held[i].host, o->held[i].result);
        i++;
    }
    o->held_count -= i;
    if (i > 0)
        memmove(o->held, o->held + i, o->held_count * sizeof(*o->held));
    return status;
}

int why_offline_release(struct why_offline *o)
{
    return release(o, o->held_count);
}

int why_offline_each(struct why_offline *o, int (*each)(void *arg, struct why_result *result),
                     void *arg)
{
    int status = WHY_OK;

    for (size_t i = 0; i < o->held_count && status == WHY_OK; i++)
        status = each(arg, o->held[i].result);
    return status == WHY_OK && o->pending != NULL ? each(arg, o->pending) : status;
}

/* Takes |result| over. */
static int wait(struct why_offline *o, struct offline_host *host, struct why_result *result)
{
    int status = o->held_count == HELD_MAX ? release(o, HELD_MAX / 2) : WHY_OK;

    if (status == WHY_OK &&
        !why_grow(&o->held, &o->held_capacity, o->held_count + 1, sizeof(*o->held)))
        status = WHY_ERR_NOMEM;
    if (status == WHY_OK)
        o->held[o->held_count++] = (struct offline_held){result, host};
    else
        why_result_free(result);
    return status;
}

int why_offline_finish(struct why_offline *o)
{
    struct offline_host *host = o->pending_host;
    struct why_result *result = o->pending;

    if (result == NULL)
        return WHY_OK;
    o->pending = NULL;
    host->attempts++;
    number(result, host->attempts);
    host->repeats[result->step.profile][result->step.license_mode]++;
    return o->hold ? wait(o, host, result) : hand_on(o, host, result);
}

static bool is_second_try(const struct why_offline *o, const struct offline_host *host,
                          const struct why_result *result)
{
    const struct why_result *first = o->pending;

    return first != NULL && o->pending_host == host && first->first_try == NULL &&
           why_trace_head(first->trace)->variation == NULL &&
           why_trace_head(result->trace)->variation != NULL &&
           first->step.profile == result->step.profile &&
           first->step.license_mode == result->step.license_mode;
}

static bool is_pending_step(const struct why_offline *o, const struct why_trace_head *head)
{
    return o->pending != NULL && o->pending->step.profile == head->profile &&
           o->pending->step.license_mode == head->license_mode;
}

/* Where the attempt before was redirected to. */
static bool is_next_hop(const struct why_offline *o, const struct why_trace_head *head)
{
    return head->hop > 0 && is_pending_step(o, head) &&
           why_trace_head(o->pending->trace)->hop + 1 == head->hop;
}

/* A ClientHello in place of the Connection Request that got no answer. */
static bool is_tls_first(const struct why_offline *o, const struct offline_host *host,
                         const struct why_trace_head *head)
{
    return head->variation != NULL && o->pending_host == host && is_pending_step(o, head) &&
           o->pending->tls_first == NULL &&
           strcmp(head->variation, why_variation_name(WHY_VARIATION_TLS_FIRST)) == 0;
}

int why_offline_add(struct why_offline *o, struct why_trace *trace)
{
    const struct why_trace_head *head = why_trace_head(trace);
    struct offline_host *host = is_next_hop(o, head) ? o->pending_host : host_of(o, head);
    struct why_step step = {.profile = head->profile, .license_mode = head->license_mode};
    struct why_result *result;
    int status;

    if (host == NULL) {
        why_trace_free(trace);
        return WHY_ERR_NOMEM;
    }
    result = why_result_new(&host->target, &step, 0, trace, NULL);
    if (result == NULL)
        return WHY_ERR_NOMEM;
    if (why_result_judge_trust(result, o->trust) != WHY_OK) {
        why_result_free(result);
        return WHY_ERR_NOMEM;
    }
    if (is_tls_first(o, host, head)) {
        o->pending->tls_first = result;
        return WHY_OK;
    }
    if (is_next_hop(o, head) || is_second_try(o, host, result)) {
        result->first_try = o->pending;
        o->pending = NULL;
    }
    status = why_offline_finish(o);
    if (status != WHY_OK) {
        why_result_free(result);
        return status;
    }
    result->step.repeat = host->repeats[step.profile][step.license_mode];
    o->pending = result;
    o->pending_host = host;
    return WHY_OK;
}

/* ---- the end --------------------------------------------------------------------------------- */

int why_offline_diagnose(struct why_offline *o)
{
    struct why_map_entry *entry;
    size_t position = 0;
    int status = WHY_OK;

    while (status == WHY_OK && (entry = why_map_next(&o->hosts, &position)) != NULL) {
        struct offline_host *h = entry->value;

        status = why_results_add_host(&o->out, &h->target, h->results, h->count);
    }
    return status;
}

void why_offline_clear(struct why_offline *o)
{
    why_result_free(o->pending);
    for (size_t i = 0; i < o->held_count; i++)
        why_result_free(o->held[i].result);
    free(o->held);
    why_map_clear(&o->hosts, host_free);
}
