/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CAPTURE_NOTES_H
#define RDPWHY_CAPTURE_NOTES_H

#include <stddef.h>

struct why_result;

/*
 * What the packets cannot tell of an attempt: what was asked for, why our own side ended it, and
 * what the library decrypted of Standard RDP Security. A trace file, as texts of at most |max|
 * bytes that are to be put together with a line end between them; `rdpwhy pcap` reads them.
 */
struct notes {
    char **texts;
    size_t count, capacity;
};

/* Returns WHY_OK or WHY_ERR_NOMEM. */
int why_notes_make(struct notes *notes, const struct why_result *result, size_t max);
void why_notes_clear(struct notes *notes);

#endif /* !defined(RDPWHY_CAPTURE_NOTES_H) */
