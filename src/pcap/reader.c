/* SPDX-License-Identifier: Apache-2.0 */
#include "reader.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "base/grow.h"
#include "wire/numbers.h"

#include "blocks.h"
#include "input.h"

/* draft-ietf-opsawg-pcap */
#define PCAP_MICRO    0xa1b2c3d4u
#define PCAP_NANO     0xa1b23c4du
#define PCAP_MODIFIED 0xa1b2cd34u /* of patched libpcaps: 8 bytes more in each packet's header */
#define PCAP_HEADER   24u
#define LINK_MASK     0xffffu /* above it is the length of frame check sequences */

/* draft-ietf-opsawg-pcapng */
#define BLOCK_MIN         12u
#define BLOCK_OLD_PACKET  2u
#define BLOCK_SIMPLE      3u
#define INTERFACE_FIXED   8u /* of its body, before its options */
#define OPTION_RESOLUTION 9u
#define OPTION_OFFSET     14u
#define INTERFACES_MAX    65536u

#define MICROSECONDS 1000000u

struct reader_interface {
    int link;
    uint32_t snap;   /* 0: none */
    uint64_t unit;   /* of time stamps: so many a second */
    uint64_t offset; /* seconds to add */
};

static int problem(struct reader *r, const char *text)
{
    const char *why = why_input_problem(r->in);

    if (why_input_nomem(r->in))
        return WHY_ERR_NOMEM;
    (void)snprintf(r->problem, sizeof(r->problem), "%s", why != NULL ? why : text);
    return WHY_ERR_MALFORMED;
}

static uint32_t swap32(uint32_t v)
{
    return v << 24 | (v & 0xff00) << 8 | (v >> 8 & 0xff00) | v >> 24;
}

static uint32_t get32(const struct reader *r, const uint8_t *at)
{
    uint32_t value;

    memcpy(&value, at, sizeof(value));
    return r->swapped ? swap32(value) : value;
}

static uint16_t get16(const struct reader *r, const uint8_t *at)
{
    uint16_t value;

    memcpy(&value, at, sizeof(value));
    return r->swapped ? (uint16_t)(value << 8 | value >> 8) : value;
}

static int add_interface(struct reader *r, const struct reader_interface *interface)
{
    if (r->interface_count == INTERFACES_MAX)
        return problem(r, "it has more than 65536 interfaces");
    if (!why_grow(&r->interfaces, &r->interface_capacity, r->interface_count + 1,
                  sizeof(*r->interfaces)))
        return WHY_ERR_NOMEM;
    r->interfaces[r->interface_count++] = *interface;
    return WHY_OK;
}

static uint64_t time_of(const struct reader_interface *interface, uint64_t stamp)
{
    uint64_t unit = interface->unit, seconds = stamp / unit, rest = stamp % unit;

    while (unit > UINT64_MAX / MICROSECONDS) {
        unit >>= 1;
        rest >>= 1;
    }
    return (seconds + interface->offset) * MICROSECONDS + rest * MICROSECONDS / unit;
}

/* ---- pcap ------------------------------------------------------------------------------------ */

static int open_pcap(struct reader *r, uint32_t magic)
{
    const uint8_t *header;
    struct reader_interface interface = {.unit = MICROSECONDS};
    unsigned minor;

    r->swapped =
        magic == swap32(PCAP_MICRO) || magic == swap32(PCAP_NANO) || magic == swap32(PCAP_MODIFIED);
    if (r->swapped)
        magic = swap32(magic);
    if (magic == PCAP_NANO)
        interface.unit *= 1000;
    r->record_header = magic == PCAP_MODIFIED ? 24 : 16;
    header = why_input_take(r->in, PCAP_HEADER);
    if (header == NULL)
        return problem(r, "the file ends within its header");
    minor = get16(r, header + 6);
    if (get16(r, header + 4) != 2)
        return problem(r, "it is of a version of pcap that is not known");
    r->old_lengths = minor < 4;
    interface.link = (int)(get32(r, header + 20) & LINK_MASK);
    return add_interface(r, &interface);
}

static int next_record(struct reader *r, struct why_pcap_packet *packet)
{
    const uint8_t *header = why_input_take(r->in, r->record_header);
    uint32_t len, wire_len, fraction;

    if (header == NULL && why_input_at_end(r->in))
        return WHY_ERR_NOTFOUND;
    if (header == NULL)
        return problem(r, "the file ends within a packet");
    packet->t_us = (uint64_t)get32(r, header) * MICROSECONDS;
    fraction = get32(r, header + 4);
    packet->t_us += r->interfaces->unit == MICROSECONDS ? fraction : fraction / 1000;
    len = get32(r, header + 8);
    wire_len = get32(r, header + 12);
    packet->len = r->old_lengths && len > wire_len ? wire_len : len;
    packet->wire_len = packet->len == len ? wire_len : len;
    packet->link = (uint32_t)r->interfaces->link;
    if (packet->len > WHY_INPUT_TAKE_MAX) {
        (void)snprintf(r->problem, sizeof(r->problem),
                       "packet %" PRIu64 " claims to have %zu bytes", r->packets + 1, packet->len);
        return WHY_ERR_MALFORMED;
    }
    packet->data = why_input_take(r->in, packet->len);
    return packet->data != NULL ? WHY_OK : problem(r, "the file ends within a packet");
}

/* ---- pcapng ---------------------------------------------------------------------------------- */

struct block {
    uint32_t type;
    const uint8_t *body; /* NULL: it was too long to be of interest */
    size_t len;          /* of the body */
};

/* A section says its byte order in its body, which its length needs. */
static int learn_order(struct reader *r)
{
    const uint8_t *head = why_input_peek(r->in, BLOCK_MIN);
    uint32_t magic;

    if (head == NULL)
        return problem(r, "the file ends within a block");
    memcpy(&magic, head + 8, sizeof(magic));
    r->swapped = magic == swap32(PCAPNG_BYTE_ORDER_MAGIC);
    if (!r->swapped && magic != PCAPNG_BYTE_ORDER_MAGIC)
        return problem(r, "a section does not say its byte order");
    r->interface_count = 0;
    return WHY_OK;
}

static int take_block(struct reader *r, struct block *b, uint32_t total)
{
    const uint8_t *bytes;

    b->body = NULL;
    b->len = total - BLOCK_MIN;
    if (total > WHY_INPUT_TAKE_MAX)
        return why_input_skip(r->in, total) ? WHY_OK : problem(r, "the file ends within a block");
    bytes = why_input_take(r->in, total);
    if (bytes == NULL)
        return problem(r, "the file ends within a block");
    if (get32(r, bytes + total - 4) != total)
        return problem(r, "a block's two lengths differ");
    b->body = bytes + 8;
    return WHY_OK;
}

static int next_block(struct reader *r, struct block *b)
{
    const uint8_t *head = why_input_peek(r->in, 8);
    uint32_t total;
    int status;

    if (head == NULL)
        return why_input_at_end(r->in) ? WHY_ERR_NOTFOUND
                                       : problem(r, "the file ends within a block");
    memcpy(&b->type, head, sizeof(b->type)); /* a section's reads the same in both byte orders */
    if (b->type == PCAPNG_SECTION) {
        status = learn_order(r);
        if (status != WHY_OK)
            return status;
        head = why_input_peek(r->in, 8);
    }
    b->type = get32(r, head);
    total = get32(r, head + 4);
    if (total >= BLOCK_MIN && total % 4 == 0)
        return take_block(r, b, total);
    (void)snprintf(r->problem, sizeof(r->problem),
                   "the block at byte %" PRIu64 " claims to have %" PRIu32 " bytes",
                   why_input_position(r->in), total);
    return WHY_ERR_MALFORMED;
}

/* if_tsresol: a power of 10, or of 2 where the highest bit says so. */
static uint64_t unit_of(uint8_t resolution)
{
    unsigned exponent = resolution & 0x7f;
    uint64_t unit = 1;

    if ((resolution & 0x80) != 0)
        return exponent < 64 ? (uint64_t)1 << exponent : 0;
    if (exponent > 19)
        return 0;
    for (unsigned i = 0; i < exponent; i++)
        unit *= 10;
    return unit;
}

static void take_option(const struct reader *r, struct reader_interface *interface, unsigned code,
                        const uint8_t *value, size_t len)
{
    if (code == OPTION_RESOLUTION && len >= 1)
        interface->unit = unit_of(value[0]);
    if (code == OPTION_OFFSET && len >= 8)
        interface->offset = (uint64_t)get32(r, value + (r->swapped ? 0 : 4)) << 32 |
                            get32(r, value + (r->swapped ? 4 : 0));
}

static int take_interface(struct reader *r, const struct block *b)
{
    struct reader_interface interface = {.unit = MICROSECONDS};
    size_t at = INTERFACE_FIXED;

    if (b->body == NULL || b->len < INTERFACE_FIXED)
        return problem(r, "the description of an interface is too short");
    interface.link = get16(r, b->body);
    interface.snap = get32(r, b->body + 4);
    while (b->len >= at + 4) {
        unsigned code = get16(r, b->body + at), n = get16(r, b->body + at + 2);

        if (code == PCAPNG_OPT_END || n > b->len - at - 4)
            break;
        take_option(r, &interface, code, b->body + at + 4, n);
        at += 4 + ((size_t)n + 3) / 4 * 4;
    }
    if (interface.unit == 0)
        return problem(r, "an interface has a resolution of time that cannot be");
    return add_interface(r, &interface);
}

/* The fixed part of a packet's block. */
struct packet_head {
    size_t size;
    uint32_t interface;
    uint64_t stamp;
    uint32_t len, wire_len;
};

static bool read_head(const struct reader *r, const struct block *b, struct packet_head *head)
{
    bool simple = b->type == BLOCK_SIMPLE;

    *head = (struct packet_head){.size = simple ? 4 : 20};
    if (b->body == NULL || b->len < head->size)
        return false;
    if (simple) {
        head->wire_len = get32(r, b->body);
        head->len = head->wire_len;
        if (r->interface_count > 0 && r->interfaces->snap > 0 && head->len > r->interfaces->snap)
            head->len = r->interfaces->snap;
        return true;
    }
    head->interface = b->type == BLOCK_OLD_PACKET ? get16(r, b->body) : get32(r, b->body);
    head->stamp = (uint64_t)get32(r, b->body + 4) << 32 | get32(r, b->body + 8);
    head->len = get32(r, b->body + 12);
    head->wire_len = get32(r, b->body + 16);
    return true;
}

static int take_packet(struct reader *r, const struct block *b, struct why_pcap_packet *packet)
{
    struct packet_head head;

    if (!read_head(r, b, &head) || head.len > b->len - head.size) {
        (void)snprintf(r->problem, sizeof(r->problem),
                       "packet %" PRIu64 " is longer than its block", r->packets + 1);
        return WHY_ERR_MALFORMED;
    }
    if (head.interface >= r->interface_count) {
        (void)snprintf(r->problem, sizeof(r->problem),
                       "packet %" PRIu64 " is of interface %" PRIu32 ", which is not described",
                       r->packets + 1, head.interface);
        return WHY_ERR_MALFORMED;
    }
    packet->t_us =
        b->type == BLOCK_SIMPLE ? 0 : time_of(&r->interfaces[head.interface], head.stamp);
    packet->link = (uint32_t)r->interfaces[head.interface].link;
    packet->data = b->body + head.size;
    packet->len = head.len;
    packet->wire_len = head.wire_len;
    return WHY_OK;
}

/* Takes what is no packet. */
static int take_other(struct reader *r, const struct block *b)
{
    switch (b->type) {
    case PCAPNG_INTERFACE:
        return take_interface(r, b);
    case PCAPNG_SECTION:
        return b->body != NULL && r->notes != NULL
                   ? why_blocks_section(r->notes, b->body, b->len, r->swapped)
                   : WHY_OK;
    case PCAPNG_SECRETS:
        return b->body != NULL && r->keys != NULL
                   ? why_blocks_secrets(r->keys, b->body, b->len, r->swapped)
                   : WHY_OK;
    default:
        return WHY_OK;
    }
}

static bool is_packet(uint32_t type)
{
    return type == PCAPNG_PACKET || type == BLOCK_OLD_PACKET || type == BLOCK_SIMPLE;
}

static int next_packet(struct reader *r, struct why_pcap_packet *packet)
{
    for (;;) {
        struct block b = {0};
        int status = next_block(r, &b);

        if (status != WHY_OK)
            return status;
        if (!is_packet(b.type))
            status = take_other(r, &b);
        else if (!r->no_packets)
            return take_packet(r, &b, packet);
        if (status != WHY_OK)
            return status;
    }
}

/* ---- both ------------------------------------------------------------------------------------ */

int why_reader_open(struct reader *r, struct input *in)
{
    const uint8_t *first = why_input_peek(in, 4);
    uint32_t magic;

    r->in = in;
    if (first == NULL)
        return problem(r, why_input_at_end(in) ? "the file is empty" : "the file is too short");
    memcpy(&magic, first, sizeof(magic));
    r->pcapng = magic == PCAPNG_SECTION;
    if (r->pcapng)
        return learn_order(r);
    if (magic == PCAP_MICRO || magic == PCAP_NANO || magic == PCAP_MODIFIED ||
        magic == swap32(PCAP_MICRO) || magic == swap32(PCAP_NANO) || magic == swap32(PCAP_MODIFIED))
        return open_pcap(r, magic);
    return problem(r, "neither pcap nor pcapng");
}

int why_reader_next(struct reader *r, struct why_pcap_packet *packet)
{
    int status = r->pcapng ? next_packet(r, packet) : next_record(r, packet);

    r->packets += status == WHY_OK;
    packet->number = r->packets;
    return status;
}

int why_reader_link(const struct reader *r)
{
    return !r->pcapng && r->interface_count == 1 ? r->interfaces->link : -1;
}

void why_reader_clear(struct reader *r)
{
    free(r->interfaces);
    r->interfaces = NULL;
}
