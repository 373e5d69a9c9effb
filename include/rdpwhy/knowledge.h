/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KNOWLEDGE_H
#define RDPWHY_KNOWLEDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/vocab.h>
#include <rdpwhy/verdict.h>

/* The tables: codes of every space and what mstsc shows. Text lives here, not in code. */

struct why_code_row {
    int64_t value;
    const char *name;    /* the constant's name in the source */
    const char *meaning; /* a few words of our own */
};

struct why_code_table {
    const char *space;  /* "error-info", "mstsc", … */
    const char *title;  /* "Set Error Info PDU" */
    const char *source; /* where the rows come from */
    bool hexadecimal;   /* how people write these codes */
    unsigned digits;    /* of hexadecimal, 0: as many as needed */
    const struct why_code_row *rows;
    size_t count;
};

/* All tables; |*count| is their number. */
const struct why_code_table *why_code_tables(size_t *count);

/* The table whose space has this name, or NULL. */
const struct why_code_table *why_code_table_find(const char *space);

/* The row of |value| in |table|, or NULL. */
const struct why_code_row *why_code_row_find(const struct why_code_table *table, int64_t value);

/* Name and meaning of a verdict's code; NULL where the tables do not know it. */
const struct why_code_row *why_code_lookup(enum why_code_space space, int64_t value);

/* "0x7", "40", …: the value as people write it in that space; "?" where it has none
 * (system_error.h). */
void why_code_format(enum why_code_space space, int64_t value, char *buf, size_t len);

/*
 * What mstsc shows for |verdict| (its outcome, phase, ending and code are set). Fills |*mstsc| and
 * returns true, or returns false where the tables have no row.
 */
bool why_mstsc_equivalent(const struct why_verdict *verdict, struct why_mstsc *mstsc);

/*
 * What is known of what mstsc shows for |verdict|, as reports write it: "documented" or "inferred"
 * where it has a code, "unknown" where it has none; NULL of an attempt that mstsc shows no error
 * for (completed), or that we stopped. Static.
 */
const char *why_mstsc_basis(const struct why_verdict *verdict);

/* One of the endings after which mstsc shows a given code. */
struct why_mstsc_source {
    const char *rule;
    enum why_phase first_phase, last_phase;
    bool documented;
    bool has_extended;
    uint32_t first_extended, last_extended;
};
/*
 * The |index|th ending after which mstsc shows |code| with the extended code |extended|
 * (WHY_EXTENDED_NONE or 0: without one; WHY_EXTENDED_ANY: with any or none). False past the last.
 */
#define WHY_EXTENDED_NONE UINT32_MAX
#define WHY_EXTENDED_ANY  (UINT32_MAX - 1)
bool why_mstsc_source(uint32_t code, uint32_t extended, size_t index,
                      struct why_mstsc_source *source);

/* RDP_NEG_REQ/RSP protocol bits as words ("SSL", "HYBRID", …); the |i|th bit word or NULL. */
struct why_flag {
    uint32_t bit;
    const char *name;
};
const struct why_flag *why_protocol_flags(size_t *count);
/* selectedProtocol as one word: "RDP", "SSL", "HYBRID", …; NULL when unknown. */
const char *why_protocol_name(uint32_t selected);
/* RDP_NEG_RSP flags ([MS-RDPBCGR] 2.2.1.2.1). */
const struct why_flag *why_negotiation_flags(size_t *count);
/* Encryption method and level of the server security data ([MS-RDPBCGR] 2.2.1.4.3). */
const char *why_encryption_method_name(uint32_t method);
const char *why_encryption_level_name(uint32_t level);
/* License state transitions ([MS-RDPBCGR] 2.2.1.12.1.3); NULL when unknown. */
const char *why_license_transition_name(uint32_t transition);
/* TLS cipher suites and versions are OpenSSL's and the wire's business, not here. */

#endif /* !defined(RDPWHY_KNOWLEDGE_H) */
