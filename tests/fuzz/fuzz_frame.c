/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

/*
 * A byte stream cut into frames. First byte: the state (low 3 bits: which protocol was selected,
 * then flags for what has passed); the rest is the stream. What is found must not depend on how
 * many bytes have arrived.
 */

static struct why_dissector from_state(uint8_t state)
{
    static const uint32_t protocols[] = {0, 1, 2, 4, 8, 16, 1, 0};
    struct why_dissector d;

    why_dissector_init(&d);
    d.confirmed = true;
    d.selected_protocol = protocols[state & 7];
    d.credssp_over = d.rdstls_over = d.aad_over = (state & 0x20) != 0;
    d.client_sent_auth_info = (state & 0x40) != 0;
    d.io_channel = (state & 0x80) != 0 ? 1003 : 0;
    return d;
}

static enum why_frame check(const struct why_dissector *d, uint8_t state, const uint8_t *data,
                            size_t len, size_t *need)
{
    enum why_dir dir = state & 0x10 ? WHY_DIR_RECEIVED : WHY_DIR_SENT;
    const char *problem = "unset";
    uint8_t *copy = malloc(len > 0 ? len : 1);
    enum why_frame frame;

    REQUIRE(copy != NULL);
    memcpy(copy, data, len);
    frame = (state & 8) != 0 ? why_record_check(copy, len, need, &problem)
                             : why_frame_check(d, dir, copy, len, need, &problem);
    (void)why_guess_protocol(copy, len);
    free(copy);
    REQUIRE((frame == WHY_FRAME_INVALID) == (problem != NULL));
    REQUIRE(frame != WHY_FRAME_COMPLETE || (*need > 0 && *need <= len));
    REQUIRE(frame != WHY_FRAME_INCOMPLETE || *need == 0 || *need > len);
    return frame;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct why_dissector d;
    uint8_t state;
    size_t full = 0, need = 0;
    enum why_frame frame;

    if (size == 0)
        return 0;
    state = data[0];
    d = from_state(state);
    frame = check(&d, state, data + 1, size - 1, &full);
    for (size_t len = 0; len < size - 1 && len < 300; len++) {
        enum why_frame part = check(&d, state, data + 1, len, &need);

        if (frame == WHY_FRAME_COMPLETE) {
            REQUIRE(part != WHY_FRAME_INVALID);
            REQUIRE(need == 0 || need == full);
            REQUIRE((part == WHY_FRAME_COMPLETE) == (len >= full));
        } else {
            REQUIRE(part != WHY_FRAME_COMPLETE);
        }
    }
    return 0;
}
