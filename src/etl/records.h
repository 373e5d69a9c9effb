/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ETL_RECORDS_H
#define RDPWHY_ETL_RECORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The records of a buffer. Pure. */

/* TRACE_LOGFILE_HEADER, the first record of a file. */
struct etl_header {
    uint32_t build;
    bool never_stopped;
    uint32_t events_lost, buffers_lost;
    unsigned clock;           /* 1 performance counter, 2 system time, 3 processor cycles */
    int64_t first;            /* the record's own time on that clock */
    int64_t frequency, start; /* ticks a second; FILETIME of |first| */
    uint32_t mhz;
};

/* EVENT_HEADER with its data. */
struct etl_event {
    const uint8_t *provider; /* 16 bytes, as they lie there */
    uint16_t id;
    uint8_t version;
    uint8_t level; /* 1 critical, 2 error, 3 warning, 4 and more: information */
    uint64_t keyword;
    uint32_t process; /* that wrote it */
    int64_t time;     /* on the file's clock */
    const uint8_t *data;
    size_t len;
};

/* Whether |buffer|, the first of a file, begins with the record that describes the file. */
bool why_etl_header_parse(const uint8_t *buffer, size_t len, struct etl_header *header);

/* |time| as microseconds since 1970-01-01 UTC; 0 where that is before it or after 2106. */
uint64_t why_etl_time(const struct etl_header *header, int64_t time);

enum etl_record { ETL_EVENT, ETL_END, ETL_BROKEN };

/* The next event at or behind |*at| of a buffer, over records of other kinds, to |*out|. */
enum etl_record why_etl_record_next(const uint8_t *buffer, size_t len, size_t *at,
                                    struct etl_event *out);

#endif /* !defined(RDPWHY_ETL_RECORDS_H) */
