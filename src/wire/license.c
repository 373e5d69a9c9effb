/* SPDX-License-Identifier: Apache-2.0 */
#include "numbers.h"
#include "text.h"
#include "wire.h"

#define PREAMBLE_LENGTH     4
#define MAC_LENGTH          16
#define STATUS_VALID_CLIENT 7u /* [MS-RDPBCGR] 2.2.1.12.1.3 */

/* [MS-RDPBCGR] 2.2.1.12.1.1 bMsgType */
static enum why_pdu_type message_type(uint8_t message)
{
    switch (message) {
    case 0x01:
        return WHY_PDU_LICENSE_REQUEST;
    case 0x02:
        return WHY_PDU_LICENSE_PLATFORM_CHALLENGE;
    case 0x03:
        return WHY_PDU_LICENSE_NEW_LICENSE;
    case 0x04:
        return WHY_PDU_LICENSE_UPGRADE_LICENSE;
    case 0x12:
        return WHY_PDU_LICENSE_INFO;
    case 0x13:
        return WHY_PDU_LICENSE_NEW_LICENSE_REQUEST;
    case 0x15:
        return WHY_PDU_LICENSE_PLATFORM_CHALLENGE_RESPONSE;
    case 0xff:
        return WHY_PDU_LICENSE_ERROR_ALERT;
    default:
        return WHY_PDU_LICENSE_UNKNOWN;
    }
}

bool why_wire_is_license(struct why_cursor c)
{
    size_t left = why_cur_left(&c);

    return left >= PREAMBLE_LENGTH &&
           message_type(why_cur_peek(&c, 0)) != WHY_PDU_LICENSE_UNKNOWN &&
           why_cur_peek16le(&c, 2) == left;
}

/* Licensing binary blob, [MS-RDPBCGR] 2.2.1.12.1.2 */
static struct why_cursor blob(struct why_cursor *c)
{
    why_cur_skip(c, 2); /* wBlobType: some servers leave it unset where there is no data */
    return why_cur_sub(c, why_cur_u16le(c));
}

/*
 * X.509 certificate chain after its dwVersion, [MS-RDPELE] 2.2.1.4.2. Returns how many certificates
 * there are. Their number comes first, and readers are known that make room for all of them at once
 * before they look for the first: 2^32 - 1 are 64 GiB.
 */
uint32_t why_wire_chain(struct why_wire *w, struct why_cursor c)
{
    uint32_t count = why_cur_u32le(&c), seen = 0;

    while (seen < count && why_cur_left(&c) >= 4) {
        why_cur_skip(&c, why_cur_u32le(&c));
        if (!c.failed)
            seen++;
    }
    if (seen < count) {
        w->out->oversized = true;
        why_wire_problem(w, "certificate chain that announces more than there is");
    }
    return seen;
}

static void certificate(struct why_wire *w, struct why_cursor c)
{
    struct why_license_message *m = &w->out->u.license;
    size_t size = why_cur_left(&c);

    if (size < 4)
        return;
    m->has_certificate = true;
    m->certificate_size = (uint32_t)size;
    m->certificate_is_chain = (why_cur_u32le(&c) & CHAIN_VERSION_MASK) == CHAIN_VERSION;
    if (m->certificate_is_chain)
        m->certificate_count = why_wire_chain(w, c);
}

/* ScopeList, [MS-RDPELE] 2.2.1.5 */
static void scopes(struct why_license_message *m, struct why_cursor *c)
{
    m->scope_count = why_cur_u32le(c);
    for (uint32_t i = 0; i < m->scope_count && !c->failed; i++) {
        struct why_cursor scope = blob(c);

        if (i == 0)
            why_text_oem(scope, m->scope, sizeof(m->scope));
    }
}

/* [MS-RDPELE] 2.2.2.1 */
static void license_request(struct why_wire *w, struct why_cursor c)
{
    struct why_license_message *m = &w->out->u.license;
    struct why_cursor part;

    why_cur_skip(&c, 32); /* ServerRandom */
    m->version = why_cur_u32le(&c);
    part = why_cur_sub(&c, why_cur_u32le(&c));
    why_text_utf16le(part, m->company, sizeof(m->company));
    part = why_cur_sub(&c, why_cur_u32le(&c));
    why_text_utf16le(part, m->product, sizeof(m->product));
    (void)blob(&c); /* KeyExchangeList */
    certificate(w, blob(&c));
    scopes(m, &c);
    if (c.failed)
        why_wire_problem(w, "LICENSE_REQUEST ends too early");
}

/* An encrypted blob and its MAC: PLATFORM_CHALLENGE ([MS-RDPELE] 2.2.2.4) after its ConnectFlags,
 * NEW_LICENSE and UPGRADE_LICENSE (2.2.2.6, 2.2.2.7). */
static void encrypted_blob(struct why_wire *w, struct why_cursor c)
{
    if (w->out->type == WHY_PDU_LICENSE_PLATFORM_CHALLENGE)
        why_cur_skip(&c, 4);
    (void)blob(&c);
    why_cur_skip(&c, MAC_LENGTH);
    if (c.failed)
        why_wire_problem(w, "license message ends before its MAC");
}

/* [MS-RDPBCGR] 2.2.1.12.1.3. Without its code it might be success as well as an error. */
static void error_alert(struct why_wire *w, struct why_cursor c)
{
    struct why_license_message *m = &w->out->u.license;

    m->error_code = why_cur_u32le(&c);
    m->transition = why_cur_u32le(&c);
    if (c.failed) {
        m->error_code = 0;
        w->out->type = WHY_PDU_LICENSE_UNKNOWN;
        why_wire_problem(w, "ERROR_ALERT ends too early");
    } else if (m->error_code == STATUS_VALID_CLIENT) {
        w->out->type = WHY_PDU_LICENSE_VALID_CLIENT;
    }
}

/* What contradicts the specification ends nothing, whatever its type says. */
static void learn(struct why_wire *w)
{
    enum why_pdu_type type = w->out->type;

    if (w->dir == WHY_DIR_RECEIVED && !w->out->malformed &&
        (type == WHY_PDU_LICENSE_NEW_LICENSE || type == WHY_PDU_LICENSE_UPGRADE_LICENSE ||
         type == WHY_PDU_LICENSE_VALID_CLIENT))
        w->d->licensing_over = true;
}

void why_wire_license(struct why_wire *w, struct why_cursor c)
{
    struct why_license_message *m = &w->out->u.license;
    struct why_cursor body;
    bool cut = false;

    m->message = why_cur_u8(&c);
    m->flags = why_cur_u8(&c);
    m->size = why_cur_u16le(&c);
    w->out->type = message_type(m->message);
    if (c.failed || m->size < PREAMBLE_LENGTH || w->out->type == WHY_PDU_LICENSE_UNKNOWN) {
        w->out->type = WHY_PDU_LICENSE_UNKNOWN;
        why_wire_problem(w, "licensing preamble with an unknown message type or a wrong length");
        return;
    }
    body = why_cur_sub_upto(&c, m->size - (size_t)PREAMBLE_LENGTH, &cut);
    if (cut)
        why_wire_problem(w, "licensing message is longer than its PDU");
    if (why_cur_left(&c) > 0)
        why_wire_problem(w, "bytes after the licensing message");
    switch (w->out->type) {
    case WHY_PDU_LICENSE_REQUEST:
        license_request(w, body);
        break;
    case WHY_PDU_LICENSE_PLATFORM_CHALLENGE:
    case WHY_PDU_LICENSE_NEW_LICENSE:
    case WHY_PDU_LICENSE_UPGRADE_LICENSE:
        encrypted_blob(w, body);
        break;
    case WHY_PDU_LICENSE_ERROR_ALERT:
        error_alert(w, body);
        break;
    default:
        break;
    }
    learn(w);
}
