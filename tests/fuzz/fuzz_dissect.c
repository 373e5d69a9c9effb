/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

/*
 * A connection: PDUs of both directions through one dissector. A part's control byte: bit 0
 * received, bit 1 decrypted, bit 2 all share control PDUs one by one.
 */

#define CONTROL_RECEIVED  1u
#define CONTROL_DECRYPTED 2u
#define CONTROL_CHAINED   4u

/* What a recorder keeps must decode to the same. */
static void require_same_when_scrubbed(const struct why_dissector *before, enum why_dir dir,
                                       const struct part *part, unsigned flags,
                                       const struct why_pdu *pdu)
{
    struct why_dissector d = *before;
    struct why_pdu again;

    for (size_t i = 0; i < pdu->sensitive_count; i++)
        memset(part->data + pdu->sensitive[i].offset, 0, pdu->sensitive[i].length);
    why_dissect(&d, dir, part->data, part->len, flags, &again);
    REQUIRE(pdu->malformed || again.type == pdu->type);
    /* why_dissect clears all of it first, padding too
     * NOLINTNEXTLINE(bugprone-suspicious-memory-comparison) */
    REQUIRE(pdu->malformed || memcmp(&again.u, &pdu->u, sizeof(pdu->u)) == 0);
}

static void each_chained(struct why_dissector *d, enum why_dir dir, const struct part *part,
                         unsigned flags)
{
    size_t offset = 0, before;

    do {
        struct why_pdu pdu;

        before = offset;
        why_dissect_next(d, &(struct why_passed){dir, flags, part->data, part->len}, &offset, &pdu);
        require_sound(&pdu, part->len);
        REQUIRE(offset > before || part->len == 0);
        REQUIRE(offset <= part->len);
    } while (offset < part->len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct why_dissector d;
    struct part part;

    why_dissector_init(&d);
    while (next_part(&data, &size, &part)) {
        enum why_dir dir = part.control & CONTROL_RECEIVED ? WHY_DIR_RECEIVED : WHY_DIR_SENT;
        unsigned flags = part.control & CONTROL_DECRYPTED ? WHY_DISSECT_DECRYPTED : 0;
        struct why_dissector before = d;
        struct why_pdu pdu;

        if ((part.control & CONTROL_CHAINED) != 0) {
            each_chained(&d, dir, &part, flags);
        } else {
            why_dissect(&d, dir, part.data, part.len, flags, &pdu);
            require_sound(&pdu, part.len);
            require_same_when_scrubbed(&before, dir, &part, flags, &pdu);
        }
        free(part.data);
    }
    return 0;
}
