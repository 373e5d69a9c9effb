/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

/* TLS records of both directions through one dissector. A part's control byte: bit 0 received. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct why_dissector d;
    struct part part;

    why_dissector_init(&d);
    while (next_part(&data, &size, &part)) {
        enum why_dir dir = part.control & 1 ? WHY_DIR_RECEIVED : WHY_DIR_SENT;
        size_t offset = 0, before;

        do {
            struct why_pdu pdu;

            before = offset;
            why_dissect_record(&d, dir, part.data, part.len, &offset, &pdu);
            require_sound(&pdu, part.len);
            REQUIRE(offset > before || part.len == 0);
            REQUIRE(offset <= part.len);
        } while (offset < part.len);
        free(part.data);
    }
    return 0;
}
