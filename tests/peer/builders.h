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
    size_t len;    /* of |data| */
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
/* X.224 Disconnect Request (X.224 13.5) and Error (13.12). */
void build_disconnect_request(struct build *b, uint8_t reason);
void build_x224_error(struct build *b, uint8_t cause);
/* Disconnect Provider Ultimatum (T.125 section 7, [MS-RDPBCGR] 2.2.2.3). */
void build_ultimatum(struct build *b, unsigned reason);

/* TPKT, X.224 data and MCS Send Data Indication; end with build_data_end. */
#define DATA_HEADER 15 /* TPKT 4, X.224 3, MCS 6, PER length 2 */
void build_data(struct build *b, uint16_t channel);
void build_data_end(struct build *b);

/* The basic security header ([MS-RDPBCGR] 2.2.8.1.1.2.1); within build_data. */
#define SEC_AUTODETECT_REQ_ 0x1000
#define SEC_TRANSPORT_REQ_  0x0002
#define SEC_LICENSE_PKT_    0x0080
#define SEC_REDIRECTION_    0x0400
#define SEC_HEARTBEAT_      0x4000
#define SEC_ENCRYPT_        0x0008
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

/* Share control PDUs ([MS-RDPBCGR] 2.2.8.1.1.1.1) without a security header. */
void build_deactivate_all(struct build *b);
/* A data PDU ([MS-RDPBCGR] 2.2.8.1.1.1.2) of that pduType2. */
#define DATA_UPDATE       0x02
#define DATA_CONTROL      0x14
#define DATA_POINTER      0x1B
#define DATA_SYNCHRONIZE  0x1F
#define DATA_FONT_MAP     0x28
#define DATA_ERROR_INFO   0x2F
#define DATA_STATUS_INFO  0x36
#define CONTROL_GRANTED   2
#define CONTROL_COOPERATE 4
void build_data_pdu(struct build *b, uint8_t type, const void *body, size_t len);
void build_error_info(struct build *b, uint32_t code);
void build_synchronize(struct build *b, uint16_t user);
void build_control(struct build *b, uint16_t action, uint16_t user);
void build_font_map(struct build *b);
/* Enhanced Security Server Redirection ([MS-RDPBCGR] 2.2.13.3) to the address |target|; the
 * Standard Security one (2.2.13.2), whose security header's flags say what it is. */
void build_redirection(struct build *b, const char *target);
void build_standard_redirection(struct build *b, const char *target);
/* The former around a packet that somebody else has made. */
void build_enhanced_redirection(struct build *b, const struct build *packet);
/* Heartbeat ([MS-RDPBCGR] 2.2.16.1) on the message channel. */
void build_heartbeat(struct build *b, uint16_t channel);

/* TSRequest with an errorCode ([MS-CSSP] 2.2.1). */
void build_tsrequest_error(struct build *b, uint32_t version, uint32_t status);

/* TSRequest with the negoToken |token|. */
void build_tsrequest(struct build *b, uint32_t version, const void *token, size_t len);

/* A TLS alert in the clear (RFC 5246 7.2). */
void build_tls_alert(struct build *b, uint8_t level, uint8_t description);

#endif /* !defined(RDPWHY_PEER_BUILDERS_H) */
