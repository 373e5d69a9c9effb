/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ETL_WORDS_H
#define RDPWHY_ETL_WORDS_H

#include "types.h"
#include "records.h"

enum etl_words {
    ETL_NO_WORDS,        /* an event that says nothing of RDP connections */
    ETL_WORDS,           /* |*out| has what it says */
    ETL_WORDS_UNREADABLE /* an event that would, in a layout that is not known here */
};

/* What |event| says, without its time. Pure. */
enum etl_words why_etl_words_take(const struct etl_event *event, struct why_etl_event *out);

#endif /* !defined(RDPWHY_ETL_WORDS_H) */
