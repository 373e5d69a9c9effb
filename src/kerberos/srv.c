/* SPDX-License-Identifier: Apache-2.0 */
#ifdef __APPLE__
#define BIND_8_COMPAT 1 /* HEADER and the T_ names */
#else
/* glibc tells of the resolver's state only then
 * NOLINTNEXTLINE(bugprone-reserved-identifier) */
#define _DEFAULT_SOURCE 1
#endif
#include "srv.h"

#include <sys/types.h>
#include <netinet/in.h>
#include <arpa/nameser.h>
#include <resolv.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define ANSWER_SIZE 4096

struct srv {
    uint16_t priority, weight;
    struct kdc kdc;
};

static uint16_t u16(const unsigned char *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

/* RFC 2782: priority, weight, port, target. False: none, or the target "." that says so. */
static bool read_srv(const ns_msg *message, const ns_rr *rr, struct srv *srv)
{
    const unsigned char *data = ns_rr_rdata(*rr);

    if (ns_rr_type(*rr) != ns_t_srv || ns_rr_rdlen(*rr) < 7)
        return false;
    *srv = (struct srv){u16(data), u16(data + 2), {.port = u16(data + 4), .from = "DNS SRV"}};
    return dn_expand(ns_msg_base(*message), ns_msg_end(*message), data + 6, srv->kdc.host,
                     sizeof(srv->kdc.host)) > 0 &&
           srv->kdc.host[0] != '\0' && srv->kdc.host[0] != '.' && srv->kdc.port != 0;
}

static int by_priority(const void *a, const void *b)
{
    const struct srv *x = a, *y = b;

    if (x->priority != y->priority)
        return x->priority < y->priority ? -1 : 1;
    return (x->weight < y->weight) - (x->weight > y->weight);
}

static void take(struct kdc_list *list, const unsigned char *answer, size_t len)
{
    struct srv found[KDC_MAX];
    size_t count = 0;
    ns_msg message;
    ns_rr rr;

    if (ns_initparse(answer, (int)len, &message) != 0)
        return;
    for (int i = 0; i < ns_msg_count(message, ns_s_an) && count < KDC_MAX; i++) {
        if (ns_parserr(&message, ns_s_an, i, &rr) == 0)
            count += read_srv(&message, &rr, &found[count]);
    }
    qsort(found, count, sizeof(found[0]), by_priority);
    for (size_t i = 0; i < count && list->count < KDC_MAX; i++)
        list->items[list->count++] = found[i].kdc;
}

/* The resolver waits |retrans| seconds for each of at most three name servers, |retry| times. */
static void limit(struct __res_state *state, uint64_t deadline_us)
{
    uint64_t now = why_clock_us();
    uint64_t left = deadline_us > now ? (deadline_us - now) / 1000000u : 0;
    int servers = state->nscount > 0 ? state->nscount : 1;

    state->retry = 1;
    state->retrans = (int)left / servers > 1 ? (int)left / servers : 1;
    state->options |= RES_IGNTC; /* no second try over TCP, which has no limit */
}

void why_srv_add(struct kdc_list *list, const char *realm, uint64_t deadline_us)
{
    struct __res_state state;
    unsigned char answer[ANSWER_SIZE];
    char name[KDC_HOST_SIZE + 32];
    int len;

    memset(&state, 0, sizeof(state));
    if (res_ninit(&state) != 0)
        return;
    limit(&state, deadline_us);
    (void)snprintf(name, sizeof(name), "_kerberos._tcp.%s.", realm);
    len = res_nquery(&state, name, ns_c_in, ns_t_srv, answer, sizeof(answer));
    if (len > 0)
        take(list, answer, (size_t)len < sizeof(answer) ? (size_t)len : sizeof(answer));
    res_nclose(&state);
}
