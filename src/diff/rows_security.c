/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/result.h>

#include "rows.h"

/* How strongly a connection is protected. */

/* The index of |text| among |count| names, weakest first; -1: nobody knows. */
static int rank_in(const char *const *names, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(names[i], text) == 0)
            return (int)i;
    }
    return -1;
}
#define RANK_IN(names, text) rank_in(names, sizeof(names) / sizeof((names)[0]), text)

/* The ranks of what a server may select: CredSSP and its like protect the logon as well. */
int why_rank_protocol(const char *text)
{
    static const char *const plain[] = {"RDP", "SSL"};
    int rank = RANK_IN(plain, text);

    return rank >= 0 ? rank : 2;
}

static bool has_any(const char *text, const char *const *parts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (strstr(text, parts[i]))
            return true;
    }
    return false;
}
#define HAS_ANY(text, parts) has_any(text, parts, sizeof(parts) / sizeof((parts)[0]))

/* RFC 7525, 4.1 and 4.2: what must not be used, what should not, and what is recommended. Names are
 * OpenSSL's. */
int why_rank_trust(const char *text)
{
    int word = why_word_find(WHY_VOCAB_TRUST, text);

    return word < 0 ? -1 : word == WHY_TRUST_TRUSTED;
}

int why_rank_cipher(const char *text)
{
    static const char *const broken[] = {"NULL", "EXP",  "RC4", "RC2",  "DES",
                                         "MD5",  "IDEA", "ADH", "AECDH"};
    static const char *const aead[] = {"GCM", "CCM", "CHACHA20"};
    static const char *const ephemeral[] = {"DHE-", "TLS_"};

    if (HAS_ANY(text, broken))
        return 0;
    return HAS_ANY(text, aead) && HAS_ANY(text, ephemeral) ? 2 : 1;
}

int why_rank_method(const char *text)
{
    static const char *const methods[] = {"none", "40bit", "56bit", "128bit", "fips"};

    return RANK_IN(methods, text);
}

int why_rank_level(const char *text)
{
    static const char *const levels[] = {"none", "low", "client-compatible", "high", "fips"};

    return RANK_IN(levels, text);
}

static bool is_same(const struct pair *pair, enum fact fact)
{
    const char *before = pair->attempts[BEFORE]->facts[fact];
    const char *after = pair->attempts[AFTER]->facts[fact];

    return before && after && strcmp(before, after) == 0;
}

/* With another version comes another suite: told only where it is weaker or stronger in kind. */
void why_row_cipher(const struct row *row, const struct pair *pair)
{
    const char *before = pair->attempts[BEFORE]->facts[row->fact];
    const char *after = pair->attempts[AFTER]->facts[row->fact];

    if (!before || !after ||
        (!is_same(pair, FACT_tls_version) && row->rank(before) == row->rank(after)))
        return;
    why_row_fact(row, pair);
}

/* Standard RDP Security's own encryption; under TLS there is none, and that is no weakness. */
void why_row_encryption(const struct row *row, const struct pair *pair)
{
    if (is_same(pair, FACT_selected) || (!pair->attempts[BEFORE]->facts[FACT_selected] &&
                                         !pair->attempts[AFTER]->facts[FACT_selected]))
        why_row_fact(row, pair);
}

void why_row_selected(const struct row *row, const struct pair *pair)
{
    if (why_profile_info(pair->attempts[BEFORE]->profile)->as_mstsc)
        why_row_fact(row, pair);
}

void why_row_credssp(const struct row *row, const struct pair *pair)
{
    int64_t before = pair->attempts[BEFORE]->credssp, after = pair->attempts[AFTER]->credssp;
    struct why_change change;
    char texts[2][32];

    if (before == RUN_NO_NUMBER || after == RUN_NO_NUMBER || before == after)
        return;
    change = why_row_change(row, after < before ? WHY_CHANGE_WORSE : WHY_CHANGE_BETTER);
    snprintf(texts[BEFORE], sizeof(texts[BEFORE]), "%" PRId64, before);
    snprintf(texts[AFTER], sizeof(texts[AFTER]), "%" PRId64, after);
    why_row_put(row, pair, &change, texts[BEFORE], texts[AFTER]);
}

enum demand { UNKNOWN, NO, YES };

/* A client that cannot do it was let in: no. One was turned away for it: yes. */
static enum demand nla_required(const struct why_run *run, const struct run_host *host)
{
    enum demand demand = UNKNOWN;

    for (size_t i = 0; i < host->count; i++) {
        const struct run_attempt *a = &run->attempts[host->first + i];
        const char *selected = a->facts[FACT_selected];

        if (why_nla_is_required(a->ending, a->code)) {
            demand = YES;
        } else if (selected && why_rank_protocol(selected) < 2 && why_attempt_is_accepted(a)) {
            return NO;
        }
    }
    return demand;
}

void why_row_nla_required(const struct row *row, const struct pair *pair)
{
    static const char *const words[] = {[NO] = "not required", [YES] = "required"};
    enum demand before = nla_required(pair->runs[BEFORE], pair->hosts[BEFORE]);
    enum demand after = nla_required(pair->runs[AFTER], pair->hosts[AFTER]);
    struct why_change change;

    if (before == UNKNOWN || after == UNKNOWN || before == after)
        return;
    change = why_row_change(row, after == NO ? WHY_CHANGE_WORSE : WHY_CHANGE_BETTER);
    why_row_put(row, pair, &change, words[before], words[after]);
}
