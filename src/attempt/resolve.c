/* SPDX-License-Identifier: Apache-2.0 */
#include "resolve.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "clock.h"

/* Shared by asker and look-up thread; the last of the two to let go frees it. */
struct lookup {
    pthread_mutex_t lock;
    pthread_cond_t finished;
    int references;
    bool done;
    int result;
    struct addrinfo *list;
    struct addrinfo hints;
    char port[8];
    char host[]; /* flexible: the name with its NUL */
};

static void lookup_release(struct lookup *l)
{
    int left;

    pthread_mutex_lock(&l->lock);
    left = --l->references;
    pthread_mutex_unlock(&l->lock);
    if (left > 0)
        return;
    if (l->list != NULL)
        freeaddrinfo(l->list);
    pthread_cond_destroy(&l->finished);
    pthread_mutex_destroy(&l->lock);
    free(l);
}

static void *lookup_thread(void *arg)
{
    struct lookup *l = arg;
    struct addrinfo *list = NULL;
    int result = getaddrinfo(l->host, l->port, &l->hints, &list);

    pthread_mutex_lock(&l->lock);
    l->result = result;
    l->list = result == 0 ? list : NULL;
    l->done = true;
    pthread_cond_signal(&l->finished);
    pthread_mutex_unlock(&l->lock);
    lookup_release(l);
    return NULL;
}

static struct lookup *lookup_new(const char *host, uint16_t port, int family)
{
    size_t n = strlen(host) + 1;
    struct lookup *l = calloc(1, sizeof(*l) + n);

    if (l == NULL)
        return NULL;
    memcpy(l->host, host, n);
    (void)snprintf(l->port, sizeof(l->port), "%" PRIu16, port);
    l->hints.ai_family = family;
    l->hints.ai_socktype = SOCK_STREAM;
    l->references = 2;
    if (pthread_mutex_init(&l->lock, NULL) != 0) {
        free(l);
        return NULL;
    }
    if (pthread_cond_init(&l->finished, NULL) != 0) {
        pthread_mutex_destroy(&l->lock);
        free(l);
        return NULL;
    }
    return l;
}

static int lookup_start(struct lookup *l)
{
    pthread_attr_t attr;
    pthread_t thread;
    int r;

    if (pthread_attr_init(&attr) != 0)
        return -1;
    (void)pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    r = pthread_create(&thread, &attr, lookup_thread, l);
    (void)pthread_attr_destroy(&attr);
    return r;
}

/* Waits in slices, so that an interrupt is seen; condition variables know the wall clock only. */
static int lookup_wait(struct lookup *l, uint64_t deadline_us, const atomic_bool *cancelled)
{
    int result = RESOLVE_TIMEOUT;

    pthread_mutex_lock(&l->lock);
    while (!l->done) {
        int ms = clock_ms_until(deadline_us, 50);
        struct timespec until;

        if (cancelled != NULL && atomic_load(cancelled)) {
            result = RESOLVE_CANCELLED;
            break;
        }
        if (ms == 0)
            break;
        if (clock_gettime(CLOCK_REALTIME, &until) != 0)
            break;
        until.tv_nsec += (long)ms * 1000000L;
        if (until.tv_nsec >= 1000000000L) {
            until.tv_sec++;
            until.tv_nsec -= 1000000000L;
        }
        (void)pthread_cond_timedwait(&l->finished, &l->lock, &until);
    }
    if (l->done)
        result = l->result;
    pthread_mutex_unlock(&l->lock);
    return result;
}

/* An address needs no thread: getaddrinfo answers at once. */
static bool is_address(const char *host, uint16_t port, int family, struct addrinfo **out)
{
    struct addrinfo hints = {
        .ai_family = family,
        .ai_socktype = SOCK_STREAM,
        .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
    };
    char text[8];

    (void)snprintf(text, sizeof(text), "%" PRIu16, port);
    return getaddrinfo(host, text, &hints, out) == 0;
}

int resolve(const char *host, uint16_t port, int family, uint64_t deadline_us,
            const atomic_bool *cancelled, struct addrinfo **out)
{
    struct lookup *l;
    int result;

    *out = NULL;
    if (is_address(host, port, family, out))
        return 0;
    l = lookup_new(host, port, family);
    if (l == NULL)
        return EAI_MEMORY;
    if (lookup_start(l) != 0) {
        l->references = 1;
        lookup_release(l);
        return EAI_MEMORY;
    }
    result = lookup_wait(l, deadline_us, cancelled);
    if (result == 0) {
        pthread_mutex_lock(&l->lock);
        *out = l->list;
        l->list = NULL;
        pthread_mutex_unlock(&l->lock);
    }
    lookup_release(l);
    return result;
}
