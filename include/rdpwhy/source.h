/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SOURCE_H
#define RDPWHY_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <rdpwhy/plan.h>

/*
 * Targets one by one, from the command line and from files: ranges are unfolded and files are read
 * as they are needed, and of the targets that were given out only a hash is kept. Ten million take
 * 130 MB, and 200 MB while the set grows.
 */
struct why_source;

struct why_source_input {
    FILE *in;         /* stays the caller's */
    const char *name; /* for messages */
    bool waits; /* a pipe or a terminal, of which nothing has been read: it is never waited for */
};

struct why_source_options {
    char *const *operands; /* as why_targets_add takes them */
    size_t operand_count;
    const struct why_source_input *inputs; /* as why_targets_read takes them */
    size_t input_count;
    bool strict; /* a bad line is an error, else it is told and passed over */
    int family;  /* AF_INET or AF_INET6: addresses of the other are bad targets; AF_UNSPEC */
    void (*bad_line)(void *arg, const char *message);
    void *arg;
};

/* Everything in |options| lives as long as the source. NULL: out of memory. */
struct why_source *why_source_new(const struct why_source_options *options);
/* Takes NULL. */
void why_source_free(struct why_source *source);

/* Targets with this label are passed over from now on. WHY_OK or WHY_ERR_NOMEM. */
int why_source_skip(struct why_source *source, const char *label);

/*
 * The next target that was not given before. Two targets whose labels have the same 64-bit hash are
 * taken for one: with ten million targets once in 400,000 runs. Returns WHY_OK with
 * |target|'s strings for the caller to free; WHY_ERR_NOTFOUND at the end; WHY_ERR_AGAIN where an
 * input that |waits| has nothing yet; WHY_ERR_USAGE or WHY_ERR_IO with a message that names file
 * and line in |err|; or WHY_ERR_NOMEM.
 */
int why_source_next(struct why_source *source, struct why_target *target, char *err, size_t errlen);

/* The input that is read next, for poll(); -1: none. */
int why_source_fd(const struct why_source *source);

/*
 * Goes through all of it and back to the start, without telling of bad lines; its files must be
 * seekable. |*count| is how many targets there are to come. Returns as why_source_next does, or
 * WHY_OK at the end.
 */
int why_source_count(struct why_source *source, size_t *count, char *err, size_t errlen);

/* So far: targets given more than once, lines passed over, targets skipped. */
size_t why_source_duplicates(const struct why_source *source);
size_t why_source_bad_lines(const struct why_source *source);
size_t why_source_skipped(const struct why_source *source);

#endif /* !defined(RDPWHY_SOURCE_H) */
