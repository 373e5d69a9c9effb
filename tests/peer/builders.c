/* SPDX-License-Identifier: Apache-2.0 */
#include "builders.h"

#include <string.h>

#define MCS_BASE               1001
#define MCS_SERVER             1002
#define MCS_IO_CHANNEL         1003
#define SHARE_ID               0x000103EAu
#define PDU_DEACTIVATE         0x16
#define PDU_DATA               0x17
#define PDU_REDIRECTION        0x1A
#define LB_TARGET_ADDRESS      0x00000001u
#define LB_LOAD_BALANCE_INFO   0x00000002u
#define LB_DONT_STORE_USERNAME 0x00000020u

void put(struct build *b, const void *data, size_t len)
{
    if (len > sizeof(b->data) - b->len) {
        b->overflow = true;
        return;
    }
    if (len > 0) {
        memcpy(b->data + b->len, data, len);
        b->len += len;
    }
}

void put8(struct build *b, uint8_t value)
{
    put(b, &value, 1);
}

void put16le(struct build *b, uint16_t value)
{
    put8(b, (uint8_t)value);
    put8(b, (uint8_t)(value >> 8));
}

void put32le(struct build *b, uint32_t value)
{
    put16le(b, (uint16_t)value);
    put16le(b, (uint16_t)(value >> 16));
}

void put16be(struct build *b, uint16_t value)
{
    put8(b, (uint8_t)(value >> 8));
    put8(b, (uint8_t)value);
}

static void start(struct build *b)
{
    b->len = 0;
    b->overflow = false;
}

static void put_tpkt(struct build *b, uint16_t len)
{
    put16be(b, 0x0300);
    put16be(b, len);
}

static void confirm_header(struct build *b, uint16_t len)
{
    start(b);
    put_tpkt(b, len);
    put8(b, (uint8_t)(len - 5));
    put8(b, 0xD0);
    put16be(b, 0);
    put16be(b, 0x1234);
    put8(b, 0);
}

void build_confirm(struct build *b, uint8_t flags, uint32_t protocol)
{
    confirm_header(b, 19);
    put8(b, 2); /* TYPE_RDP_NEG_RSP */
    put8(b, flags);
    put16le(b, 8);
    put32le(b, protocol);
}

void build_old_confirm(struct build *b)
{
    confirm_header(b, 11);
}

void build_neg_failure(struct build *b, uint32_t code)
{
    confirm_header(b, 19);
    put8(b, 3); /* TYPE_RDP_NEG_FAILURE */
    put8(b, 0);
    put16le(b, 8);
    put32le(b, code);
}

void build_disconnect_request(struct build *b, uint8_t reason)
{
    start(b);
    put_tpkt(b, 11);
    put8(b, 6);
    put8(b, 0x80);
    put16be(b, 0);
    put16be(b, 0x1234);
    put8(b, reason);
}

void build_x224_error(struct build *b, uint8_t cause)
{
    start(b);
    put_tpkt(b, 9);
    put8(b, 4);
    put8(b, 0x70);
    put16be(b, 0);
    put8(b, cause);
}

void build_ultimatum(struct build *b, unsigned reason)
{
    start(b);
    put_tpkt(b, 9);
    put(b, "\x02\xF0\x80", 3);
    /* PER: choice 8 in six bits, then the reason in three. */
    put8(b, (uint8_t)(8u << 2 | reason >> 1));
    put8(b, (uint8_t)((reason & 1u) << 7));
}

void build_data(struct build *b, uint16_t channel)
{
    start(b);
    put_tpkt(b, 0);
    put(b, "\x02\xF0\x80\x68", 4);
    put16be(b, MCS_SERVER - MCS_BASE);
    put16be(b, channel);
    put8(b, 0x70);
    put16be(b, 0);
}

void build_data_end(struct build *b)
{
    const size_t inner = b->len - DATA_HEADER;
    b->data[2] = (uint8_t)(b->len >> 8);
    b->data[3] = (uint8_t)b->len;
    b->data[13] = (uint8_t)(0x80 | inner >> 8);
    b->data[14] = (uint8_t)inner;
}

void put_security(struct build *b, uint16_t flags)
{
    put16le(b, flags);
    put16le(b, 0);
}

void build_license(struct build *b, uint8_t preamble, uint8_t type, const struct build *body)
{
    build_data(b, MCS_IO_CHANNEL);
    put_security(b, SEC_LICENSE_PKT_);
    put8(b, type);
    put8(b, preamble);
    put16le(b, (uint16_t)(body->len + 4));
    put(b, body->data, body->len);
    b->overflow |= body->overflow;
    build_data_end(b);
}

void build_license_error(struct build *b, uint32_t code, uint32_t transition)
{
    struct build body = {.len = 0};
    put32le(&body, code);
    put32le(&body, transition);
    put16le(&body, 4); /* BB_ERROR_BLOB, empty */
    put16le(&body, 0);
    build_license(b, PREAMBLE_VERSION_3_0_, 0xFF, &body);
}

static void auto_detect(struct build *b, uint16_t channel, uint8_t length, uint16_t sequence,
                        uint16_t type)
{
    build_data(b, channel);
    put_security(b, SEC_AUTODETECT_REQ_);
    put8(b, length);
    put8(b, 0); /* TYPE_ID_AUTODETECT_REQUEST */
    put16le(b, sequence);
    put16le(b, type);
}

void build_rtt_request(struct build *b, uint16_t channel, uint16_t sequence)
{
    auto_detect(b, channel, 6, sequence, 0x1001);
    build_data_end(b);
}

void build_bandwidth_start(struct build *b, uint16_t channel, uint16_t sequence)
{
    auto_detect(b, channel, 6, sequence, 0x1014);
    build_data_end(b);
}

void build_bandwidth_stop(struct build *b, uint16_t channel, uint16_t sequence)
{
    auto_detect(b, channel, 8, sequence, 0x002B);
    put16le(b, 4); /* payloadLength */
    put(b, "test", 4);
    build_data_end(b);
}

void build_network_result(struct build *b, uint16_t channel, uint16_t sequence)
{
    auto_detect(b, channel, 18, sequence, 0x08C0);
    put32le(b, 1);      /* baseRTT, ms */
    put32le(b, 100000); /* bandwidth, kbit/s */
    put32le(b, 1);      /* averageRTT, ms */
    build_data_end(b);
}

void build_multitransport(struct build *b, uint16_t channel, uint32_t id)
{
    static const char cookie[] = "test cookie 1234"; /* 16 bytes */
    build_data(b, channel);
    put_security(b, SEC_TRANSPORT_REQ_);
    put32le(b, id);
    put16le(b, 1); /* INITIATE_REQUEST_PROTOCOL_UDPFECR */
    put16le(b, 0);
    put(b, cookie, sizeof(cookie) - 1);
    build_data_end(b);
}

static void share_control(struct build *b, uint8_t type, uint16_t inner)
{
    build_data(b, MCS_IO_CHANNEL);
    put16le(b, (uint16_t)(inner + 6));
    put16le(b, type);
    put16le(b, MCS_SERVER);
}

void build_deactivate_all(struct build *b)
{
    share_control(b, PDU_DEACTIVATE, 7);
    put32le(b, SHARE_ID);
    put16le(b, 1);
    put8(b, 0);
    build_data_end(b);
}

void build_data_pdu(struct build *b, uint8_t type, const void *body, size_t len)
{
    share_control(b, PDU_DATA, (uint16_t)(12 + len));
    put32le(b, SHARE_ID);
    put8(b, 0);
    put8(b, 1); /* STREAM_LOW */
    /* uncompressedLength: pduType2 and what follows, as Windows counts it */
    put16le(b, (uint16_t)(12 + len));
    put8(b, type);
    put8(b, 0);
    put16le(b, 0);
    put(b, body, len);
    build_data_end(b);
}

void build_error_info(struct build *b, uint32_t code)
{
    struct build body = {.len = 0};
    put32le(&body, code);
    build_data_pdu(b, DATA_ERROR_INFO, body.data, body.len);
}

void build_synchronize(struct build *b, uint16_t user)
{
    struct build body = {.len = 0};
    put16le(&body, 1); /* SYNCMSGTYPE_SYNC */
    put16le(&body, user);
    build_data_pdu(b, DATA_SYNCHRONIZE, body.data, body.len);
}

void build_control(struct build *b, uint16_t action, uint16_t user)
{
    struct build body = {.len = 0};
    put16le(&body, action);
    put16le(&body, action == CONTROL_GRANTED ? user : 0);
    put32le(&body, action == CONTROL_GRANTED ? MCS_SERVER : 0);
    build_data_pdu(b, DATA_CONTROL, body.data, body.len);
}

void build_font_map(struct build *b)
{
    build_data_pdu(b, DATA_FONT_MAP, "\0\0\0\0\3\0\4\0", 8);
}

/* |target|: an address, a routing token ("Cookie: ..."), or nothing. */
static void redirection_packet(struct build *b, const char *target)
{
    const bool token = strncmp(target, "Cookie: ", 8) == 0;
    const size_t chars = strlen(target) + (token ? 0 : 1);
    const size_t bytes = token ? chars : chars * 2;
    const bool none = target[0] == '\0';
    put16le(b, 0x400); /* Flags: SEC_REDIRECTION_PKT */
    put16le(b, (uint16_t)(none ? 12 : 12 + 4 + bytes));
    put32le(b, 7); /* SessionID */
    put32le(b, none ? LB_DONT_STORE_USERNAME : token ? LB_LOAD_BALANCE_INFO : LB_TARGET_ADDRESS);
    if (none) {
        return;
    }
    put32le(b, (uint32_t)bytes);
    for (size_t i = 0; i < chars; i++) {
        if (token) {
            put8(b, (uint8_t)target[i]);
        } else {
            put16le(b, (uint8_t)target[i]);
        }
    }
}

void build_enhanced_redirection(struct build *b, const struct build *packet)
{
    share_control(b, PDU_REDIRECTION, (uint16_t)(2 + packet->len + 1));
    put16le(b, 0); /* pad2Octets */
    put(b, packet->data, packet->len);
    put8(b, 0); /* pad1Octet */
    build_data_end(b);
}

void build_redirection(struct build *b, const char *target)
{
    struct build packet = {.len = 0};
    redirection_packet(&packet, target);
    build_enhanced_redirection(b, &packet);
}

void build_standard_redirection(struct build *b, const char *target)
{
    build_data(b, MCS_IO_CHANNEL);
    redirection_packet(b, target);
    build_data_end(b);
}

void build_heartbeat(struct build *b, uint16_t channel)
{
    build_data(b, channel);
    put_security(b, SEC_HEARTBEAT_);
    put(b, "\0\x1E\3\5", 4); /* reserved, period in seconds, warnings, reconnects */
    build_data_end(b);
}

void build_tsrequest_error(struct build *b, uint32_t version, uint32_t status)
{
    start(b);
    put(b, "\x30\x0D\xA0\x03\x02\x01", 6);
    put8(b, (uint8_t)version);
    put(b, "\xA4\x06\x02\x04", 4);
    put16be(b, (uint16_t)(status >> 16));
    put16be(b, (uint16_t)status);
    /* SEQUENCE holds 5 bytes of version and 8 of errorCode. */
}

/* A DER element whose contents are what |inner| holds. */
static void put_element(struct build *b, uint8_t tag, const struct build *inner)
{
    put8(b, tag);
    if (inner->len > 0x7F) {
        put8(b, 0x82);
        put8(b, (uint8_t)(inner->len >> 8));
    }
    put8(b, (uint8_t)inner->len);
    put(b, inner->data, inner->len);
    b->overflow |= inner->overflow;
}

void build_tsrequest(struct build *b, uint32_t version, const void *token, size_t len)
{
    /* NegoData: SEQUENCE OF SEQUENCE { [0] OCTET STRING } */
    static const uint8_t tags[] = {0x04, 0xA0, 0x30, 0x30, 0xA1};
    struct build inner = {.len = 0}, outer;
    put(&inner, token, len);
    for (size_t i = 0; i < sizeof(tags); i++) {
        start(&outer);
        put_element(&outer, tags[i], &inner);
        inner = outer;
    }
    start(&outer);
    put(&outer, "\xA0\x03\x02\x01", 4);
    put8(&outer, (uint8_t)version);
    put(&outer, inner.data, inner.len);
    start(b);
    put_element(b, 0x30, &outer);
}

void build_tls_alert(struct build *b, uint8_t level, uint8_t description)
{
    start(b);
    put(b, "\x15\x03\x03\x00\x02", 5);
    put8(b, level);
    put8(b, description);
}
