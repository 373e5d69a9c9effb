/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <rdpwhy/trace.h>

#include "gateway/reader.h"

/*
 * What both sides say on a connection to an RD Gateway: HTTP, WebSocket frames, packets. Of each
 * part's control byte the lowest bit is the direction, the others in how large pieces it comes.
 * What comes in pieces must be told as what comes at once.
 */

#define AT_ONCE 16384u /* what a connection is read with */

struct heard {
    uint64_t events, carried[2]; /* hashes */
    size_t count;
};

static void mix(uint64_t *hash, const void *data, size_t len)
{
    for (size_t i = 0; i < len; i++)
        *hash = (*hash ^ ((const uint8_t *)data)[i]) * UINT64_C(0x100000001b3);
}

static void on_event(void *arg, const struct why_event *event)
{
    struct heard *h = arg;

    REQUIRE(event->kind < WHY_EV_KIND_COUNT);
    REQUIRE(event->len == 0 || event->bytes != NULL);
    mix(&h->events, &event->kind, sizeof(event->kind));
    mix(&h->events, &event->dir, sizeof(event->dir));
    mix(&h->events, &event->value, sizeof(event->value));
    if (event->text != NULL)
        mix(&h->events, event->text, strlen(event->text));
    if (event->len > 0)
        mix(&h->events, event->bytes, event->len);
    h->count++;
}

static void on_carried(void *arg, enum why_dir dir, const uint8_t *data, size_t len)
{
    mix(&((struct heard *)arg)->carried[dir], data, len);
}

static void take(struct why_gateway_reader *reader, const struct part *part, size_t piece)
{
    for (size_t at = 0; at < part->len; at += piece) {
        size_t n = part->len - at < piece ? part->len - at : piece;
        uint8_t *copy = malloc(n);

        REQUIRE(copy != NULL);
        memcpy(copy, part->data + at, n);
        why_gateway_reader_take(reader, (enum why_dir)(part->control & 1u), copy, n);
        free(copy);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct heard heard[2] = {{.count = 0}, {.count = 0}};
    struct why_gateway_reader readers[2];
    struct why_http_head head;
    struct part part;

    for (size_t i = 0; i < 2; i++) {
        const struct why_gateway_sink sink = {on_event, on_carried, &heard[i]};

        why_gateway_reader_begin(&readers[i], &sink);
    }
    while (next_part(&data, &size, &part)) {
        take(&readers[0], &part, AT_ONCE);
        take(&readers[1], &part, 1u + (part.control >> 1));
        free(part.data);
    }
    REQUIRE(heard[0].count == heard[1].count && heard[0].events == heard[1].events);
    REQUIRE(memcmp(heard[0].carried, heard[1].carried, sizeof(heard[0].carried)) == 0);
    REQUIRE(readers[0].open == readers[1].open && readers[0].status == readers[1].status);
    for (size_t i = 0; i < 2; i++) {
        (void)why_gateway_reader_response(&readers[i], &head);
        why_gateway_reader_clear(&readers[i]);
    }
    return 0;
}
