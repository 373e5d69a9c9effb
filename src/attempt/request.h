/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_REQUEST_H
#define RDPWHY_ATTEMPT_REQUEST_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/trace.h>

/* What is asked of one attempt. */

struct why_authorities;
struct why_gateway;
struct why_proxy;

/* A license as its server issued it; also a redirection, which is a secret. */
struct why_license_data {
    uint8_t *data; /* owned by whoever holds the struct; NULL: none */
    size_t len;
};

struct redirected;

struct why_attempt {
    const struct why_target *target;
    struct why_step step;
    enum why_phase until;
    uint64_t timeout_us;         /* for all of it */
    uint64_t connect_timeout_us; /* for resolve and connect */
    uint64_t linger_us;          /* listening for a refusal after Font Map, within |timeout_us| */
    uint64_t watch_us;           /* of the phase `session`, on top of |timeout_us| */
    const char *screenshots;     /* directory for its last pictures; NULL: none are kept */
    int family;                  /* AF_UNSPEC, AF_INET or AF_INET6 */
    const struct why_credentials *credentials; /* NULL: none */
    const struct why_authorities *trust;       /* for a KDC proxy's certificate; NULL: none */
    struct why_routing routing;
    struct why_preconnection preconnection;
    /* The redirection that leads here, an RDP_SERVER_REDIRECTION_PACKET, and how many were followed
     * to it, this one included; data NULL, and 0: none. */
    struct why_license_data redirection;
    unsigned hop;
    const struct redirected *redirected_by; /* the same, read; why_attempt_run fills it in */
    struct why_file_offer file; /* what the .rdp file asks for, where the profile is `file` */
    bool of_file;               /* the target is one: its user and token count for every offer */
    enum why_variation variation;
    /* The license that the license mode brings (at most WHY_LICENSE_MAX bytes), or NULL. In the
     * mode `foreign` it is presented under another client name, hence with another hardware ID. */
    const struct why_license_data *license;
    /*
     * Asked at the moment when credentials would be sent: may they be? NULL: yes. A reason (static
     * text) means no: the attempt then stops after the NTLM challenge.
     */
    const char *(*may_authenticate)(void *arg, const struct why_target *target);
    void *may_authenticate_arg;
    /* Called after each event of the attempt's own, with the trace so far; NULL: nobody asks. */
    void (*on_event)(void *arg, const struct why_trace *trace);
    void *on_event_arg;
    const atomic_bool *cancelled; /* NULL: never; set by the user's interrupt */
    /* Where a redirection that comes is put, for who may follow it; NULL: nobody will. */
    struct why_license_data *redirected;
    bool udp;     /* ask for RDP over UDP once the TCP connection is over */
    bool proxied; /* the connection leads to a proxy or a gateway; the latter may carry UDP, but not
                     from here */
    const struct why_proxy *proxy;     /* of connections that the attempt dials itself; NULL */
    const struct why_gateway *gateway; /* that leads to the target; NULL: none */
    /* As may_authenticate, of the gateway's account; the same argument. */
    const char *(*may_use_gateway)(void *arg);
    bool capture; /* keep what passed on the wire and the TLS secrets, too: why_event_is_capture */
    /*
     * A connection that somebody else has dialled: the trace of the dial, whose events become the
     * head of the attempt's; the socket, non-blocking and taken over; and when on the monotonic
     * clock the attempt began. NULL: why_attempt_run dials itself.
     */
    const struct why_trace *dialled;
    int fd;
    uint64_t began_us;
};

/* The row of the attempt's profile; of `file` with what the file offers. */
struct why_profile_info why_attempt_offer(const struct why_attempt *attempt);

#endif /* !defined(RDPWHY_ATTEMPT_REQUEST_H) */
