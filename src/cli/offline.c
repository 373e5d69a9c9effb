/* SPDX-License-Identifier: Apache-2.0 */
#include "offline.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/scan.h>
#include <rdpwhy/status.h>

#include "cli.h"

/* Results beyond that keep nothing of what passed, and of those of a host that ended alike only
 * some are kept at all. */
#define KEPT_MAX  2000u
#define ALIKE_MAX 16u
#define KINDS_MAX 64u

/* How an attempt ended, for its host. */
struct offline_kind {
    int profile, mode, outcome, phase, phase_to, ending, closer;
    bool second_try;
    int64_t code;
    size_t count;
};

static const enum why_profile all_profiles[] = {
#define WHY_PROFILE(id, ...) WHY_PROFILE_##id,
#include <rdpwhy/vocab.def>
};
static const enum why_license_mode all_modes[] = {
#define WHY_LICENSE_MODE(id, ...) WHY_LICENSE_MODE_##id,
#include <rdpwhy/vocab.def>
};

int offline_begin(struct offline *o, const struct cli_options *options, const char *source)
{
    struct timespec now = {0, 0};
    struct why_run_info run = {
        .tool_version = RDPWHY_VERSION,
        .openssl = why_scan_versions().openssl,
        .source = source,
        .profiles = all_profiles,
        .profile_count = sizeof(all_profiles) / sizeof(all_profiles[0]),
        .license_modes = all_modes,
        .license_mode_count = sizeof(all_modes) / sizeof(all_modes[0]),
        .until = WHY_PHASE_ACTIVE,
        .repeat = 1,
    };
    int status;

    memset(o, 0, sizeof(*o));
    o->quiet = options->quiet;
    (void)clock_gettime(CLOCK_REALTIME, &now);
    run.started_us = (uint64_t)now.tv_sec * 1000000u + (uint64_t)now.tv_nsec / 1000u;
    status = cli_outputs_open(&o->outputs, options);
    return status == WHY_OK ? cli_outputs_begin(&o->outputs, &run) : status;
}

/* ---- hosts ----------------------------------------------------------------------------------- */

static size_t bucket_of(const char *label)
{
    uint32_t hash = 2166136261u; /* FNV-1a */

    for (; *label != '\0'; label++)
        hash = (hash ^ (unsigned char)*label) * 16777619u;
    return hash % OFFLINE_BUCKETS;
}

static void *grow(void *items, size_t count, size_t *capacity, size_t size)
{
    size_t wanted = *capacity > 0 ? 2 * *capacity : 8;

    if (count < *capacity)
        return items;
    items = realloc(items, wanted * size);
    if (items != NULL)
        *capacity = wanted;
    return items;
}

static void host_free(struct offline_host *host)
{
    for (size_t i = 0; i < host->count; i++)
        why_result_free(host->results[i]);
    free(host->results);
    free(host->kinds);
    free(host->target.host);
    free(host->target.label);
    free(host);
}

static struct offline_host *host_new(const char *name, uint16_t port, const char *label)
{
    struct offline_host *host = calloc(1, sizeof(*host));

    if (host == NULL)
        return NULL;
    host->target.host = strdup(name);
    host->target.port = port;
    host->target.label = strdup(label);
    if (host->target.host != NULL && host->target.label != NULL)
        return host;
    host_free(host);
    return NULL;
}

static struct offline_host *host_of(struct offline *o, const struct why_trace_head *head)
{
    char label[512];
    struct offline_host **at, *host, **hosts;

    (void)snprintf(label, sizeof(label), strchr(head->host, ':') != NULL ? "[%s]:%u" : "%s:%u",
                   head->host, (unsigned)head->port);
    at = &o->buckets[bucket_of(label)];
    for (host = *at; host != NULL; host = host->next) {
        if (strcmp(host->target.label, label) == 0)
            return host;
    }
    hosts = grow(o->hosts, o->host_count, &o->host_capacity, sizeof(struct offline_host *));
    if (hosts == NULL)
        return NULL;
    o->hosts = hosts;
    host = host_new(head->host, head->port, label);
    if (host == NULL)
        return NULL;
    host->next = *at;
    *at = host;
    o->hosts[o->host_count++] = host;
    return host;
}

/* ---- results --------------------------------------------------------------------------------- */

/* Memory is for the connections that are open: of older ones there is what was found out. */
static int slim(struct why_result *result)
{
    struct why_trace_head head = *why_trace_head(result->trace);
    struct why_trace *small;

    head.host = NULL; /* the target has it */
    small = why_trace_new(&head);
    if (small == NULL)
        return WHY_ERR_NOMEM;
    why_trace_free(result->trace);
    result->trace = small;
    return WHY_OK;
}

/* What makes two results alike for what is said of their host. */
static struct offline_kind kind_of(const struct why_result *r)
{
    const struct why_verdict *v = &r->verdict;

    return (struct offline_kind){
        .profile = r->step.profile,
        .mode = r->step.license_mode,
        .outcome = v->outcome,
        .phase = v->phase,
        .phase_to = v->phase_to,
        .ending = v->ending,
        .closer = v->has_closer ? (int)v->closed_by : -1,
        .second_try = r->first_try != NULL,
        .code = v->has_code ? v->code.value : 0,
    };
}

static bool same_kind(const struct offline_kind *a, const struct offline_kind *b)
{
    return a->profile == b->profile && a->mode == b->mode && a->outcome == b->outcome &&
           a->phase == b->phase && a->phase_to == b->phase_to && a->ending == b->ending &&
           a->closer == b->closer && a->second_try == b->second_try && a->code == b->code;
}

/* How many results of the host were like |kind|, before this one; SIZE_MAX: out of memory. */
static size_t count_alike(struct offline_host *host, const struct offline_kind *kind)
{
    struct offline_kind *kinds;

    for (size_t i = 0; i < host->kind_count; i++) {
        if (same_kind(&host->kinds[i], kind))
            return host->kinds[i].count++;
    }
    if (host->kind_count == KINDS_MAX)
        return ALIKE_MAX;
    kinds = grow(host->kinds, host->kind_count, &host->kind_capacity, sizeof(*kinds));
    if (kinds == NULL)
        return SIZE_MAX;
    host->kinds = kinds;
    kinds[host->kind_count] = *kind;
    kinds[host->kind_count++].count = 1;
    return 0;
}

/* Takes |result| over. */
static int keep(struct offline *o, struct offline_host *host, struct why_result *result)
{
    struct offline_kind kind = kind_of(result);
    size_t alike = count_alike(host, &kind);
    struct why_result **results;

    if (alike != SIZE_MAX && o->kept >= KEPT_MAX && alike >= ALIKE_MAX) {
        why_result_free(result);
        o->passed++;
        return WHY_OK;
    }
    results = grow(host->results, host->count, &host->capacity, sizeof(struct why_result *));
    if (results != NULL)
        host->results = results;
    if (results == NULL || alike == SIZE_MAX) {
        why_result_free(result);
        return WHY_ERR_NOMEM;
    }
    host->results[host->count++] = result;
    return ++o->kept > KEPT_MAX ? slim(result) : WHY_OK;
}

/* Reports the result that waited for a second try. */
static int settle(struct offline *o)
{
    struct offline_host *host = o->pending_host;
    struct why_result *result = o->pending;
    int status;

    if (result == NULL)
        return WHY_OK;
    o->pending = NULL;
    result->ordinal = ++host->attempts;
    host->repeats[result->step.profile][result->step.license_mode]++;
    o->summary.attempts++;
    o->summary.outcomes[result->verdict.outcome]++;
    status = cli_outputs_attempt(&o->outputs, result);
    if (status != WHY_OK) {
        why_result_free(result);
        return status;
    }
    return keep(o, host, result);
}

static bool is_second_try(const struct offline *o, const struct offline_host *host,
                          const struct why_result *result)
{
    const struct why_result *first = o->pending;

    return first != NULL && o->pending_host == host && first->first_try == NULL &&
           why_trace_head(first->trace)->variation == NULL &&
           why_trace_head(result->trace)->variation != NULL &&
           first->step.profile == result->step.profile &&
           first->step.license_mode == result->step.license_mode;
}

int offline_trace(struct offline *o, struct why_trace *trace)
{
    const struct why_trace_head *head = why_trace_head(trace);
    struct offline_host *host = host_of(o, head);
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
    if (is_second_try(o, host, result)) {
        result->first_try = o->pending;
        o->pending = NULL;
    }
    status = settle(o);
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

static int report_hosts(struct offline *o)
{
    int status = WHY_OK;
    size_t count = 0;

    for (size_t i = 0; i < o->host_count; i++)
        count += o->hosts[i]->count > 0;
    if (count > 0)
        cli_outputs_targets(&o->outputs, count);
    for (size_t i = 0; status == WHY_OK && i < o->host_count; i++) {
        struct offline_host *h = o->hosts[i];
        struct why_host host;

        if (h->count == 0)
            continue;
        status = why_diagnose(&h->target, h->results, h->count, &host);
        if (status != WHY_OK)
            break;
        o->summary.hosts++;
        o->summary.states[host.state]++;
        status = cli_outputs_host(&o->outputs, &host);
        why_host_clear(&host);
    }
    return status;
}

static int exit_code(const struct offline *o, int status)
{
    if (status == WHY_ERR_USAGE || status == WHY_ERR_MALFORMED)
        return CLI_EXIT_USAGE;
    if (status != WHY_OK)
        return CLI_EXIT_FAILED;
    return o->summary.hosts > 0 && o->summary.states[WHY_HOST_HEALTHY] == o->summary.hosts
               ? CLI_EXIT_OK
               : CLI_EXIT_NOT_HEALTHY;
}

int offline_end(struct offline *o, int status, bool complete)
{
    bool readable = status == WHY_OK || status == WHY_ERR_MALFORMED;
    int told = readable ? settle(o) : WHY_OK, ended;

    if (o->passed > 0 && !o->quiet)
        cli_sayf(
            "%zu attempts ended as at least %u others of their host: each is reported, but what is "
            "said of the hosts does not count them",
            o->passed, ALIKE_MAX);
    if (told == WHY_OK && readable)
        told = report_hosts(o);
    o->summary.complete = complete && told == WHY_OK && status == WHY_OK;
    if (told == WHY_ERR_NOMEM || status == WHY_ERR_NOMEM)
        cli_say(why_strstatus(WHY_ERR_NOMEM));
    ended = cli_outputs_end(&o->outputs, &o->summary);
    if (cli_outputs_close(&o->outputs) != WHY_OK && ended == WHY_OK)
        ended = WHY_ERR_IO;
    why_result_free(o->pending);
    for (size_t i = 0; i < o->host_count; i++)
        host_free(o->hosts[i]);
    free(o->hosts);
    if (told != WHY_OK)
        status = told;
    return exit_code(o, ended != WHY_OK ? WHY_ERR_IO : status);
}
