/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

#define RESULT_MEMBER "\"authentication_result\""
#define NONCE_MEMBER  "\"ts_nonce\""

static void skip_space(struct why_cursor *c)
{
    uint8_t ch = why_cur_peek(c, 0);

    while (ch == ' ' || ch == '\t' || ch == '\r' || ch == '\n') {
        why_cur_skip(c, 1);
        ch = why_cur_peek(c, 0);
    }
}

/* A whole JSON number after ":"; false where there is none or it does not fit. */
static bool read_number(struct why_cursor *c, int64_t *value)
{
    bool negative = false;
    int digits = 0;

    skip_space(c);
    if (why_cur_u8(c) != ':')
        return false;
    skip_space(c);
    if (why_cur_peek(c, 0) == '-') {
        negative = true;
        why_cur_skip(c, 1);
    }
    *value = 0;
    while (why_cur_peek(c, 0) >= '0' && why_cur_peek(c, 0) <= '9' && digits < 18) {
        *value = *value * 10 + (why_cur_u8(c) - '0');
        digits++;
    }
    if (negative)
        *value = -*value;
    /* a digit more, a fraction or the end of the bytes would make it another number */
    skip_space(c);
    return digits > 0 && (why_cur_peek(c, 0) == ',' || why_cur_peek(c, 0) == '}');
}

static void result(struct why_wire *w, struct why_cursor c)
{
    int64_t value = 0;

    w->out->type = WHY_PDU_AAD_AUTHENTICATION_RESULT;
    why_cur_skip(&c, sizeof(RESULT_MEMBER) - 1);
    if (!read_number(&c, &value)) {
        why_wire_problem(w, "authentication_result is not a number");
        return;
    }
    w->out->u.aad.has_result = true;
    w->out->u.aad.result = value;
    w->d->aad_over = true;
}

/* [MS-RDPBCGR] 2.2.18: JSON text with a NUL at its end; told apart by their members */
void why_wire_aad(struct why_wire *w, struct why_cursor c)
{
    struct why_cursor at = c;

    if (why_cur_peek(&c, why_cur_left(&c) - 1) != '\0')
        why_wire_problem(w, "AAD PDU without a NUL at its end");
    if (w->dir == WHY_DIR_SENT) {
        w->out->type = WHY_PDU_AAD_AUTHENTICATION_REQUEST;
        why_wire_sensitive_rest(w, &c);
    } else if (why_cur_find(&at, RESULT_MEMBER, sizeof(RESULT_MEMBER) - 1)) {
        result(w, at);
    } else if (why_cur_find(&at, NONCE_MEMBER, sizeof(NONCE_MEMBER) - 1)) {
        w->out->type = WHY_PDU_AAD_SERVER_NONCE;
    } else {
        why_wire_unreadable(w, "neither a nonce nor an authentication result");
    }
}
