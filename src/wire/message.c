/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

/* PDUs of the message channel: [MS-RDPBCGR] 2.2.14 and 2.2.15. */

#define TYPE_ID_RESPONSE 0x01 /* a request's is 0 */

/* 2.2.14.1.5: requestType of a Network Characteristics Result */
static bool is_network_characteristics(uint16_t type)
{
    return type == 0x0840 || type == 0x0880 || type == 0x08c0;
}

void why_wire_auto_detect(struct why_wire *w, struct why_cursor c)
{
    uint8_t type_id;

    why_cur_skip(&c, 1); /* headerLength */
    type_id = why_cur_u8(&c);
    w->out->u.auto_detect.sequence = why_cur_u16le(&c);
    w->out->u.auto_detect.type = why_cur_u16le(&c);
    if (type_id == TYPE_ID_RESPONSE)
        w->out->type = WHY_PDU_AUTO_DETECT_RESPONSE;
    else if (is_network_characteristics(w->out->u.auto_detect.type))
        w->out->type = WHY_PDU_NETWORK_CHARACTERISTICS_RESULT;
    else
        w->out->type = WHY_PDU_AUTO_DETECT_REQUEST;
    if (c.failed)
        why_wire_unreadable(w, "auto-detect PDU ends too early");
    else if (type_id > TYPE_ID_RESPONSE)
        why_wire_problem(w, "auto-detect PDU with an unknown header type");
}

void why_wire_multitransport(struct why_wire *w, struct why_cursor c)
{
    bool request = w->dir == WHY_DIR_RECEIVED;

    w->out->type =
        request ? WHY_PDU_INITIATE_MULTITRANSPORT_REQUEST : WHY_PDU_MULTITRANSPORT_RESPONSE;
    w->out->u.multitransport.id = why_cur_u32le(&c);
    if (request) {
        w->out->u.multitransport.protocol = why_cur_u16le(&c);
        why_cur_skip(&c, 2 + 16); /* reserved, securityCookie */
    } else {
        w->out->u.multitransport.result = why_cur_u32le(&c);
    }
    if (c.failed)
        why_wire_problem(w, "multitransport PDU ends too early");
}
