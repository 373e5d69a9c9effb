/* SPDX-License-Identifier: Apache-2.0 */
#include "worker.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "attempt/attempt.h"
#include "base/clock.h"
#include "progress/file_offer.h"

#include "channel.h"
#include "message.h"

struct job {
    struct job *next;
    struct worker *worker;
    struct message_job what;
    struct why_trace *dialled;
    int fd;
    size_t sent; /* events of the trace that the dispatcher has */
    bool answered;
    char *why_not; /* the answer; NULL: the credentials may be used; owned */
};

struct worker {
    const struct why_scan *scan;
    struct why_engine *engine;
    struct channel channel; /* read by the main thread, written with the lock for that */
    pthread_mutex_t write_lock;
    pthread_mutex_t lock;    /* of what follows */
    pthread_cond_t changed;  /* a job is waiting, or no more will come */
    pthread_cond_t answered; /* a question is, or none will be */
    struct job *waiting, **last;
    struct job *running;
    size_t jobs; /* waiting or running */
    pthread_t *threads;
    size_t thread_count, limit;
    bool over;
    atomic_bool cancelled;
};

/* A redirection holds what logs on. */
static void wipe(struct why_license_data *secret)
{
    volatile uint8_t *byte = secret->data;

    for (size_t i = 0; i < secret->len; i++)
        byte[i] = 0;
    free(secret->data);
    *secret = (struct why_license_data){NULL, 0};
}

static void job_free(struct job *job)
{
    free(job->what.license.data);
    wipe(&job->what.redirection);
    free(job->why_not);
    why_trace_free(job->dialled);
    if (job->fd >= 0)
        (void)close(job->fd);
    free(job);
}

/* False: out of memory, or the other end is closed. The process then ends: the dispatcher must not
 * wait for what will not come. */
static bool send_message(struct worker *w, json_t *head, const char *payload, size_t len)
{
    bool sent;

    pthread_mutex_lock(&w->write_lock);
    sent = why_channel_put(&w->channel, head, payload, len, -1) == WHY_OK &&
           why_channel_flush(&w->channel);
    pthread_mutex_unlock(&w->write_lock);
    if (!sent)
        (void)shutdown(w->channel.fd, SHUT_RDWR);
    return sent;
}

/* ---- what builds for tests can be made to do; the others have none of it --------------------- */

#ifdef RDPWHY_TEST_HOOKS
#include <stdio.h>

/*
 * RDPWHY_TEST_CRASH=HOST:PORT/PROFILE kills the worker in which this attempt begins;
 * HOST:PORT/PROFILE/once only the first, and HOST:PORT/PROFILE/hang makes it hang instead.
 */
static void test_hook_attempt(const struct why_trace_head *head, bool isolated)
{
    const char *wanted = getenv("RDPWHY_TEST_CRASH");
    char step[512];
    size_t n;

    (void)snprintf(step, sizeof(step), "%s:%u/%s", head->host, (unsigned)head->port,
                   why_profile_name(head->profile));
    n = strlen(step);
    if (wanted == NULL || strncmp(wanted, step, n) != 0)
        return;
    if (wanted[n] == '\0' || (strcmp(wanted + n, "/once") == 0 && !isolated))
        abort();
    while (strcmp(wanted + n, "/hang") == 0)
        (void)pause();
}

/* Leak checkers see this end of the process. */
#define TEST_HOOK_EXIT() exit(0)
#else
#define test_hook_attempt(head, isolated) (void)0
#define TEST_HOOK_EXIT()                  (void)0
#endif

/* ---- attempts -------------------------------------------------------------------------------- */

/* Beside a file that asks for Restricted Admin or Remote Credential Guard, no other offer gives the
 * server the password. */
static bool is_guarded(const struct job *job)
{
    const struct why_file_offer file = why_file_offer_of(job->dialled);
    const struct why_profile_info *info = why_profile_info(why_trace_head(job->dialled)->profile);

    return file.nla && file.delegation != WHY_DELEGATE_PASSWORD && !info->of_file &&
           info->delegation == WHY_DELEGATE_PASSWORD;
}

/* NULL: the account may be used. */
static const char *ask(struct job *job, const char *question)
{
    struct worker *w = job->worker;
    bool over;

    pthread_mutex_lock(&w->lock);
    free(job->why_not);
    job->why_not = NULL;
    job->answered = false;
    pthread_mutex_unlock(&w->lock);
    (void)send_message(w, why_message_about(question, job->what.id), NULL, 0);
    pthread_mutex_lock(&w->lock);
    while (!job->answered && !w->over && !atomic_load(&w->cancelled))
        pthread_cond_wait(&w->answered, &w->lock);
    over = !job->answered;
    pthread_mutex_unlock(&w->lock);
    return over ? "the run is ending" : job->why_not;
}

static const char *may_authenticate(void *arg, const struct why_target *target)
{
    struct job *job = arg;
    const struct why_scan *scan = job->worker->scan;

    (void)target;
    if (!scan->force_logon && why_account_is_entra(scan->credentials))
        return WHY_STOP_ENTRA;
    if (is_guarded(job))
        return "the .rdp file does not let the server have the password";
    return ask(job, "ask");
}

static const char *may_use_gateway(void *arg)
{
    return ask(arg, "ask-gateway");
}

static void send_result(const struct job *job, int status, const struct why_trace *trace,
                        const struct why_license_data *issued,
                        const struct why_license_data *redirection)
{
    size_t len = 0;
    char *text = status == WHY_OK ? why_message_write_trace(trace, 0, &len) : NULL;
    json_t *head = why_message_about("result", job->what.id);

    if (status == WHY_OK && text == NULL)
        status = WHY_ERR_NOMEM;
    (void)json_object_set_new(head, "status", json_integer(status));
    /* A license that does not fit into memory is lost, the attempt is not. */
    (void)why_message_put_bytes(head, "license", issued);
    (void)why_message_put_bytes(head, "redirection", redirection);
    (void)send_message(job->worker, head, text, len);
    free(text);
}

/* What the trace has that the dispatcher does not. */
static void send_events(void *arg, const struct why_trace *trace)
{
    struct job *job = arg;
    size_t len = 0;
    char *text = why_message_write_trace(trace, job->sent, &len);

    job->sent = why_trace_count(trace);
    if (text != NULL)
        (void)send_message(job->worker, why_message_about("events", job->what.id), text, len);
    free(text);
}

/* What goes in front of the connection: not behind a redirection. What the command line says counts
 * more than the file. */
static struct why_preconnection preconnection_of(const struct job *job,
                                                 const struct why_file_offer *file)
{
    const char *own = job->worker->scan->preconnection.blob;
    bool of_file = why_profile_info(why_trace_head(job->dialled)->profile)->of_file;

    if (job->what.hop > 0)
        return (struct why_preconnection){.blob = NULL};
    if (job->what.vm[0] != '\0')
        return (struct why_preconnection){.blob = job->what.vm, .direct = true};
    return (struct why_preconnection){
        .blob = own != NULL ? own : file->blob,
        .direct = of_file ? why_file_is_direct(file) : why_file_is_console(file),
    };
}

/* The run's account, and where the file says that tickets are got for it. */
static const struct why_credentials *credentials_of(const struct job *job,
                                                    const struct why_file_offer *file,
                                                    struct why_credentials *own, char *url,
                                                    size_t len)
{
    const struct why_credentials *credentials = job->worker->scan->credentials;

    if (!why_trace_head(job->dialled)->credentials || credentials == NULL)
        return NULL;
    if (file->kdc_proxy == NULL)
        return credentials;
    why_kdc_proxy_url(file->kdc_proxy, url, len);
    *own = *credentials;
    own->kdc_proxy = url;
    own->kdc_proxy_of_file = true;
    return own;
}

static void carry_out(struct job *job)
{
    struct worker *w = job->worker;
    const struct why_trace_head *head = why_trace_head(job->dialled);
    char *host = (char *)(uintptr_t)head->host; /* nobody writes to it */
    struct why_target target = {.host = host, .port = head->port, .label = host};
    struct why_license_data redirected = {NULL, 0};
    struct why_file_offer file = why_file_offer_of(job->dialled);
    struct why_credentials credentials;
    char url[WHY_KDC_PROXY_URL_MAX];
    struct why_attempt attempt = {
        .target = &target,
        .step = {head->profile, head->license_mode, job->what.repeat},
        .until = head->until,
        .timeout_us = job->what.timeout_us,
        .connect_timeout_us = w->scan->connect_timeout_us,
        .linger_us = w->scan->linger_us,
        .watch_us = w->scan->watch_us,
        .screenshots = w->scan->screenshots,
        .family = w->scan->family,
        .credentials = credentials_of(job, &file, &credentials, url, sizeof(url)),
        .trust = w->scan->trust,
        .routing = w->scan->routing,
        .preconnection = preconnection_of(job, &file),
        .redirection = job->what.redirection,
        .hop = job->what.hop,
        .redirected = w->scan->follow ? &redirected : NULL,
        .file = file,
        .of_file = why_file_has_settings(job->dialled),
        .variation = job->what.variation,
        .license = job->what.license.data != NULL ? &job->what.license : NULL,
        .may_authenticate = may_authenticate,
        .may_authenticate_arg = job,
        .on_event = job->what.isolated ? send_events : NULL,
        .on_event_arg = job,
        .cancelled = &w->cancelled,
        .udp = job->what.udp,
        .proxied = w->scan->proxy != NULL || w->scan->gateway != NULL,
        .proxy = w->scan->proxy,
        .gateway = w->scan->gateway,
        .may_use_gateway = may_use_gateway,
        .capture = w->scan->capture,
        .dialled = job->dialled,
        .fd = job->fd,
        /* Whatever the connection has waited for since its dial, the server did not. */
        .began_us = why_clock_us() - job->what.dial_us,
    };
    struct why_license_data issued = {NULL, 0};
    struct why_trace *trace = NULL;
    int status;

    test_hook_attempt(head, job->what.isolated);
    job->sent = why_trace_count(job->dialled);
    job->fd = -1;
    status = why_attempt_run(w->engine, &attempt, &trace, &issued);
    send_result(job, status, trace, &issued, &redirected);
    wipe(&redirected);
    why_trace_free(trace);
    free(issued.data);
}

static struct job *take_job(struct worker *w)
{
    struct job *job = w->waiting;

    w->waiting = job->next;
    if (w->waiting == NULL)
        w->last = &w->waiting;
    job->next = w->running;
    w->running = job;
    return job;
}

static void drop_running(struct worker *w, const struct job *job)
{
    struct job **p = &w->running;

    while (*p != job)
        p = &(*p)->next;
    *p = job->next;
    w->jobs--;
}

static void *thread_main(void *arg)
{
    struct worker *w = arg;

    pthread_mutex_lock(&w->lock);
    for (;;) {
        struct job *job;

        while (w->waiting == NULL && !w->over)
            pthread_cond_wait(&w->changed, &w->lock);
        if (w->waiting == NULL)
            break;
        job = take_job(w);
        pthread_mutex_unlock(&w->lock);
        /* Before the attempt's clock is started: the dispatcher may not listen for a while. */
        (void)send_message(w, why_message_about("begun", job->what.id), NULL, 0);
        carry_out(job);
        pthread_mutex_lock(&w->lock);
        drop_running(w, job);
        job_free(job);
    }
    pthread_mutex_unlock(&w->lock);
    return NULL;
}

/* ---- messages -------------------------------------------------------------------------------- */

/* There are as many threads as there were jobs at once: none waits while another one runs. */
static bool add_job(struct worker *w, struct job *job)
{
    bool any;

    pthread_mutex_lock(&w->lock);
    *w->last = job;
    w->last = &job->next;
    w->jobs++;
    if (w->thread_count < w->jobs && w->thread_count < w->limit &&
        pthread_create(&w->threads[w->thread_count], NULL, thread_main, w) == 0)
        w->thread_count++;
    any = w->thread_count > 0;
    pthread_cond_signal(&w->changed);
    pthread_mutex_unlock(&w->lock);
    return any;
}

/* False: a message that the dispatcher cannot have sent, or no memory: better to end. */
static bool on_job(struct worker *w, const struct channel_message *m)
{
    struct job *job = calloc(1, sizeof(*job));

    if (job == NULL) {
        if (m->fd >= 0)
            (void)close(m->fd);
        return false;
    }
    job->worker = w;
    job->fd = m->fd;
    if (!why_message_read_job(m->head, &job->what) ||
        (job->dialled = why_message_read_trace(m->payload, m->len)) == NULL) {
        job_free(job);
        return false;
    }
    return add_job(w, job);
}

static bool on_answer(struct worker *w, const json_t *head)
{
    uint64_t id = why_message_job(head);
    const char *why_not = json_string_value(json_object_get(head, "text"));
    bool done = false;

    pthread_mutex_lock(&w->lock);
    for (struct job *job = w->running; job != NULL; job = job->next) {
        if (job->what.id != id || job->answered)
            continue;
        job->why_not = why_not != NULL ? strdup(why_not) : NULL;
        job->answered = true;
        done = why_not == NULL || job->why_not != NULL;
    }
    pthread_cond_broadcast(&w->answered);
    pthread_mutex_unlock(&w->lock);
    return done;
}

static void cancel(struct worker *w, bool over)
{
    pthread_mutex_lock(&w->lock);
    atomic_store(&w->cancelled, true);
    w->over = w->over || over;
    pthread_cond_broadcast(&w->changed);
    pthread_cond_broadcast(&w->answered);
    pthread_mutex_unlock(&w->lock);
}

static bool on_message(struct worker *w, const struct channel_message *m)
{
    if (why_message_is(m->head, "job"))
        return on_job(w, m);
    if (why_message_is(m->head, "answer"))
        return on_answer(w, m->head);
    if (!why_message_is(m->head, "cancel"))
        return false;
    cancel(w, false);
    return true;
}

static void serve(struct worker *w)
{
    struct channel_message m;
    bool good = true;

    while (good && why_channel_wait(&w->channel, &m)) {
        good = on_message(w, &m);
        json_decref(m.head);
    }
}

/* ---- the process ----------------------------------------------------------------------------- */

static json_t *cannot(const struct why_engine *engine)
{
    json_t *object = json_object();

    for (int profile = 0; profile < WHY_PROFILE_COUNT; profile++) {
        const char *why = why_engine_cannot(engine, (enum why_profile)profile);

        if (why != NULL)
            (void)json_object_set_new(object, why_profile_name((enum why_profile)profile),
                                      json_string(why));
    }
    return object;
}

static bool set_up(struct worker *w)
{
    char err[512] = "";
    int status = why_engine_new(&w->engine, (unsigned)w->limit, err, sizeof(err));
    json_t *head;

    if (status != WHY_OK)
        head = json_pack("{s:s, s:s}", "record", "broken", "text",
                         *err != '\0' ? err : why_strstatus(status));
    else
        head = json_pack("{s:s, s:s, s:s, s:o}", "record", "ready", "client_name",
                         why_engine_client_name(w->engine), "client_hash",
                         why_engine_client_hash(w->engine), "cannot", cannot(w->engine));
    return send_message(w, head, NULL, 0) && status == WHY_OK;
}

static void tear_down(struct worker *w)
{
    cancel(w, true);
    for (size_t i = 0; i < w->thread_count; i++)
        pthread_join(w->threads[i], NULL);
    while (w->waiting != NULL) {
        struct job *job = w->waiting;

        w->waiting = job->next;
        job_free(job);
    }
    why_engine_free(w->engine);
}

void why_worker_run(int fd, const struct why_scan *scan, unsigned threads)
{
    struct worker w = {.scan = scan, .limit = threads};

    w.last = &w.waiting;
    atomic_init(&w.cancelled, false);
    why_channel_init(&w.channel, fd);
    w.threads = calloc(threads, sizeof(*w.threads));
    if (w.threads != NULL && pthread_mutex_init(&w.write_lock, NULL) == 0 &&
        pthread_mutex_init(&w.lock, NULL) == 0 && pthread_cond_init(&w.changed, NULL) == 0 &&
        pthread_cond_init(&w.answered, NULL) == 0) {
        if (set_up(&w))
            serve(&w);
        tear_down(&w);
    }
    free(w.threads);
    why_channel_clear(&w.channel);
}

noreturn void why_worker_main(int fd, const struct why_scan *scan, unsigned threads)
{
    why_worker_run(fd, scan, threads);
    TEST_HOOK_EXIT();
    _exit(0);
}
