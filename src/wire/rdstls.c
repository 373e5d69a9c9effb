/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

/* [MS-RDPBCGR] 2.2.17 */
#define VERSION_1     1
#define CAPABILITIES  1
#define AUTH_REQUEST  2
#define AUTH_RESPONSE 4

#define DATA_PASSWORD 1
#define DATA_COOKIE   2

#define REQUEST_FIELDS 4 /* RedirectionGuid, UserName, Domain, Password */

/* Moves over a 16-bit length and as many bytes; what is not there yet is what is missing. */
static void skip_field(struct why_cursor *c, size_t *total)
{
    uint16_t length = why_cur_u16le(c);

    *total += 2u + length;
    why_cur_skip(c, length);
}

static size_t request_length(struct why_cursor *c)
{
    uint16_t data_type = why_cur_u16le(c);
    size_t total = 6;
    int fields = REQUEST_FIELDS;

    if (data_type == DATA_COOKIE) {
        why_cur_skip(c, 4); /* SessionID */
        total += 4;
        fields = 1;
    }
    for (int i = 0; i < fields; i++) {
        if (why_cur_left(c) < 2)
            return 0;
        skip_field(c, &total);
    }
    return total;
}

size_t why_rdstls_length(struct why_cursor c, bool *invalid)
{
    uint16_t version = why_cur_u16le(&c);
    uint16_t type = why_cur_u16le(&c);

    *invalid = false;
    if (c.failed)
        return 0;
    if (version == VERSION_1 && type == CAPABILITIES)
        return 8;
    if (version == VERSION_1 && type == AUTH_RESPONSE)
        return 10;
    if (version == VERSION_1 && type == AUTH_REQUEST)
        return request_length(&c);
    *invalid = true;
    return 0;
}

static void request(struct why_wire *w, struct why_cursor c, uint16_t data_type)
{
    struct why_cursor all = c;
    int fields = data_type == DATA_COOKIE ? 1 : REQUEST_FIELDS;

    w->out->type = WHY_PDU_RDSTLS_AUTHENTICATION_REQUEST;
    if (data_type == DATA_COOKIE)
        why_cur_skip(&c, 4);
    for (int i = 0; i < fields; i++) {
        struct why_cursor value = why_cur_sub(&c, why_cur_u16le(&c));

        why_wire_sensitive_rest(w, &value);
    }
    if (c.failed || why_cur_left(&c) > 0 ||
        (data_type != DATA_PASSWORD && data_type != DATA_COOKIE)) {
        why_wire_problem(w, "RDSTLS Authentication Request with wrong lengths");
        why_wire_sensitive_rest(w, &all);
    }
}

static void response(struct why_wire *w, struct why_cursor c)
{
    uint32_t result = why_cur_u32le(&c);

    if (c.failed) {
        why_wire_unreadable(w, "RDSTLS Authentication Response ends too early");
        return;
    }
    w->out->type = WHY_PDU_RDSTLS_AUTHENTICATION_RESPONSE;
    w->out->u.rdstls_result = result;
    w->d->rdstls_over = true;
}

void why_wire_rdstls(struct why_wire *w, struct why_cursor c)
{
    uint16_t version = why_cur_u16le(&c);
    uint16_t type = why_cur_u16le(&c);
    uint16_t data_type = why_cur_u16le(&c);

    if (c.failed || version != VERSION_1)
        why_wire_unreadable(w, "not an RDSTLS PDU of version 1");
    else if (type == CAPABILITIES)
        w->out->type = WHY_PDU_RDSTLS_CAPABILITIES;
    else if (type == AUTH_REQUEST)
        request(w, c, data_type);
    else if (type == AUTH_RESPONSE)
        response(w, c);
    else
        why_wire_unreadable(w, "unknown RDSTLS PDU");
}
