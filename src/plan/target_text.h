/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TARGET_TEXT_H
#define RDPWHY_TARGET_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One target as it is written, taken apart. */

#define WHY_HOST_SIZE 1024 /* 253 characters of at most four bytes, a final dot, a NUL */

struct why_target_text {
    char host[WHY_HOST_SIZE]; /* as written, without brackets and port */
    uint16_t port;
    bool has_port; /* it was written */
    int prefix;    /* of an address range; -1: a single host */
    char vm[40];   /* the GUID behind WHY_VM_QUERY; "": none */
};

#define WHY_VM_QUERY "?vmid="

/*
 * Takes |text| apart and checks every part; no names are looked up. Returns WHY_OK or WHY_ERR_USAGE
 * with a message in |err| that quotes |text| and says what is wrong with it.
 */
int why_target_parse(const char *text, struct why_target_text *out, char *err, size_t errlen);

/* Whether the port is in |place|, HOST[:PORT], and not only the default one's. */
bool why_target_names_port(const char *place);
/* What is wrong, without the text of the target, of why_target_parse's message. */
const char *why_target_problem(const char *message);

/*
 * Whether |target|, which |text| was parsed into, can be reached over |family| alone: names can for
 * all that is known, addresses of the other family cannot. AF_UNSPEC: both. Returns as
 * why_target_parse does.
 */
int why_target_check_family(const char *text, const struct why_target_text *target, int family,
                            char *err, size_t errlen);

/*
 * Writes IPv6 address |host|, with or without a zone, into |buf| in its one canonical form
 * (RFC 5952 4) and keeps the zone. False: |host| is no such address, or |buf| is too small.
 */
bool why_ipv6_canonical(const char *host, char *buf, size_t len);

#endif /* !defined(RDPWHY_TARGET_TEXT_H) */
