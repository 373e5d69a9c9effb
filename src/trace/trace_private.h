/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TRACE_PRIVATE_H
#define RDPWHY_TRACE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

#include <rdpwhy/trace.h>

/* What the stage's own files share. */

#define WHY_SCHEMA "rdpwhy/1" /* of every line of a trace file */

/* Longest text of one event that is kept, without its NUL. */
#define WHY_TRACE_TEXT_MAX 65535u

struct why_event_kind_info {
    const char *name;
    bool has_dir;              /* the direction means something */
    bool has_value;            /* the value means something, also when it is 0 */
    enum why_code_space space; /* of a value that is a system's error number; else COUNT */
};

/* The flags of events (WHY_EVENT_) and their members in a record, which are there where true. */
#define WHY_EVENT_FLAGS(ROW)                                                                       \
    ROW(DECRYPTED, "decrypted"), ROW(WRITING, "writing"), ROW(BY_RESET, "by_reset"),               \
        ROW(IN_DOUBT, "in_doubt"), ROW(CUT_OFF, "cut_off")

/* The row of |kind|, which must be inside the list. */
const struct why_event_kind_info *why_event_kind_info(enum why_event_kind kind);

/* Restores the count of lost events of a trace that is read from a file. */
void why_trace_set_lost(struct why_trace *trace, size_t lost);

#endif /* !defined(RDPWHY_TRACE_PRIVATE_H) */
