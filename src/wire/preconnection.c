/* SPDX-License-Identifier: Apache-2.0 */
#include "text.h"
#include "wire.h"

#define VERSION_1_SIZE 16u
#define UNITS_MAX      512u /* of the text: what is longer is something else */

/* RDP_PRECONNECTION_PDU_V1 and _V2, [MS-RDPEPS] 2.2.1.1 and 2.2.1.2: cbSize is that of all of it */
bool why_wire_is_preconnection(struct why_cursor c)
{
    size_t len = why_cur_left(&c);
    uint32_t size = why_cur_u32le(&c), flags = why_cur_u32le(&c), version = why_cur_u32le(&c);

    return !c.failed && size == len && flags == 0 && (version == 1 || version == 2) &&
           size >= VERSION_1_SIZE && size <= VERSION_1_SIZE + 2 + 2 * UNITS_MAX;
}

void why_wire_preconnection(struct why_wire *w, struct why_cursor c)
{
    struct why_cursor text;

    w->out->type = WHY_PDU_PRECONNECTION;
    why_cur_skip(&c, 8); /* cbSize, Flags */
    w->out->u.preconnection.version = why_cur_u32le(&c);
    w->out->u.preconnection.id = why_cur_u32le(&c);
    if (w->out->u.preconnection.version == 2) {
        text = why_cur_sub(&c, 2 * (size_t)why_cur_u16le(&c));
        if (!c.failed)
            why_text_utf16le(text, w->out->u.preconnection.blob, WHY_TEXT_MAX);
    }
    if (c.failed)
        why_wire_problem(w, "preconnection PDU ends too early");
    else if (w->dir == WHY_DIR_SENT)
        w->d->preconnected = true;
}
