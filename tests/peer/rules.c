/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <string.h>

#include "bytes.h"
#include "conn.h"

#define CONNECT          0x7F /* BER, the first byte of a Connect Initial */
#define ERECT_DOMAIN     1    /* T.125 DomainMCSPDU */
#define ATTACH_USER      10
#define JOIN_REQUEST     14
#define SEND_DATA        25
#define IO_CHANNEL       1003
#define SERVER_CHANNEL   0x03EA
#define SEC_ENCRYPT      0x0008u
#define SEC_EXCHANGE     0x0001u
#define SEC_INFO         0x0040u
#define SEC_LICENSE      0x0080u
#define INFO_UNICODE     0x0010u
#define TIME_ZONE        172 /* TS_TIME_ZONE_INFORMATION */
#define PDU_CONFIRM      3
#define PDU_DATA         7
#define DATA_CONTROL     0x14
#define DATA_SYNC        0x1F
#define DATA_FONT_LIST   0x27
#define DATA_KEY_LIST    0x2B
#define ACTION_REQUEST   1
#define NEG_REQ          1
#define RESTRICTED_ADMIN 0x01
#define ACTION_COOPERATE 4

const char *rules_request(struct client_course *c, const uint8_t *pdu, size_t len)
{
    struct bytes b = {pdu, len, false};
    const uint16_t version = bytes_be16(&b), length = bytes_be16(&b);
    const uint8_t indicator = bytes_u8(&b), code = bytes_u8(&b);
    if (version != 0x0300 || length != len || indicator != len - 5 || code != 0xE0) {
        return "the Connection Request is as long as it says (2.2.1.1)";
    }
    bytes_take(&b, 5);
    if (b.left > 0 && b.next[0] != NEG_REQ) { /* of what characters a token is, nobody says */
        const uint8_t *end = memchr(b.next, '\r', b.left);
        if (end == NULL || end + 1 == b.next + b.left || end[1] != '\n') {
            return "a cookie or routing token ends with CR LF (2.2.1.1)";
        }
        bytes_take(&b, (size_t)(end + 2 - b.next));
    }
    if (b.left == 0) {
        return NULL;
    }
    const bool request = bytes_u8(&b) == NEG_REQ;
    c->flags = bytes_u8(&b);
    return request && bytes_le16(&b) == 8 && b.left >= 4
               ? NULL
               : "RDP_NEG_REQ has the type 1 and 8 bytes (2.2.1.1.1)";
}

static const char *join(struct peer_conn *conn, uint16_t initiator, uint16_t channel)
{
    struct client_course *c = &conn->course;
    const struct server_gave *gave = &conn->gave;
    bool known = channel == conn->user_channel || channel == IO_CHANNEL ||
                 (channel == gave->message_channel && channel != 0);
    for (unsigned i = 0; i < gave->channels; i++) {
        known |= channel == gave->ids[i];
    }
    for (unsigned i = 0; i < c->joined; i++) {
        if (c->joins[i] == channel) {
            return "a channel is joined once (2.2.1.8)";
        }
    }
    if (c->joined < sizeof(c->joins) / sizeof(c->joins[0])) {
        c->joins[c->joined++] = channel;
    }
    if (!c->attached || initiator != conn->user_channel) {
        return "joins come after the Attach User Confirm, from its user (2.2.1.8)";
    }
    return known ? NULL : "only channels that the server has announced are joined (2.2.1.8)";
}

/* |size| bytes of UTF-16 and the null behind them. */
static bool text(struct bytes *b, size_t size)
{
    bytes_take(b, size);
    return size % 2 == 0 && bytes_le16(b) == 0 && !b->failed;
}

static const char *extended_info(struct bytes b)
{
    bytes_le16(&b);               /* clientAddressFamily */
    for (int i = 0; i < 2; i++) { /* clientAddress and clientDir, null included */
        const uint16_t size = bytes_le16(&b);
        const uint8_t *at = bytes_take(&b, size);
        if (b.failed || size % 2 != 0 || (size > 0 && (at[size - 1] != 0 || at[size - 2] != 0))) {
            return "clientAddress and clientDir end with a null that counts (2.2.1.11.1.1.1)";
        }
    }
    if (b.left == 0) {
        return NULL; /* what follows may be left out, front to back */
    }
    bytes_take(&b, TIME_ZONE);
    bytes_le32(&b); /* clientSessionId */
    if (b.left > 0) {
        bytes_le32(&b); /* performanceFlags */
    }
    if (b.left > 0) {
        bytes_take(&b, bytes_le16(&b)); /* autoReconnectCookie */
    }
    return b.failed ? "the extended info is as long as its fields say (2.2.1.11.1.1.1)" : NULL;
}

/* Restricted Admin is there so that the server does not get the password. */
static const char *secrecy(const struct client_course *c, size_t password)
{
    return (c->flags & RESTRICTED_ADMIN) != 0 && (c->has_password || password > 0)
               ? "in Restricted Admin mode neither TSPasswordCreds nor Client Info has a password "
                 "(2.2.1.1.1)"
               : NULL;
}

static const char *client_info(const struct client_course *c, struct bytes b)
{
    uint16_t sizes[5]; /* domain, user, password, shell, folder */
    bytes_le32(&b);
    const uint32_t flags = bytes_le32(&b);
    for (int i = 0; i < 5; i++) {
        sizes[i] = bytes_le16(&b);
    }
    if (b.failed || (flags & INFO_UNICODE) == 0) {
        return "the Client Info is Unicode (2.2.1.11.1.1)";
    }
    for (int i = 0; i < 5; i++) {
        if (!text(&b, sizes[i])) {
            return "texts of the Client Info are as long as it says, with a null behind each "
                   "(2.2.1.11.1.1)";
        }
    }
    const char *broken = secrecy(c, sizes[2]);
    return broken == NULL && b.left > 0 ? extended_info(b) : broken;
}

static const char *confirm_active(struct client_course *c, struct bytes b)
{
    const uint32_t share = bytes_le32(&b);
    const uint16_t originator = bytes_le16(&b);
    const uint16_t source = bytes_le16(&b);
    const uint16_t combined = bytes_le16(&b);
    bytes_take(&b, source);
    struct bytes sets = bytes_sub(&b, combined);
    unsigned count = bytes_le16(&sets);
    bytes_le16(&sets); /* pad2Octets */
    for (; count > 0 && !sets.failed; count--) {
        bytes_le16(&sets);
        const uint16_t size = bytes_le16(&sets);
        bytes_take(&sets, size >= 4 ? size - 4u : sets.left + 1);
    }
    c->confirmed = true;
    c->synchronized = c->cooperated = c->requested = false;
    if (originator != SERVER_CHANNEL) {
        return "originatorId of the Confirm Active is 0x03EA (2.2.1.13.2.1)";
    }
    if (share != c->share_id) {
        return "shareId of the Confirm Active is the Demand Active's (2.2.1.13.2.1)";
    }
    return b.failed || sets.failed || sets.left != 0
               ? "capability sets are as many and as long as they say (2.2.1.13.2.1)"
               : NULL;
}

static const char *control(struct client_course *c, uint16_t action)
{
    if (action == ACTION_COOPERATE) {
        c->cooperated = true;
        return c->synchronized ? NULL : "Cooperate follows Synchronize (1.3.1.1)";
    }
    if (action == ACTION_REQUEST) {
        c->requested = true;
        return c->cooperated ? NULL : "Request Control follows Cooperate (1.3.1.1)";
    }
    return NULL;
}

static const char *data(struct client_course *c, struct bytes b)
{
    const uint32_t share = bytes_le32(&b);
    bytes_take(&b, 2 + 2); /* pad1, streamId, uncompressedLength */
    const uint8_t type = bytes_u8(&b);
    bytes_take(&b, 1 + 2); /* compressedType, compressedLength */
    if (b.failed) {
        return "a data PDU has its header (2.2.8.1.1.1.2)";
    }
    if (type != DATA_SYNC && type != DATA_CONTROL && type != DATA_FONT_LIST) {
        return NULL;
    }
    if (!c->confirmed || share != c->share_id) {
        return "finalization follows the Confirm Active, with its shareId (1.3.1.1)";
    }
    if (type == DATA_SYNC) {
        c->synchronized = true;
        return bytes_le16(&b) == 1 && b.left == 2 ? NULL
                                                  : "Synchronize has the type 1 (2.2.1.14.1)";
    }
    if (type == DATA_CONTROL) {
        return control(c, bytes_le16(&b));
    }
    return c->requested ? NULL : "Font List follows Request Control (1.3.1.1)";
}

static const char *share(struct peer_conn *conn, struct bytes b)
{
    const size_t all = b.left;
    if (bytes_le16(&b) != all) {
        return "totalLength of a share control header is the PDU's (2.2.8.1.1.1.1)";
    }
    const unsigned type = bytes_le16(&b) & 0xFu;
    if (bytes_le16(&b) != conn->user_channel) {
        return "PDUSource is the client's user channel (2.2.8.1.1.1.1)";
    }
    return type == PDU_CONFIRM ? confirm_active(&conn->course, b)
           : type == PDU_DATA  ? data(&conn->course, b)
                               : NULL;
}

/* What stands on the I/O channel; under Standard RDP Security with a security header always, else
 * up to licensing. */
static const char *on_io_channel(struct peer_conn *conn, struct bytes b)
{
    if (conn->course.demanded && !conn->rdp_security) {
        return share(conn, b);
    }
    const uint16_t flags = bytes_le16(&b);
    bytes_le16(&b);
    if ((flags & (SEC_EXCHANGE | SEC_LICENSE)) != 0) {
        return NULL;
    }
    if ((flags & SEC_INFO) != 0) {
        conn->course.informed = true;
        return client_info(&conn->course, b);
    }
    return conn->course.demanded ? share(conn, b)
                                 : "Client Info comes first on the I/O channel (1.3.1.1)";
}

static const char *send_data(struct peer_conn *conn, struct bytes b, bool plain)
{
    const uint16_t initiator = (uint16_t)(bytes_be16(&b) + 1001);
    const uint16_t channel = bytes_be16(&b);
    bytes_u8(&b); /* priority and segmentation */
    const size_t len = bytes_per_length(&b);
    if (b.failed || len != b.left) {
        return "a Send Data Request is as long as it says (T.125 7)";
    }
    if (initiator != conn->user_channel) {
        return "a Send Data Request's initiator is the client's user channel (T.125 7)";
    }
    return channel == IO_CHANNEL && plain ? on_io_channel(conn, b) : NULL;
}

const char *rules_pdu(struct peer_conn *conn, const uint8_t *pdu, size_t len, bool plain)
{
    struct client_course *c = &conn->course;
    if (len > 0 && pdu[0] != 3) {
        return NULL; /* fast-path input, CredSSP */
    }
    struct bytes b = bytes_x224_data(pdu, len);
    const uint8_t first = bytes_u8(&b);
    if (b.failed) {
        return "TPKT and X.224 Data are as they must be (T.123 8)";
    }
    if (first == CONNECT) {
        return NULL;
    }
    switch (first >> 2) {
    case ERECT_DOMAIN:
        c->erected = true;
        return NULL;
    case ATTACH_USER:
        c->attached = true;
        return c->erected ? NULL : "Attach User follows Erect Domain (1.3.1.1)";
    case JOIN_REQUEST: {
        const uint16_t initiator = (uint16_t)(bytes_be16(&b) + 1001);
        return join(conn, initiator, bytes_be16(&b));
    }
    case SEND_DATA:
        return send_data(conn, b, plain);
    default:
        return NULL;
    }
}

bool rules_is_key_list(const uint8_t *pdu, size_t len, size_t header)
{
    const size_t at = DATA_HEADER + header;
    return len > at + 14 && (pdu[at + 2] & 0xF) == PDU_DATA && pdu[at + 14] == DATA_KEY_LIST;
}

void rules_demand_active(struct peer_conn *conn, const uint8_t *pdu, size_t len, size_t header)
{
    if (len >= header + 10) {
        const uint8_t *p = pdu + header + 6; /* behind the share control header */
        conn->course.demanded = true;
        conn->course.confirmed = false;
        conn->course.share_id =
            (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    }
}
