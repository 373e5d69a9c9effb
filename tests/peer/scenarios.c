/* SPDX-License-Identifier: Apache-2.0 */
#include "scenarios.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "conn.h"
#include "peer.h"

#define REQUEST_MAX   512
#define REQUEST_MS    5000
#define NEG_REQ_BYTES 8
#define HYBRID_BITS   0x0Au /* CredSSP, with or without early user authorization */

/*
 * One broken host each: what it does with an offer of Standard RDP Security, of TLS, and of
 * CredSSP. A second name is for every second connection.
 */
static const struct peer_scenario scenarios[] = {
    {"healthy",
     "Everything works; CredSSP is preferred",
     {{"healthy-any-rdp", NULL}, {"healthy-any-tls", NULL}, {"healthy-any", NULL}}},
    {"nla-required",
     "Works with CredSSP, refuses the rest by policy",
     {{"nla-required-rdp", NULL}, {"nla-required", NULL}, {"healthy-nla", NULL}}},
    {"certificate-unusable",
     "TLS is reset on the ClientHello, Standard RDP Security works",
     {{"healthy-rdp", NULL}, {"rst-tls", NULL}, {"rst-tls-nla", NULL}}},
    {"tls-version-mismatch",
     "TLS is refused with protocol_version, Standard RDP Security works",
     {{"healthy-rdp", NULL}, {"tls-alert-70", NULL}, {"tls-alert-70", NULL}}},
    {"nla-certificate-broken",
     "CredSSP is required, and TLS is reset on the ClientHello",
     {{"nla-required-rdp", NULL}, {"nla-required", NULL}, {"rst-tls-nla", NULL}}},
    {"certificate-missing",
     "RDP_NEG_FAILURE 3 to TLS and CredSSP",
     {{"healthy-rdp", NULL}, {"neg-failure-3", NULL}, {"neg-failure-3", NULL}}},
    {"certificate-expired",
     "Works, but the certificate expired in 2011",
     {{"healthy-rdp", NULL}, {"certificate-expired", NULL}, {"certificate-expired", NULL}}},
    {"firewall-reset",
     "Every connection is reset before anything is read",
     {{"rst-accept", NULL}, {"rst-accept", NULL}, {"rst-accept", NULL}}},
    {"hung-listener",
     "Accepts and never says a word",
     {{"silence-accept", NULL}, {"silence-accept", NULL}, {"silence-accept", NULL}}},
    {"overload",
     "Every second connection is reset before anything is read",
     {{"healthy-rdp", "rst-accept"}, {"healthy-tls", "rst-accept"}, {"healthy-tls", "rst-accept"}}},
    {"license-server-missing",
     "TLS only; licensing ends with ERR_NO_LICENSE_SERVER",
     {{"tls-required", NULL},
      {"license-error-6-after-request", NULL},
      {"license-error-6-after-request", NULL}}},
    {"license-refused",
     "TLS only; licensing ends with ERR_INVALID_CLIENT",
     {{"tls-required", NULL}, {"license-error-8", NULL}, {"license-error-8", NULL}}},
    {"wrong-password",
     "CredSSP only; every password is wrong",
     {{"nla-required-rdp", NULL}, {"nla-required", NULL}, {"wrong-password", NULL}}},
    {"account-locked",
     "CredSSP only; every account is locked out",
     {{"nla-required-rdp", NULL}, {"nla-required", NULL}, {"ntstatus-account-locked", NULL}}},
    {"tls-inspection",
     "CredSSP only; its proof does not fit the certificate",
     {{"nla-required-rdp", NULL}, {"nla-required", NULL}, {"pub-key-mismatch", NULL}}},
    {"server-denied",
     "Set Error Info 7 after the Confirm Active",
     {{"error-info-7-rdp", NULL}, {"error-info-7", NULL}, {"error-info-7", NULL}}},
    {"session-fails",
     "The connection is closed instead of the Demand Active",
     {{"fin-demand-active-rdp", NULL}, {"fin-demand-active", NULL}, {"fin-demand-active", NULL}}},
    {"redirected",
     "A broker: redirects instead of the Demand Active",
     {{"tls-required", NULL}, {"redirection", NULL}, {"redirection", NULL}}},
    {"offer-closed",
     "Standard RDP Security is reset without an answer, the rest works",
     {{"rst-negotiation-rdp", NULL}, {"healthy-any-tls", NULL}, {"healthy-any", NULL}}},
    {"standard-security-only",
     "Standard RDP Security works, TLS is not allowed",
     {{"healthy-rdp", NULL}, {"tls-not-allowed", NULL}, {"tls-not-allowed", NULL}}},
    {"farm",
     "Two servers with a certificate each take turns",
     {{"tls-required", "tls-required"},
      {"healthy-tls", "certificate-ec"},
      {"healthy-tls", "certificate-ec"}}},
    {"web-server", "No RDP at all", {{"http", NULL}, {"http", NULL}, {"http", NULL}}},
};

#define COUNT (sizeof(scenarios) / sizeof(scenarios[0]))

const struct peer_scenario *peer_scenario_find(const char *name)
{
    for (size_t i = 0; i < COUNT; i++) {
        if (strcmp(scenarios[i].name, name) == 0) {
            return &scenarios[i];
        }
    }
    return NULL;
}

int peer_scenario_list(void)
{
    for (size_t i = 0; i < COUNT; i++) {
        printf("%s\t%s\n", scenarios[i].name, scenarios[i].what);
    }
    return fflush(stdout);
}

/* The Connection Request without taking it: libfreerdp or the script will read it again. */
static size_t peek_request(struct peer_conn *conn, uint8_t *data, size_t size)
{
    for (int waited = 0; waited < REQUEST_MS && !conn_stopping(); waited++) {
        if (!conn_wait(conn, REQUEST_MS)) {
            return 0;
        }
        const ssize_t n = recv(conn->fd, data, size, MSG_PEEK);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) {
            return 0;
        }
        if (n >= 4 && (size_t)n >= ((size_t)data[2] << 8 | data[3])) {
            return (size_t)data[2] << 8 | data[3];
        }
        conn_sleep(conn, 1);
    }
    return 0;
}

/* RDP_NEG_REQ is the request's last part; without it Standard RDP Security is meant. */
static enum peer_offer offer_of(const uint8_t *request, size_t len)
{
    const uint8_t *req = len > NEG_REQ_BYTES + 4 ? request + len - NEG_REQ_BYTES : NULL;
    if (req == NULL || req[0] != 1 || req[2] != NEG_REQ_BYTES) {
        return PEER_OFFER_RDP;
    }
    if ((req[4] & HYBRID_BITS) != 0) {
        return PEER_OFFER_NLA;
    }
    return req[4] != 0 ? PEER_OFFER_TLS : PEER_OFFER_RDP;
}

/* A host that does the same with every offer need not wait to hear which it is. */
static bool same_for_all(const struct peer_scenario *s, unsigned turn)
{
    return s->faults[PEER_OFFER_RDP][turn] != NULL &&
           s->faults[PEER_OFFER_RDP][turn] == s->faults[PEER_OFFER_TLS][turn] &&
           s->faults[PEER_OFFER_RDP][turn] == s->faults[PEER_OFFER_NLA][turn];
}

const struct peer_fault *peer_scenario_fault(const struct peer_scenario *scenario,
                                             struct peer_conn *conn, unsigned number)
{
    uint8_t request[REQUEST_MAX];
    const unsigned turn = scenario->faults[PEER_OFFER_TLS][1] != NULL ? number % 2 : 0;
    enum peer_offer offer = PEER_OFFER_RDP;
    if (!same_for_all(scenario, turn)) {
        offer = offer_of(request, peek_request(conn, request, sizeof(request)));
    }
    return peer_fault_find(scenario->faults[offer][turn]);
}

int peer_scenario_each(const struct peer_scenario *scenario,
                       int (*prepare)(struct peer_server *server, const struct peer_fault *fault),
                       struct peer_server *server)
{
    for (unsigned i = 0; i < PEER_OFFER_COUNT * 2; i++) {
        const char *name = scenario->faults[i / 2][i % 2];
        const struct peer_fault *fault = name != NULL ? peer_fault_find(name) : NULL;
        if (name != NULL && fault == NULL) {
            fprintf(stderr, "rdpwhy-peer: %s: no fault is named %s\n", scenario->name, name);
            return -1;
        }
        if (fault != NULL && prepare(server, fault) != 0) {
            return -1;
        }
    }
    return 0;
}
