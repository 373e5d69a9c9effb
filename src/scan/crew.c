/* SPDX-License-Identifier: Apache-2.0 */
#include "crew.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "channel.h"
#include "limits.h"
#include "message.h"
#include "task.h"

#define ALONE_MAX         4 /* workers at once that try again what another has died of */
#define BUSY              4 /* attempts that one worker has before another is started */
#define FAILED_STARTS_MAX 3 /* in a row, and nobody else is at work: the run ends */
/* After one: what was lacking may be there then. Twice as long after each further one, for what it
 * was given is dialled anew each time. */
#define START_AGAIN_US      UINT64_C(200000)
#define START_AGAIN_DOUBLES 8u
/* An attempt ends at its deadline. One that is not back so long after it never will be. */
#define HANGS_AFTER_US UINT64_C(10000000)

struct member {
    struct member *next;
    pid_t pid;
    struct channel channel;
    bool alone; /* has one attempt at a time, of those that a worker has died of */
    bool ready;
    char *broken; /* why it cannot work; NULL: it has not said so; owned */
    bool dead;    /* to be buried */
    size_t poll_at;
    unsigned load;
    struct task *tasks;
};

static const char no_process[] = "cannot start a worker process";

/* ---- making them ----------------------------------------------------------------------------- */

static unsigned at_least_one(long n)
{
    return n < 1 ? 1 : (unsigned)n;
}

static struct member *hire(struct run *run, bool alone)
{
    struct member *m = calloc(1, sizeof(*m));
    int fd = -1;

    if (m != NULL)
        fd = zygote_fork(&run->zygote, alone ? 1 : run->threads, &m->pid);
    if (fd < 0) {
        free(m);
        return NULL;
    }
    channel_init(&m->channel, fd);
    m->alone = alone;
    m->next = run->crew;
    run->crew = m;
    return m;
}

void crew_init(struct run *run)
{
    unsigned cores = at_least_one(sysconf(_SC_NPROCESSORS_ONLN)),
             files = limits_attempts_of_worker();
    unsigned jobs = run->scan->jobs;

    run->crew_limit = cores < LIMITS_WORKERS_MAX ? cores : LIMITS_WORKERS_MAX;
    run->threads = (jobs + run->crew_limit - 1) / run->crew_limit;
    if (run->threads > files) {
        run->threads = files;
        run->crew_limit = (jobs + files - 1) / files;
    }
    if (run->threads < BUSY)
        run->threads = BUSY;
    if (hire(run, false) == NULL) {
        run_warn(run, no_process);
        run_fail(run, WHY_ERR_IO);
    }
}

static void member_free(struct member *m)
{
    free(m->broken);
    channel_clear(&m->channel);
    free(m);
}

void crew_free(struct run *run)
{
    while (run->crew != NULL) {
        struct member *m = run->crew;

        run->crew = m->next;
        member_free(m);
    }
    free(run->client_name);
    free(run->client_hash);
    for (size_t i = 0; i < WHY_PROFILE_COUNT; i++)
        free(run->cannot[i]);
}

/* ---- work for them --------------------------------------------------------------------------- */

/* A worker could not be started. Memory or processes may be lacking for a moment: the others go on,
 * and where there are none it is tried again, a few times. */
static void start_failed(struct run *run, int status, const char *why)
{
    unsigned before = run->failed_starts++;

    run->start_again_us =
        why_monotonic_us() +
        (START_AGAIN_US << (before < START_AGAIN_DOUBLES ? before : START_AGAIN_DOUBLES));
    if (run->failed_starts < FAILED_STARTS_MAX || run->active > 0)
        return;
    run_warn(run, why);
    run_fail(run, status);
}

/* NULL: not now. */
static struct member *hire_another(struct run *run, bool alone)
{
    struct member *m;

    if (why_monotonic_us() < run->start_again_us)
        return NULL;
    m = hire(run, alone);
    if (m == NULL)
        start_failed(run, WHY_ERR_IO, no_process);
    return m;
}

/* A worker for the task; NULL: none for now. */
static struct member *choose(struct run *run, bool alone)
{
    struct member *best = NULL, *fresh;
    unsigned count = 0;

    for (struct member *m = run->crew; m != NULL; m = m->next) {
        if (m->alone != alone || m->dead)
            continue;
        count++;
        if (best == NULL || m->load < best->load)
            best = m;
    }
    if (best != NULL &&
        (best->load < (alone ? 1 : BUSY) || count >= (alone ? ALONE_MAX : run->crew_limit)))
        return best->load < (alone ? 1 : run->threads) ? best : NULL;
    fresh = hire_another(run, alone);
    if (fresh != NULL)
        return fresh;
    return best != NULL && best->load < (alone ? 1 : run->threads) ? best : NULL;
}

/* The time that we let the connection wait since it was up is not the attempt's: the attempt goes
 * on now, as if the dial had ended just now. */
static void resume_clock(const struct run *run, struct task *task)
{
    uint64_t now = why_monotonic_us();

    task->began_us = now - (task->connected_us - task->began_us);
    task->connected_us = now;
    task->deadline_us = task->began_us + run->scan->timeout_us;
}

static bool hand_over(struct run *run, struct member *m, struct task *task)
{
    struct message_job job = {
        .id = task->id,
        .dial_us = task->connected_us - task->began_us,
        .timeout_us = run->scan->timeout_us,
        .repeat = run->scan->steps[task->ordinal].repeat,
        .variation = task->variation,
        .alone = m->alone,
        .license = task->license,
    };
    size_t len = 0;
    char *trace = message_write_trace(task->trace, 0, &len);
    json_t *head = trace != NULL ? message_of_job(&job) : NULL;
    int status = channel_put(&m->channel, head, trace, len, task->fd);

    free(trace);
    task->fd = -1;
    if (status != WHY_OK) {
        run_fail(run, status);
        task_abandon(run, task);
        return false;
    }
    task->begun = false;
    resume_clock(run, task);
    task->next = m->tasks;
    m->tasks = task;
    m->load++;
    run->active++;
    m->dead = !channel_flush(&m->channel);
    return true;
}

void crew_assign(struct run *run)
{
    size_t n = run->ready.count;

    while (n-- > 0 && run->status == WHY_OK) {
        struct task *task = queue_take(&run->ready);
        struct member *m = choose(run, task->crashes > 0);

        if (m != NULL)
            (void)hand_over(run, m, task);
        else if (run->status == WHY_OK)
            queue_put(&run->ready, task);
        else
            task_abandon(run, task);
    }
}

/* Takes the task with this number out of the worker's list; NULL: it has none such. */
static struct task *take_back(struct run *run, struct member *m, uint64_t id)
{
    for (struct task **p = &m->tasks; *p != NULL; p = &(*p)->next) {
        struct task *task = *p;

        if (task->id != id)
            continue;
        *p = task->next;
        m->load--;
        run->active--;
        return task;
    }
    return NULL;
}

/* ---- what they say --------------------------------------------------------------------------- */

static char *text_of(const json_t *head, const char *key)
{
    const char *text = json_string_value(json_object_get(head, key));

    return strdup(text != NULL ? text : "");
}

static void on_ready(struct run *run, struct member *m, const json_t *head)
{
    const json_t *cannot = json_object_get(head, "cannot");

    m->ready = true;
    run->failed_starts = 0;
    if (run->engine_known)
        return;
    run->client_name = text_of(head, "client_name");
    run->client_hash = text_of(head, "client_hash");
    for (int i = 0; i < WHY_PROFILE_COUNT; i++) {
        if (json_object_get(cannot, why_profile_name((enum why_profile)i)) != NULL)
            run->cannot[i] = text_of(cannot, why_profile_name((enum why_profile)i));
    }
    run->engine_known = true;
}

static void answer(struct run *run, struct member *m, struct task *task, const char *why_not)
{
    json_t *head = json_pack("{s:s, s:I}", "record", "answer", "job", (json_int_t)task->id);

    task->asking = false;
    if (why_not != NULL && head != NULL)
        (void)json_object_set_new(head, "text", json_string(why_not));
    if (channel_put(&m->channel, head, NULL, 0, -1) != WHY_OK)
        run_fail(run, WHY_ERR_NOMEM);
}

static void try_to_answer(struct run *run, struct member *m, struct task *task)
{
    const char *why_not;

    if (task->granted) {
        answer(run, m, task, NULL);
        return;
    }
    switch (ledger_claim(&run->ledger, &task->host->account_used, &why_not)) {
    case LEDGER_YES:
        task->granted = true;
        answer(run, m, task, NULL);
        break;
    case LEDGER_NO:
        answer(run, m, task, why_not);
        break;
    default:
        if (why_monotonic_us() >= task->deadline_us)
            answer(run, m, task, ledger_not_settled);
        break;
    }
}

void crew_answer_all(struct run *run)
{
    for (struct member *m = run->crew; m != NULL; m = m->next) {
        for (struct task *task = m->tasks; task != NULL; task = task->next) {
            if (task->asking)
                try_to_answer(run, m, task);
        }
    }
}

static uint64_t id_of(const json_t *head)
{
    return (uint64_t)json_integer_value(json_object_get(head, "job"));
}

static bool on_ask(struct run *run, struct member *m, const json_t *head)
{
    for (struct task *task = m->tasks; task != NULL; task = task->next) {
        if (task->id != id_of(head))
            continue;
        task->asking = true;
        try_to_answer(run, m, task);
        return true;
    }
    return false;
}

static bool on_begun(const struct run *run, const struct member *m, const json_t *head)
{
    for (struct task *task = m->tasks; task != NULL; task = task->next) {
        if (task->id != id_of(head) || task->begun)
            continue;
        task->begun = true;
        resume_clock(run, task);
        return true;
    }
    return false;
}

/* What a worker gives back must be the attempt that it was given. */
static bool is_of(const struct why_trace *trace, const struct task *task)
{
    const struct why_trace_head *is = why_trace_head(trace), *was = why_trace_head(task->trace);

    return strcmp(is->host, was->host) == 0 && is->port == was->port &&
           is->profile == was->profile && is->license_mode == was->license_mode;
}

static bool on_result(struct run *run, struct member *m, const struct channel_message *message)
{
    int status = (int)json_integer_value(json_object_get(message->head, "status"));
    struct why_trace *trace = message_read_trace(message->payload, message->len);
    struct why_license_data issued;
    struct task *task;

    if (!message_get_bytes(message->head, "license", &issued) ||
        (task = take_back(run, m, id_of(message->head))) == NULL) {
        why_trace_free(trace);
        free(issued.data);
        return false;
    }
    if (status == WHY_OK && (trace == NULL || !is_of(trace, task))) {
        why_trace_free(trace);
        free(issued.data);
        task_lost(run, task, "returned something that is not a result");
        return false;
    }
    if (status == WHY_OK) {
        task_over(run, task, trace, &issued);
        return true;
    }
    why_trace_free(trace);
    free(issued.data);
    task_event(task, WHY_EV_FAILED, status, why_strstatus(status));
    task_over_by_dial(run, task);
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

/* What an attempt that a worker has died of records, as it goes: the worker may die of it again. */
static bool on_events(struct member *m, const struct channel_message *message)
{
    struct why_trace *trace = message_read_trace(message->payload, message->len);
    struct task *task = m->tasks;
    bool good;

    while (task != NULL && task->id != id_of(message->head))
        task = task->next;
    good = trace != NULL && task != NULL && is_of(trace, task);
    if (good)
        add_events(task->trace, trace);
    why_trace_free(trace);
    return good;
}

/* It ends now. Where no worker has been able to work so far, none will be. */
static bool on_broken(struct run *run, struct member *m, const json_t *head)
{
    if (m->ready || m->broken != NULL)
        return false;
    m->broken = text_of(head, "text");
    if (!run->engine_known) {
        run_warn(run, m->broken != NULL ? m->broken : why_strstatus(WHY_ERR_NOMEM));
        run_fail(run, WHY_ERR_LIBRARY);
    }
    return true;
}

/* False: a worker that has lost its mind. */
static bool on_message(struct run *run, struct member *m, const struct channel_message *message)
{
    if (message_is(message->head, "result"))
        return on_result(run, m, message);
    if (message_is(message->head, "begun"))
        return on_begun(run, m, message->head);
    if (message_is(message->head, "events"))
        return on_events(m, message);
    if (message_is(message->head, "ask"))
        return on_ask(run, m, message->head);
    if (message_is(message->head, "ready")) {
        on_ready(run, m, message->head);
        return true;
    }
    if (message_is(message->head, "broken"))
        return on_broken(run, m, message->head);
    return false;
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

/* Ends the worker if it has not ended; what was with it is tried again, or given up. One that never
 * was ready has died of nothing that was with it. */
static void bury(struct run *run, struct member *m, bool hung)
{
    char how[128];

    say_how(zygote_reap(&run->zygote, m->pid), hung, how, sizeof(how));
    while (m->tasks != NULL) {
        struct task *task = take_back(run, m, m->tasks->id);

        task->asking = false;
        if (m->ready)
            task_lost(run, task, how);
        else
            task_again(run, task);
    }
    if (!m->ready)
        start_failed(run, WHY_ERR_LIBRARY,
                     m->broken != NULL ? m->broken : "worker processes die before they start");
    member_free(m);
}

/* An attempt that waits for a thread does not hang: one of those before it may. */
static bool hangs(const struct member *m, uint64_t now)
{
    bool any_begun = false;

    for (const struct task *task = m->tasks; task != NULL; task = task->next)
        any_begun = any_begun || task->begun;
    for (const struct task *task = m->tasks; task != NULL; task = task->next) {
        if ((task->begun || !any_begun) && now > task->deadline_us + HANGS_AFTER_US)
            return true;
    }
    return false;
}

static void read_all(struct run *run, struct member *m)
{
    struct channel_message message;
    enum channel_read r = CHANNEL_NOTHING;

    while (run->status == WHY_OK && (r = channel_next(&m->channel, &message)) == CHANNEL_MESSAGE) {
        bool good = on_message(run, m, &message);

        json_decref(message.head);
        if (!good)
            r = CHANNEL_BAD;
        if (!good)
            break;
    }
    if (r == CHANNEL_EOF || r == CHANNEL_BAD)
        m->dead = true;
}

uint64_t crew_poll(struct run *run)
{
    uint64_t wake = UINT64_MAX;

    for (struct member *m = run->crew; m != NULL; m = m->next) {
        short events = POLLIN;

        if (channel_has_output(&m->channel))
            events |= POLLOUT;
        m->poll_at = run_poll(run, m->channel.fd, events);
        for (const struct task *task = m->tasks; task != NULL; task = task->next) {
            if (task->asking && task->deadline_us < wake)
                wake = task->deadline_us;
        }
    }
    return wake;
}

void crew_step(struct run *run)
{
    uint64_t now = why_monotonic_us();
    struct member **p = &run->crew;

    for (struct member *m = run->crew; m != NULL && run->status == WHY_OK; m = m->next) {
        if (m->poll_at < run->fd_count && run->fds[m->poll_at].revents != 0)
            read_all(run, m);
        if (!channel_flush(&m->channel))
            m->dead = true;
    }
    crew_answer_all(run);
    while (*p != NULL && run->status == WHY_OK) {
        struct member *m = *p;
        bool hung = !m->dead && hangs(m, now);

        if (m->dead || hung) {
            *p = m->next;
            bury(run, m, hung);
            p = &run->crew;
        } else {
            p = &m->next;
        }
    }
}

void crew_cancel(struct run *run)
{
    for (struct member *m = run->crew; m != NULL; m = m->next) {
        if (channel_put(&m->channel, message_new("cancel"), NULL, 0, -1) != WHY_OK ||
            !channel_flush(&m->channel))
            m->dead = true;
    }
}

void crew_postpone(struct run *run, uint64_t us)
{
    for (struct member *m = run->crew; m != NULL; m = m->next) {
        for (struct task *task = m->tasks; task != NULL; task = task->next)
            task->deadline_us += us;
    }
}

void crew_abandon(struct run *run)
{
    for (struct member *m = run->crew; m != NULL; m = m->next) {
        while (m->tasks != NULL)
            task_abandon(run, take_back(run, m, m->tasks->id));
    }
}
