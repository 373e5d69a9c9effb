/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_HOST_H
#define RDPWHY_SCAN_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "run/results.h"

/* Targets under way, the order in which they are served, and the order of their results. */

/* One target. Its steps are begun in order, and their results are reported in order. */
struct host {
    struct host *next;            /* of those that have a step to begin */
    bool is_lined_up;             /* among them, runnable or resting */
    uint64_t not_before_us;       /* the next connection to it */
    uint64_t rests_until_us;      /* not_before_us when it was put there */
    struct why_target target;     /* owned */
    const struct why_step *steps; /* the run's; its own have no offer of a file where it is none */
    size_t step_count;
    size_t started, finished, reported;
    unsigned running;
    bool settled;  /* none of its steps is to be tried again */
    bool silent;   /* its last attempt waited to the end for an answer */
    bool answered; /* a connection was up: the next one will be, too */
    /* the ledger's, by what the step's profile pins and hands over */
    bool account_used[WHY_PACKAGE_COUNT][WHY_DELEGATION_COUNT];
    bool account_used_at_hop[WHY_HOPS_MAX];
    bool asked_udp;              /* or is being asked: an attempt of it asks for RDP over UDP */
    bool asked_for_tls;          /* its port was asked whether it speaks TLS at once */
    struct why_result **results; /* one for each step; NULL: not finished, or interrupted */
    bool *done;
    const struct why_result *certified; /* one of them that has the certificate; or NULL */
};

struct host_list {
    struct host *first, *last;
};

struct hosts {
    const struct why_step *steps; /* the run's; the first |file_steps| are for .rdp files alone */
    size_t step_count, file_steps;
    struct why_results out;
    struct host_list runnable; /* have a step to begin, in this order */
    struct host_list resting;  /* have one, but not yet */
    size_t begun;
};

/* Frees the runnable and resting hosts, which are all that have an unfinished step once no task is
 * left. */
void why_hosts_clear(struct hosts *hosts);

/* Takes the target's strings over. False: out of memory. */
bool why_hosts_begin(struct hosts *hosts, const struct why_target *target);

/* Puts the host at the end of those that have a step to begin, or before them all. */
void why_hosts_append(struct hosts *hosts, struct host *host);
void why_hosts_prepend(struct hosts *hosts, struct host *host);
/* Puts the host among them once |not_before_us| has come; until then it rests. */
void why_hosts_rest(struct hosts *hosts, struct host *host);
/* Those that have rested enough at |now_us| go to the end of those that have a step to begin. */
void why_hosts_wake(struct hosts *hosts, uint64_t now_us);
/* Takes the first of them; NULL: none. */
struct host *why_hosts_take(struct hosts *hosts);

/* Whether the account has been used on the host: once by profiles that leave it to the server how
 * it is proven, and once by those that pin a package or what is handed over. */
bool *why_host_account_used(struct host *h, const struct why_step *step);

/* A step is over: |result| is taken over; NULL: interrupted. */
void why_host_finish(struct host *host, size_t ordinal, struct why_result *result);
/* A finished step is to be tried again: its result, which is the caller's from now on. */
struct why_result *why_host_reopen(struct host *host, size_t ordinal);
/*
 * Reports the results that are next in order, and the host after its last. With |hold| it stops at
 * one that may be tried again. Returns WHY_OK, the callback's status, or WHY_ERR_NOMEM.
 */
int why_hosts_report(const struct hosts *hosts, struct host *host, bool hold);
/* Frees a host with its results. */
void why_hosts_drop(struct host *host);

#endif /* !defined(RDPWHY_SCAN_HOST_H) */
