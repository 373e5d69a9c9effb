/* SPDX-License-Identifier: Apache-2.0 */
#include "wire.h"

void why_wire_problem(struct why_wire *w, const char *text)
{
    w->out->malformed = true;
    if (w->out->problem == NULL)
        w->out->problem = text;
}

void why_wire_unreadable(struct why_wire *w, const char *text)
{
    w->out->type = WHY_PDU_UNKNOWN;
    why_wire_problem(w, text);
}

static bool touches(const struct why_pdu *out, size_t i, size_t offset, size_t end)
{
    return offset <= out->sensitive[i].offset + out->sensitive[i].length &&
           end >= out->sensitive[i].offset;
}

/* Makes range |i| cover offset to end too. */
static void widen(struct why_pdu *out, size_t i, size_t offset, size_t end)
{
    size_t old_end = out->sensitive[i].offset + out->sensitive[i].length;

    if (offset > out->sensitive[i].offset)
        offset = out->sensitive[i].offset;
    if (end < old_end)
        end = old_end;
    out->sensitive[i].offset = offset;
    out->sensitive[i].length = end - offset;
}

void why_wire_sensitive(struct why_wire *w, size_t offset, size_t length)
{
    struct why_pdu *out = w->out;
    size_t i = 0;

    if (length == 0)
        return;
    while (i < out->sensitive_count && !touches(out, i, offset, offset + length))
        i++;
    if (i == WHY_SENSITIVE_MAX) {
        widen(out, i - 1, offset, offset + length);
    } else if (i < out->sensitive_count) {
        widen(out, i, offset, offset + length);
    } else {
        out->sensitive[i].offset = offset;
        out->sensitive[i].length = length;
        out->sensitive_count++;
    }
}

void why_wire_sensitive_rest(struct why_wire *w, const struct why_cursor *c)
{
    why_wire_sensitive(w, c->pos, c->end - c->pos);
}

bool why_wire_connected(const struct why_dissector *d)
{
    return d->io_channel != 0 || d->user_channel != 0 || d->client_info_sent;
}
