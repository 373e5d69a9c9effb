/* SPDX-License-Identifier: Apache-2.0 */
#include "secrets.h"

#include <rdpwhy/status.h>

#include "record/buffer.h"

#include "input.h"
#include "reader.h"

static int read_notes(const struct why_buffer *text, struct why_trace **notes)
{
    int status = why_trace_read_memory((const char *)text->data, text->len, notes, NULL, 0);

    return status == WHY_ERR_NOMEM ? status : WHY_OK; /* notes that are not whole are none */
}

int why_secrets_scan(struct input *in, struct why_keys *keys, struct why_trace **notes)
{
    struct why_buffer text = {NULL, 0, 0};
    struct reader r = {.keys = keys, .notes = &text, .no_packets = true};
    struct why_pcap_packet packet;
    int status;

    *notes = NULL;
    if (!why_input_can_rewind(in))
        return WHY_OK;
    status = why_reader_open(&r, in);
    if (status == WHY_OK && r.pcapng)
        status = why_reader_next(&r, &packet);
    why_reader_clear(&r);
    if (!why_input_rewind(in))
        status = WHY_ERR_NOMEM;
    if (status != WHY_ERR_NOMEM && text.len > 0)
        status = read_notes(&text, notes);
    why_buffer_clear(&text);
    return status == WHY_ERR_NOMEM ? status : WHY_OK;
}
