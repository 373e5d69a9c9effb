/* SPDX-License-Identifier: Apache-2.0 */
#include "records.h"

#include <string.h>

#include "wire/cursor.h"

#include "buffers.h"

enum record_type {
    RECORD_SYSTEM_32 = 0x01,
    RECORD_SYSTEM_64 = 0x02,
    RECORD_COMPACT_32 = 0x03,
    RECORD_COMPACT_64 = 0x04,
    RECORD_FULL_32 = 0x0a,
    RECORD_INSTANCE_32 = 0x0b,
    RECORD_ERROR = 0x0d,
    RECORD_PERFINFO_32 = 0x10,
    RECORD_PERFINFO_64 = 0x11,
    RECORD_EVENT_32 = 0x12,
    RECORD_EVENT_64 = 0x13,
    RECORD_FULL_64 = 0x14,
    RECORD_INSTANCE_64 = 0x15
};

#define EVENT_HEADER        0x50u
#define EVENT_FLAG_EXTENDED 0x0001u
#define EXTENDED_ITEMS_MAX  64
#define SYSTEM_HEADER       0x20u
#define FILETIME_OF_1970    INT64_C(116444736000000000)
#define UINT32_MAX_SECONDS  INT64_C(4294967295)

static size_t round_up(size_t n)
{
    return (n + 7) & ~(size_t)7;
}

/*
 * Size and type of the record at |c|. The first four bytes say which of two layouts it has; a type
 * of 0 stands for a message of the older kind, of which only the size is of use.
 */
static bool measure(struct why_cursor c, size_t *size, unsigned *type)
{
    uint32_t first = why_cur_u32le(&c);
    size_t least;

    *type = first >> 16 & 0xff;
    *size = first & 0xffff;
    if (first >> 28 == 0x9) {
        *type = 0;
        return *size >= 8;
    }
    if (first >> 24 != 0xc0)
        return false;
    switch (*type) {
    case RECORD_SYSTEM_32:
    case RECORD_SYSTEM_64:
    case RECORD_COMPACT_32:
    case RECORD_COMPACT_64:
    case RECORD_PERFINFO_32:
    case RECORD_PERFINFO_64:
        *size = why_cur_u16le(&c);
        least = 0x10;
        break;
    case RECORD_FULL_32:
    case RECORD_INSTANCE_32:
    case RECORD_ERROR:
    case RECORD_FULL_64:
    case RECORD_INSTANCE_64:
        least = 0x10;
        break;
    case RECORD_EVENT_32:
    case RECORD_EVENT_64:
        least = EVENT_HEADER;
        break;
    default:
        return false;
    }
    return !c.failed && *size >= least;
}

/* Moves over the extended items between an event's header and its data. */
static bool skip_extended(struct why_cursor *c)
{
    for (int i = 0; i < EXTENDED_ITEMS_MAX; i++) {
        uint16_t more, size;

        why_cur_skip(c, 4);
        more = why_cur_u16le(c);
        size = why_cur_u16le(c);
        why_cur_skip(c, round_up(8u + size) - 8u);
        if (c->failed)
            return false;
        if ((more & 1) == 0)
            return true;
    }
    return false;
}

static bool event(struct why_cursor c, struct etl_event *out)
{
    uint16_t flags;

    why_cur_skip(&c, 4);
    flags = why_cur_u16le(&c);
    why_cur_skip(&c, 0x0c - 6);
    out->process = why_cur_u32le(&c);
    out->time = (int64_t)why_cur_u64le(&c);
    out->provider = c.base + c.pos;
    why_cur_skip(&c, 16);
    out->id = why_cur_u16le(&c);
    out->version = why_cur_u8(&c);
    why_cur_skip(&c, 1);
    out->level = why_cur_u8(&c);
    why_cur_skip(&c, 3);
    out->keyword = why_cur_u64le(&c);
    why_cur_skip(&c, EVENT_HEADER - 0x38);
    if (c.failed || ((flags & EVENT_FLAG_EXTENDED) != 0 && !skip_extended(&c)))
        return false;
    out->data = c.base + c.pos;
    out->len = why_cur_left(&c);
    return true;
}

enum etl_record why_etl_record_next(const uint8_t *buffer, size_t len, size_t *at,
                                    struct etl_event *out)
{
    while (*at <= len && len - *at >= 8) {
        struct why_cursor c = why_cur_init(buffer + *at, len - *at);
        struct why_cursor marker = c;
        uint32_t first = why_cur_u32le(&marker);
        unsigned type;
        size_t size;

        if (first == 0 || first == UINT32_MAX)
            return ETL_END;
        if (!measure(c, &size, &type) || size > len - *at)
            return ETL_BROKEN;
        *at += round_up(size);
        if (type != RECORD_EVENT_32 && type != RECORD_EVENT_64)
            continue;
        return event(why_cur_sub(&c, size), out) ? ETL_EVENT : ETL_BROKEN;
    }
    return ETL_END;
}

bool why_etl_header_parse(const uint8_t *buffer, size_t len, struct etl_header *out)
{
    struct why_cursor c = why_cur_init(buffer, len);
    uint32_t first, pointer;
    bool is_64;

    memset(out, 0, sizeof(*out));
    why_cur_skip(&c, BUFFER_HEADER);
    first = why_cur_u32le(&c);
    is_64 = (first >> 16 & 0xff) == RECORD_SYSTEM_64;
    why_cur_skip(&c, 2);
    if ((first >> 16 != 0xc001 && first >> 16 != 0xc002) || why_cur_u16le(&c) != 0)
        return false;
    why_cur_skip(&c, 8);
    out->first = (int64_t)why_cur_u64le(&c);
    why_cur_skip(&c, SYSTEM_HEADER - 0x18);
    why_cur_skip(&c, 8);
    out->build = why_cur_u32le(&c);
    why_cur_skip(&c, 4);
    out->never_stopped = why_cur_u64le(&c) == 0;
    why_cur_skip(&c, 0x2c - 0x18);
    pointer = why_cur_u32le(&c);
    out->events_lost = why_cur_u32le(&c);
    out->mhz = why_cur_u32le(&c);
    if (pointer == 4 || pointer == 8)
        is_64 = pointer == 8;
    /* Two pointers, the time zone, and what brings the next number to a multiple of 8. */
    why_cur_skip(&c, (is_64 ? 16 : 8) + 0xac + 4);
    why_cur_skip(&c, 8); /* the time of the boot */
    out->frequency = (int64_t)why_cur_u64le(&c);
    out->start = (int64_t)why_cur_u64le(&c);
    out->clock = why_cur_u32le(&c);
    out->buffers_lost = why_cur_u32le(&c);
    if (out->clock == 0)
        out->clock = 1;
    return !c.failed;
}

/* |ticks| of |rate| a second in units of 100 ns, without overflow on the way. */
static int64_t scale(int64_t ticks, int64_t rate)
{
    int64_t whole = ticks / rate, rest = ticks % rate;

    if (whole > UINT32_MAX_SECONDS || whole < -UINT32_MAX_SECONDS)
        return INT64_MIN;
    return whole * 10000000 + (int64_t)((double)rest * 1e7 / (double)rate);
}

uint64_t why_etl_time(const struct etl_header *header, int64_t time)
{
    int64_t rate = header->clock == 3 ? (int64_t)header->mhz * 1000000 : header->frequency;
    int64_t since, filetime = time;

    if (header->clock != 2) {
        if (rate <= 0 || (time < 0) != (header->first < 0))
            return 0;
        since = scale(time - header->first, rate);
        if (since == INT64_MIN || header->start < FILETIME_OF_1970 ||
            header->start > FILETIME_OF_1970 + UINT32_MAX_SECONDS * 10000000)
            return 0;
        filetime = header->start + since;
    }
    if (filetime < FILETIME_OF_1970 || filetime > FILETIME_OF_1970 + UINT32_MAX_SECONDS * 10000000)
        return 0;
    return (uint64_t)(filetime - FILETIME_OF_1970) / 10;
}
