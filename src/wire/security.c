/* SPDX-License-Identifier: Apache-2.0 */
#include "numbers.h"
#include "wire.h"

/* Flags that say what a PDU is; the others say how it travels. */
#define SEC_KINDS                                                                                  \
    (SEC_EXCHANGE_PKT | SEC_TRANSPORT_REQ | SEC_TRANSPORT_RSP | SEC_INFO_PKT | SEC_LICENSE_PKT |   \
     SEC_REDIRECTION_PKT | SEC_AUTODETECT_REQ | SEC_AUTODETECT_RSP | SEC_HEARTBEAT)

#define HEADER_LENGTH 4
#define MAC_LENGTH    8  /* 2.2.8.1.1.2.2 */
#define FIPS_LENGTH   12 /* 2.2.8.1.1.2.3, with its MAC */
#define METHOD_FIPS   0x10u

/* Moves over what goes between the header and decrypted content; false where the content cannot
 * be read because it is still encrypted. */
static bool decrypted(struct why_wire *w, struct why_cursor *c)
{
    struct why_cursor header;
    uint8_t pad;

    if (!w->out->encrypted || w->d->encryption_method == 0)
        return true;
    if ((w->flags & WHY_DISSECT_DECRYPTED) == 0)
        return false;
    if (w->d->encryption_method != METHOD_FIPS) {
        why_cur_skip(c, MAC_LENGTH);
        return true;
    }
    header = why_cur_sub(c, FIPS_LENGTH);
    pad = why_cur_peek(&header, 3);
    *c = pad <= why_cur_left(c) ? why_cur_sub(c, why_cur_left(c) - pad) : *c;
    return true;
}

static void security_exchange(struct why_wire *w)
{
    w->out->type = WHY_PDU_SECURITY_EXCHANGE;
    if (w->dir == WHY_DIR_SENT)
        w->d->security_exchange_sent = true;
}

#define INFO_AUTOLOGON 0x00000008u /* 2.2.1.11.1.1 */

/* 2.2.1.11: user name, domain, password, auto-reconnect cookie; none of it is needed here. */
static void client_info(struct why_wire *w, const struct why_cursor *c)
{
    struct why_cursor info = *c;
    uint32_t flags;

    w->out->type = WHY_PDU_CLIENT_INFO;
    if (w->out->encrypted) {
        why_wire_sensitive_rest(w, c);
    } else {
        why_cur_skip(&info, 4); /* codePage */
        flags = why_cur_u32le(&info);
        w->out->u.client_info.logs_on = !info.failed && (flags & INFO_AUTOLOGON) != 0;
        why_wire_sensitive_rest(w, info.failed ? c : &info);
    }
    if (w->dir == WHY_DIR_SENT)
        w->d->client_info_sent = true;
}

/* A PDU whose header names its kind, but whose inside cannot be read. */
static void encrypted_pdu(struct why_wire *w, uint16_t flags, const struct why_cursor *c)
{
    if ((flags & SEC_LICENSE_PKT) != 0) {
        w->out->type = WHY_PDU_LICENSE_UNKNOWN;
    } else if ((flags & SEC_REDIRECTION_PKT) != 0) {
        w->out->type = WHY_PDU_SERVER_REDIRECTION;
        why_wire_sensitive_rest(w, c);
    } else if ((flags & SEC_AUTODETECT_REQ) != 0) {
        w->out->type = WHY_PDU_AUTO_DETECT_REQUEST;
    } else if ((flags & SEC_AUTODETECT_RSP) != 0) {
        w->out->type = WHY_PDU_AUTO_DETECT_RESPONSE;
    } else if ((flags & SEC_TRANSPORT_REQ) != 0) {
        w->out->type = WHY_PDU_INITIATE_MULTITRANSPORT_REQUEST;
    } else if ((flags & SEC_TRANSPORT_RSP) != 0) {
        w->out->type = WHY_PDU_MULTITRANSPORT_RESPONSE;
    } else {
        w->out->type = (flags & SEC_HEARTBEAT) != 0 ? WHY_PDU_HEARTBEAT : WHY_PDU_ENCRYPTED;
    }
}

/* 2.2.13.2.1. Under Standard RDP Security the PDU has a MAC whenever there is encryption, whatever
 * SEC_ENCRYPT says; its first two bytes repeat the flag. */
static void redirection(struct why_wire *w, struct why_cursor c)
{
    size_t mac = w->d->encryption_method == METHOD_FIPS ? FIPS_LENGTH : MAC_LENGTH;

    if (why_cur_peek16le(&c, 0) != SEC_REDIRECTION_PKT &&
        why_cur_peek16le(&c, mac) == SEC_REDIRECTION_PKT)
        why_cur_skip(&c, mac);
    why_wire_redirection(w, c);
}

static void opened(struct why_wire *w, uint16_t flags, struct why_cursor c)
{
    if ((flags & SEC_LICENSE_PKT) != 0)
        why_wire_license(w, c);
    else if ((flags & SEC_REDIRECTION_PKT) != 0)
        redirection(w, c);
    else if ((flags & (SEC_AUTODETECT_REQ | SEC_AUTODETECT_RSP)) != 0)
        why_wire_auto_detect(w, c);
    else if ((flags & (SEC_TRANSPORT_REQ | SEC_TRANSPORT_RSP)) != 0)
        why_wire_multitransport(w, c);
    else if ((flags & SEC_HEARTBEAT) != 0)
        w->out->type = WHY_PDU_HEARTBEAT;
    else if (w->d->io_channel != 0 && w->out->channel_id != w->d->io_channel)
        w->out->type = WHY_PDU_CHANNEL_DATA;
    else if (!w->out->encrypted || why_wire_is_share(c))
        why_wire_share(w, c);
    else {
        w->out->type = WHY_PDU_ENCRYPTED;
        why_wire_problem(w, "the decrypted data is not a share control PDU");
    }
}

/* A PDU with a security header. */
static void secured(struct why_wire *w, struct why_cursor c)
{
    uint16_t flags = why_cur_u16le(&c);

    why_cur_skip(&c, 2); /* flagsHi: garbage unless SEC_FLAGSHI_VALID is set, and unused then too */
    if (c.failed) {
        why_wire_unreadable(w, "security header ends too early");
        return;
    }
    w->out->security_flags = flags;
    w->out->encrypted = (flags & SEC_ENCRYPT) != 0;
    if ((flags & SEC_EXCHANGE_PKT) != 0)
        security_exchange(w);
    else if ((flags & SEC_INFO_PKT) != 0)
        client_info(w, &c);
    else if (!decrypted(w, &c))
        encrypted_pdu(w, flags, &c);
    else
        opened(w, flags, c);
}

/* Whether a licensing PDU starts here, security header included. Its flagsHi may hold garbage that
 * looks like a share control header, so the preamble decides. */
static bool is_licensing(struct why_cursor c)
{
    const unsigned others = SEC_KINDS & ~SEC_LICENSE_PKT;
    uint16_t flags = why_cur_u16le(&c);

    why_cur_skip(&c, 2);
    return (flags & SEC_LICENSE_PKT) != 0 && (flags & (others | SEC_ENCRYPT)) == 0 &&
           why_wire_is_license(c);
}

/* Whether a PDU of the I/O channel has a security header. Under Standard RDP Security all do; else
 * only Client Info and licensing PDUs ([MS-RDPBCGR] 5.3.8, 5.4.4), which nothing before them
 * announces: servers may send Set Error Info in the place of a license. */
static bool has_header(const struct why_wire *w, struct why_cursor c)
{
    uint16_t flags = why_cur_peek16le(&c, 0);

    if (w->d->rdp_security || is_licensing(c))
        return true;
    if (w->dir == WHY_DIR_SENT && !w->d->client_info_sent && (flags & SEC_INFO_PKT) != 0)
        return true;
    if (why_wire_is_share(c))
        return false;
    return !w->d->licensing_over && (flags & SEC_KINDS) != 0;
}

/* Data of a static virtual channel; under Standard RDP Security with a header of its own. */
static void channel_data(struct why_wire *w, struct why_cursor c)
{
    w->out->type = WHY_PDU_CHANNEL_DATA;
    if (!w->d->rdp_security || why_cur_left(&c) < HEADER_LENGTH)
        return;
    w->out->security_flags = why_cur_u16le(&c);
    w->out->encrypted = (w->out->security_flags & SEC_ENCRYPT) != 0;
}

void why_wire_send_data(struct why_wire *w, struct why_cursor c)
{
    const struct why_dissector *d = w->d;
    uint16_t channel = w->out->channel_id;

    if (d->message_channel != 0 && channel == d->message_channel)
        secured(w, c);
    else if (d->io_channel != 0 && channel != d->io_channel)
        channel_data(w, c);
    else if (has_header(w, c))
        secured(w, c);
    else
        why_wire_share(w, c);
}
