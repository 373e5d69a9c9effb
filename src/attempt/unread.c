/* SPDX-License-Identifier: Apache-2.0 */
#include "tap.h"

#include "base/clock.h"

#include "clock.h"
#include "plain.h"

/* What is read after the library has given up. */

/* Of what happens to be here already when an attempt has got to where it was to get, a "no" alone.
 */
static bool on_pdu(void *arg, enum why_dir dir, const uint8_t *data, size_t len)
{
    const struct why_event event = {.dir = dir, .bytes = data, .len = len};
    struct tap *tap = arg;

    if (!tap->stopped || why_tap_is_last_word(tap, &event))
        why_tap_record_pdu(tap, &event, why_clock_us());
    return true;
}

/* Takes what PDUs there are, and keeps the rest. */
static void take_pdus(struct tap *tap)
{
    struct why_framer framer = why_tap_framer(tap);

    framer.whole = on_pdu;
    framer.arg = tap;
    (void)why_framer_cut(&framer, &tap->partial, NULL);
}

static const char *problem_of(const struct tap *tap)
{
    const struct why_framer framer = why_tap_framer(tap);
    const char *problem = NULL;
    size_t need = 0;

    if (why_framer_check(&framer, &tap->partial, &need, &problem) == WHY_FRAME_INVALID)
        return problem != NULL ? problem : "not RDP";
    return NULL;
}

/* More can be kept of what is unread. */
static bool has_room(const struct tap *tap)
{
    return tap->partial_lost == 0 && tap->partial.len < TAP_PARTIAL_MAX / 2;
}

void why_tap_read_on(struct tap *tap, uint64_t until_us)
{
    const bool had = why_tap_has_font_map(tap);
    uint8_t buf[4096];

    take_pdus(tap);
    while (!tap->stopped && !tap->rejected && has_room(tap) &&
           (had || !why_tap_has_font_map(tap))) {
        int r = why_plain_read(tap->conn, buf, sizeof(buf));

        if (r == CONN_ENDED || (r == CONN_AGAIN && why_clock_us() >= until_us))
            return;
        if (r == CONN_AGAIN) {
            (void)why_conn_wait(tap->conn, false, why_clock_ms_until(until_us, 1000));
            continue;
        }
        why_tap_keep_partial(tap, buf, (size_t)r);
        take_pdus(tap);
        /* A server that never pauses. */
        if (why_clock_us() >= until_us)
            return;
    }
}

/*
 * The library gives up at the first thing it does not like, with bytes unread that may say why: a
 * Set Error Info during licensing, an ultimatum after a license alert, and the FIN after both.
 */
void why_tap_finish(struct tap *tap)
{
    bool violation = tap->conn->end == CONN_VIOLATION;

    if (tap->conn->fd < 0)
        return;
    /* Also of an attempt that has got where it was to get: what came with that may be a "no". */
    if (tap->conn->ssl == NULL || tap->conn->tls_up) {
        uint8_t buf[4096];
        int r;

        /* A violation ended the reading, not the peer: what else is here helps to name it. */
        if (violation)
            tap->conn->end = CONN_OPEN;
        while (has_room(tap) && (r = why_plain_read(tap->conn, buf, sizeof(buf))) > 0)
            why_tap_keep_partial(tap, buf, (size_t)r);
        if (violation)
            tap->conn->end = CONN_VIOLATION;
    }
    take_pdus(tap);
    if (tap->partial.len + tap->partial_lost == 0 || tap->stopped)
        return;
    why_recorder_add(tap->rec,
                     &(struct why_event){.kind = WHY_EV_PARTIAL,
                                         .dir = WHY_DIR_RECEIVED,
                                         .text = problem_of(tap),
                                         .bytes = tap->partial.data,
                                         .len = tap->partial.len,
                                         .wire_len = tap->partial.len + tap->partial_lost});
}
