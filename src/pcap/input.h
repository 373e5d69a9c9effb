/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_INPUT_H
#define RDPWHY_PCAP_INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/*
 * The bytes of a capture file, unpacked where it is compressed. What is kept in memory is bounded,
 * whatever a file says.
 */
struct input;

#define WHY_INPUT_TAKE_MAX (16u * 1024u * 1024u) /* bytes that can be had at once */

/* |file| stays the caller's. NULL: out of memory. */
struct input *why_input_open(FILE *file);
void why_input_close(struct input *in);

/* The name of the compression that this was built without, and the command that undoes it; NULL:
 * the content can be read. */
const char *why_input_unreadable(const struct input *in, const char **command);
/* Whether the file is compressed. */
bool why_input_is_packed(const struct input *in);

/* The next |n| bytes; valid until the next call. NULL: there are fewer, which are left. */
const uint8_t *why_input_take(struct input *in, size_t n);
/* The same bytes stay to be read. */
const uint8_t *why_input_peek(struct input *in, size_t n);
/* Moves over |n| bytes. False: there are fewer. */
bool why_input_skip(struct input *in, uint64_t n);
/* How many bytes come before what is read next. */
uint64_t why_input_position(const struct input *in);
/* Whether nothing is left. */
bool why_input_at_end(struct input *in);

/* Back to the beginning; false where that cannot be (a pipe). */
bool why_input_can_rewind(const struct input *in);
bool why_input_rewind(struct input *in);

/* Why no more can be read, other than that the file ends; NULL: nothing. */
const char *why_input_problem(const struct input *in);
bool why_input_nomem(const struct input *in);

#endif /* !defined(RDPWHY_PCAP_INPUT_H) */
