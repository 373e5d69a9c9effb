/* SPDX-License-Identifier: Apache-2.0 */
#include "segments.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>

#include "wire/numbers.h"

#define HOPS       64
#define WINDOW     65535
#define TCP_HEADER 20u

static void store16(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static void store32(uint8_t *at, uint32_t value)
{
    store16(at, value >> 16);
    store16(at + 2, value & 0xffff);
}

/* "192.0.2.7:3389", "[2001:db8::7]:3389", "[fe80::1%eth0]:3389" */
static bool parse_endpoint(const char *text, uint8_t address[16], uint16_t *port, bool *v6)
{
    const char *colon = text != NULL ? strrchr(text, ':') : NULL;
    char host[64];
    size_t len;

    if (colon == NULL)
        return false;
    *v6 = text[0] == '[';
    len = strcspn(text + *v6, *v6 ? "]%" : ":");
    if (len >= sizeof(host))
        return false;
    memcpy(host, text + *v6, len);
    host[len] = '\0';
    *port = (uint16_t)strtoul(colon + 1, NULL, 10);
    return inet_pton(*v6 ? AF_INET6 : AF_INET, host, address) == 1;
}

/* The connect() to |peer| that succeeded is the last one begun before. */
static uint64_t dial_time(const struct why_trace *trace, size_t connected)
{
    const struct why_event *up = why_trace_at(trace, connected);

    for (size_t i = connected; i > 0; i--) {
        const struct why_event *event = why_trace_at(trace, i - 1);

        if (event->kind == WHY_EV_DIAL && event->text != NULL && up->text != NULL &&
            strcmp(event->text, up->text) == 0)
            return event->t_us;
    }
    return up->t_us;
}

bool why_segments_init(struct segments *s, const struct why_trace *trace, unsigned number)
{
    unsigned connections = 0;

    memset(s, 0, sizeof(*s));
    for (size_t i = 0; i < why_trace_count(trace); i++) {
        const struct why_event *event = why_trace_at(trace, i);
        bool v6 = false;

        if (event->kind == WHY_EV_CONNECTED && connections++ == number) {
            s->known = parse_endpoint(event->text, s->address[WHY_DIR_RECEIVED],
                                      &s->port[WHY_DIR_RECEIVED], &s->v6);
            s->dial_us = dial_time(trace, i);
        } else if (event->kind == WHY_EV_LOCAL && event->value == number) {
            /* Where it is missing the connection was gone at once: all zeros say "not known". */
            (void)parse_endpoint(event->text, s->address[WHY_DIR_SENT], &s->port[WHY_DIR_SENT],
                                 &v6);
        }
    }
    return connections > number;
}

void why_connections_init(struct connections *c, const struct why_trace *trace)
{
    memset(c, 0, sizeof(*c));
    while (c->count < CONNECTIONS_MAX &&
           why_segments_init(&c->items[c->count], trace, (unsigned)c->count))
        c->count++;
}

/* RFC 1071, over several pieces of which all but the last are even. */
static uint32_t sum(uint32_t start, const uint8_t *data, size_t len)
{
    for (size_t i = 0; i + 1 < len; i += 2)
        start += (uint32_t)data[i] << 8 | data[i + 1];
    if (len % 2 != 0)
        start += (uint32_t)data[len - 1] << 8;
    return start;
}

static uint16_t fold(uint32_t total)
{
    while (total >> 16 != 0)
        total = (total & 0xffff) + (total >> 16);
    return (uint16_t)~total;
}

static size_t put_ip(const struct segments *s, enum why_dir dir, uint8_t *at, size_t payload)
{
    const uint8_t *from = s->address[dir], *to = s->address[!dir];

    if (s->v6) {
        memset(at, 0, 40);
        at[0] = 0x60;
        store16(at + 4, (unsigned)payload);
        at[6] = PROTOCOL_TCP;
        at[7] = HOPS;
        memcpy(at + 8, from, 16);
        memcpy(at + 24, to, 16);
        return 40;
    }
    memset(at, 0, 20);
    at[0] = 0x45;
    store16(at + 2, (unsigned)payload + 20);
    at[6] = 0x40; /* don't fragment */
    at[8] = HOPS;
    at[9] = PROTOCOL_TCP;
    memcpy(at + 12, from, 4);
    memcpy(at + 16, to, 4);
    store16(at + 10, fold(sum(0, at, 20)));
    return 20;
}

/* The pseudo-header of RFC 9293 3.1 and RFC 8200 8.1, then header and payload. */
static uint16_t tcp_checksum(const struct segments *s, enum why_dir dir, const uint8_t *tcp,
                             size_t len)
{
    size_t address = s->v6 ? 16 : 4;
    uint32_t total = sum(0, s->address[dir], address);

    total = sum(total, s->address[!dir], address);
    total += PROTOCOL_TCP + (uint32_t)len;
    return fold(sum(total, tcp, len));
}

/*
 * Makes a segment with |payload| bytes, of which |kept| are at |data|, and moves the sender's
 * sequence number over it.
 */
static void make(struct segments *s, struct segment *out, unsigned flags, const uint8_t *data,
                 size_t kept, size_t payload)
{
    enum why_dir dir = out->dir;
    size_t ip = put_ip(s, dir, out->data, TCP_HEADER + payload);
    uint8_t *tcp = out->data + ip;

    memset(tcp, 0, TCP_HEADER);
    store16(tcp, s->port[dir]);
    store16(tcp + 2, s->port[!dir]);
    store32(tcp + 4, s->seq[dir]);
    store32(tcp + 8, (flags & TCP_ACK) != 0 ? s->seq[!dir] : 0);
    tcp[12] = (uint8_t)(TCP_HEADER / 4 << 4);
    tcp[13] = (uint8_t)flags;
    store16(tcp + 14, WINDOW);
    if (kept > 0)
        memcpy(tcp + TCP_HEADER, data, kept);
    if (kept == payload)
        store16(tcp + 16, tcp_checksum(s, dir, tcp, TCP_HEADER + payload));
    out->len = ip + TCP_HEADER + kept;
    out->wire_len = ip + TCP_HEADER + payload;
    s->seq[dir] += (uint32_t)payload + ((flags & (TCP_SYN | TCP_FIN)) != 0 ? 1 : 0);
}

static bool emit(struct segments *s, uint64_t t_us, enum why_dir dir, unsigned flags,
                 segment_fn *each, void *arg)
{
    struct segment segment = {.t_us = t_us, .dir = dir};

    make(s, &segment, flags, NULL, 0, 0);
    return each(arg, &segment);
}

static bool handshake(struct segments *s, uint64_t t_us, segment_fn *each, void *arg)
{
    s->up = true;
    return emit(s, s->dial_us, WHY_DIR_SENT, TCP_SYN, each, arg) &&
           emit(s, t_us, WHY_DIR_RECEIVED, TCP_SYN | TCP_ACK, each, arg) &&
           emit(s, t_us, WHY_DIR_SENT, TCP_ACK, each, arg);
}

static bool bytes(struct segments *s, const struct why_event *event, segment_fn *each, void *arg)
{
    struct segment segment = {.t_us = event->t_us, .dir = event->dir};

    for (size_t done = 0; done < event->wire_len;) {
        size_t part = event->wire_len - done, kept = event->len > done ? event->len - done : 0;

        if (part > SEGMENT_PAYLOAD)
            part = SEGMENT_PAYLOAD;
        if (kept > part)
            kept = part;
        make(s, &segment, TCP_ACK | (done + part == event->wire_len ? TCP_PSH : 0),
             kept > 0 ? event->bytes + done : NULL, kept, part);
        if (!each(arg, &segment))
            return false;
        done += part;
    }
    return true;
}

/* Which connection the event is of. */
static size_t number_of(struct connections *c, const struct why_event *event)
{
    switch (event->kind) {
    case WHY_EV_CONNECTED:
        c->last = c->begun++;
        break;
    case WHY_EV_RAW:
    case WHY_EV_FIN:
        c->last = (size_t)event->value;
        break;
    case WHY_EV_RAW_CLOSE:
        return (size_t)event->value >> 1;
    default: /* a reset comes behind what passed last */
        break;
    }
    return c->last;
}

static bool of_event(struct segments *s, const struct why_event *event, segment_fn *each, void *arg)
{
    if (!s->known || (!s->up && event->kind != WHY_EV_CONNECTED))
        return true;
    switch (event->kind) {
    case WHY_EV_CONNECTED:
        return s->up || handshake(s, event->t_us, each, arg);
    case WHY_EV_RAW:
        return bytes(s, event, each, arg);
    case WHY_EV_FIN:
        /* With a text it is TLS that was closed, and no FIN was seen. */
        return event->text != NULL ||
               emit(s, event->t_us, WHY_DIR_RECEIVED, TCP_FIN | TCP_ACK, each, arg);
    case WHY_EV_RESET:
        return emit(s, event->t_us, WHY_DIR_RECEIVED, TCP_RST | TCP_ACK, each, arg);
    case WHY_EV_RAW_CLOSE:
        return emit(s, event->t_us, WHY_DIR_SENT,
                    ((event->value & 1) != 0 ? TCP_RST : TCP_FIN) | TCP_ACK, each, arg);
    default:
        return true;
    }
}

bool why_segments_of_event(struct connections *c, const struct why_event *event, segment_fn *each,
                           void *arg)
{
    size_t number = number_of(c, event);

    return number >= c->count || of_event(&c->items[number], event, each, arg);
}
