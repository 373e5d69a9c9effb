/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <rdpwhy/pcap.h>
#include <rdpwhy/status.h>

#include "fragments.h"
#include "packet.h"

/*
 * Captured packets, through all that may lie around them: the link type (two bytes), then packets,
 * each after its length (two bytes). What comes out lies within what went in.
 */

static void check_within(const uint8_t *data, size_t len, const uint8_t *part, size_t part_len)
{
    REQUIRE(part >= data && part_len <= len && part + part_len <= data + len);
}

static void check(const struct packet *packet, const uint8_t *data, size_t len)
{
    switch (packet->kind) {
    case PACKET_TCP:
        check_within(data, len, packet->tcp.data, packet->tcp.len);
        REQUIRE(packet->tcp.len <= packet->tcp.wire_len);
        break;
    case PACKET_UDP:
        check_within(data, len, packet->udp.data, packet->udp.len);
        break;
    case PACKET_FRAGMENT:
        check_within(data, len, packet->fragment.data, packet->fragment.len);
        break;
    default:
        break;
    }
}

static void read_fragment(struct fragments *fragments, const struct packet *in,
                          const struct why_pcap_packet *captured)
{
    struct ip_fragment fragment = in->fragment;
    struct packet packet;
    struct whole_packet whole;

    if (why_fragments_add(fragments, &fragment, captured->t_us, captured, &whole) != WHY_OK)
        return;
    REQUIRE(whole.len <= whole.wire_len && whole.wire_len <= 65535);
    why_packet_read_whole(&fragment, whole.data, whole.len, whole.wire_len, &packet);
    check(&packet, whole.data, whole.len);
}

/* What is aggregated moves on with each step. */
static void read_packet(struct fragments *fragments, int link, const uint8_t *data, size_t len,
                        uint64_t t_us)
{
    const struct why_pcap_packet captured = {.t_us = t_us, .data = data, .len = len};
    struct packet packet;
    size_t at;

    why_packet_read(link, data, len, len + len % 3, &packet);
    do {
        at = packet.next;
        check(&packet, data, len);
        if (packet.kind == PACKET_FRAGMENT)
            read_fragment(fragments, &packet, &captured);
    } while (why_packet_read_next(data, len, len + len % 3, &packet) &&
             (packet.next == 0 || packet.next > at));
    REQUIRE(packet.next == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fragments *fragments = why_fragments_new();
    uint64_t t_us = 0;
    int link = size >= 2 ? data[0] | data[1] << 8 : 0;

    REQUIRE(fragments != NULL);
    for (size_t at = 2; at + 2 <= size;) {
        size_t len = data[at] | (size_t)data[at + 1] << 8;
        uint8_t *copy;

        at += 2;
        if (len > size - at)
            len = size - at;
        copy = malloc(len > 0 ? len : 1); /* its own, so that a read beyond it is seen */
        REQUIRE(copy != NULL);
        memcpy(copy, data + at, len);
        read_packet(fragments, link, copy, len, t_us += 1000000);
        free(copy);
        at += len;
    }
    why_fragments_free(fragments);
    return 0;
}
