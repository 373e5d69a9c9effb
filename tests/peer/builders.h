/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_BUILDERS_H
#define RDPWHY_PEER_BUILDERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * PDUs written by hand, for what the library cannot be made to send. They go out in the clear or
 * inside TLS; Standard RDP Security's encryption is not done here.
 */

#define BUILD_MAX 32767 /* the longest user data that PER's two bytes can say */

struct build {
    size_t len;
    bool overflow; /* the caller wrote more than BUILD_MAX bytes: |data| must not be sent */
    uint8_t data[BUILD_MAX];
};

void put8(struct build *b, uint8_t value);
void put16le(struct build *b, uint16_t value);
void put32le(struct build *b, uint32_t value);
void put16be(struct build *b, uint16_t value);
void put(struct build *b, const void *data, size_t len);

/* X.224 Connection Confirm ([MS-RDPBCGR] 2.2.1.2): 19 bytes, and the 11 of an old server. */
void build_confirm(struct build *b, uint8_t flags, uint32_t protocol);
void build_old_confirm(struct build *b);
/* RDP_NEG_FAILURE ([MS-RDPBCGR] 2.2.1.2.2). */
void build_neg_failure(struct build *b, uint32_t code);
/* X.224 Disconnect Request (X.224 13.5). */
void build_disconnect_request(struct build *b, uint8_t reason);
/* Disconnect Provider Ultimatum (T.125 section 7, [MS-RDPBCGR] 2.2.2.3). */
void build_ultimatum(struct build *b, unsigned reason);

/* TPKT, X.224 data and MCS Send Data Indication; end with build_data_end. */
void build_data(struct build *b, uint16_t channel);
void build_data_end(struct build *b);

/* The basic security header ([MS-RDPBCGR] 2.2.8.1.1.2.1); within build_data. */
#define SEC_AUTODETECT_REQ_ 0x1000
#define SEC_TRANSPORT_REQ_  0x0002
#define SEC_LICENSE_PKT_    0x0080
void put_security(struct build *b, uint16_t flags);

/* A license message ([MS-RDPELE] 2.2.2) around |body|; whole PDU on the I/O channel. |preamble|:
 * the version, and the flag for extended errors. */
#define PREAMBLE_VERSION_3_0_ 0x03
void build_license(struct build *b, uint8_t preamble, uint8_t type, const struct build *body);
/* License ERROR_ALERT ([MS-RDPBCGR] 2.2.1.12.1.3). */
void build_license_error(struct build *b, uint32_t code, uint32_t transition);

/* Auto-detect requests on the message channel ([MS-RDPBCGR] 2.2.14.1). */
void build_rtt_request(struct build *b, uint16_t channel, uint16_t sequence);
void build_bandwidth_start(struct build *b, uint16_t channel, uint16_t sequence);
void build_bandwidth_stop(struct build *b, uint16_t channel, uint16_t sequence);
void build_network_result(struct build *b, uint16_t channel, uint16_t sequence);
/* Initiate Multitransport Request ([MS-RDPBCGR] 2.2.15.1). */
void build_multitransport(struct build *b, uint16_t channel, uint32_t id);

/* Share control PDUs ([MS-RDPBCGR] 2.2.8.1.1.1.1), for connections without RDP encryption. */
void build_deactivate_all(struct build *b);
void build_error_info(struct build *b, uint32_t code);
/* Enhanced Security Server Redirection ([MS-RDPBCGR] 2.2.13.3) to the address |target|. */
void build_redirection(struct build *b, const char *target);

/* TSRequest with an errorCode ([MS-CSSP] 2.2.1). */
void build_tsrequest_error(struct build *b, uint32_t version, uint32_t status);

/* A fatal TLS alert in the clear (RFC 8446 6). */
void build_tls_alert(struct build *b, uint8_t description);

#endif /* !defined(RDPWHY_PEER_BUILDERS_H) */
