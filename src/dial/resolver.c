/* SPDX-License-Identifier: Apache-2.0 */
#include "resolver.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

/* Enough for the name service modules of the C libraries that are in use. */
#define STACK_SIZE ((size_t)512 * 1024)

/* The last of its owner and the look-ups under way to let go frees it. */
struct why_resolver {
    pthread_mutex_t lock;
    size_t references; /* the owner and the threads */
    size_t running, limit;
    int wake[2]; /* a pipe; non-blocking, for one byte in it is enough */
};

/* Shared by asker and thread, under the resolver's lock; the last of the two to let go frees it. */
struct lookup {
    struct why_resolver *resolver;
    int references;
    bool done;
    int result;
    struct addrinfo *list;
    struct addrinfo hints;
    char port[8];
    char host[]; /* flexible: the name with its NUL */
};

static bool make_pipe(int fds[2])
{
    if (pipe(fds) != 0)
        return false;
    for (size_t i = 0; i < 2; i++) {
        (void)fcntl(fds[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(fds[i], F_SETFL, O_NONBLOCK);
    }
    return true;
}

struct why_resolver *why_resolver_new(size_t threads)
{
    struct why_resolver *r = calloc(1, sizeof(*r));

    if (r == NULL)
        return NULL;
    r->references = 1;
    r->limit = threads;
    if (!make_pipe(r->wake)) {
        free(r);
        return NULL;
    }
    if (pthread_mutex_init(&r->lock, NULL) != 0) {
        (void)close(r->wake[0]);
        (void)close(r->wake[1]);
        free(r);
        return NULL;
    }
    return r;
}

static void release(struct why_resolver *r)
{
    size_t left;

    pthread_mutex_lock(&r->lock);
    left = --r->references;
    pthread_mutex_unlock(&r->lock);
    if (left > 0)
        return;
    (void)close(r->wake[0]);
    (void)close(r->wake[1]);
    pthread_mutex_destroy(&r->lock);
    free(r);
}

void why_resolver_free(struct why_resolver *resolver)
{
    if (resolver != NULL)
        release(resolver);
}

bool why_resolver_has_room(struct why_resolver *resolver)
{
    bool room;

    pthread_mutex_lock(&resolver->lock);
    room = resolver->running < resolver->limit;
    pthread_mutex_unlock(&resolver->lock);
    return room;
}

int why_resolver_fd(const struct why_resolver *resolver)
{
    return resolver->wake[0];
}

void why_resolver_seen(struct why_resolver *resolver)
{
    char bytes[64];

    while (read(resolver->wake[0], bytes, sizeof(bytes)) > 0)
        continue;
}

void lookup_free(struct lookup *l)
{
    struct why_resolver *r;
    int left;

    if (l == NULL)
        return;
    r = l->resolver;
    pthread_mutex_lock(&r->lock);
    left = --l->references;
    pthread_mutex_unlock(&r->lock);
    if (left > 0)
        return;
    if (l->list != NULL)
        freeaddrinfo(l->list);
    free(l);
}

#ifdef RDPWHY_TEST_HOOKS
/* A name service that does not answer: names that end in RDPWHY_TEST_SLOW_DNS take half a minute.
 */
static void test_hook(const char *host)
{
    const char *suffix = getenv("RDPWHY_TEST_SLOW_DNS");
    size_t n = strlen(host), m = suffix != NULL ? strlen(suffix) : 0;

    if (m > 0 && n >= m && strcmp(host + n - m, suffix) == 0)
        (void)nanosleep(&(struct timespec){.tv_sec = 30}, NULL);
}
#else
static void test_hook(const char *host)
{
    (void)host;
}
#endif

static void *lookup_thread(void *arg)
{
    struct lookup *l = arg;
    struct why_resolver *r = l->resolver;
    struct addrinfo *list = NULL;
    int result;

    test_hook(l->host);
    result = getaddrinfo(l->host, l->port, &l->hints, &list);
    pthread_mutex_lock(&r->lock);
    l->result = result;
    l->list = result == 0 ? list : NULL;
    l->done = true;
    r->running--;
    pthread_mutex_unlock(&r->lock);
    /* A full pipe wakes as well. */
    (void)!write(r->wake[1], "", 1);
    lookup_free(l);
    release(r);
    return NULL;
}

/* Signals are for the thread that polls: a look-up must not swallow them. */
static int start_thread(struct lookup *l)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, before;
    int r;

    if (pthread_attr_init(&attr) != 0)
        return -1;
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    (void)pthread_attr_setstacksize(&attr, STACK_SIZE);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&thread, &attr, lookup_thread, l);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    (void)pthread_attr_destroy(&attr);
    return r;
}

struct lookup *lookup_start(struct why_resolver *r, const char *host, uint16_t port, int family)
{
    size_t n = strlen(host) + 1;
    struct lookup *l = calloc(1, sizeof(*l) + n);

    if (l == NULL)
        return NULL;
    memcpy(l->host, host, n);
    (void)snprintf(l->port, sizeof(l->port), "%" PRIu16, port);
    l->hints.ai_family = family;
    l->hints.ai_socktype = SOCK_STREAM;
    l->resolver = r;
    l->references = 2;
    pthread_mutex_lock(&r->lock);
    r->references++;
    r->running++;
    pthread_mutex_unlock(&r->lock);
    if (start_thread(l) == 0)
        return l;
    pthread_mutex_lock(&r->lock);
    r->references--;
    r->running--;
    pthread_mutex_unlock(&r->lock);
    free(l);
    return NULL;
}

bool lookup_poll(struct lookup *l, int *result, struct addrinfo **list)
{
    bool done;

    pthread_mutex_lock(&l->resolver->lock);
    done = l->done;
    if (done) {
        *result = l->result;
        *list = l->list;
        l->list = NULL;
    }
    pthread_mutex_unlock(&l->resolver->lock);
    return done;
}

int lookup_address(const char *host, uint16_t port, int family, struct addrinfo **list)
{
    struct addrinfo hints = {
        .ai_family = family,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
    };
    char text[8];

    (void)snprintf(text, sizeof(text), "%" PRIu16, port);
    return getaddrinfo(host, text, &hints, list);
}

bool why_dial_is_address(const char *host)
{
    struct addrinfo *list = NULL;
    bool is = lookup_address(host, 1, AF_UNSPEC, &list) == 0;

    if (is)
        freeaddrinfo(list);
    return is;
}
