/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SAVED_BACK_H
#define RDPWHY_SAVED_BACK_H

#include <rdpwhy/result.h>
#include <rdpwhy/trace.h>

#include "base/json_scan.h"

#include "reader.h"

/* The facts of an attempt's record back to where facts.def got them: a row for each of its rows. */

/* An attempt in the making. */
struct saved_draft {
    struct saved_reader *reader;
    struct why_result *result;
    struct why_trace_head head;  /* |variation| is the reader's */
    char hop_host[WHY_TEXT_MAX]; /* the head's |host|, where a redirection led there */
    bool has_answer;
};

enum back_how {
    BACK_DERIVED, /* follows from others */
    BACK_PLAIN,   /* as |to| says */
    BACK_HEX,     /* "0x904", into uint32_t */
    BACK_SECONDS, /* RFC 3339, into an int64_t of seconds since 1970 */
    BACK_CHARS,   /* a text into an array of char */
    BACK_KEPT,    /* a text that the reader keeps, into a const char * */
    BACK_READ     /* whatever |read| does */
};

struct back_row {
    enum back_how how;
    struct why_json_member to; /* its name and slot are not used */
    size_t has;                /* of the bool in struct why_result that it is known; 0: none */
    /* Returns NULL, or what is wrong with the value. */
    const char *(*read)(struct saved_draft *draft, const struct why_json_value *value);
};

/* By the rows of facts.def. */
extern const struct back_row why_back_rows[];

/* Said of a value by rows that have no memory. */
extern const char why_back_nomem[];

#endif /* !defined(RDPWHY_SAVED_BACK_H) */
