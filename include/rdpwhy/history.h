/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_HISTORY_H
#define RDPWHY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rdpwhy/vocab.h>

/*
 * What many runs tell together of the time that lies between them: since when a host is as it is,
 * which hosts keep changing, which certificates end next, and how long phases take. Times are
 * RFC 3339 in UTC, "" where they are not known; a host is a target as one vantage point sees it.
 */

#define WHY_HISTORY_TIME     sizeof("YYYY-MM-DDThh:mm:ss.uuuuuuZ")
#define WHY_HISTORY_RECENT   20 /* records of a host that are shown */
#define WHY_HISTORY_WINDOW   10 /* of these, the last ones that are looked at for changes */
#define WHY_HISTORY_FLAPPING 3  /* changes of state in the window */
#define WHY_HISTORY_NAMED    3  /* hosts that a certificate is shown with */

/* A host, by its records in the order of time. */
struct why_history_host {
    char *target, *vantage; /* owned; the vantage point is "" where it is not known */
    size_t records;
    char first[WHY_HISTORY_TIME], last[WHY_HISTORY_TIME];
    enum why_host_state state;    /* of the last record */
    char since[WHY_HISTORY_TIME]; /* the first record since which all have it */
    bool has_before;              /* another state was seen before */
    enum why_host_state before;   /* which */
    char until[WHY_HISTORY_TIME]; /* and when last: the change lies between this and |since| */
    char *rule, *summary;         /* the last record's most severe finding; NULL: none; owned */
    char rule_since[WHY_HISTORY_TIME]; /* the first record since which all have this state and it */
    enum why_host_state recent[WHY_HISTORY_RECENT]; /* oldest first */
    size_t recent_count;
    size_t changes; /* of state, in the last WHY_HISTORY_WINDOW records */
};

/* Its state changed at least WHY_HISTORY_FLAPPING times in the window. */
bool why_history_is_flapping(const struct why_history_host *host);

/* A certificate that a host showed in its last record. */
struct why_history_certificate {
    char *sha256, *subject, *issuer; /* owned; subject and issuer NULL where they are not known */
    int64_t not_after;               /* seconds since 1970-01-01 UTC */
    size_t hosts;
    char *names[WHY_HISTORY_NAMED]; /* the first of them: targets; owned; NULL where there are fewer
                                     */
};

/* How long a phase took on one day, over all hosts of a vantage point that had it behind them. */
struct why_history_times {
    char *vantage; /* owned */
    enum why_phase phase;
    char day[sizeof("YYYY-MM-DD")];
    size_t count;
    uint64_t median_us;
};

/* A phase that takes a host longer, or less long, than before. */
struct why_history_pace {
    char *target, *vantage; /* owned */
    enum why_profile profile;
    enum why_phase phase;
    size_t before_count, recent_count; /* attempts, the recent ones are the last */
    uint64_t before_us, recent_us;     /* medians */
};

/* All zeros is empty: why_history_view_clear. Arrays are owned. */
struct why_history_view {
    int64_t now;                                          /* seconds since 1970-01-01 UTC */
    size_t runs, cut_off;                                 /* of these, without their end */
    char first[WHY_HISTORY_TIME], last[WHY_HISTORY_TIME]; /* records of hosts */
    struct why_history_host *hosts;                       /* by target and vantage point */
    size_t host_count, host_capacity;
    struct why_history_certificate *certificates; /* the next to end first */
    size_t certificate_count, certificate_capacity;
    struct why_history_times *times; /* by vantage point, phase and day */
    size_t time_count, time_capacity;
    struct why_history_pace *paces; /* by target and vantage point */
    size_t pace_count, pace_capacity;
};

void why_history_view_clear(struct why_history_view *view);

struct why_history_about {
    const char *file;
    bool color;
    size_t columns; /* as in struct why_report */
    int verbosity;  /* -1 quiet, 0, 1 all hosts */
};

/* A way to write it; |name| is that of the report format of the same kind. */
struct why_history_format {
    const char *name;
    /* Returns WHY_OK, WHY_ERR_IO or WHY_ERR_NOMEM. */
    int (*write)(FILE *out, const struct why_history_about *about,
                 const struct why_history_view *view);
};

/* All of them; |*count| is their number. */
const struct why_history_format *const *why_history_formats(size_t *count);
/* The format of that name, or NULL. */
const struct why_history_format *why_history_format_find(const char *name);

#endif /* !defined(RDPWHY_HISTORY_H) */
