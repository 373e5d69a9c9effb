/* SPDX-License-Identifier: Apache-2.0 */
#include "framer.h"

enum why_frame why_framer_check(const struct why_framer *f, const struct why_buffer *b,
                                size_t *need, const char **problem)
{
    *need = 0;
    if (b->len == 0)
        return WHY_FRAME_INCOMPLETE;
    switch (f->framing) {
    case WHY_FRAMING_RECORDS:
        return why_record_check(b->data, b->len, need, problem);
    case WHY_FRAMING_CLEAR:
        return why_tpkt_check(b->data, b->len, need);
    default:
        return why_frame_check(f->dissector, f->dir, b->data, b->len, need, problem);
    }
}

enum why_frame why_framer_cut(const struct why_framer *f, struct why_buffer *b,
                              const char **problem)
{
    enum why_frame frame;
    size_t need = 0;

    while ((frame = why_framer_check(f, b, &need, problem)) == WHY_FRAME_COMPLETE) {
        bool more = f->whole(f->arg, f->dir, b->data, need);

        why_buffer_drop(b, need);
        if (!more)
            break;
    }
    return frame;
}
