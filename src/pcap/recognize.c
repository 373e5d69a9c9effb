/* SPDX-License-Identifier: Apache-2.0 */
#include "recognize.h"

#include <rdpwhy/pdu.h>
#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>

#include "wire/cursor.h"
#include "wire/numbers.h"

#define LENGTH_MIN 11   /* TPKT and the fixed part, [MS-RDPBCGR] 2.2.1.1 */
#define LENGTH_MAX 1024 /* with a cookie or routing token, and what may yet come */

/* Looks at as much of the headers as has come. */
static enum likeness recognize(const uint8_t *data, size_t len, uint8_t code)
{
    struct why_cursor c = why_cur_init(data, len);
    size_t total, indicator;

    if ((len > 0 && data[0] != TPKT_VERSION) || (len > 1 && data[1] != 0) ||
        (len > 5 && data[5] != code))
        return LIKE_NOTHING;
    why_cur_skip(&c, 2);
    total = why_cur_u16be(&c);
    indicator = why_cur_u8(&c);
    if (c.failed || len < 6)
        return LIKE_MAYBE;
    if (total < LENGTH_MIN || total > LENGTH_MAX || indicator + 5 > total)
        return LIKE_NOTHING;
    return len >= total ? LIKE_SO : LIKE_MAYBE;
}

enum likeness why_recognize_request(const uint8_t *data, size_t len)
{
    return recognize(data, len, TPDU_CONNECTION_REQUEST);
}

enum likeness why_recognize_confirm(const uint8_t *data, size_t len)
{
    return recognize(data, len, TPDU_CONNECTION_CONFIRM);
}

enum why_profile why_recognize_profile(const uint8_t *data, size_t len)
{
    struct why_dissector d;
    struct why_pdu pdu;

    why_dissector_init(&d);
    why_dissect(&d, WHY_DIR_SENT, data, len, 0, &pdu);
    if (pdu.type != WHY_PDU_X224_CONNECTION_REQUEST)
        return WHY_PROFILE_NEGOTIATE;
    return why_profile_of_offer(pdu.u.request.has_negotiation ? pdu.u.request.protocols : 0);
}
