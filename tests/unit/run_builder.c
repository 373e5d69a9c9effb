/* SPDX-License-Identifier: Apache-2.0 */
#include "run_builder.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "base/clock.h"

#include "trace_builder.h"

#define HOUR_US UINT64_C(3600000000)

static void must(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    abort();
}

static int next_target(void *arg, struct why_target *target)
{
    struct run_builder *b = arg;
    char label[80];

    if (*b->hosts == NULL)
        return WHY_ERR_NOTFOUND;
    (void)snprintf(label, sizeof(label), "%s:%u", *b->hosts, (unsigned)b->port);
    *target =
        (struct why_target){.host = strdup(*b->hosts++), .port = b->port, .label = strdup(label)};
    must(target->host != NULL && target->label != NULL, "strdup");
    return WHY_OK;
}

static int on_result(void *arg, const struct why_result *r)
{
    struct run_builder *b = arg;
    size_t n = strlen(b->log);

    (void)snprintf(b->log + n, sizeof(b->log) - n, "%s@%s %s/%s; ",
                   why_profile_name(r->step.profile), r->target->host,
                   why_outcome_name(r->verdict.outcome), why_ending_name(r->verdict.ending));
    return WHY_OK;
}

static int on_host(void *arg, const struct why_host *host)
{
    struct run_builder *b = arg;
    size_t n = strlen(b->log);

    (void)snprintf(b->log + n, sizeof(b->log) - n, "%s %s; ", host->target->host,
                   why_host_state_name(host->state));
    return WHY_OK;
}

void run_build(struct run_builder *b, const struct why_step *steps, size_t count,
               const char *const *hosts)
{
    *b = (struct run_builder){.hosts = hosts, .port = 3389};
    b->scan = (struct why_scan){
        .next_target = next_target,
        .steps = steps,
        .step_count = count,
        .until = WHY_PHASE_ACTIVE,
        .timeout_us = HOUR_US,
        .connect_timeout_us = HOUR_US,
        .jobs = 64,
        .per_host = 1,
        .license_store_optional = true,
        .on_result = on_result,
        .on_host = on_host,
        .arg = b,
    };
    b->server.channel.fd = -1;
    b->resolver = why_resolver_new(4);
    must(b->resolver != NULL, "why_resolver_new");
    b->schedule = (struct schedule){.scan = &b->scan,
                                    .ledgers = b->ledgers,
                                    .library = &b->pool.library,
                                    .resolver = b->resolver,
                                    .hosts = {.steps = b->scan.steps,
                                              .step_count = count,
                                              .out = {on_result, on_host, b, &b->summary}}};
    b->dials =
        (struct dials){.scan = &b->scan, .resolver = b->resolver, .limit = 64, .answer_rate = 1};
    b->pool = (struct worker_pool){.scan = &b->scan, .server = &b->server, .ledgers = b->ledgers};
}

void run_build_settle(struct run_builder *b)
{
    struct task *task;

    while ((task = why_queue_take(&b->done)) != NULL) {
        if (task->state == TASK_CONNECTED)
            why_queue_put(&b->pool.waiting, task, TASK_CONNECTED);
        else
            why_schedule_done(&b->schedule, task);
    }
}

void run_build_end(struct run_builder *b)
{
    struct task *task;

    why_dials_abandon(&b->dials, &b->done);
    why_workers_abandon(&b->pool, &b->done);
    while ((task = why_queue_take(&b->pool.waiting)) != NULL ||
           (task = why_queue_take(&b->schedule.again)) != NULL ||
           (task = why_queue_take(&b->schedule.second_tries)) != NULL)
        why_queue_put(&b->done, task, TASK_ABANDONED);
    run_build_settle(b);
    why_workers_clear(&b->pool);
    why_hosts_clear(&b->schedule.hosts);
    why_resolver_free(b->resolver);
    free(b->dials.items);
    free(b->fds.items);
}

struct task *run_build_ready(struct run_builder *b)
{
    struct task *task = why_schedule_next(&b->schedule, true);

    must(task != NULL && why_task_start_trace(task, &b->scan), "why_schedule_next");
    why_task_event(task, WHY_EV_DIAL, 0, "127.0.0.1:3389");
    why_task_event(task, WHY_EV_CONNECTED, 0, NULL);
    task->connected_us = why_clock_us();
    task->fd = socket(AF_INET, SOCK_STREAM, 0);
    must(task->fd >= 0, "socket");
    why_queue_put(&b->pool.waiting, task, TASK_CONNECTED);
    return task;
}

/* A trace that has begun as |dialled| did, at its end. */
static struct builder go_on(const struct why_trace *dialled)
{
    struct builder b = {.trace = why_trace_new(why_trace_head(dialled))};

    must(b.trace != NULL, "why_trace_new");
    for (size_t i = 0; i < why_trace_count(dialled); i++) {
        must(why_trace_append(b.trace, why_trace_at(dialled, i)) == WHY_OK, "why_trace_append");
        b.now_us = why_trace_at(dialled, i)->t_us;
    }
    return b;
}

struct why_trace *run_build_trace(const struct why_trace *dialled, enum why_event_kind kind,
                                  int64_t value)
{
    struct builder b = go_on(dialled);

    builder_event(&b, kind, value, NULL);
    return b.trace;
}

struct why_trace *run_build_logon(const struct why_trace *dialled, enum why_event_kind kind,
                                  int64_t value)
{
    struct builder b = go_on(dialled);

    builder_event(&b, WHY_EV_AUTHENTICATION, 0, "user");
    builder_recorded_pdu(&b, "shadow-nla", ">TSRequest NTLM AUTHENTICATE");
    builder_event(&b, kind, value, NULL);
    return b.trace;
}

int run_build_port(bool listens, uint16_t *port)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t len = sizeof(address);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    must(fd >= 0, "socket");
    must(bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0, "bind");
    must(!listens || listen(fd, 16) == 0, "listen");
    must(getsockname(fd, (struct sockaddr *)&address, &len) == 0, "getsockname");
    *port = ntohs(address.sin_port);
    return fd;
}
