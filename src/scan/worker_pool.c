/* SPDX-License-Identifier: Apache-2.0 */
#include "worker_pool.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rdpwhy/gateway.h>
#include <rdpwhy/status.h>

#include "base/clock.h"

#include "channel.h"
#include "limits.h"

#define ISOLATED_MAX      4 /* workers at once for attempts that a worker has died with */
#define BUSY              4 /* attempts that one worker has before another is spawned */
#define FAILED_STARTS_MAX 3 /* in a row, while no attempt is running: the run ends */
/* After a failed start: what was lacking may be there then. Twice as long after each further one,
 * for what the worker was given is dialled again each time. */
#define START_AGAIN_US      UINT64_C(200000)
#define START_AGAIN_DOUBLES 8u
/* An attempt ends at its deadline. One that is not back so long after it never will be. */
#define HANGS_AFTER_US UINT64_C(10000000)

struct pool_worker {
    struct pool_worker *next;
    pid_t pid;
    struct channel channel;
    bool isolated; /* has one attempt at a time, of those that a worker has died with */
    bool ready;
    char *broken; /* why it cannot work; NULL: it has not said so; owned */
    bool dead;    /* to be reaped */
    size_t poll_at;
    unsigned load;
    struct task *tasks;
};

static const char no_process[] = "cannot start a worker process";

/* The first failure stays. |why| may be NULL. */
static void fail(struct worker_pool *pool, int status, const char *why)
{
    if (pool->status != WHY_OK)
        return;
    pool->status = status;
    (void)snprintf(pool->why, sizeof(pool->why), "%s", why != NULL ? why : "");
}

/* ---- starting workers ------------------------------------------------------------------------ */

static struct pool_worker *spawn(struct worker_pool *pool, bool isolated)
{
    struct pool_worker *w = calloc(1, sizeof(*w));
    int fd = -1;

    if (w != NULL)
        fd = why_fork_server_spawn(pool->server, isolated ? 1 : pool->threads, &w->pid);
    if (fd < 0) {
        free(w);
        return NULL;
    }
    why_channel_init(&w->channel, fd);
    w->isolated = isolated;
    w->next = pool->workers;
    pool->workers = w;
    return w;
}

void why_workers_start(struct worker_pool *pool)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    unsigned cores = online < 1 ? 1 : (unsigned)online, files = why_limits_attempts_of_worker();
    unsigned jobs = pool->scan->jobs;

    pool->limit = cores < LIMITS_WORKERS_MAX ? cores : LIMITS_WORKERS_MAX;
    pool->threads = (jobs + pool->limit - 1) / pool->limit;
    if (pool->threads > files) {
        pool->threads = files;
        pool->limit = (jobs + files - 1) / files;
    }
    if (pool->threads < BUSY)
        pool->threads = BUSY;
    if (spawn(pool, false) == NULL)
        fail(pool, WHY_ERR_IO, no_process);
}

static void worker_free(struct pool_worker *w)
{
    free(w->broken);
    why_channel_clear(&w->channel);
    free(w);
}

void why_workers_clear(struct worker_pool *pool)
{
    while (pool->workers != NULL) {
        struct pool_worker *w = pool->workers;

        pool->workers = w->next;
        worker_free(w);
    }
    why_library_clear(&pool->library);
}

/* A worker could not be started. Memory or processes may be lacking for a moment: the others go on,
 * and where there are none it is tried again, a few times. */
static void start_failed(struct worker_pool *pool, int status, const char *why)
{
    unsigned before = pool->failed_starts++;

    pool->start_again_us =
        why_clock_us() +
        (START_AGAIN_US << (before < START_AGAIN_DOUBLES ? before : START_AGAIN_DOUBLES));
    if (pool->failed_starts >= FAILED_STARTS_MAX && pool->active == 0)
        fail(pool, status, why);
}

/* NULL: not now. */
static struct pool_worker *spawn_another(struct worker_pool *pool, bool isolated)
{
    struct pool_worker *w;

    if (why_clock_us() < pool->start_again_us)
        return NULL;
    w = spawn(pool, isolated);
    if (w == NULL)
        start_failed(pool, WHY_ERR_IO, no_process);
    return w;
}

/* ---- tasks for them -------------------------------------------------------------------------- */

/* The least busy worker, or one more where that one is busy and there may be more; NULL: none. */
static struct pool_worker *choose(struct worker_pool *pool, bool isolated)
{
    unsigned busy = isolated ? 1 : BUSY, full = isolated ? 1 : pool->threads;
    unsigned limit = isolated ? ISOLATED_MAX : pool->limit, count = 0;
    struct pool_worker *best = NULL, *another = NULL;

    for (struct pool_worker *w = pool->workers; w != NULL; w = w->next) {
        if (w->isolated != isolated || w->dead)
            continue;
        count++;
        if (best == NULL || w->load < best->load)
            best = w;
    }
    if (best == NULL || (best->load >= busy && count < limit))
        another = spawn_another(pool, isolated);
    if (another != NULL)
        return another;
    return best != NULL && best->load < full ? best : NULL;
}

/* The time that the connection has waited here since it was up is not the attempt's: the attempt
 * goes on now, as if the dial had ended just now. */
static void resume_clock(const struct worker_pool *pool, struct task *task)
{
    uint64_t now = why_clock_us();

    task->began_us = now - (task->connected_us - task->began_us);
    task->connected_us = now;
    task->deadline_us = task->began_us + why_task_time_us(pool->scan);
}

/* The first attempt of a host that has a connection is the one that asks. */
static bool asks_udp(const struct worker_pool *pool, struct task *task)
{
    task->asks_udp =
        pool->scan->udp && !task->host->asked_udp && task->variation != WHY_VARIATION_TLS_FIRST;
    task->host->asked_udp = task->host->asked_udp || task->asks_udp;
    return task->asks_udp;
}

/* WHY_OK or WHY_ERR_NOMEM. The socket is gone in any case. */
static int send_job(const struct worker_pool *pool, struct pool_worker *w, struct task *task)
{
    struct message_job job = {
        .id = task->id,
        .dial_us = task->connected_us - task->began_us,
        .timeout_us = pool->scan->timeout_us,
        .repeat = task->step->repeat,
        .variation = task->variation,
        .isolated = w->isolated,
        .udp = asks_udp(pool, task),
        .license = task->license,
        .hop = task->hop,
        .redirection = task->redirection,
    };
    const char *vm = why_task_target(task)->vm;

    size_t len = 0;
    char *trace;
    json_t *head;
    int status;

    (void)snprintf(job.vm, sizeof(job.vm), "%s", vm != NULL ? vm : "");
    trace = why_message_write_trace(task->trace, 0, &len);
    head = trace != NULL ? why_message_of_job(&job) : NULL;
    status = why_channel_put(&w->channel, head, trace, len, task->fd);

    free(trace);
    task->fd = -1;
    return status;
}

static void hand_over(struct worker_pool *pool, struct pool_worker *w, struct task *task)
{
    task->begun = false;
    resume_clock(pool, task);
    task->next = w->tasks;
    w->tasks = task;
    w->load++;
    pool->active++;
    w->dead = !why_channel_flush(&w->channel);
}

void why_workers_assign(struct worker_pool *pool)
{
    for (size_t n = pool->waiting.count; n > 0 && pool->status == WHY_OK; n--) {
        struct task *task = why_queue_take(&pool->waiting);
        struct pool_worker *w = choose(pool, task->crashes > 0);
        int status = w != NULL ? send_job(pool, w, task) : WHY_ERR_AGAIN;

        if (status == WHY_OK) {
            hand_over(pool, w, task);
            continue;
        }
        if (status != WHY_ERR_AGAIN)
            fail(pool, status, NULL);
        why_queue_put(&pool->waiting, task, TASK_CONNECTED);
    }
}

static struct task *find(const struct pool_worker *w, const json_t *head)
{
    struct task *task = w->tasks;

    while (task != NULL && task->id != why_message_job(head))
        task = task->next;
    return task;
}

/* Takes the task out of the worker's list, into the queue. */
static void take_back(struct worker_pool *pool, struct pool_worker *w, struct task *task,
                      struct task_queue *done, enum task_state state)
{
    struct task **p = &w->tasks;

    while (*p != task)
        p = &(*p)->next;
    *p = task->next;
    w->load--;
    pool->active--;
    task->asking = false;
    why_queue_put(done, task, state);
}

/* ---- the account ----------------------------------------------------------------------------- */

static void send_answer(struct worker_pool *pool, struct pool_worker *w, struct task *task,
                        const char *why_not)
{
    json_t *head = why_message_about("answer", task->id);

    task->asking = false;
    if (why_not != NULL && head != NULL)
        (void)json_object_set_new(head, "text", json_string(why_not));
    if (why_channel_put(&w->channel, head, NULL, 0, -1) != WHY_OK)
        fail(pool, WHY_ERR_NOMEM, NULL);
}

/* The same account at the gateway and at the targets: what one rejects nobody gets. */
static bool is_rejected_behind(const struct worker_pool *pool)
{
    return pool->scan->gateway->credentials == pool->scan->credentials &&
           pool->ledgers[LEDGER_USER].rejected;
}

static void try_to_answer_for_gateway(struct worker_pool *pool, struct pool_worker *w,
                                      struct task *task)
{
    bool used = false; /* a gateway asks before each connection */
    const char *why_not = NULL;
    enum ledger_answer answer =
        task->gateway_granted ? LEDGER_YES
                              : why_ledger_claim(&pool->ledgers[LEDGER_GATEWAY], &used, &why_not);

    if (answer == LEDGER_YES && !task->gateway_granted && is_rejected_behind(pool)) {
        why_ledger_release(&pool->ledgers[LEDGER_GATEWAY], &used);
        send_answer(pool, w, task, why_ledger_not_accepted);
        return;
    }
    task->gateway_granted = answer == LEDGER_YES;
    if (answer != LEDGER_WAIT)
        send_answer(pool, w, task, why_not);
    else if (why_clock_us() >= task->deadline_us)
        send_answer(pool, w, task, why_ledger_not_settled);
}

static void try_to_answer(struct worker_pool *pool, struct pool_worker *w, struct task *task)
{
    const char *why_not = NULL;
    enum ledger_account account = why_task_brings_account(task) ? LEDGER_REDIRECTED : LEDGER_USER;
    enum ledger_answer answer =
        task->granted
            ? LEDGER_YES
            : why_ledger_claim(&pool->ledgers[account], why_task_account_used(task), &why_not);

    task->granted = answer == LEDGER_YES;
    task->account = account;
    if (answer != LEDGER_WAIT)
        send_answer(pool, w, task, why_not);
    else if (why_clock_us() >= task->deadline_us)
        send_answer(pool, w, task, why_ledger_not_settled);
}

void why_workers_answer(struct worker_pool *pool)
{
    for (struct pool_worker *w = pool->workers; w != NULL; w = w->next) {
        for (struct task *task = w->tasks; task != NULL; task = task->next) {
            if (task->asking && task->asking_gateway)
                try_to_answer_for_gateway(pool, w, task);
            else if (task->asking)
                try_to_answer(pool, w, task);
        }
    }
}

/* ---- messages -------------------------------------------------------------------------------- */

/* What a message was about, and where its task goes if the worker is through with it. */
struct received {
    struct worker_pool *pool;
    struct pool_worker *worker;
    const struct channel_message *message;
    struct task *task; /* that it names; NULL: the worker has none such */
    struct task_queue *done;
};

/* These return false for what no worker sends that is in its right mind. */

static bool on_ready(const struct received *r)
{
    r->worker->ready = true;
    r->pool->failed_starts = 0;
    if (!r->pool->library.known)
        why_message_read_library(r->message->head, &r->pool->library);
    return true;
}

/* It exits now. Where no worker has been able to work so far, none will be. */
static bool on_broken(const struct received *r)
{
    struct pool_worker *w = r->worker;

    if (w->ready || w->broken != NULL)
        return false;
    w->broken = why_message_text(r->message->head, "text");
    if (!r->pool->library.known)
        fail(r->pool, WHY_ERR_LIBRARY,
             w->broken != NULL ? w->broken : why_strstatus(WHY_ERR_NOMEM));
    return true;
}

static bool on_ask(const struct received *r)
{
    if (r->task == NULL)
        return false;
    r->task->asking = true;
    r->task->asking_gateway = false;
    try_to_answer(r->pool, r->worker, r->task);
    return true;
}

static bool on_ask_gateway(const struct received *r)
{
    if (r->task == NULL || r->pool->scan->gateway == NULL)
        return false;
    r->task->asking = r->task->asking_gateway = true;
    try_to_answer_for_gateway(r->pool, r->worker, r->task);
    return true;
}

static bool on_begun(const struct received *r)
{
    if (r->task == NULL || r->task->begun)
        return false;
    r->task->begun = true;
    resume_clock(r->pool, r->task);
    return true;
}

/* What a worker gives back must be of the attempt that it was given. */
static bool is_of(const struct why_trace *trace, const struct task *task)
{
    const struct why_trace_head *is = why_trace_head(trace), *was = why_trace_head(task->trace);

    return strcmp(is->host, was->host) == 0 && is->port == was->port &&
           is->profile == was->profile && is->license_mode == was->license_mode;
}

static bool on_result(const struct received *r)
{
    int status = (int)json_integer_value(json_object_get(r->message->head, "status"));
    struct task *task = r->task;
    struct why_trace *trace;

    if (task == NULL || !why_message_get_bytes(r->message->head, "license", &task->issued))
        return false;
    why_task_drop_redirection(task);
    if (!why_message_get_bytes(r->message->head, "redirection", &task->redirection))
        return false;
    if (status != WHY_OK) {
        why_task_event(task, WHY_EV_FAILED, status, why_strstatus(status));
        take_back(r->pool, r->worker, task, r->done, TASK_OVER);
        return true;
    }
    trace = why_message_read_trace(r->message->payload, r->message->len);
    if (trace == NULL || !is_of(trace, task)) {
        why_trace_free(trace);
        (void)snprintf(task->how, sizeof(task->how), "returned something that is not a result");
        take_back(r->pool, r->worker, task, r->done, TASK_LOST);
        return false;
    }
    why_trace_free(task->trace);
    task->trace = trace;
    take_back(r->pool, r->worker, task, r->done, TASK_OVER);
    return true;
}

/* |more| goes on where |trace| ends; its bytes on the wire are those of the attempt so far. */
static void add_events(struct why_trace *trace, const struct why_trace *more)
{
    for (size_t i = 0; i < why_trace_count(more); i++)
        (void)why_trace_append(trace, why_trace_at(more, i));
    for (int dir = WHY_DIR_SENT; dir <= WHY_DIR_RECEIVED; dir++) {
        uint64_t had = why_trace_bytes(trace, (enum why_dir)dir);
        uint64_t has = why_trace_bytes(more, (enum why_dir)dir);

        if (has > had)
            why_trace_count_bytes(trace, (enum why_dir)dir, (size_t)(has - had));
    }
}

/* What an isolated attempt has recorded so far: its worker may die, too. */
static bool on_events(const struct received *r)
{
    struct why_trace *trace = why_message_read_trace(r->message->payload, r->message->len);
    bool good = trace != NULL && r->task != NULL && is_of(trace, r->task);

    if (good)
        add_events(r->task->trace, trace);
    why_trace_free(trace);
    return good;
}

static bool on_message(const struct received *r)
{
    static const struct {
        const char *record;
        bool (*handle)(const struct received *r);
    } rows[] = {
        {"result", on_result},           {"begun", on_begun},
        {"events", on_events},           {"ask", on_ask},
        {"ask-gateway", on_ask_gateway}, {"ready", on_ready},
        {"broken", on_broken},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (why_message_is(r->message->head, rows[i].record))
            return rows[i].handle(r);
    }
    return false;
}

static void read_all(struct worker_pool *pool, struct pool_worker *w, struct task_queue *done)
{
    struct channel_message message;
    enum channel_read next = CHANNEL_NOTHING;

    while (pool->status == WHY_OK &&
           (next = why_channel_next(&w->channel, &message)) == CHANNEL_MESSAGE) {
        struct received r = {pool, w, &message, find(w, message.head), done};
        bool good = on_message(&r);

        json_decref(message.head);
        if (!good) {
            w->dead = true;
            return;
        }
    }
    if (next == CHANNEL_EOF || next == CHANNEL_BAD)
        w->dead = true;
}

/* ---- their end ------------------------------------------------------------------------------- */

static void say_how(int status, bool hung, char *buf, size_t len)
{
    if (hung)
        (void)snprintf(buf, len, "did not finish");
    else if (status != -1 && WIFSIGNALED(status))
        (void)snprintf(buf, len, "was ended by signal %d (%s)", WTERMSIG(status),
                       strsignal(WTERMSIG(status)));
    else if (status != -1 && WIFEXITED(status))
        (void)snprintf(buf, len, "ended with exit code %d", WEXITSTATUS(status));
    else
        (void)snprintf(buf, len, "ended");
}

/* Ends the worker if it has not ended. One that never was ready has died of nothing that it had. */
static void reap(struct worker_pool *pool, struct pool_worker *w, bool hung,
                 struct task_queue *done)
{
    int status = why_fork_server_reap(pool->server, w->pid);

    while (w->tasks != NULL) {
        struct task *task = w->tasks;

        say_how(status, hung, task->how, sizeof(task->how));
        take_back(pool, w, task, done, w->ready ? TASK_LOST : TASK_AGAIN);
    }
    if (!w->ready)
        start_failed(pool, WHY_ERR_LIBRARY,
                     w->broken != NULL ? w->broken : "worker processes die before they start");
    worker_free(w);
}

/* An attempt that waits for a thread does not hang: one of those before it may. */
static bool hangs(const struct pool_worker *w, uint64_t now)
{
    bool any_begun = false;

    for (const struct task *task = w->tasks; task != NULL; task = task->next)
        any_begun = any_begun || task->begun;
    for (const struct task *task = w->tasks; task != NULL; task = task->next) {
        if ((task->begun || !any_begun) && now > task->deadline_us + HANGS_AFTER_US)
            return true;
    }
    return false;
}

uint64_t why_workers_poll(struct worker_pool *pool, struct poll_set *set)
{
    uint64_t wake = UINT64_MAX;

    for (struct pool_worker *w = pool->workers; w != NULL; w = w->next) {
        short events = POLLIN;

        if (why_channel_has_output(&w->channel))
            events |= POLLOUT;
        w->poll_at = why_poll_add(set, w->channel.fd, events);
        for (const struct task *task = w->tasks; task != NULL; task = task->next) {
            if (task->asking && task->deadline_us < wake)
                wake = task->deadline_us;
        }
    }
    return wake;
}

void why_workers_step(struct worker_pool *pool, const struct poll_set *set, struct task_queue *done)
{
    uint64_t now = why_clock_us();
    struct pool_worker **p = &pool->workers;

    for (struct pool_worker *w = pool->workers; w != NULL && pool->status == WHY_OK; w = w->next) {
        if (w->poll_at < set->count && set->items[w->poll_at].revents != 0)
            read_all(pool, w, done);
        if (!why_channel_flush(&w->channel))
            w->dead = true;
    }
    while (*p != NULL && pool->status == WHY_OK) {
        struct pool_worker *w = *p;
        bool hung = !w->dead && hangs(w, now);

        if (w->dead || hung) {
            *p = w->next;
            reap(pool, w, hung, done);
        } else {
            p = &w->next;
        }
    }
}

void why_workers_wait(const struct worker_pool *pool, struct task_wait *wait, uint64_t now_us)
{
    for (const struct pool_worker *w = pool->workers; w != NULL; w = w->next) {
        for (const struct task *task = w->tasks; task != NULL; task = task->next)
            why_task_wait(wait, task, pool->scan, now_us);
    }
}

void why_workers_cancel(struct worker_pool *pool)
{
    for (struct pool_worker *w = pool->workers; w != NULL; w = w->next) {
        if (why_channel_put(&w->channel, why_message_new("cancel"), NULL, 0, -1) != WHY_OK ||
            !why_channel_flush(&w->channel))
            w->dead = true;
    }
}

void why_workers_postpone(struct worker_pool *pool, uint64_t us)
{
    for (struct pool_worker *w = pool->workers; w != NULL; w = w->next) {
        for (struct task *task = w->tasks; task != NULL; task = task->next)
            task->deadline_us += us;
    }
}

void why_workers_abandon(struct worker_pool *pool, struct task_queue *done)
{
    for (struct pool_worker *w = pool->workers; w != NULL; w = w->next) {
        while (w->tasks != NULL)
            take_back(pool, w, w->tasks, done, TASK_ABANDONED);
    }
}
