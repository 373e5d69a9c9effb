/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KIND_H
#define RDPWHY_KIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Which software a server is, as far as what it shows tells. */

enum why_kind {
    WHY_KIND_UNKNOWN,
#define WHY_KIND(id, name, family, words) WHY_KIND_##id,
#include <rdpwhy/kinds.def>
    WHY_KIND_COUNT
};

#define WHY_KIND_EVIDENCE_MAX 6

struct why_server_kind {
    enum why_kind kind;
    bool certain; /* something was seen that only servers of this family do, and its name is the
                     family's or was seen, too; else it is the likeliest */
    const char *evidence[WHY_KIND_EVIDENCE_MAX]; /* what was seen, strongest first; static */
    size_t evidence_count;
};

/* "xrdp"; "unknown" for UNKNOWN. */
const char *why_kind_name(enum why_kind kind);
/* The kind of that name, or UNKNOWN. */
enum why_kind why_kind_find(const char *name);
/* As people read it: "GNOME Remote Desktop". */
const char *why_kind_words(enum why_kind kind);
/* The kind that stands for all that share its code; itself for most. */
enum why_kind why_kind_family(enum why_kind kind);
/* "certain" or "likely" */
const char *why_kind_basis(const struct why_server_kind *kind);

/* The sets of kinds of kinds.def: WHY_FOR_XRDP and so on, a bit a kind. */
enum why_kinds {
#define K(id)                             (1 << WHY_KIND_##id)
#define WHY_KINDS(id, name, kinds, words) WHY_FOR_##id = (kinds) & ((1 << WHY_KIND_COUNT) - 1),
#include <rdpwhy/kinds.def>
#undef K
};

#endif /* !defined(RDPWHY_KIND_H) */
