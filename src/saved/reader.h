/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SAVED_READER_H
#define RDPWHY_SAVED_READER_H

#include <rdpwhy/diagnosis.h>

#include "base/json_read.h"
#include "base/map.h"

struct why_run_info;
struct why_run_part;

/* One pass over a saved run, and what its records share. */

struct saved_reader {
    struct why_json_reader json;
    struct why_json_member *attempt_members; /* of an attempt's record, by facts.def; owned */
    struct why_map texts; /* those that results have as static ones; as long as the reader */
    const char
        *file_target; /* where the .rdp file of the attempt read last leads; NULL: it is of none */
};

/* Rows of members: taken as they are, and to a member of a struct. */
#define SAVED_AT(name_, slot_)                                                                     \
    {                                                                                              \
        .name = (name_), .slot = (slot_)                                                           \
    }
#define SAVED_INTO(name_, slot_, kind_, struct_, member_, ...)                                     \
    {                                                                                              \
        .name = (name_), .slot = (slot_), .kind = WHY_JSON_GET_##kind_,                            \
        WHY_JSON_INTO(struct_, member_), __VA_ARGS__                                               \
    }
#define SAVED_END                                                                                  \
    {                                                                                              \
        .name = NULL                                                                               \
    }

/* A text that lives as long as the reader; NULL when out of memory. */
const char *why_saved_text(struct saved_reader *r, const struct why_json_value *value);
/* What TEXT |value| says, cut at |size| bytes with its NUL. WHY_OK or WHY_ERR_NOMEM. */
int why_saved_chars(const struct why_json_value *value, char *buf, size_t size);

/* The tree of members that attempts have; NULL when out of memory. */
struct why_json_member *why_saved_attempt_members(void);
void why_saved_members_free(struct why_json_member *members);

/*
 * The attempt of the line read last. Returns WHY_OK with |*result| the caller's, whose target is
 * still to be set; WHY_ERR_NOMEM; WHY_ERR_MALFORMED with a message.
 */
int why_saved_attempt(struct saved_reader *r, struct why_result **result);

/* The host of the line read last, but for its target and results. |host| is the caller's to clear
 * (why_saved_host_clear) in any case. Returns as above. */
int why_saved_host(struct saved_reader *r, struct why_host *host);
void why_saved_host_clear(struct why_host *host);

/* What several places together tell of a host, from the line read last. The target's texts and the
 * finding's are the caller's to free, in any case. Returns as above. */
int why_saved_across(struct saved_reader *r, struct why_target *target,
                     struct why_finding *finding);

/* What the run's first line tells; the lists of words go to the caller's two arrays, and texts live
 * as long as the reader. Returns as above. */
struct saved_run_lists {
    enum why_profile profiles[WHY_PROFILE_COUNT];
    enum why_license_mode modes[WHY_LICENSE_MODE_COUNT];
    struct why_run_part *parts; /* owned: why_saved_run_clear */
};
int why_saved_run(struct saved_reader *r, struct why_run_info *run, struct saved_run_lists *lists);
void why_saved_run_clear(struct saved_run_lists *lists);

#endif /* !defined(RDPWHY_SAVED_READER_H) */
