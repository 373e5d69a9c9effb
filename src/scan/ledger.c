/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

struct ledger {
    pthread_mutex_t lock;
    pthread_cond_t settled;
    bool accepted, rejected;
    bool pending; /* the account's first use is under way */
    size_t hosts;
    bool used[]; /* flexible: one per host */
};

struct ledger *ledger_new(size_t hosts)
{
    struct ledger *ledger = calloc(1, sizeof(*ledger) + hosts * sizeof(ledger->used[0]));

    if (ledger == NULL)
        return NULL;
    ledger->hosts = hosts;
    if (pthread_mutex_init(&ledger->lock, NULL) != 0) {
        free(ledger);
        return NULL;
    }
    if (pthread_cond_init(&ledger->settled, NULL) != 0) {
        pthread_mutex_destroy(&ledger->lock);
        free(ledger);
        return NULL;
    }
    return ledger;
}

void ledger_free(struct ledger *ledger)
{
    if (ledger == NULL)
        return;
    pthread_cond_destroy(&ledger->settled);
    pthread_mutex_destroy(&ledger->lock);
    free(ledger);
}

static void wait_for_first_use(struct ledger *ledger, uint64_t wait_us)
{
    struct timespec until;

    if (clock_gettime(CLOCK_REALTIME, &until) != 0)
        return;
    until.tv_sec += (time_t)(wait_us / 1000000u);
    until.tv_nsec += (long)(wait_us % 1000000u) * 1000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    while (ledger->pending) {
        if (pthread_cond_timedwait(&ledger->settled, &ledger->lock, &until) != 0)
            return;
    }
}

const char *ledger_claim(struct ledger *ledger, size_t host, uint64_t wait_us)
{
    const char *why_not = NULL;

    pthread_mutex_lock(&ledger->lock);
    wait_for_first_use(ledger, wait_us);
    if (ledger->rejected)
        why_not = "the account was not accepted before in this run, and accounts lock";
    else if (ledger->pending)
        why_not = "the account's first use in this run has not come to an end";
    else if (host >= ledger->hosts || ledger->used[host])
        why_not = "the account has been used once on this host in this run";
    if (why_not == NULL) {
        ledger->used[host] = true;
        ledger->pending = !ledger->accepted;
    }
    pthread_mutex_unlock(&ledger->lock);
    return why_not;
}

void ledger_settle(struct ledger *ledger, bool accepted)
{
    pthread_mutex_lock(&ledger->lock);
    if (accepted)
        ledger->accepted = true;
    else
        ledger->rejected = true;
    ledger->pending = false;
    pthread_cond_broadcast(&ledger->settled);
    pthread_mutex_unlock(&ledger->lock);
}

void ledger_release(struct ledger *ledger, size_t host)
{
    pthread_mutex_lock(&ledger->lock);
    if (host < ledger->hosts)
        ledger->used[host] = false;
    ledger->pending = false;
    pthread_cond_broadcast(&ledger->settled);
    pthread_mutex_unlock(&ledger->lock);
}

bool ledger_is_rejected(struct ledger *ledger)
{
    bool rejected;

    pthread_mutex_lock(&ledger->lock);
    rejected = ledger->rejected;
    pthread_mutex_unlock(&ledger->lock);
    return rejected;
}
