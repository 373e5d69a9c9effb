/* SPDX-License-Identifier: Apache-2.0 */
#include "fork_server.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "base/grow.h"
#include "base/tree.h"

#include "worker.h"

#define LAST_WAIT_MS 1000 /* for workers to end by themselves, when the run is over */
#define TREE_DEPTH   6    /* ours, the worker's, the attempt's, what the library makes in it */

/* What the server itself knows. */
struct server {
    const struct why_scan *scan;
    struct channel channel;
    pid_t *workers; /* those that were not waited for */
    size_t count, capacity;
};

/* ---- in the server --------------------------------------------------------------------------- */

/* What every process below the user's own has in common. */
static void become_background(void)
{
    static const int ignored[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1};
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    int null = open("/dev/null", O_RDWR);

    /* A terminal sends its interrupt to all of them; what it means is the parent's business. */
    for (size_t i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
        (void)sigaction(ignored[i], &ignore, NULL);
    /* The reports are not ours: whoever reads them must see their end when the parent ends. */
    if (null >= 0) {
        (void)dup2(null, STDIN_FILENO);
        (void)dup2(null, STDOUT_FILENO);
        if (null > STDERR_FILENO)
            (void)close(null);
    }
}

/* Returns the socket to the new worker; -1: none could be made. */
static int spawn(struct server *s, unsigned threads, pid_t *pid)
{
    int ends[2];

    if (!why_grow(&s->workers, &s->capacity, s->count + 1, sizeof(*s->workers)) ||
        socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return -1;
    *pid = fork();
    if (*pid == 0) {
        why_channel_clear(&s->channel);
        (void)close(ends[0]);
        why_worker_main(ends[1], s->scan, threads);
    }
    (void)close(ends[1]);
    if (*pid > 0) {
        s->workers[s->count++] = *pid;
        return ends[0];
    }
    (void)close(ends[0]);
    return -1;
}

static int reap(struct server *s, pid_t pid)
{
    int status = -1;

    for (size_t i = 0; i < s->count; i++) {
        if (s->workers[i] != pid)
            continue;
        /* Not waited for yet, so the number is still this worker's. */
        (void)kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            continue;
        s->workers[i] = s->workers[--s->count];
        break;
    }
    return status;
}

static int member(const json_t *message, const char *key)
{
    return (int)json_integer_value(json_object_get(message, key));
}

/* An order for so many threads is one to spawn, else one to reap. */
static bool carry_out(struct server *s, const json_t *order)
{
    unsigned threads = (unsigned)member(order, "threads");
    pid_t pid = member(order, "pid");
    int status = -1, fd = -1;

    if (threads > 0)
        fd = spawn(s, threads, &pid);
    else
        status = reap(s, pid);
    return why_channel_put(&s->channel,
                           json_pack("{s:i, s:i, s:b}", "pid", (int)pid, "status", status, "socket",
                                     (int)(fd >= 0)),
                           NULL, 0, fd) == WHY_OK &&
           why_channel_flush(&s->channel);
}

static void serve(struct server *s)
{
    struct channel_message m;
    bool good = true;

    while (good && why_channel_wait(&s->channel, &m)) {
        good = carry_out(s, m.head);
        json_decref(m.head);
    }
}

/* The run is over, or the parent is gone: the workers see the end of their channels. */
static void wait_for_all(struct server *s)
{
    struct timespec tick = {.tv_nsec = 2000000};

    for (int ms = 0; ms < LAST_WAIT_MS && s->count > 0; ms += 2) {
        for (size_t i = s->count; i > 0; i--) {
            if (waitpid(s->workers[i - 1], NULL, WNOHANG) != 0)
                s->workers[i - 1] = s->workers[--s->count];
        }
        if (s->count > 0)
            (void)nanosleep(&tick, NULL);
    }
    while (s->count > 0)
        (void)reap(s, s->workers[0]);
}

static void server_main(int fd, const struct why_scan *scan)
{
    struct server s = {.scan = scan};
    /* Without a directory for theirs the workers say so themselves. */
    char *scratch = why_tree_make();

    become_background();
    if (scratch != NULL)
        (void)setenv("TMPDIR", scratch, 1);
    why_channel_init(&s.channel, fd);
    serve(&s);
    why_channel_clear(&s.channel);
    wait_for_all(&s);
    if (scratch != NULL)
        why_tree_remove(scratch, TREE_DEPTH);
    free(scratch);
    free(s.workers);
    _exit(0);
}

/* ---- in the parent --------------------------------------------------------------------------- */

int why_fork_server_start(struct fork_server *s, const struct why_scan *scan, char *err,
                          size_t errlen)
{
    int ends[2];

    *s = (struct fork_server){.channel.fd = -1};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
        (void)snprintf(err, errlen, "cannot create a socket pair: %s", strerror(errno));
        return WHY_ERR_IO;
    }
    /* What is still in the streams' buffers is written by this process, and by it alone. */
    (void)fflush(NULL);
    s->pid = fork();
    if (s->pid == 0) {
        (void)close(ends[0]);
        server_main(ends[1], scan);
    }
    (void)close(ends[1]);
    if (s->pid < 0) {
        (void)snprintf(err, errlen, "cannot start a process: %s", strerror(errno));
        (void)close(ends[0]);
        return WHY_ERR_IO;
    }
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    why_channel_init(&s->channel, ends[0]);
    return WHY_OK;
}

/* Returns the socket that came with the answer, -1: none; |*value| is the answer's |key|. */
static int ask(struct fork_server *s, json_t *order, const char *key, int *value)
{
    struct channel_message m;

    if (why_channel_put(&s->channel, order, NULL, 0, -1) != WHY_OK ||
        !why_channel_flush(&s->channel) || !why_channel_wait(&s->channel, &m))
        return -1;
    *value = member(m.head, key);
    json_decref(m.head);
    return m.fd;
}

int why_fork_server_spawn(struct fork_server *s, unsigned threads, pid_t *pid)
{
    int value = -1, fd = ask(s, json_pack("{s:i}", "threads", (int)threads), "pid", &value);

    *pid = value;
    if (fd < 0)
        return -1;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
        return fd;
    (void)close(fd);
    return -1;
}

int why_fork_server_reap(struct fork_server *s, pid_t pid)
{
    int status = -1;

    (void)ask(s, json_pack("{s:i}", "pid", (int)pid), "status", &status);
    return status;
}

void why_fork_server_end(struct fork_server *s)
{
    if (s->channel.fd < 0)
        return;
    why_channel_clear(&s->channel);
    while (waitpid(s->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}
