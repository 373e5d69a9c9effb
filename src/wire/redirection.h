/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_WIRE_REDIRECTION_H
#define RDPWHY_WIRE_REDIRECTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a redirection holds, for who follows it: secrets among it. */

/* The fields in the order in which they come, [MS-RDPBCGR] 2.2.13.1. */
enum why_redirection_field {
    WHY_REDIRECTION_NET_ADDRESS,
    WHY_REDIRECTION_LOAD_BALANCE_INFO,
    WHY_REDIRECTION_USERNAME,
    WHY_REDIRECTION_DOMAIN,
    WHY_REDIRECTION_PASSWORD,
    WHY_REDIRECTION_FQDN,
    WHY_REDIRECTION_NETBIOS_NAME,
    WHY_REDIRECTION_TSV_URL,
    WHY_REDIRECTION_GUID,
    WHY_REDIRECTION_CERTIFICATE,
    WHY_REDIRECTION_NET_ADDRESSES,
    WHY_REDIRECTION_FIELD_COUNT
};

/* RedirFlags that name no field */
#define WHY_LB_NO_REDIRECT           0x00000080u /* for information: the session is here */
#define WHY_LB_PASSWORD_IS_ENCRYPTED 0x00004000u /* with the target's key: for RDSTLS alone */

struct why_redirection {
    uint32_t session_id, flags;
    struct {
        const uint8_t *data; /* within the packet; NULL: it has no such field */
        size_t len;
    } fields[WHY_REDIRECTION_FIELD_COUNT];
};

/* Reads an RDP_SERVER_REDIRECTION_PACKET of |len| bytes from its Flags on. False: it cannot be read
 * to its end. */
bool why_redirection_read(const uint8_t *data, size_t len, struct why_redirection *redirection);

/* A field that is text, as UTF-8; empty where there is none. */
void why_redirection_text(const struct why_redirection *redirection,
                          enum why_redirection_field field, char *text, size_t size);

/*
 * Where the client is to go, the first of these that there is: the address, the name, the NetBIOS
 * name, the first of several addresses. Empty: to the server that redirects, as with a routing
 * token, which the load balancer in front of the servers is to read.
 */
void why_redirection_target(const struct why_redirection *redirection, char *target, size_t size);

/*
 * TargetCertificate, 2.2.13.1.2 and 2.2.13.1.3: the DER of the certificate that the target shows,
 * out of text in Base64. |buf| has room for what it stands for, three bytes for four characters,
 * hence WHY_REDIRECTION_CERTIFICATE_MAX for every field. Its length; 0: there is none, or it cannot
 * be read; |*der| is within |buf|.
 */
#define WHY_REDIRECTION_CERTIFICATE_MAX 24576
size_t why_redirection_certificate(const struct why_redirection *redirection, uint8_t *buf,
                                   size_t size, const uint8_t **der);

#endif /* !defined(RDPWHY_WIRE_REDIRECTION_H) */
