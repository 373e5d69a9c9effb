/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_H
#define RDPWHY_SCAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/plan.h>
#include <rdpwhy/result.h>

struct why_authorities;
struct why_gateway;
struct why_proxy;

/*
 * Many steps over many hosts: dialling, workers, order, deadlines. Knows nothing of RDP. The
 * calling process dials, with one thread, and never calls libfreerdp; attempts are made in worker
 * processes, so that a server which brings the library down takes no other result with it.
 */

struct why_scan_progress {
    const struct why_scan_summary *summary; /* so far */
    size_t begun;                           /* targets, those that are over included */
    bool source_over;                       /* there are no more than those */
    uint64_t elapsed_us;
    size_t dialling, attempts; /* under way */
    /* The attempt that has been waited for longest, where that is a while; else |target| is NULL.
     */
    struct {
        const struct why_target *target;
        enum why_profile profile;
        size_t ordinal, count; /* of the host's steps, from 1 */
        uint64_t us;
    } waiting;
    /* What such attempts may take at most, with the rest of their hosts' steps; 0: there are none.
     */
    uint64_t waiting_us;
    bool draining; /* interrupted, and waiting for those */
    bool last;     /* the run is over */
};

struct why_scan {
    /*
     * The next target to probe: WHY_OK with |target|, whose strings the scan takes over,
     * WHY_ERR_AGAIN where none has come yet, or WHY_ERR_NOTFOUND at the end; another status ends
     * the run.
     */
    int (*next_target)(void *arg, struct why_target *target);
    const struct why_step *steps; /* carried out for every target, in this order */
    size_t step_count;
    size_t file_step_count; /* the first of them are for targets that are .rdp files alone */
    enum why_phase until;
    uint64_t timeout_us;
    uint64_t connect_timeout_us;
    uint64_t linger_us; /* attempt.h */
    uint64_t watch_us;
    const char *screenshots; /* directory; NULL: none */
    int family;
    unsigned jobs;     /* attempts at once over all hosts, at least 1; dials are not counted */
    unsigned per_host; /* attempts at once on one host, at least 1 */
    unsigned rate;     /* new connections a second; 0: no limit */
    /* How long a host is left alone after a connection, and with several at once also between their
     * beginnings; other hosts are probed meanwhile. */
    uint64_t pause_us;
    /* When an attempt that must not stand alone is made once more (why_second_try_due); 0: never,
     * nor is a closed port asked whether it speaks TLS at once (why_wants_tls_first). */
    uint64_t second_try_us;
    const struct why_credentials *credentials;
    struct why_routing routing;
    struct why_preconnection preconnection; /* of targets that name no virtual machine */
    bool follow;                            /* redirections, at most WHY_HOPS_MAX a step */
    const struct why_proxy *proxy;          /* of all connections to targets; NULL: none */
    const struct why_gateway *gateway;      /* likewise; behind the proxy, where there is one */
    bool udp;                               /* ask each host once for RDP over UDP */
    bool force_logon;          /* also where NTLM cannot know the account (credentials' kind) */
    bool capture;              /* keep the packets and TLS secrets of every attempt in its trace */
    const char *license_store; /* directory, store.h; NULL: why_store_default has none */
    bool license_store_optional; /* nobody asked for it: that it cannot be used is no failure */
    const struct why_authorities *trust; /* trust.h; NULL: chains are not judged */
    /* Set by the user's interrupt: nothing more is begun, what is under way has |drain_us| to come
     * to its end and is cancelled then. */
    const atomic_bool *cancelled;
    uint64_t drain_us;
    /*
     * All of these are called by the thread that runs the scan. Every attempt in the host's plan
     * order, the host after its last attempt; the host's target is gone after on_host. A status
     * other than WHY_OK ends the run.
     */
    int (*on_result)(void *arg, const struct why_result *result);
    int (*on_host)(void *arg, const struct why_host *host);
    /* Something went wrong that takes no result away (a license that could not be kept), or that
     * ends the run. NULL: nobody wants to know. */
    void (*on_warning)(void *arg, const char *message);
    /* A few times a second, and at the end. NULL: nobody wants to know. */
    void (*on_progress)(void *arg, const struct why_scan_progress *progress);
    void *arg;
};

/*
 * Runs to the end, to the first failing callback, or to the cancel flag. The calling process must
 * have no other thread when it begins. Returns WHY_OK, WHY_ERR_INTERRUPTED, a callback's status,
 * WHY_ERR_NOMEM, WHY_ERR_LIBRARY or WHY_ERR_IO (no worker could be set up); |*summary| is filled in
 * any case.
 */
int why_scan_run(const struct why_scan *scan, struct why_scan_summary *summary);

/* Static text: libfreerdp as built against and as running ("3.10.3"), OpenSSL as running with its
 * name ("OpenSSL 3.0.17 1 Jul 2025"). */
struct why_versions {
    const char *library_built, *library_running, *openssl;
};
struct why_versions why_scan_versions(void);

/*
 * How many attempts at once the machine can carry that go on until |until|: half of its memory, and
 * its open files, whose soft limit is raised as far as that helps and the hard limit allows. At
 * least 1.
 */
unsigned why_scan_jobs_max(enum why_phase until);

#endif /* !defined(RDPWHY_SCAN_H) */
