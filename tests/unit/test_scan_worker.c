/* SPDX-License-Identifier: Apache-2.0 */
#include "worker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "dial/dial.h"

#include "base/clock.h"

#include "channel.h"
#include "message.h"
#include "unit.h"

#define PATIENCE_S 20 /* for what comes at once, on a machine that has other things to do */

/* ---- the attempts, in place of libfreerdp's ---------------------------------------------------
 */

/* What the attempts of a test do, chosen by their host's name, and what was seen of them. */
static struct stage {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    const char *broken; /* why no engine can be made; NULL: it can */
    unsigned wanted;    /* "meet": how many have to be inside at the same time */
    unsigned inside, peak;
    bool open;           /* "gate": may end */
    uint64_t gate_us;    /* when the last of them ended */
    uint64_t began_us;   /* "clock": when its attempt began, as it was told */
    bool saw_cancel;     /* "cancel": the flag was up */
    char refused[80];    /* "ask": why the credentials may not be used */
    bool engine, closed; /* an engine was made, and freed */
} stage = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};

int why_engine_new(struct why_engine **out, unsigned attempts, char *err, size_t errlen)
{
    *out = NULL;
    CU_ASSERT(attempts > 0);
    if (stage.broken != NULL) {
        (void)strncpy(err, stage.broken, errlen);
        return WHY_ERR_LIBRARY;
    }
    stage.engine = true;
    *out = (struct why_engine *)&stage; /* looked into by nobody */
    return WHY_OK;
}

void why_engine_free(struct why_engine *engine)
{
    stage.closed = engine != NULL;
}

const char *why_engine_cannot(const struct why_engine *engine, enum why_profile profile)
{
    (void)engine;
    return profile == WHY_PROFILE_AAD ? "no AAD here" : NULL;
}

const char *why_engine_client_hash(const struct why_engine *engine)
{
    (void)engine;
    return "hash";
}

const char *why_engine_client_name(const struct why_engine *engine)
{
    (void)engine;
    return "name";
}

/* With the stage's lock. False: the time is up. */
static bool wait_until(const struct timespec *end)
{
    return pthread_cond_timedwait(&stage.changed, &stage.lock, end) != ETIMEDOUT;
}

static void meet(const struct timespec *end)
{
    stage.inside++;
    if (stage.inside > stage.peak)
        stage.peak = stage.inside;
    pthread_cond_broadcast(&stage.changed);
    while (stage.peak < stage.wanted && wait_until(end))
        continue;
    stage.inside--;
}

static void pass_gate(const struct timespec *end)
{
    stage.inside++;
    pthread_cond_broadcast(&stage.changed);
    while (!stage.open && wait_until(end))
        continue;
    stage.inside--;
    stage.gate_us = why_clock_us();
}

static void await_cancel(const struct why_attempt *a, const struct timespec *end)
{
    struct timespec tick = {.tv_nsec = 1000000};

    stage.inside++;
    pthread_cond_broadcast(&stage.changed);
    pthread_mutex_unlock(&stage.lock);
    for (struct timespec now = {0, 0}; now.tv_sec < end->tv_sec && !atomic_load(a->cancelled);) {
        (void)nanosleep(&tick, NULL);
        (void)clock_gettime(CLOCK_REALTIME, &now);
    }
    pthread_mutex_lock(&stage.lock);
    stage.inside--;
    stage.saw_cancel = atomic_load(a->cancelled);
}

static void ask(const struct why_attempt *a)
{
    const char *why_not;

    pthread_mutex_unlock(&stage.lock);
    why_not = a->may_authenticate(a->may_authenticate_arg, a->target);
    pthread_mutex_lock(&stage.lock);
    (void)strncpy(stage.refused, why_not != NULL ? why_not : "", sizeof(stage.refused) - 1);
}

int why_attempt_run(struct why_engine *engine, const struct why_attempt *a,
                    struct why_trace **trace, struct why_license_data *issued)
{
    const char *host = a->target->host;
    struct timespec end;

    (void)engine;
    (void)clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&stage.lock);
    if (strcmp(host, "meet") == 0)
        meet(&end);
    else if (strcmp(host, "gate") == 0)
        pass_gate(&end);
    else if (strcmp(host, "clock") == 0)
        stage.began_us = a->began_us;
    else if (strcmp(host, "cancel") == 0)
        await_cancel(a, &end);
    else if (strcmp(host, "ask") == 0)
        ask(a);
    pthread_mutex_unlock(&stage.lock);
    if (a->fd >= 0)
        (void)close(a->fd);
    *issued = (struct why_license_data){NULL, 0};
    if (strcmp(host, "fail") == 0) {
        *trace = NULL;
        return WHY_ERR_NOMEM;
    }
    *trace = why_trace_new(why_trace_head(a->dialled));
    if (*trace == NULL)
        return WHY_ERR_NOMEM;
    (void)why_trace_append(*trace, &(struct why_event){.kind = WHY_EV_REACHED});
    for (unsigned i = 0; strcmp(host, "big") == 0 && i < 20000; i++)
        (void)why_trace_append(*trace, &(struct why_event){.kind = WHY_EV_STATE, .text = "more"});
    if (a->on_event != NULL)
        a->on_event(a->on_event_arg, *trace);
    if (a->license != NULL) { /* the server issues what it was shown, and a byte more */
        issued->len = a->license->len + 1;
        issued->data = calloc(1, issued->len);
        if (issued->data != NULL)
            memcpy(issued->data, a->license->data, a->license->len);
    }
    return WHY_OK;
}

/* ---- the dispatcher's end ---------------------------------------------------------------------
 */

struct bench {
    struct why_scan scan;
    struct channel channel;
    int worker_fd;
    unsigned threads;
    pthread_t thread;
    uint64_t next_id;
};

static void *worker(void *arg)
{
    struct bench *b = arg;

    why_worker_run(b->worker_fd, &b->scan, b->threads);
    return NULL;
}

static void start(struct bench *b, unsigned threads)
{
    struct timeval patience = {.tv_sec = PATIENCE_S};
    int fds[2];

    *b = (struct bench){.threads = threads};
    stage.wanted = stage.inside = stage.peak = 0;
    stage.open = stage.saw_cancel = stage.engine = stage.closed = false;
    stage.broken = NULL;
    stage.refused[0] = '\0';
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    /* A worker that says nothing fails the test, and does not hang it. */
    CU_ASSERT_EQUAL(setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience)), 0);
    why_channel_init(&b->channel, fds[0]);
    b->worker_fd = fds[1];
}

static void go(struct bench *b)
{
    CU_ASSERT_EQUAL_FATAL(pthread_create(&b->thread, NULL, worker, b), 0);
}

static void stop(struct bench *b)
{
    why_channel_clear(&b->channel);
    CU_ASSERT_EQUAL(pthread_join(b->thread, NULL), 0);
    CU_ASSERT_EQUAL(stage.closed, stage.engine);
}

/* The next message that is none of "begun"; NULL: the end. */
static json_t *next(struct bench *b, struct channel_message *m)
{
    enum channel_read r;
    time_t end = time(NULL) + 2 * PATIENCE_S;

    while ((r = why_channel_next(&b->channel, m)) == CHANNEL_NOTHING && time(NULL) < end)
        continue;
    return r == CHANNEL_MESSAGE ? m->head : NULL;
}

static json_t *expect(struct bench *b, const char *record, struct channel_message *m)
{
    json_t *head;

    while ((head = next(b, m)) != NULL && why_message_is(head, "begun") &&
           strcmp(record, "begun") != 0)
        json_decref(head);
    CU_ASSERT_PTR_NOT_NULL_FATAL(head);
    CU_ASSERT_TRUE_FATAL(why_message_is(head, record));
    return head;
}

static void skip(struct bench *b, const char *record)
{
    struct channel_message m;

    json_decref(expect(b, record, &m));
}

/* Queues a job for |host|; returns its number. */
static uint64_t put(struct bench *b, const char *host, struct message_job job)
{
    struct why_trace_head head = {
        .host = host, .port = 3389, .profile = WHY_PROFILE_TLS, .until = WHY_PHASE_ACTIVE};
    struct why_trace *trace = why_trace_new(&head);
    size_t len = 0;
    char *text = why_message_write_trace(trace, 0, &len);

    job.id = ++b->next_id;
    CU_ASSERT_EQUAL(why_channel_put(&b->channel, why_message_of_job(&job), text, len,
                                    socket(AF_INET, SOCK_STREAM, 0)),
                    WHY_OK);
    free(text);
    why_trace_free(trace);
    return job.id;
}

static void flush(struct bench *b)
{
    CU_ASSERT_TRUE(why_channel_flush(&b->channel));
}

static void say(struct bench *b, json_t *head)
{
    CU_ASSERT_EQUAL(why_channel_put(&b->channel, head, NULL, 0, -1), WHY_OK);
    flush(b);
}

static const struct message_job plain = {.timeout_us = 1000000};

/* ---- tests ------------------------------------------------------------------------------------
 */

static void await_inside(unsigned count)
{
    struct timespec end;

    (void)clock_gettime(CLOCK_REALTIME, &end);
    end.tv_sec += PATIENCE_S;
    pthread_mutex_lock(&stage.lock);
    while (stage.inside < count && wait_until(&end))
        continue;
    CU_ASSERT_EQUAL(stage.inside, count);
    pthread_mutex_unlock(&stage.lock);
}

static void run_together(struct bench *b, unsigned count)
{
    pthread_mutex_lock(&stage.lock);
    stage.wanted = count;
    stage.peak = 0;
    pthread_mutex_unlock(&stage.lock);
    for (unsigned i = 0; i < count; i++)
        (void)put(b, "meet", plain);
    flush(b);
    for (unsigned i = 0; i < count; i++)
        skip(b, "result");
    CU_ASSERT_EQUAL(stage.peak, count);
}

/* Jobs that come at once run at once, whether threads are idle then or not. */
static void test_burst(void)
{
    static const unsigned bursts[] = {4, 12, 12, 32, 7};
    struct timespec rest = {.tv_nsec = 50000000}; /* for the threads to be idle again */
    struct bench b;

    start(&b, 32);
    go(&b);
    skip(&b, "ready");
    for (size_t i = 0; i < sizeof(bursts) / sizeof(bursts[0]); i++) {
        run_together(&b, bursts[i]);
        (void)nanosleep(&rest, NULL);
    }
    stop(&b);
}

/* With fewer threads than jobs: each waits for its turn, and none is lost. */
static void test_more_than_threads(void)
{
    struct bench b;

    start(&b, 2);
    go(&b);
    skip(&b, "ready");
    stage.wanted = 2;
    for (unsigned i = 0; i < 9; i++)
        (void)put(&b, "meet", plain);
    flush(&b);
    for (unsigned i = 0; i < 9; i++)
        skip(&b, "result");
    CU_ASSERT_EQUAL(stage.peak, 2);
    stop(&b);
}

/* The clock of an attempt that waits for a thread stands still. */
static void test_clock(void)
{
    struct message_job dialled = {.timeout_us = 1000000, .dial_us = 5000};
    struct timespec rest = {.tv_nsec = 30000000};
    struct channel_message m;
    uint64_t clock;
    struct bench b;

    start(&b, 1);
    go(&b);
    skip(&b, "ready");
    (void)put(&b, "gate", plain);
    clock = put(&b, "clock", dialled);
    flush(&b);
    skip(&b, "begun");
    await_inside(1);
    (void)nanosleep(&rest, NULL);
    pthread_mutex_lock(&stage.lock);
    stage.open = true;
    pthread_cond_broadcast(&stage.changed);
    pthread_mutex_unlock(&stage.lock);
    skip(&b, "result");
    (void)expect(&b, "begun", &m);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(m.head, "job")), (json_int_t)clock);
    json_decref(m.head);
    skip(&b, "result");
    CU_ASSERT(stage.began_us + dialled.dial_us >= stage.gate_us);
    CU_ASSERT(stage.began_us + dialled.dial_us <= why_clock_us());
    stop(&b);
}

/* Nor does it run while nobody listens to the worker. */
static void test_clock_unheard(void)
{
    struct message_job dialled = {.timeout_us = 1000000, .dial_us = 5000};
    struct timespec rest = {.tv_nsec = 100000000};
    char start_of_it[2];
    uint64_t heard_us;
    struct bench b;

    start(&b, 2);
    go(&b);
    skip(&b, "ready");
    (void)put(&b, "big", plain); /* its result is more than fits into the socket */
    flush(&b);
    skip(&b, "begun");
    while (recv(b.channel.fd, start_of_it, sizeof(start_of_it), MSG_PEEK) == 1)
        continue;
    (void)put(&b, "clock", dialled);
    flush(&b);
    (void)nanosleep(&rest, NULL);
    heard_us = why_clock_us();
    skip(&b, "result");
    skip(&b, "result");
    CU_ASSERT(stage.began_us + dialled.dial_us >= heard_us);
    stop(&b);
}

static void test_ready(void)
{
    struct channel_message m;
    const json_t *cannot;
    struct bench b;

    start(&b, 1);
    go(&b);
    (void)expect(&b, "ready", &m);
    cannot = json_object_get(m.head, "cannot");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(m.head, "client_name")), "name");
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(m.head, "client_hash")), "hash");
    CU_ASSERT_EQUAL(json_object_size(cannot), 1);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(cannot, "aad")), "no AAD here");
    json_decref(m.head);
    stop(&b);
}

static void test_broken(void)
{
    struct channel_message m;
    struct bench b;

    start(&b, 1);
    stage.broken = "no SSPI";
    go(&b);
    (void)expect(&b, "broken", &m);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(m.head, "text")), "no SSPI");
    json_decref(m.head);
    CU_ASSERT_PTR_NULL(next(&b, &m));
    stop(&b);
}

/* What comes back: the trace, what the server issued, the events of a job that is alone. */
static void test_result(void)
{
    uint8_t bytes[] = {1, 2, 3};
    struct message_job job = {.timeout_us = 1000000, .isolated = true, .license = {bytes, 3}};
    struct why_license_data issued;
    struct channel_message m;
    struct why_trace *trace;
    struct bench b;
    uint64_t id;

    start(&b, 1);
    go(&b);
    skip(&b, "ready");
    id = put(&b, "one", job);
    flush(&b);
    (void)expect(&b, "events", &m);
    trace = why_message_read_trace(m.payload, m.len);
    CU_ASSERT_EQUAL(why_trace_count(trace), 1);
    why_trace_free(trace);
    json_decref(m.head);
    (void)expect(&b, "result", &m);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(m.head, "job")), (json_int_t)id);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(m.head, "status")), WHY_OK);
    CU_ASSERT_TRUE(why_message_get_bytes(m.head, "license", &issued));
    CU_ASSERT_EQUAL(issued.len, 4);
    free(issued.data);
    trace = why_message_read_trace(m.payload, m.len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
    CU_ASSERT_STRING_EQUAL(why_trace_head(trace)->host, "one");
    why_trace_free(trace);
    json_decref(m.head);
    stop(&b);
}

static void test_failed_attempt(void)
{
    struct channel_message m;
    struct bench b;

    start(&b, 1);
    go(&b);
    skip(&b, "ready");
    (void)put(&b, "fail", plain);
    flush(&b);
    (void)expect(&b, "result", &m);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(m.head, "status")), WHY_ERR_NOMEM);
    CU_ASSERT_EQUAL(m.len, 0);
    json_decref(m.head);
    stop(&b);
}

/* An attempt that would use the account waits for the dispatcher's word. */
static void test_answers(void)
{
    static const char *const answers[] = {"used already", NULL};
    struct channel_message m;
    struct bench b;

    start(&b, 2);
    go(&b);
    skip(&b, "ready");
    for (size_t i = 0; i < sizeof(answers) / sizeof(answers[0]); i++) {
        uint64_t id = put(&b, "ask", plain);
        json_t *head;

        flush(&b);
        (void)expect(&b, "ask", &m);
        CU_ASSERT_EQUAL(json_integer_value(json_object_get(m.head, "job")), (json_int_t)id);
        json_decref(m.head);
        head = json_pack("{s:s, s:I}", "record", "answer", "job", (json_int_t)id);
        if (answers[i] != NULL)
            (void)json_object_set_new(head, "text", json_string(answers[i]));
        say(&b, head);
        skip(&b, "result");
        CU_ASSERT_STRING_EQUAL(stage.refused, answers[i] != NULL ? answers[i] : "");
    }
    stop(&b);
}

/* The end of the run: attempts see the flag, and no question stays open. */
static void test_cancel(void)
{
    struct bench b;

    start(&b, 4);
    go(&b);
    skip(&b, "ready");
    (void)put(&b, "cancel", plain);
    (void)put(&b, "ask", plain);
    flush(&b);
    skip(&b, "ask");
    await_inside(1);
    say(&b, why_message_new("cancel"));
    skip(&b, "result");
    skip(&b, "result");
    CU_ASSERT_TRUE(stage.saw_cancel);
    CU_ASSERT_STRING_EQUAL(stage.refused, "the run is ending");
    stop(&b);
}

/* The dispatcher is gone while attempts are under way and others wait for a thread. */
static void test_nobody_there(void)
{
    struct bench b;

    start(&b, 2);
    go(&b);
    skip(&b, "ready");
    (void)put(&b, "cancel", plain);
    (void)put(&b, "ask", plain);
    for (unsigned i = 0; i < 3; i++)
        (void)put(&b, "one", plain);
    flush(&b);
    skip(&b, "ask");
    await_inside(1);
    stop(&b);
    CU_ASSERT_TRUE(stage.saw_cancel);
}

/* A job with all that it needs, but for the trace behind it. */
static const char no_trace[] =
    "{\"record\":\"job\",\"job\":1,\"dial_us\":0,\"timeout_us\":1,\"repeat\":1,\"variation\":0,"
    "\"isolated\":false}\n";

/* What the dispatcher cannot have said: the worker ends rather than guess. */
static void test_bad_messages(void)
{
    static const char *const rows[] = {
        "{\"record\":\"dance\"}\n",
        "{}\n",
        "{\"record\":\"job\",\"job\":1}\n",
        no_trace,
        "{\"record\":\"answer\",\"job\":7}\n",
        "no json\n",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct channel_message m;
        struct bench b;

        start(&b, 1);
        go(&b);
        skip(&b, "ready");
        CU_ASSERT_EQUAL(write(b.channel.fd, rows[i], strlen(rows[i])), (ssize_t)strlen(rows[i]));
        CU_ASSERT_PTR_NULL(next(&b, &m));
        stop(&b);
    }
}

static CU_TestInfo tests[] = {
    {"a burst", test_burst},
    {"more jobs than threads", test_more_than_threads},
    {"the clock of a job that waits", test_clock},
    {"the clock of a worker that is not heard", test_clock_unheard},
    {"ready", test_ready},
    {"broken", test_broken},
    {"a result", test_result},
    {"an attempt that could not be made", test_failed_attempt},
    {"questions and answers", test_answers},
    {"cancelled", test_cancel},
    {"the dispatcher is gone", test_nobody_there},
    {"malformed", test_bad_messages},
    CU_TEST_INFO_NULL,
};

int main(void)
{
    CU_SuiteInfo suites[] = {{.pName = "worker", .pTests = tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
