/* SPDX-License-Identifier: Apache-2.0 */
#include "zygote.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#include "base/tree.h"

#include "worker.h"

#ifndef MSG_NOSIGNAL
#define MSG_NOSIGNAL 0 /* macOS: SIGPIPE is ignored by the process */
#endif

#define LAST_WAIT_MS 1000 /* for workers to end by themselves, when the run is over */
#define TREE_DEPTH   6    /* ours, the worker's, the attempt's, what the library makes in it */

enum command { COMMAND_FORK, COMMAND_REAP };

struct order {
    enum command command;
    unsigned threads;
    pid_t pid;
};

struct answer {
    pid_t pid; /* of the new worker; -1: none could be made */
    int status;
};

/* The zygote's own state. */
struct nest {
    const struct why_scan *scan;
    int fd;
    pid_t *workers; /* those that were not waited for */
    size_t count, capacity;
    char scratch[4096];
};

/* ---- in the zygote --------------------------------------------------------------------------- */

static bool write_all(int fd, const void *data, size_t len)
{
    const char *p = data;

    while (len > 0) {
        ssize_t n = send(fd, p, len, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

static bool read_all(int fd, void *data, size_t len)
{
    char *p = data;

    while (len > 0) {
        ssize_t n = recv(fd, p, len, 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

/* With the answer goes |fd|, unless it is -1. */
static bool send_answer(int to, const struct answer *answer, int fd)
{
    struct answer copy = *answer;
    struct iovec part = {.iov_base = &copy, .iov_len = sizeof(copy)};
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t n;

    if (fd >= 0) {
        struct cmsghdr *c;

        memset(&control, 0, sizeof(control));
        m.msg_control = control.space;
        m.msg_controllen = sizeof(control.space);
        c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof(int));
    }
    do
        n = sendmsg(to, &m, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    /* So few bytes go as a whole or not at all. */
    return n == (ssize_t)sizeof(copy);
}

static bool remember(struct nest *nest, pid_t pid)
{
    if (nest->count == nest->capacity) {
        size_t capacity = nest->capacity == 0 ? 16 : 2 * nest->capacity;
        pid_t *workers = realloc(nest->workers, capacity * sizeof(*workers));

        if (workers == NULL)
            return false;
        nest->workers = workers;
        nest->capacity = capacity;
    }
    nest->workers[nest->count++] = pid;
    return true;
}

/* What every process below the user's own has in common. */
static void become_background(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    int null = open("/dev/null", O_RDWR);

    /* A terminal sends its interrupt to all of them; what it means is the parent's business. */
    sigaction(SIGINT, &ignore, NULL);
    sigaction(SIGTERM, &ignore, NULL);
    sigaction(SIGHUP, &ignore, NULL);
    sigaction(SIGUSR1, &ignore, NULL);
    /* The reports are not ours: whoever reads them must see their end when the parent ends. */
    if (null >= 0) {
        (void)dup2(null, STDIN_FILENO);
        (void)dup2(null, STDOUT_FILENO);
        if (null > STDERR_FILENO)
            (void)close(null);
    }
}

static void fork_worker(struct nest *nest, unsigned threads, struct answer *answer, int *fd)
{
    int ends[2];

    *answer = (struct answer){.pid = -1};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return;
    answer->pid = fork();
    if (answer->pid == 0) {
        (void)close(nest->fd);
        (void)close(ends[0]);
        worker_main(ends[1], nest->scan, threads);
    }
    (void)close(ends[1]);
    if (answer->pid < 0 || !remember(nest, answer->pid)) {
        (void)close(ends[0]); /* a worker that finds nobody there ends by itself */
        answer->pid = -1;
        return;
    }
    *fd = ends[0];
}

static int reap(struct nest *nest, pid_t pid)
{
    int status = -1;

    for (size_t i = 0; i < nest->count; i++) {
        if (nest->workers[i] != pid)
            continue;
        /* Not waited for yet, so the number is still this worker's. */
        (void)kill(pid, SIGKILL);
        while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
            continue;
        nest->workers[i] = nest->workers[--nest->count];
        break;
    }
    return status;
}

static void serve(struct nest *nest)
{
    struct order order;

    while (read_all(nest->fd, &order, sizeof(order))) {
        struct answer answer = {.pid = order.pid};
        int fd = -1;
        bool sent;

        if (order.command == COMMAND_FORK)
            fork_worker(nest, order.threads, &answer, &fd);
        else
            answer.status = reap(nest, order.pid);
        sent = send_answer(nest->fd, &answer, fd);
        if (fd >= 0)
            (void)close(fd);
        if (!sent)
            return;
    }
}

/* The run is over, or the parent is gone: the workers see the end of their channels. */
static void wait_for_all(struct nest *nest)
{
    struct timespec tick = {.tv_nsec = 2000000};

    for (int ms = 0; ms < LAST_WAIT_MS && nest->count > 0; ms += 2) {
        for (size_t i = nest->count; i > 0; i--) {
            if (waitpid(nest->workers[i - 1], NULL, WNOHANG) != 0)
                nest->workers[i - 1] = nest->workers[--nest->count];
        }
        if (nest->count > 0)
            (void)nanosleep(&tick, NULL);
    }
    while (nest->count > 0)
        (void)reap(nest, nest->workers[0]);
}

/* The directory below which the workers make theirs. Without one they say so themselves. */
static void make_scratch(struct nest *nest)
{
    const char *base = getenv("TMPDIR");
    int n;

    if (base == NULL || base[0] != '/')
        base = "/tmp";
    n = snprintf(nest->scratch, sizeof(nest->scratch), "%s/rdpwhy-XXXXXX", base);
    if (n < 0 || (size_t)n >= sizeof(nest->scratch) || mkdtemp(nest->scratch) == NULL ||
        setenv("TMPDIR", nest->scratch, 1) != 0)
        nest->scratch[0] = '\0';
}

static void zygote_main(int fd, const struct why_scan *scan)
{
    struct nest nest = {.scan = scan, .fd = fd};

    become_background();
    make_scratch(&nest);
    serve(&nest);
    wait_for_all(&nest);
    if (nest.scratch[0] != '\0')
        why_tree_remove(nest.scratch, TREE_DEPTH);
    free(nest.workers);
    _exit(0);
}

/* ---- in the parent --------------------------------------------------------------------------- */

int zygote_start(struct zygote *z, const struct why_scan *scan, char *err, size_t errlen)
{
    int ends[2];

    *z = (struct zygote){.fd = -1};
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0) {
        (void)snprintf(err, errlen, "cannot create a socket pair: %s", strerror(errno));
        return WHY_ERR_IO;
    }
    /* What is still in the streams' buffers is written by this process, and by it alone. */
    (void)fflush(NULL);
    z->pid = fork();
    if (z->pid == 0) {
        (void)close(ends[0]);
        zygote_main(ends[1], scan);
    }
    (void)close(ends[1]);
    if (z->pid < 0) {
        (void)snprintf(err, errlen, "cannot start a process: %s", strerror(errno));
        (void)close(ends[0]);
        return WHY_ERR_IO;
    }
    (void)fcntl(ends[0], F_SETFD, FD_CLOEXEC);
    z->fd = ends[0];
    return WHY_OK;
}

static bool read_answer(int from, struct answer *answer, int *fd)
{
    struct iovec part = {.iov_base = answer, .iov_len = sizeof(*answer)};
    union {
        struct cmsghdr align;
        char space[CMSG_SPACE(sizeof(int))];
    } control;
    struct msghdr m = {.msg_iov = &part,
                       .msg_iovlen = 1,
                       .msg_control = control.space,
                       .msg_controllen = sizeof(control.space)};
    struct cmsghdr *h;
    ssize_t n;

    *fd = -1;
    do
        n = recvmsg(from, &m, MSG_WAITALL);
    while (n < 0 && errno == EINTR);
    if (n != (ssize_t)sizeof(*answer))
        return false;
    h = CMSG_FIRSTHDR(&m);
    if (h != NULL && h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS)
        memcpy(fd, CMSG_DATA(h), sizeof(int));
    return true;
}

static bool ask(struct zygote *z, const struct order *order, struct answer *answer, int *fd)
{
    *fd = -1;
    return z->fd >= 0 && write_all(z->fd, order, sizeof(*order)) && read_answer(z->fd, answer, fd);
}

int zygote_fork(struct zygote *z, unsigned threads, pid_t *pid)
{
    struct order order = {.command = COMMAND_FORK, .threads = threads};
    struct answer answer;
    int fd;

    if (!ask(z, &order, &answer, &fd) || answer.pid < 0 || fd < 0)
        return -1;
    (void)fcntl(fd, F_SETFD, FD_CLOEXEC);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) != 0) {
        (void)close(fd);
        return -1;
    }
    *pid = answer.pid;
    return fd;
}

int zygote_reap(struct zygote *z, pid_t pid)
{
    struct order order = {.command = COMMAND_REAP, .pid = pid};
    struct answer answer;
    int fd;

    return ask(z, &order, &answer, &fd) ? answer.status : -1;
}

void zygote_end(struct zygote *z)
{
    if (z->fd < 0)
        return;
    (void)close(z->fd);
    z->fd = -1;
    while (waitpid(z->pid, NULL, 0) < 0 && errno == EINTR)
        continue;
}
