/* SPDX-License-Identifier: Apache-2.0 */
#include "worker_pool.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "base/clock.h"

#include "channel.h"
#include "message.h"
#include "run_builder.h"
#include "schedule.h"
#include "unit.h"

#define PATIENCE_S  20
#define WORKERS_MAX 64
#define KILLED      9 /* as waitpid() tells that SIGKILL ended it */

/* ---- the workers, in place of the fork server's --------------------------------------
 */

/* Worker number i has the process id 1000 + i. */
static struct {
    struct channel channel; /* the worker's end */
    unsigned threads;
    bool reaped;
} workers[WORKERS_MAX];

static size_t worker_count;
static unsigned refusals; /* so many more cannot be made */

int why_fork_server_start(struct fork_server *s, const struct why_scan *scan, char *err,
                          size_t errlen)
{
    (void)s, (void)scan, (void)err, (void)errlen;
    return WHY_ERR_IO;
}

void why_fork_server_end(struct fork_server *s)
{
    (void)s;
}

int why_fork_server_spawn(struct fork_server *s, unsigned threads, pid_t *pid)
{
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int fds[2];

    (void)s;
    if (refusals > 0) {
        refusals--;
        return -1;
    }
    CU_ASSERT_FATAL(worker_count < WORKERS_MAX);
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    CU_ASSERT_EQUAL_FATAL(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
    CU_ASSERT_EQUAL(setsockopt(fds[1], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
    *pid = (pid_t)(1000 + worker_count);
    why_channel_init(&workers[worker_count].channel, fds[1]);
    workers[worker_count].threads = threads;
    workers[worker_count].reaped = false;
    worker_count++;
    return fds[0];
}

int why_fork_server_reap(struct fork_server *s, pid_t pid)
{
    (void)s;
    CU_ASSERT_FATAL(pid >= 1000 && (size_t)(pid - 1000) < worker_count);
    CU_ASSERT_FALSE(workers[pid - 1000].reaped);
    workers[pid - 1000].reaped = true;
    why_channel_clear(&workers[pid - 1000].channel);
    return KILLED;
}

static void say(size_t worker, json_t *head, const char *payload, size_t len)
{
    struct channel *c = &workers[worker].channel;

    CU_ASSERT_EQUAL(why_channel_put(c, head, payload, len, -1), WHY_OK);
    CU_ASSERT_TRUE(why_channel_flush(c));
}

static void say_ready(size_t worker)
{
    say(worker,
        json_pack("{s:s, s:s, s:s, s:{s:s}}", "record", "ready", "client_name", "name",
                  "client_hash", "hash", "cannot", "aad", "no AAD here"),
        NULL, 0);
}

static void say_of(size_t worker, const char *record, uint64_t id)
{
    say(worker, json_pack("{s:s, s:I}", "record", record, "job", (json_int_t)id), NULL, 0);
}

struct job {
    struct message_job what;
    struct why_trace *trace;
};

/* The next job that the worker was given. */
static struct job take(size_t worker)
{
    struct channel_message m;
    struct job job;
    enum channel_read r;

    while ((r = why_channel_next(&workers[worker].channel, &m)) == CHANNEL_NOTHING)
        continue;
    CU_ASSERT_EQUAL_FATAL(r, CHANNEL_MESSAGE);
    CU_ASSERT_TRUE_FATAL(why_message_is(m.head, "job"));
    CU_ASSERT_TRUE_FATAL(why_message_read_job(m.head, &job.what));
    CU_ASSERT(m.fd >= 0);
    (void)close(m.fd);
    job.trace = why_message_read_trace(m.payload, m.len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(job.trace);
    json_decref(m.head);
    return job;
}

static void give_up(struct job *job)
{
    why_trace_free(job->trace);
    free(job->what.license.data);
}

static void hand_in_as(size_t worker, uint64_t id, const struct why_trace *trace,
                       const struct why_license_data *issued)
{
    size_t len = 0;
    char *text = why_message_write_trace(trace, 0, &len);
    json_t *head =
        json_pack("{s:s, s:I, s:i}", "record", "result", "job", (json_int_t)id, "status", WHY_OK);

    CU_ASSERT_TRUE(why_message_put_bytes(head, "license", issued));
    say(worker, head, text, len);
    free(text);
}

/* Hands the job in as done. */
static void hand_in(size_t worker, struct job *job)
{
    struct why_license_data none = {NULL, 0};
    struct why_trace *trace = run_build_trace(job->trace, WHY_EV_REACHED, WHY_PHASE_ACTIVE);

    hand_in_as(worker, job->what.id, trace, &none);
    why_trace_free(trace);
    give_up(job);
}

/* ---- the dispatcher ---------------------------------------------------------------------------
 */

static const struct why_step tls[] = {{.profile = WHY_PROFILE_TLS}};
static const char *const hosts[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", NULL};

static void begin(struct run_builder *b)
{
    worker_count = 0;
    refusals = 0;
    run_build(b, tls, 1, hosts);
    why_workers_start(&b->pool);
    b->pool.limit = 2;
    b->pool.threads = 6;
}

static void end(struct run_builder *b)
{
    run_build_end(b);
    for (size_t i = 0; i < worker_count; i++) {
        if (!workers[i].reaped)
            why_channel_clear(&workers[i].channel);
    }
}

static void step(struct run_builder *b)
{
    b->fds.count = 0;
    (void)why_workers_poll(&b->pool, &b->fds);
    (void)poll(b->fds.items, (nfds_t)b->fds.count, 10);
    why_workers_step(&b->pool, &b->fds, &b->done);
    run_build_settle(b);
    why_workers_answer(&b->pool);
    why_workers_assign(&b->pool);
}

/* Until |*value| is |wanted|; false: it does not become so. */
static bool becomes(struct run_builder *b, const size_t *value, size_t wanted)
{
    time_t last = time(NULL) + PATIENCE_S;

    while (*value != wanted && b->pool.status == WHY_OK && time(NULL) < last)
        step(b);
    return *value == wanted;
}

/* Until the run fails. */
static bool fails(struct run_builder *b, int status)
{
    time_t last = time(NULL) + PATIENCE_S;

    while (b->pool.status == WHY_OK && time(NULL) < last)
        step(b);
    return b->pool.status == status;
}

static void die(size_t worker)
{
    (void)shutdown(workers[worker].channel.fd, SHUT_RDWR);
}

static void ready_tasks(struct run_builder *b, unsigned count)
{
    while (count-- > 0)
        (void)run_build_ready(b);
    why_workers_assign(&b->pool);
}

/* ---- tests ------------------------------------------------------------------------------------
 */

/* One worker has four attempts before another is started, then the least busy is chosen; and there
 * is an end to both. */
static void test_choice(void)
{
    static const unsigned rows[][3] = {
        /* attempts, workers, waiting */
        {1, 1, 0}, {4, 1, 0}, {5, 2, 0}, {8, 2, 0}, {10, 2, 0},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct run_builder b;

        begin(&b);
        ready_tasks(&b, rows[i][0]);
        CU_ASSERT_EQUAL(worker_count, rows[i][1]);
        CU_ASSERT_EQUAL(b.pool.waiting.count, rows[i][2]);
        CU_ASSERT_EQUAL(b.pool.active, rows[i][0] - rows[i][2]);
        end(&b);
    }
}

/* No worker is given more than it has threads for. */
static void test_full(void)
{
    struct run_builder b;

    begin(&b);
    b.pool.threads = 4;
    ready_tasks(&b, 10);
    CU_ASSERT_EQUAL(worker_count, 2);
    CU_ASSERT_EQUAL(b.pool.active, 8);
    CU_ASSERT_EQUAL(b.pool.waiting.count, 2);
    for (size_t i = 0; i < 2; i++) {
        struct job job = take(0);

        hand_in(0, &job);
    }
    CU_ASSERT_TRUE(becomes(&b, &b.pool.waiting.count, 0));
    CU_ASSERT_EQUAL(b.pool.active, 8);
    end(&b);
}

static void test_result(void)
{
    struct run_builder b;
    struct job job;

    begin(&b);
    ready_tasks(&b, 1);
    say_ready(0);
    job = take(0);
    CU_ASSERT_FALSE(job.what.isolated);
    say_of(0, "begun", job.what.id);
    hand_in(0, &job);
    CU_ASSERT_TRUE(becomes(&b, &b.pool.active, 0));
    CU_ASSERT_STRING_EQUAL(b.log, "tls@a completed/done; a healthy; ");
    CU_ASSERT_STRING_EQUAL(b.pool.library.client_name, "name");
    CU_ASSERT_STRING_EQUAL(b.pool.library.cannot[WHY_PROFILE_AAD], "no AAD here");
    end(&b);
}

/* The attempt's time does not run while it waits for a thread. */
static void test_clock(void)
{
    struct timespec rest = {.tv_nsec = 20000000};
    uint64_t dial_us, deadline_us, begun_us;
    struct run_builder b;
    struct task *task;
    struct job job;

    begin(&b);
    task = run_build_ready(&b);
    dial_us = task->connected_us - task->began_us;
    (void)nanosleep(&rest, NULL);
    why_workers_assign(&b.pool);
    deadline_us = task->deadline_us;
    job = take(0);
    CU_ASSERT_EQUAL(job.what.dial_us, dial_us);
    (void)nanosleep(&rest, NULL);
    begun_us = why_clock_us();
    CU_ASSERT(deadline_us < begun_us - dial_us + b.scan.timeout_us);
    say_of(0, "begun", job.what.id);
    while (!task->begun && b.pool.status == WHY_OK)
        step(&b);
    CU_ASSERT(task->deadline_us >= begun_us - dial_us + b.scan.timeout_us);
    CU_ASSERT_EQUAL(task->connected_us - task->began_us, dial_us);
    give_up(&job);
    end(&b);
}

/* What was with a worker that dies is tried again by one that does nothing else, once. */
static void test_dies_twice(void)
{
    struct run_builder b;
    struct task *task;
    struct job job;

    begin(&b);
    ready_tasks(&b, 1);
    say_ready(0);
    job = take(0);
    give_up(&job);
    die(0);
    CU_ASSERT_TRUE_FATAL(becomes(&b, &b.schedule.again.count, 1));
    CU_ASSERT_TRUE(workers[0].reaped);
    task = run_build_ready(&b);
    CU_ASSERT_EQUAL(task->crashes, 1);
    why_workers_assign(&b.pool);
    CU_ASSERT_EQUAL_FATAL(worker_count, 2);
    CU_ASSERT_EQUAL(workers[1].threads, 1);
    say_ready(1);
    job = take(1);
    CU_ASSERT_TRUE(job.what.isolated);
    give_up(&job);
    die(1);
    CU_ASSERT_TRUE(becomes(&b, &b.pool.active, 0));
    CU_ASSERT_STRING_EQUAL(b.log, "tls@a failed/crashed; a degraded; ");
    CU_ASSERT_EQUAL(b.pool.status, WHY_OK);
    end(&b);
}

static void test_hangs(void)
{
    struct run_builder b;
    struct task *first, *second;

    begin(&b);
    first = run_build_ready(&b);
    second = run_build_ready(&b);
    why_workers_assign(&b.pool);
    say_ready(0);
    say_of(0, "begun", first->id);
    while (!first->begun && b.pool.status == WHY_OK)
        step(&b);
    /* One that waits behind another is not hung: that one may be. */
    second->deadline_us = 1;
    step(&b);
    CU_ASSERT_FALSE(workers[0].reaped);
    first->deadline_us = 1;
    CU_ASSERT_TRUE_FATAL(becomes(&b, &b.schedule.again.count, 2));
    CU_ASSERT_TRUE(workers[0].reaped);
    end(&b);
}

/* Hands one more task over to a worker that dies before it is ready. */
static void fail_to_start(struct run_builder *b)
{
    size_t fresh = worker_count;
    time_t last = time(NULL) + PATIENCE_S;

    b->pool.start_again_us = 0;
    (void)run_build_ready(b);
    why_workers_assign(&b->pool);
    CU_ASSERT_EQUAL_FATAL(worker_count, fresh + 1);
    die(fresh);
    while (!workers[fresh].reaped && time(NULL) < last)
        step(b);
    CU_ASSERT_TRUE(workers[fresh].reaped);
}

/* While others are at work it does not matter how many cannot be started, nor does it to the tasks
 * that they were given. */
static void test_failed_starts(void)
{
    struct run_builder b;

    begin(&b);
    ready_tasks(&b, 4);
    say_ready(0);
    while (!b.pool.library.known && b.pool.status == WHY_OK)
        step(&b);
    for (size_t i = 0; i < 5; i++) {
        fail_to_start(&b);
        CU_ASSERT_EQUAL_FATAL(b.pool.status, WHY_OK);
        CU_ASSERT_EQUAL_FATAL(b.schedule.again.count, 1);
        CU_ASSERT_EQUAL(b.schedule.again.first->crashes, 0);
    }
    CU_ASSERT_EQUAL(b.pool.active, 4);
    CU_ASSERT_STRING_EQUAL(b.pool.why, "");
    /* And each time it is longer until the next: servers are not dialled over and over for it. */
    CU_ASSERT(b.pool.start_again_us > why_clock_us() + 2000000);
    end(&b);
}

/* Where nobody is at work the third in a row ends the run; one that comes up makes up for those
 * before it. */
static void test_failed_starts_in_a_row(void)
{
    struct run_builder b;

    begin(&b);
    die(0);
    while (!workers[0].reaped && b.pool.status == WHY_OK)
        step(&b);
    fail_to_start(&b);
    CU_ASSERT_EQUAL(b.pool.failed_starts, 2);
    b.pool.start_again_us = 0;
    (void)run_build_ready(&b);
    why_workers_assign(&b.pool);
    say_ready(2);
    while (!b.pool.library.known && b.pool.status == WHY_OK)
        step(&b);
    die(2);
    CU_ASSERT_TRUE(becomes(&b, &b.pool.active, 0));
    fail_to_start(&b);
    fail_to_start(&b);
    CU_ASSERT_EQUAL(b.pool.status, WHY_OK);
    CU_ASSERT_STRING_EQUAL(b.pool.why, "");
    fail_to_start(&b);
    CU_ASSERT_EQUAL(b.pool.status, WHY_ERR_LIBRARY);
    CU_ASSERT_STRING_EQUAL(b.pool.why, "worker processes die before they start");
    end(&b);
}

/* No process can be made: the workers that are there do, and without any it is tried again. */
static void test_no_process(void)
{
    struct run_builder b;

    begin(&b);
    refusals = 1;
    ready_tasks(&b, 5);
    CU_ASSERT_EQUAL(worker_count, 1);
    CU_ASSERT_EQUAL(b.pool.active, 5);
    ready_tasks(&b, 1); /* not at once again */
    CU_ASSERT_EQUAL(worker_count, 1);
    CU_ASSERT(b.pool.start_again_us > why_clock_us());
    b.pool.start_again_us = 0;
    ready_tasks(&b, 1);
    CU_ASSERT_EQUAL(worker_count, 2);
    end(&b);

    begin(&b);
    say_ready(0);
    die(0);
    while (!workers[0].reaped && b.pool.status == WHY_OK)
        step(&b);
    refusals = 3;
    ready_tasks(&b, 1);
    CU_ASSERT_EQUAL(b.pool.status, WHY_OK);
    CU_ASSERT_TRUE(fails(&b, WHY_ERR_IO));
    CU_ASSERT_EQUAL(refusals, 0);
    CU_ASSERT_STRING_EQUAL(b.pool.why, "cannot start a worker process");
    end(&b);
}

static void say_broken(size_t worker)
{
    say(worker, json_pack("{s:s, s:s}", "record", "broken", "text", "no memory for OpenSSL"), NULL,
        0);
    die(worker);
}

static void test_broken(void)
{
    struct run_builder b;

    begin(&b);
    say_broken(0);
    CU_ASSERT_TRUE(fails(&b, WHY_ERR_LIBRARY));
    CU_ASSERT_STRING_EQUAL(b.pool.why, "no memory for OpenSSL");
    end(&b);

    /* Another one works. */
    begin(&b);
    ready_tasks(&b, 5);
    say_ready(0);
    while (!b.pool.library.known && b.pool.status == WHY_OK)
        step(&b);
    say_broken(1);
    CU_ASSERT_TRUE_FATAL(becomes(&b, &b.schedule.again.count, 1));
    CU_ASSERT_EQUAL(b.schedule.again.first->crashes, 0);
    CU_ASSERT_TRUE(workers[1].reaped);
    CU_ASSERT_EQUAL(b.pool.status, WHY_OK);
    CU_ASSERT_EQUAL(b.pool.active, 4);
    CU_ASSERT_STRING_EQUAL(b.pool.why, "");
    end(&b);
}

/* A result of a job that the worker was not given, or of another attempt than it was given. */
static void test_wrong_result(void)
{
    uint8_t bytes[] = {1, 2, 3};
    struct why_license_data issued = {bytes, sizeof(bytes)};
    char other[] = "other";
    struct why_trace_head head = {.host = other, .port = 3389, .until = WHY_PHASE_ACTIVE};

    for (int i = 0; i < 2; i++) {
        struct why_trace *trace = why_trace_new(&head);
        struct run_builder b;
        struct job job;

        begin(&b);
        ready_tasks(&b, 2);
        say_ready(0);
        job = take(0);
        hand_in_as(0, i == 0 ? 4711 : job.what.id, trace, &issued);
        CU_ASSERT_TRUE_FATAL(becomes(&b, &b.schedule.again.count, 2));
        CU_ASSERT_TRUE(workers[0].reaped);
        CU_ASSERT_EQUAL(b.schedule.again.first->crashes, 1);
        CU_ASSERT_STRING_EQUAL(b.log, "");
        give_up(&job);
        why_trace_free(trace);
        end(&b);
    }
}

/* A worker that says what no worker says is ended. */
static void test_bad_messages(void)
{
    static const char *const rows[] = {
        "{\"record\":\"dance\"}\n",
        "{\"record\":\"begun\",\"job\":99}\n",
        "{\"record\":\"begun\",\"job\":1}\n{\"record\":\"begun\",\"job\":1}\n",
        "{\"record\":\"ask\",\"job\":99}\n",
        "{\"record\":\"events\",\"job\":1}\n",
        "{\"record\":\"result\",\"job\":1,\"status\":0}\n",
        "{\"record\":\"result\",\"job\":99,\"license\":\"0g\"}\n",
        "{\"record\":\"broken\",\"text\":\"after all\"}\n",
        "no json\n",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        size_t len = strlen(rows[i]);
        struct run_builder b;

        begin(&b);
        ready_tasks(&b, 1);
        say_ready(0);
        CU_ASSERT_EQUAL(write(workers[0].channel.fd, rows[i], len), (ssize_t)len);
        CU_ASSERT_TRUE_FATAL(becomes(&b, &b.schedule.again.count, 1));
        CU_ASSERT_TRUE(workers[0].reaped);
        CU_ASSERT_EQUAL(b.pool.status, WHY_OK);
        end(&b);
    }
}

/* The worker's attempt failed on our side. */
static void test_failed(void)
{
    struct run_builder b;
    struct job job;

    begin(&b);
    ready_tasks(&b, 1);
    say_ready(0);
    job = take(0);
    say(0,
        json_pack("{s:s, s:I, s:i}", "record", "result", "job", (json_int_t)job.what.id, "status",
                  WHY_ERR_NOMEM),
        NULL, 0);
    CU_ASSERT_TRUE(becomes(&b, &b.pool.active, 0));
    CU_ASSERT_PTR_NOT_NULL(strstr(b.log, "tls@a failed/client-error; "));
    give_up(&job);
    end(&b);
}

/* The answer that the worker was given: "" where the account may be used; NULL: none so far. */
static const char *answer(struct run_builder *b, size_t worker, uint64_t id, char *buf, size_t len)
{
    struct channel_message m;
    const char *text;

    for (int i = 0; i < 3; i++)
        step(b);
    CU_ASSERT_EQUAL_FATAL(fcntl(workers[worker].channel.fd, F_SETFL, O_NONBLOCK), 0);
    if (why_channel_next(&workers[worker].channel, &m) != CHANNEL_MESSAGE)
        return NULL;
    CU_ASSERT_TRUE(why_message_is(m.head, "answer"));
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(m.head, "job")), (json_int_t)id);
    text = json_string_value(json_object_get(m.head, "text"));
    (void)strncpy(buf, text != NULL ? text : "", len - 1);
    buf[len - 1] = '\0';
    json_decref(m.head);
    return buf;
}

/* The first use of the account is waited for by the others, until their deadline. */
static void test_questions(void)
{
    static const struct why_credentials account = {
        .user = "user", .domain = "", .password = "password"};
    struct why_license_data none = {NULL, 0};
    char buf[128];
    struct run_builder b;
    struct task *late;
    struct job jobs[3];
    struct why_trace *accepted;

    begin(&b);
    b.scan.credentials = &account;
    ready_tasks(&b, 2);
    late = run_build_ready(&b);
    why_workers_assign(&b.pool);
    say_ready(0);
    for (size_t i = 0; i < 3; i++)
        jobs[i] = take(0);
    say_of(0, "ask", jobs[0].what.id);
    CU_ASSERT_STRING_EQUAL(answer(&b, 0, jobs[0].what.id, buf, sizeof(buf)), "");
    say_of(0, "ask", jobs[2].what.id);
    CU_ASSERT_PTR_NULL(answer(&b, 0, jobs[2].what.id, buf, sizeof(buf)));
    late->deadline_us = why_clock_us();
    CU_ASSERT_STRING_EQUAL(answer(&b, 0, jobs[2].what.id, buf, sizeof(buf)),
                           why_ledger_not_settled);
    say_of(0, "ask", jobs[1].what.id);
    CU_ASSERT_PTR_NULL(answer(&b, 0, jobs[1].what.id, buf, sizeof(buf)));
    accepted = run_build_logon(jobs[0].trace, WHY_EV_REACHED, WHY_PHASE_ACTIVE);
    hand_in_as(0, jobs[0].what.id, accepted, &none);
    CU_ASSERT_STRING_EQUAL(answer(&b, 0, jobs[1].what.id, buf, sizeof(buf)), "");
    CU_ASSERT_TRUE(b.ledgers[LEDGER_USER].accepted);
    why_trace_free(accepted);
    for (size_t i = 0; i < 3; i++)
        give_up(&jobs[i]);
    end(&b);
}

/* What an attempt that a worker has died of had seen is kept when the next one dies too. */
static void test_events(void)
{
    struct run_builder b;
    struct why_trace *more;
    struct task *task;
    struct job job;
    size_t len = 0, had;
    char *text;

    begin(&b);
    task = run_build_ready(&b);
    task->crashes = 1;
    why_workers_assign(&b.pool);
    CU_ASSERT_EQUAL_FATAL(worker_count, 2);
    job = take(1);
    had = why_trace_count(job.trace);
    more = run_build_trace(job.trace, WHY_EV_TLS_START, 0);
    text = why_message_write_trace(more, had, &len);
    say(1, json_pack("{s:s, s:I}", "record", "events", "job", (json_int_t)job.what.id), text, len);
    for (int i = 0; i < 3; i++)
        step(&b);
    CU_ASSERT_EQUAL(why_trace_count(task->trace), had + 1);
    CU_ASSERT_EQUAL(why_trace_at(task->trace, had)->kind, WHY_EV_TLS_START);
    free(text);
    why_trace_free(more);
    give_up(&job);
    end(&b);
}

static void test_cancel(void)
{
    struct channel_message m;
    struct run_builder b;
    struct job job;

    begin(&b);
    ready_tasks(&b, 1);
    job = take(0);
    why_workers_cancel(&b.pool);
    CU_ASSERT_EQUAL_FATAL(why_channel_next(&workers[0].channel, &m), CHANNEL_MESSAGE);
    CU_ASSERT_TRUE(why_message_is(m.head, "cancel"));
    json_decref(m.head);
    b.schedule.ending = true;
    die(0); /* while the run is being ended nothing is tried again */
    CU_ASSERT_TRUE(becomes(&b, &b.pool.active, 0));
    CU_ASSERT_EQUAL(b.schedule.again.count, 0);
    CU_ASSERT_STRING_EQUAL(b.log, "");
    give_up(&job);
    end(&b);
}

static CU_TestInfo tests[] = {
    {"choice of a worker", test_choice},
    {"every thread has one", test_full},
    {"a result", test_result},
    {"an attempt that could not be made", test_failed},
    {"the clock of a task that waits", test_clock},
    {"dies twice of it", test_dies_twice},
    {"what it had seen", test_events},
    {"hangs", test_hangs},
    {"fail to start", test_failed_starts},
    {"fail to start in a row", test_failed_starts_in_a_row},
    {"no process to be had", test_no_process},
    {"broken", test_broken},
    {"a wrong result", test_wrong_result},
    {"malformed", test_bad_messages},
    {"questions and answers", test_questions},
    {"cancelled", test_cancel},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{.pName = "worker pool", .pTests = tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
