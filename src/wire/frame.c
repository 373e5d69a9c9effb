/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/pdu.h>

#include <string.h>

#include "numbers.h"
#include "wire.h"

#define TSREQUEST_MAX     65536
#define AAD_MAX           65536
#define EARLY_RESULT_SIZE 4

/* The outcome of looking at a frame; INCOMPLETE with need 0 where the header does not tell yet. */
struct bounds {
    size_t need;
    const char *problem; /* not NULL: invalid */
};

static struct bounds invalid(const char *problem)
{
    return (struct bounds){.need = 0, .problem = problem};
}

static struct bounds known(size_t need)
{
    return (struct bounds){.need = need, .problem = NULL};
}

static enum why_frame judge(struct bounds b, size_t len, size_t *need, const char **problem)
{
    *need = b.need;
    if (problem != NULL)
        *problem = b.problem;
    if (b.problem != NULL)
        return WHY_FRAME_INVALID;
    return b.need > 0 && len >= b.need ? WHY_FRAME_COMPLETE : WHY_FRAME_INCOMPLETE;
}

static struct bounds tpkt(struct why_cursor c)
{
    uint16_t length;

    if (why_cur_peek(&c, 0) != TPKT_VERSION || why_cur_peek(&c, 1) != 0)
        return invalid("not a TPKT header");
    why_cur_skip(&c, 2);
    length = why_cur_u16be(&c);
    if (c.failed)
        return known(0);
    return length < TPKT_MIN ? invalid("TPKT length below 7") : known(length);
}

/* [MS-RDPBCGR] 2.2.9.1.2: one length byte, or two with 15 bits */
static struct bounds fast_path(struct why_cursor c)
{
    size_t length;

    if ((why_cur_u8(&c) & 3) != 0)
        return invalid("neither a TPKT nor a fast-path header");
    length = why_cur_per_length(&c);
    if (c.failed)
        return known(0);
    return length < 3 ? invalid("fast-path length below 3") : known(length);
}

/* DER with up to three length bytes; with more it would be too long anyway. */
static struct bounds tsrequest(struct why_cursor c)
{
    uint8_t form;
    size_t start, length;

    if (why_cur_u8(&c) != BER_SEQUENCE)
        return invalid("not a TSRequest");
    form = why_cur_peek(&c, 0);
    if (why_cur_left(&c) == 0)
        return known(0);
    if (form == 0x80)
        return invalid("TSRequest without a definite length");
    if (form > 0x83)
        return invalid("TSRequest longer than 64 KiB");
    length = why_cur_ber_length(&c);
    start = c.pos;
    if (c.failed)
        return known(0);
    return start + length > TSREQUEST_MAX ? invalid("TSRequest longer than 64 KiB")
                                          : known(start + length);
}

/* After authInfo a server with HYBRID_EX owes its result (0 or 5, little-endian), one with HYBRID
 * nothing; but either may still object with a TSRequest. */
static struct bounds credssp_received(const struct why_dissector *d, struct why_cursor c)
{
    uint8_t first = why_cur_peek(&c, 0);

    if (first == BER_SEQUENCE)
        return tsrequest(c);
    /* X.224 and MCS say that they end a connection wherever it stands. */
    if (d->credssp_over || first == TPKT_VERSION)
        return tpkt(c);
    if (d->selected_protocol != WHY_PROTOCOL_HYBRID_EX || !d->client_sent_auth_info)
        return invalid("not a TSRequest");
    if (first != 0 && first != 5)
        return invalid("not an Early User Authorization Result");
    return known(EARLY_RESULT_SIZE);
}

static struct bounds rdstls(struct why_cursor c)
{
    bool wrong = false;
    size_t length = why_rdstls_length(c, &wrong);

    return wrong ? invalid("not an RDSTLS PDU") : known(length);
}

static struct bounds aad(struct why_cursor c)
{
    struct why_cursor start = c;

    if (why_cur_peek(&c, 0) != '{')
        return invalid("not an AAD PDU: no JSON object");
    if (why_cur_find(&c, "", 1))
        return c.pos < AAD_MAX ? known(c.pos + 1) : invalid("AAD PDU longer than 64 KiB");
    return why_cur_left(&start) >= AAD_MAX ? invalid("AAD PDU longer than 64 KiB") : known(0);
}

/* What may come before the Connect Response. */
static struct bounds before_connect(const struct why_dissector *d, enum why_dir dir,
                                    struct why_cursor c)
{
    switch (d->selected_protocol) {
    case WHY_PROTOCOL_HYBRID:
    case WHY_PROTOCOL_HYBRID_EX:
        if (dir == WHY_DIR_RECEIVED)
            return credssp_received(d, c);
        return d->client_sent_auth_info ? tpkt(c) : tsrequest(c);
    case WHY_PROTOCOL_RDSTLS:
        return d->rdstls_over ? tpkt(c) : rdstls(c);
    case WHY_PROTOCOL_RDSAAD:
        return d->aad_over ? tpkt(c) : aad(c);
    default:
        return tpkt(c);
    }
}

enum why_frame why_frame_check(const struct why_dissector *d, enum why_dir dir, const uint8_t *data,
                               size_t len, size_t *need, const char **problem)
{
    struct why_cursor c = why_cur_init(data, len);
    struct bounds b;

    if (len == 0)
        b = known(0);
    else if (!why_wire_connected(d))
        b = before_connect(d, dir, c);
    else
        b = why_cur_peek(&c, 0) == TPKT_VERSION ? tpkt(c) : fast_path(c);
    return judge(b, len, need, problem);
}

static struct bounds record(struct why_cursor c)
{
    static const char no_record[] = "not a TLS record";
    size_t left = why_cur_left(&c), length;
    uint8_t type = why_cur_u8(&c), major = why_cur_u8(&c), minor = why_cur_u8(&c);

    if (left >= 1 && (type < TLS_CHANGE_CIPHER_SPEC || type > TLS_HEARTBEAT))
        return invalid(no_record);
    if ((left >= 2 && major != 3) || (left >= 3 && minor > 4))
        return invalid(no_record);
    length = why_cur_u16be(&c);
    if (c.failed)
        return known(0);
    return length > TLS_RECORD_MAX ? invalid("TLS record longer than 18 KiB")
                                   : known(TLS_RECORD_HEADER + length);
}

enum why_frame why_record_check(const uint8_t *data, size_t len, size_t *need, const char **problem)
{
    return judge(record(why_cur_init(data, len)), len, need, problem);
}

enum why_frame why_tpkt_check(const uint8_t *data, size_t len, size_t *need)
{
    return judge(tpkt(why_cur_init(data, len)), len, need, NULL);
}

const char *why_guess_protocol(const uint8_t *data, size_t len)
{
    static const struct {
        const char *start;
        size_t at, length;
        const char *name;
    } known_starts[] = {
        {"HTTP/", 0, 5, "HTTP"},
        {"GET ", 0, 4, "HTTP"},
        {"POST ", 0, 5, "HTTP"},
        {"<html", 0, 5, "HTTP"},
        {"<HTML", 0, 5, "HTTP"},
        {"<!DOCTYPE", 0, 9, "HTTP"},
        {"SSH-", 0, 4, "SSH"},
        {"RFB ", 0, 4, "VNC"},
        {"220", 0, 3, "SMTP or FTP"},
        {"+OK", 0, 3, "POP3"},
        {"* OK", 0, 4, "IMAP"},
        {"-ERR", 0, 4, "Redis"},
        {"PROXY ", 0, 6, "PROXY protocol"},
        {"\r\n\r\n\0\r\nQUIT\n", 0, 12, "PROXY protocol"}, /* version 2 */
        {"\xff\xfb", 0, 2, "Telnet"},
        {"\xff\xfd", 0, 2, "Telnet"},
        {"\xffSMB", 4, 4, "SMB"},
        {"\xfeSMB", 4, 4, "SMB"},
        {"\x00\x0a", 3, 2, "MySQL"},
    };
    struct why_cursor c = why_cur_init(data, len);

    if (len >= 3 && record(c).problem == NULL)
        return "TLS record";
    for (size_t i = 0; i < sizeof(known_starts) / sizeof(known_starts[0]); i++) {
        struct why_cursor at = c;

        why_cur_skip(&at, known_starts[i].at);
        if (why_cur_at(&at, known_starts[i].start, known_starts[i].length))
            return known_starts[i].name;
    }
    return NULL;
}
