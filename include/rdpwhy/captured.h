/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CAPTURED_H
#define RDPWHY_CAPTURED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct why_trace;

/*
 * What captures tell of a connection beside its bytes: what Windows itself said of it in an event
 * trace, and how another capture of the same connection differs.
 */

/* What makes a remark one on this connection. */
enum why_tie {
    WHY_TIE_CONNECTION, /* it names both ends, or the client's with its port */
    WHY_TIE_PROCESS,    /* the process that the connection belongs to wrote it, while it lasted */
    WHY_TIE_CLIENT,     /* it names the client, and was written while the connection lasted */
    WHY_TIE_TIME,       /* it was written while the connection lasted: no more ties them */
    WHY_TIE_COUNT
};

/* What a remark says is wrong, where that has a name of its own. */
enum why_sign {
    WHY_SIGN_NONE,    /* nothing: it says what happened */
    WHY_SIGN_OTHER,   /* something else */
    WHY_SIGN_KEY,     /* the private key of the certificate, or the certificate */
    WHY_SIGN_CIPHER,  /* no TLS version or cipher suite in common */
    WHY_SIGN_ACCOUNT, /* user name or password */
    WHY_SIGN_FILTER,  /* a packet was dropped by a firewall or filter */
    WHY_SIGN_COUNT
};

struct why_remark {
    uint64_t t_us; /* since 1970-01-01 UTC; 0: not known */
    enum why_tie tie;
    enum why_sign sign;
    char *text; /* "Schannel 36888: TLS alert sent: alert 40, state 1205"; owned */
};

#define WHY_REMARKS_MAX     32
#define WHY_DIFFERENCES_MAX 12

struct why_captured {
    size_t file; /* in the order in which they were read */
    char client[80], server[80];
    uint64_t began_us, ended_us;

    struct why_remark remarks[WHY_REMARKS_MAX];
    size_t remark_count;
    uint64_t more_remarks; /* beyond these */
    uint64_t events_lost;  /* by the whole trace: remarks and packets may be missing */

    /* The other capture of the same connection. */
    char *other_file; /* NULL: there is none; owned */
    char *same_by;    /* what says that it is the same; owned */
    bool altered;     /* what one of them saw, the other did not */
    bool between;     /* so much so that something between the two must have sent what ended it */
    char *differences[WHY_DIFFERENCES_MAX]; /* one sentence each; owned */
    size_t difference_count;
};

/* NULL: out of memory. */
struct why_captured *why_captured_new(void);
void why_captured_free(struct why_captured *captured);
/* A copy of |remark| with its text; of too many only the number is kept. WHY_OK or WHY_ERR_NOMEM.
 */
int why_captured_add_remark(struct why_captured *captured, const struct why_remark *remark);
/* The same of a sentence; of too many the last are left out. */
int why_captured_add_difference(struct why_captured *captured, const char *text);

/* What a trace has of it: |*captured| is NULL where that is nothing. And the other way: behind the
 * trace's events. WHY_OK or WHY_ERR_NOMEM. */
int why_captured_read(const struct why_trace *trace, struct why_captured **captured);
int why_captured_append(const struct why_captured *captured, struct why_trace *trace);

/* "connection", "process", "client", "time"; static. */
const char *why_tie_name(enum why_tie tie);

#endif /* !defined(RDPWHY_CAPTURED_H) */
