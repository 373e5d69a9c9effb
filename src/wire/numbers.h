/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_WIRE_NUMBERS_H
#define RDPWHY_WIRE_NUMBERS_H

#include <stdint.h>

/*
 * Numbers of the protocols that more than one file needs. What only one decoder knows stands in it;
 * what callers of the library compare with is in rdpwhy/pdu.h.
 */

/* TPKT, RFC 1006 6 */
#define TPKT_VERSION 0x03
#define TPKT_MIN     7 /* its length with the shortest TPDU */

/* TPDU codes, X.224 13.2 */
#define TPDU_CONNECTION_REQUEST 0xe0
#define TPDU_CONNECTION_CONFIRM 0xd0
#define TPDU_DISCONNECT_REQUEST 0x80
#define TPDU_DATA               0xf0
#define TPDU_ERROR              0x70

#define NEG_REQUEST 1 /* RDP_NEG_REQ type, [MS-RDPBCGR] 2.2.1.1.1 */

/* Tags of BER and DER, X.690 8 */
#define BER_BOOLEAN    0x01
#define BER_INTEGER    0x02
#define BER_OCTETS     0x04
#define BER_OID        0x06
#define BER_ENUMERATED 0x0a
#define BER_SEQUENCE   0x30

/* Connect-Initial and Connect-Response, T.125 7: application tags 101 and 102 */
#define MCS_CONNECT_INITIAL  0x65
#define MCS_CONNECT_RESPONSE 0x66

/* Data blocks of the client, [MS-RDPBCGR] 2.2.1.3.1 */
#define CS_CORE 0xc001
#define CS_NET  0xc003

#define CHAIN_VERSION                                                                              \
    2u /* dwVersion of an X.509 chain, 2.2.1.4.3.1.1 and [MS-RDPELE] 2.2.1.4.2                     \
        */
#define CHAIN_VERSION_MASK 0x7fffffffu

/* Basic security header, [MS-RDPBCGR] 2.2.8.1.1.2.1 */
#define SEC_EXCHANGE_PKT    0x0001u
#define SEC_TRANSPORT_REQ   0x0002u
#define SEC_TRANSPORT_RSP   0x0004u
#define SEC_ENCRYPT         0x0008u
#define SEC_INFO_PKT        0x0040u
#define SEC_LICENSE_PKT     0x0080u
#define SEC_REDIRECTION_PKT 0x0400u
#define SEC_AUTODETECT_REQ  0x1000u
#define SEC_AUTODETECT_RSP  0x2000u
#define SEC_HEARTBEAT       0x4000u

/* negState, RFC 4178 4.2.2 */
#define SPNEGO_REJECT 2u

/* TLS: records, RFC 8446 5.1 and RFC 5246 6.2.3 (TLS 1.3 allows less) */
#define TLS_CHANGE_CIPHER_SPEC 20
#define TLS_ALERT              21
#define TLS_HANDSHAKE          22
#define TLS_APPLICATION_DATA   23
#define TLS_HEARTBEAT          24
#define TLS_RECORD_HEADER      5u
#define TLS_RECORD_MAX         (16384u + 2048u) /* behind the header */

/* TLS: handshake messages, RFC 8446 4 and RFC 5246 7.4 */
#define TLS_CLIENT_HELLO        1
#define TLS_SERVER_HELLO        2
#define TLS_NEW_SESSION_TICKET  4
#define TLS_CERTIFICATE         11
#define TLS_SERVER_KEY_EXCHANGE 12
#define TLS_CERTIFICATE_REQUEST 13
#define TLS_SERVER_HELLO_DONE   14
#define TLS_CLIENT_KEY_EXCHANGE 16
#define TLS_FINISHED            20
#define TLS_KEY_UPDATE          24

#define TLS_EXT_SERVER_NAME        0
#define TLS_EXT_ENCRYPT_THEN_MAC   22
#define TLS_EXT_SUPPORTED_VERSIONS 43

#define TLS_1_0 0x0301
#define TLS_1_1 0x0302
#define TLS_1_2 0x0303
#define TLS_1_3 0x0304

/* A ServerHello with this random is a HelloRetryRequest: SHA-256 of that word, RFC 8446 4.1.3. */
extern const uint8_t why_tls_retry_random[32];

/* TCP, RFC 9293 3.1 */
#define PROTOCOL_TCP 6
#define PROTOCOL_UDP 17
#define TCP_FIN      0x01u
#define TCP_SYN      0x02u
#define TCP_RST      0x04u
#define TCP_PSH      0x08u
#define TCP_ACK      0x10u

/* pcapng, draft-ietf-opsawg-pcapng */
#define PCAPNG_SECTION          0x0A0D0D0Au
#define PCAPNG_INTERFACE        1u
#define PCAPNG_PACKET           6u
#define PCAPNG_SECRETS          10u
#define PCAPNG_BYTE_ORDER_MAGIC 0x1A2B3C4Du
#define PCAPNG_SECRETS_TLS      0x544C534Bu /* "TLSK": the NSS key log */
#define PCAPNG_OPT_END          0u
#define PCAPNG_OPT_COMMENT      1u

#endif /* !defined(RDPWHY_WIRE_NUMBERS_H) */
