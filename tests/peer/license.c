/* SPDX-License-Identifier: Apache-2.0 */
#include "license.h"

#include <openssl/rand.h>
#include <string.h>

#include "builders.h"
#include "cal.h"
#include "conn.h"
#include "license_crypto.h"
#include "tlspeer.h"

/* bMsgType, [MS-RDPBCGR] 2.2.1.12.1.1 */
#define MSG_LICENSE_REQUEST     0x01
#define MSG_PLATFORM_CHALLENGE  0x02
#define MSG_NEW_LICENSE         0x03
#define MSG_UPGRADE_LICENSE     0x04
#define MSG_LICENSE_INFO        0x12
#define MSG_NEW_LICENSE_REQUEST 0x13
#define MSG_CHALLENGE_RESPONSE  0x15

#define BLOB_CERTIFICATE  0x0003
#define BLOB_ENCRYPTED    0x0009
#define BLOB_KEY_EXCHANGE 0x000D
#define BLOB_SCOPE        0x000E

/* [MS-RDPBCGR] 2.2.1.12.1.3 */
#define ERR_INVALID_MAC     3
#define STATUS_VALID_CLIENT 7
#define ERR_INVALID_CLIENT  8
#define ST_TOTAL_ABORT      1
#define ST_NO_TRANSITION    2

#define HEADER          23 /* TPKT, X.224, MCS (15), security header (4), preamble (4) */
#define PDU_MAX         65535
#define MAC_SIZE        16
#define RESPONSE_HEADER 8 /* of PLATFORM_CHALLENGE_RESPONSE_DATA, [MS-RDPELE] 2.2.2.5.1 */

static const char challenge[] = "challenge";

struct exchange {
    struct peer_conn *conn;
    const struct peer_licensing *how;
    struct license_keys keys;
    bool presented; /* the client has sent LICENSE_INFO, and it holds a license of ours */
    uint8_t generation, hwid[HWID_SIZE];
};

/* What is left to be read of a message from the client. */
struct message {
    uint8_t type;
    const uint8_t *next;
    size_t left;
    uint8_t pdu[PDU_MAX];
};

static bool receive(struct exchange *x, struct message *m)
{
    const size_t len = x->conn->read_inside(x->conn, m->pdu, sizeof(m->pdu));
    if (len < HEADER) {
        return false;
    }
    m->type = m->pdu[HEADER - 4];
    m->next = m->pdu + HEADER;
    m->left = len - HEADER;
    return true;
}

static const uint8_t *take(struct message *m, size_t len)
{
    const uint8_t *at = m->next;
    if (len > m->left) {
        return NULL;
    }
    m->next += len;
    m->left -= len;
    return at;
}

/* A LICENSE_BINARY_BLOB; NULL where it is not all there. */
static const uint8_t *take_blob(struct message *m, size_t *len)
{
    const uint8_t *header = take(m, 4);
    *len = header != NULL ? (size_t)(header[2] | header[3] << 8) : 0;
    return header != NULL ? take(m, *len) : NULL;
}

static bool send_message(struct exchange *x, uint8_t type, const struct build *body)
{
    struct build b;
    const uint8_t preamble = x->how->preamble != 0 ? x->how->preamble : PREAMBLE_VERSION_3_0_;
    build_license(&b, preamble, type, body);
    return !b.overflow && x->conn->send_inside(x->conn, b.data, b.len);
}

static bool send_alert(struct exchange *x, uint32_t code, uint32_t transition)
{
    struct build b;
    build_license_error(&b, code, transition);
    return x->conn->send_inside(x->conn, b.data, b.len);
}

static void put_blob(struct build *b, uint16_t type, const void *data, size_t len)
{
    put16le(b, type);
    put16le(b, (uint16_t)len);
    put(b, data, len);
}

static void put_utf16(struct build *b, const char *text)
{
    put32le(b, (uint32_t)(strlen(text) + 1) * 2);
    for (size_t i = 0; i <= strlen(text); i++) {
        put16le(b, (uint8_t)text[i]);
    }
}

/* X.509 certificate chain ([MS-RDPELE] 2.2.1.4.2); the padding is longer than need be. */
static void put_chain(struct build *chain, const void *der, size_t len, uint32_t count)
{
    put32le(chain, 2);
    put32le(chain, count);
    for (uint32_t i = 0; i < count; i++) {
        put32le(chain, (uint32_t)len);
        put(chain, der, len);
    }
    for (uint32_t i = 0; i < 8 + 4 * count; i++) {
        put8(chain, 0);
    }
}

#define LARGE_CHAIN 30000u

static void put_certificate(struct exchange *x, struct build *body)
{
    struct build chain = {.len = 0};
    const struct peer_identity *id = tls_peer_identity(x->conn);
    switch (x->how->flaw) {
    case LICENSE_NO_CERTIFICATE:
        break;
    case LICENSE_BROKEN_CERTIFICATE:
        put_chain(&chain, "this is no certificate", 22, 1);
        break;
    case LICENSE_LONG_CHAIN:
        put32le(&chain, 2);
        put32le(&chain, 0xFFFFFFFF);
        put_utf16(&chain, "end");
        break;
    case LICENSE_LARGE_CERTIFICATE:
        put_chain(&chain, id->der, id->der_len, LARGE_CHAIN / (uint32_t)id->der_len);
        break;
    default:
        put_chain(&chain, id->der, id->der_len, 1);
        break;
    }
    put16le(body, BLOB_CERTIFICATE);
    put16le(body, x->how->flaw == LICENSE_BLOB_TOO_LONG ? 0xFFFF : (uint16_t)chain.len);
    put(body, chain.data, chain.len);
}

static bool send_request(struct exchange *x)
{
    struct build body = {.len = 0};
    put(&body, x->keys.server_random, sizeof(x->keys.server_random));
    put32le(&body, 0x00060000); /* Windows Server 2008 */
    put_utf16(&body, "Microsoft Corporation");
    put_utf16(&body, "A02");
    put_blob(&body, BLOB_KEY_EXCHANGE, "\1\0\0\0", 4);
    put_certificate(x, &body);
    put32le(&body, x->how->flaw == LICENSE_SCOPES_TOO_MANY ? 0xFFFFFFFF : 1);
    put_blob(&body, BLOB_SCOPE, "microsoft.com", 14);
    return send_message(x, MSG_LICENSE_REQUEST, &body);
}

/* Decrypts a hardware ID. */
static bool take_hwid(struct exchange *x, struct message *m, uint8_t hwid[HWID_SIZE])
{
    size_t len;
    const uint8_t *sealed = take_blob(m, &len);
    if (sealed == NULL || len != HWID_SIZE) {
        return false;
    }
    license_crypt(&x->keys, sealed, len, hwid);
    return true;
}

static bool mac_is_right(struct exchange *x, struct message *m, const uint8_t *data, size_t len)
{
    uint8_t right[MAC_SIZE];
    const uint8_t *mac = take(m, MAC_SIZE);
    return mac != NULL && license_mac(&x->keys, data, len, right) &&
           memcmp(mac, right, MAC_SIZE) == 0;
}

/* LICENSE_INFO and NEW_LICENSE_REQUEST begin alike: algorithm, platform, random, premaster. */
static bool read_keys(struct exchange *x, struct message *m)
{
    uint8_t premaster[48];
    size_t len;
    const uint8_t *fixed = take(m, 8 + sizeof(x->keys.client_random));
    const uint8_t *sealed = fixed != NULL ? take_blob(m, &len) : NULL;
    if (sealed == NULL ||
        !rsa_open(tls_peer_identity(x->conn)->key, sealed, len, premaster, sizeof(premaster))) {
        return false;
    }
    memcpy(x->keys.client_random, fixed + 8, sizeof(x->keys.client_random));
    return license_derive(&x->keys, premaster);
}

/* The rest of LICENSE_INFO ([MS-RDPELE] 2.2.2.3): the license, the hardware ID, the MAC. */
static enum license_end judge_license(struct exchange *x, struct message *m)
{
    uint8_t hwid[HWID_SIZE];
    size_t len;
    const uint8_t *license = take_blob(m, &len);
    if (license == NULL || !take_hwid(x, m, hwid)) {
        return LICENSE_LOST;
    }
    if (!mac_is_right(x, m, hwid, sizeof(hwid)) ||
        cal_judge(license, len, &x->generation, x->hwid) != CAL_OURS) {
        return send_alert(x, ERR_INVALID_MAC, ST_TOTAL_ABORT) ? LICENSE_REFUSED : LICENSE_LOST;
    }
    x->presented = true;
    if (memcmp(hwid, x->hwid, sizeof(hwid)) != 0 || x->how->upgrade) {
        return LICENSE_STOPPED; /* the challenge comes next */
    }
    return send_alert(x, STATUS_VALID_CLIENT, ST_NO_TRANSITION) ? LICENSE_GRANTED : LICENSE_LOST;
}

/* |plain| encrypted in a blob that says to be |more| bytes longer, and its MAC. */
static bool put_sealed(struct exchange *x, struct build *body, const struct build *plain,
                       bool right_mac, uint16_t more)
{
    uint8_t sealed[BUILD_MAX], code[MAC_SIZE];
    license_crypt(&x->keys, plain->data, plain->len, sealed);
    put16le(body, BLOB_ENCRYPTED);
    put16le(body, (uint16_t)(plain->len + more));
    put(body, sealed, plain->len);
    if (!license_mac(&x->keys, plain->data, plain->len, code)) {
        return false;
    }
    code[0] ^= right_mac ? 0 : 0xFF;
    put(body, code, sizeof(code));
    return true;
}

static bool send_challenge(struct exchange *x)
{
    struct build body = {.len = 0}, plain = {.len = 0};
    const enum license_flaw flaw = x->how->flaw;
    put(&plain, challenge, sizeof(challenge));
    put32le(&body, 0);
    return put_sealed(x, &body, &plain, flaw != LICENSE_CHALLENGE_MAC,
                      flaw == LICENSE_CHALLENGE_TOO_LONG ? 1000 : 0) &&
           send_message(x, MSG_PLATFORM_CHALLENGE, &body);
}

/* PLATFORM_CHALLENGE_RESPONSE ([MS-RDPELE] 2.2.2.5): the challenge comes back, and whose hardware
 * it came to. */
static enum license_end judge_response(struct exchange *x, struct message *m)
{
    uint8_t data[RESPONSE_HEADER + sizeof(challenge) + HWID_SIZE];
    const size_t response = RESPONSE_HEADER + sizeof(challenge);
    size_t len;
    const uint8_t *sealed = take_blob(m, &len);
    uint8_t *hwid = data + response;
    if (sealed == NULL || len != response) {
        return LICENSE_LOST;
    }
    license_crypt(&x->keys, sealed, len, data);
    if (!take_hwid(x, m, hwid)) {
        return LICENSE_LOST;
    }
    if (!mac_is_right(x, m, data, sizeof(data)) ||
        memcmp(data + RESPONSE_HEADER, challenge, sizeof(challenge)) != 0) {
        return send_alert(x, ERR_INVALID_MAC, ST_TOTAL_ABORT) ? LICENSE_REFUSED : LICENSE_LOST;
    }
    if (x->presented && memcmp(hwid, x->hwid, HWID_SIZE) != 0) {
        return send_alert(x, ERR_INVALID_CLIENT, ST_TOTAL_ABORT) ? LICENSE_REFUSED : LICENSE_LOST;
    }
    memcpy(x->hwid, hwid, HWID_SIZE);
    return LICENSE_GRANTED;
}

/* NEW_LICENSE_INFO ([MS-RDPELE] 2.2.2.6.1) */
static bool send_license(struct exchange *x)
{
    struct build body = {.len = 0}, plain = {.len = 0};
    const enum license_flaw flaw = x->how->flaw;
    uint8_t license[CAL_SIZE];
    if (!cal_make(license, (uint8_t)(x->presented ? x->generation + 1 : 0), x->hwid)) {
        return false;
    }
    put32le(&plain, 0x00060000);
    put32le(&plain, 14);
    put(&plain, "microsoft.com", 14);
    put_utf16(&plain, "Microsoft Corporation");
    put_utf16(&plain, "A02");
    put32le(&plain, sizeof(license));
    put(&plain, license, sizeof(license));
    return put_sealed(x, &body, &plain, flaw != LICENSE_LICENSE_MAC,
                      flaw == LICENSE_LICENSE_TOO_LONG ? 1000 : 0) &&
           send_message(x, x->presented ? MSG_UPGRADE_LICENSE : MSG_NEW_LICENSE, &body);
}

/* LICENSE_REQUEST and its answer; STOPPED: the challenge comes next, or the row's stop. */
static enum license_end ask(struct exchange *x, struct message *m)
{
    if (RAND_bytes(x->keys.server_random, sizeof(x->keys.server_random)) != 1 || !send_request(x)) {
        return LICENSE_LOST;
    }
    if (x->how->stop == LICENSE_AT_REQUEST) {
        return LICENSE_STOPPED;
    }
    if (!receive(x, m) || (m->type != MSG_NEW_LICENSE_REQUEST && m->type != MSG_LICENSE_INFO) ||
        !read_keys(x, m)) {
        return LICENSE_LOST;
    }
    return LICENSE_STOPPED;
}

static bool stops_at_answer(const struct exchange *x, const struct message *m)
{
    return x->how->stop == LICENSE_AT_REQUEST || x->how->stop == LICENSE_AT_ANSWER ||
           (x->how->stop == LICENSE_AT_INFO && m->type == MSG_LICENSE_INFO);
}

/* PLATFORM_CHALLENGE, its response, and the license. */
static enum license_end challenge_and_issue(struct exchange *x, struct message *m,
                                            license_between between)
{
    if ((between != NULL && !between(x->conn, 1)) || !send_challenge(x) || !receive(x, m) ||
        m->type != MSG_CHALLENGE_RESPONSE) {
        return LICENSE_LOST;
    }
    if (x->how->stop == LICENSE_AT_RESPONSE) {
        return LICENSE_STOPPED;
    }
    const enum license_end end = judge_response(x, m);
    if (end != LICENSE_GRANTED) {
        return end;
    }
    return (between == NULL || between(x->conn, 2)) && send_license(x) ? LICENSE_GRANTED
                                                                       : LICENSE_LOST;
}

enum license_end license_exchange(struct peer_conn *conn, license_between between)
{
    struct exchange x = {.conn = conn, .how = &conn->fault->licensing};
    struct message m = {.type = 0};
    enum license_end end;
    if (conn->administrative) {
        return send_alert(&x, STATUS_VALID_CLIENT, ST_NO_TRANSITION) ? LICENSE_GRANTED
                                                                     : LICENSE_LOST;
    }
    end = ask(&x, &m);
    if (end != LICENSE_STOPPED || stops_at_answer(&x, &m)) {
        return end;
    }
    if (m.type == MSG_LICENSE_INFO) {
        end = judge_license(&x, &m);
    }
    return end == LICENSE_STOPPED ? challenge_and_issue(&x, &m, between) : end;
}
