/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/pdu.h>

#include <string.h>

#include "numbers.h"
#include "wire.h"

void why_dissector_init(struct why_dissector *d)
{
    memset(d, 0, sizeof(*d));
}

static bool is_credssp(const struct why_dissector *d)
{
    return d->selected_protocol == WHY_PROTOCOL_HYBRID ||
           d->selected_protocol == WHY_PROTOCOL_HYBRID_EX;
}

/* [MS-RDPBCGR] 2.2.8.1.2 and 2.2.9.1.2; its length is coded as PER would */
static void fast_path(struct why_wire *w, struct why_cursor c)
{
    size_t len = why_cur_left(&c);

    w->out->type = WHY_PDU_FAST_PATH;
    why_cur_skip(&c, 1);
    if (why_cur_per_length(&c) != len)
        why_wire_problem(w, "fast-path PDU of another length than it says");
    if (w->dir == WHY_DIR_SENT) /* keystrokes */
        why_wire_sensitive_rest(w, &c);
}

/* What may pass between the security protocol's handshake and the Connect Initial: only the
 * protocol that was selected says what it is. */
static void authentication(struct why_wire *w, struct why_cursor c)
{
    const struct why_dissector *d = w->d;

    if (why_cur_peek(&c, 0) == BER_SEQUENCE && (is_credssp(d) || !d->confirmed))
        why_wire_tsrequest(w, c);
    else if (d->selected_protocol == WHY_PROTOCOL_HYBRID_EX && w->dir == WHY_DIR_RECEIVED &&
             !d->credssp_over)
        why_wire_early_user_auth(w, c);
    else if (d->selected_protocol == WHY_PROTOCOL_RDSTLS && !d->rdstls_over)
        why_wire_rdstls(w, c);
    else if (d->selected_protocol == WHY_PROTOCOL_RDSAAD && !d->aad_over)
        why_wire_aad(w, c);
    else
        why_wire_unreadable(w, "not a TPKT header");
}

static void dissect_one(struct why_wire *w, const uint8_t *data, size_t len)
{
    struct why_cursor c = why_cur_init(data, len);
    uint8_t first = why_cur_peek(&c, 0);

    memset(w->out, 0, sizeof(*w->out));
    w->next = 0;
    if (len == 0)
        why_wire_unreadable(w, "no bytes");
    else if (w->dir == WHY_DIR_SENT && !w->d->preconnected && !why_wire_connected(w->d) &&
             why_wire_is_preconnection(c))
        why_wire_preconnection(w, c);
    else if (first == TPKT_VERSION && why_cur_peek(&c, 1) == 0)
        why_wire_tpkt(w, c);
    else if (!why_wire_connected(w->d))
        authentication(w, c);
    else if ((first & 3) == 0)
        fast_path(w, c);
    else
        why_wire_unreadable(w, "neither a TPKT nor a fast-path header");
    if (w->dir == WHY_DIR_RECEIVED && why_pdu_info(w->out->type)->clients)
        why_wire_problem(w, "a PDU that only clients send");
}

void why_dissect(struct why_dissector *d, enum why_dir dir, const uint8_t *data, size_t len,
                 unsigned flags, struct why_pdu *out)
{
    struct why_pdu other;
    struct why_wire w = {.d = d, .dir = dir, .flags = flags, .out = out};

    dissect_one(&w, data, len);
    w.out = &other;
    while (w.next != 0 && why_pdu_info(out->type)->role == WHY_ROLE_NEUTRAL) {
        w.chained = w.next;
        dissect_one(&w, data, len);
        if (why_pdu_info(other.type)->role != WHY_ROLE_NEUTRAL)
            *out = other;
    }
}

void why_dissect_next(struct why_dissector *d, const struct why_passed *passed, size_t *offset,
                      struct why_pdu *out)
{
    struct why_wire w = {
        .d = d, .dir = passed->dir, .flags = passed->flags, .out = out, .chained = *offset};

    dissect_one(&w, passed->data, passed->len);
    *offset = w.next != 0 ? w.next : passed->len;
}
