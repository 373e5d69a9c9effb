/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/kind.h>

#include <string.h>

#include <rdpwhy/knowledge.h>

static const struct {
    const char *name, *words;
    enum why_kind family;
} rows[] = {
    [WHY_KIND_UNKNOWN] = {"unknown", "unknown", WHY_KIND_UNKNOWN},
#define WHY_KIND(id, name, family, words) [WHY_KIND_##id] = {name, words, WHY_KIND_##family},
#include <rdpwhy/kinds.def>
};

static const struct {
    unsigned kinds;
    const char *words;
} sets[] = {
#define WHY_KINDS(id, name, kinds, words) {WHY_FOR_##id, words},
#include <rdpwhy/kinds.def>
};

const char *why_kind_name(enum why_kind kind)
{
    return rows[kind].name;
}

enum why_kind why_kind_find(const char *name)
{
    for (int i = 0; i < WHY_KIND_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return (enum why_kind)i;
    }
    return WHY_KIND_UNKNOWN;
}

const char *why_kind_words(enum why_kind kind)
{
    return rows[kind].words;
}

enum why_kind why_kind_family(enum why_kind kind)
{
    return rows[kind].family;
}

const char *why_kind_basis(const struct why_server_kind *kind)
{
    return kind->certain ? "certain" : "likely";
}

const char *why_kinds_next(unsigned *kinds)
{
    const unsigned all = *kinds;

    for (size_t i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
        /* one that is all of them says it best */
        if ((unsigned)sets[i].kinds == all) {
            *kinds = 0;
            return sets[i].words;
        }
    }
    for (size_t i = 0; all != 0 && i < sizeof(sets) / sizeof(sets[0]); i++) {
        if (((unsigned)sets[i].kinds & ~all) == 0) {
            *kinds &= ~(unsigned)sets[i].kinds;
            return sets[i].words;
        }
    }
    return NULL;
}

bool why_text_fits(const struct why_rule_text *text, uint64_t conditions, enum why_kind kind)
{
    uint64_t when = why_text_conditions(text);
    unsigned kinds = why_text_kinds(text);

    return (when & conditions) == when && (kinds == 0 || (kinds & 1u << kind) != 0);
}

_Static_assert(WHY_CONDITION_COUNT <= 52 && WHY_KIND_COUNT <= 12, "when holds both");

uint64_t why_text_conditions(const struct why_rule_text *text)
{
    return text->when & (WHY_FOR(1) - 1);
}

unsigned why_text_kinds(const struct why_rule_text *text)
{
    return (unsigned)(text->when / WHY_FOR(1));
}
