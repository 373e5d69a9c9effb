/* SPDX-License-Identifier: Apache-2.0 */
#include "watch.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/clock.h"

#define TICK_MS 50

struct watch {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct watched *items;
    bool stopping;
};

static void look_at_all(struct watch *watch)
{
    uint64_t now = why_clock_us();

    for (struct watched *item = watch->items; item != NULL; item = item->next) {
        bool due =
            now >= item->deadline_us || (item->cancelled != NULL && atomic_load(item->cancelled));

        if (due && !item->woken) {
            item->woken = true;
            item->wake(item->arg);
        }
    }
}

static void *watch_thread(void *arg)
{
    struct watch *watch = arg;

    pthread_mutex_lock(&watch->lock);
    while (!watch->stopping) {
        struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};

        look_at_all(watch);
        if (watch->items == NULL) {
            (void)pthread_cond_wait(&watch->changed, &watch->lock);
            continue;
        }
        /* Not pthread_cond_timedwait: it goes by the wall clock, which somebody may set back. */
        pthread_mutex_unlock(&watch->lock);
        (void)nanosleep(&tick, NULL);
        pthread_mutex_lock(&watch->lock);
    }
    pthread_mutex_unlock(&watch->lock);
    return NULL;
}

struct watch *why_watch_new(void)
{
    struct watch *watch = calloc(1, sizeof(*watch));

    if (watch == NULL)
        return NULL;
    if (pthread_mutex_init(&watch->lock, NULL) != 0)
        goto fail_mutex;
    if (pthread_cond_init(&watch->changed, NULL) != 0)
        goto fail_cond;
    if (pthread_create(&watch->thread, NULL, watch_thread, watch) != 0)
        goto fail_thread;
    return watch;

fail_thread:
    pthread_cond_destroy(&watch->changed);
fail_cond:
    pthread_mutex_destroy(&watch->lock);
fail_mutex:
    free(watch);
    return NULL;
}

void why_watch_free(struct watch *watch)
{
    if (watch == NULL)
        return;
    pthread_mutex_lock(&watch->lock);
    watch->stopping = true;
    pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->lock);
    pthread_join(watch->thread, NULL);
    pthread_cond_destroy(&watch->changed);
    pthread_mutex_destroy(&watch->lock);
    free(watch);
}

void why_watch_add(struct watch *watch, struct watched *item)
{
    pthread_mutex_lock(&watch->lock);
    item->next = watch->items;
    watch->items = item;
    if (item->next == NULL)
        pthread_cond_signal(&watch->changed);
    pthread_mutex_unlock(&watch->lock);
}

void why_watch_remove(struct watch *watch, struct watched *item)
{
    pthread_mutex_lock(&watch->lock);
    for (struct watched **p = &watch->items; *p != NULL; p = &(*p)->next) {
        if (*p == item) {
            *p = item->next;
            break;
        }
    }
    pthread_mutex_unlock(&watch->lock);
}
