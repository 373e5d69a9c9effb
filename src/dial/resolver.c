/* SPDX-License-Identifier: Apache-2.0 */
#include "dial/resolver.h"

#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
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
    atomic_size_t references; /* the owner and the threads */
    atomic_size_t running;
    size_t limit;
    int wake[2]; /* a pipe; non-blocking, for one byte in it is enough */
};

/* Shared by asker and thread; the last of the two to let go frees it. The thread has set the answer
 * before it sets |done|, and does not touch it afterwards. */
struct lookup {
    struct why_resolver *resolver;
    atomic_int references;
    atomic_bool done;
    int result;
    struct addrinfo *list;
    struct addrinfo hints;
    char port[8];
    char host[]; /* flexible: the name with its NUL */
};

struct why_resolver *why_resolver_new(size_t threads)
{
    struct why_resolver *r = calloc(1, sizeof(*r));

    if (r == NULL || pipe(r->wake) != 0) {
        free(r);
        return NULL;
    }
    for (size_t i = 0; i < 2; i++) {
        (void)fcntl(r->wake[i], F_SETFD, FD_CLOEXEC);
        (void)fcntl(r->wake[i], F_SETFL, O_NONBLOCK);
    }
    atomic_init(&r->references, 1);
    atomic_init(&r->running, 0);
    r->limit = threads;
    return r;
}

void why_resolver_free(struct why_resolver *r)
{
    if (r == NULL || atomic_fetch_sub(&r->references, 1) > 1)
        return;
    (void)close(r->wake[0]);
    (void)close(r->wake[1]);
    free(r);
}

bool why_resolver_has_room(struct why_resolver *resolver)
{
    return atomic_load(&resolver->running) < resolver->limit;
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

void why_lookup_free(struct lookup *l)
{
    if (l == NULL || atomic_fetch_sub(&l->references, 1) > 1)
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

    test_hook(l->host);
    l->result = getaddrinfo(l->host, l->port, &l->hints, &l->list);
    if (l->result != 0)
        l->list = NULL;
    atomic_store(&l->done, true);
    atomic_fetch_sub(&r->running, 1);
    /* A full pipe wakes as well. */
    (void)!write(r->wake[1], "", 1);
    why_lookup_free(l);
    why_resolver_free(r);
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

struct lookup *why_lookup_start(struct why_resolver *r, const char *host, uint16_t port, int family)
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
    atomic_init(&l->references, 2);
    atomic_init(&l->done, false);
    atomic_fetch_add(&r->references, 1);
    atomic_fetch_add(&r->running, 1);
    if (start_thread(l) == 0)
        return l;
    atomic_fetch_sub(&r->running, 1);
    atomic_fetch_sub(&r->references, 1);
    free(l);
    return NULL;
}

bool why_lookup_poll(struct lookup *l, int *result, struct addrinfo **list)
{
    if (!atomic_load(&l->done))
        return false;
    *result = l->result;
    *list = l->list;
    l->list = NULL;
    return true;
}

int why_lookup_address(const char *host, uint16_t port, int family, struct addrinfo **list)
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
