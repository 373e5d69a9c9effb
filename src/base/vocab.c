/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/vocab.h>

#include <string.h>

#include <rdpwhy/status.h>

static const struct why_word phases[] = {
#define WHY_PHASE(id, name, meaning, doing, thing) [WHY_PHASE_##id] = {name, meaning},
#include <rdpwhy/vocab.def>
};

static const struct why_word profiles[] = {
#define WHY_PROFILE(id, name, is_default, meaning, ...) [WHY_PROFILE_##id] = {name, meaning},
#include <rdpwhy/vocab.def>
};

static const struct why_word license_modes[] = {
#define WHY_LICENSE_MODE(id, name, meaning, ...) [WHY_LICENSE_MODE_##id] = {name, meaning},
#include <rdpwhy/vocab.def>
};

static const struct why_word outcomes[] = {
#define WHY_OUTCOME(id, name, meaning) [WHY_OUTCOME_##id] = {name, meaning},
#include <rdpwhy/vocab.def>
};

static const struct why_word answers[] = {
#define WHY_ANSWER(id, name, meaning) [WHY_ANSWER_##id] = {name, meaning},
#include <rdpwhy/vocab.def>
};

static const struct why_word endings[] = {
#define WHY_ENDING(id, name, meaning) [WHY_END_##id] = {name, meaning},
#include <rdpwhy/vocab.def>
};

static const struct why_word closers[] = {
#define WHY_CLOSER(id, name, meaning) [WHY_CLOSED_BY_##id] = {name, meaning},
#include <rdpwhy/vocab.def>
};

static const struct why_word trusts[] = {
#define WHY_TRUST(id, name, meaning) [WHY_TRUST_##id] = {name, meaning},
#include <rdpwhy/vocab.def>
};

static const struct why_word host_states[] = {
#define WHY_HOST_STATE(id, name, alarm, urgent, sign, meaning) [WHY_HOST_##id] = {name, meaning},
#include <rdpwhy/vocab.def>
};

static const struct why_word code_spaces[] = {
#define WHY_CODE_SPACE(id, place, name, meaning, ...) [WHY_SPACE_##id] = {name, meaning},
#include <rdpwhy/vocab.def>
};

/* A place that is given twice leaves another out. */
_Static_assert(sizeof(code_spaces) / sizeof(code_spaces[0]) == WHY_SPACE_COUNT,
               "the places of the code spaces are not 0 to their number");

#define ROWS(table) (sizeof(table) / sizeof((table)[0]))

static const struct {
    const struct why_word *rows;
    size_t count;
} lists[] = {
    [WHY_VOCAB_PHASE] = {phases, ROWS(phases)},
    [WHY_VOCAB_PROFILE] = {profiles, ROWS(profiles)},
    [WHY_VOCAB_LICENSE_MODE] = {license_modes, ROWS(license_modes)},
    [WHY_VOCAB_OUTCOME] = {outcomes, ROWS(outcomes)},
    [WHY_VOCAB_ANSWER] = {answers, ROWS(answers)},
    [WHY_VOCAB_ENDING] = {endings, ROWS(endings)},
    [WHY_VOCAB_CLOSER] = {closers, ROWS(closers)},
    [WHY_VOCAB_TRUST] = {trusts, ROWS(trusts)},
    [WHY_VOCAB_HOST_STATE] = {host_states, ROWS(host_states)},
    [WHY_VOCAB_CODE_SPACE] = {code_spaces, ROWS(code_spaces)},
};

const struct why_word *why_vocab(enum why_vocabulary list, size_t *count)
{
    *count = lists[list].count;
    return lists[list].rows;
}

const char *why_word_name(enum why_vocabulary list, int value)
{
    if (value < 0 || (size_t)value >= lists[list].count)
        return "?";
    return lists[list].rows[value].name;
}

int why_word_find(enum why_vocabulary list, const char *name)
{
    for (size_t i = 0; i < lists[list].count; i++) {
        if (strcmp(lists[list].rows[i].name, name) == 0)
            return (int)i;
    }
    return WHY_ERR_NOTFOUND;
}

const struct why_host_state_info *why_host_state_info(enum why_host_state state)
{
    static const struct why_host_state_info infos[] = {
#define WHY_HOST_STATE(id, name, alarm, urgent, sign, meaning)                                     \
    [WHY_HOST_##id] = {WHY_ALARM_##alarm, urgent, sign},
#include <rdpwhy/vocab.def>
    };

    return &infos[state];
}

const char *why_phase_name(enum why_phase phase)
{
    return why_word_name(WHY_VOCAB_PHASE, phase);
}

const char *why_profile_name(enum why_profile profile)
{
    return why_word_name(WHY_VOCAB_PROFILE, (int)profile);
}

const char *why_license_mode_name(enum why_license_mode mode)
{
    return why_word_name(WHY_VOCAB_LICENSE_MODE, (int)mode);
}

const char *why_outcome_name(enum why_outcome outcome)
{
    return why_word_name(WHY_VOCAB_OUTCOME, (int)outcome);
}

const char *why_answer_name(enum why_answer answer)
{
    return why_word_name(WHY_VOCAB_ANSWER, (int)answer);
}

const char *why_ending_name(enum why_ending ending)
{
    return why_word_name(WHY_VOCAB_ENDING, (int)ending);
}

const char *why_closer_name(enum why_closer closer)
{
    return why_word_name(WHY_VOCAB_CLOSER, (int)closer);
}

const char *why_trust_name(enum why_trust trust)
{
    return why_word_name(WHY_VOCAB_TRUST, (int)trust);
}

const char *why_host_state_name(enum why_host_state state)
{
    return why_word_name(WHY_VOCAB_HOST_STATE, (int)state);
}

const char *why_code_space_name(enum why_code_space space)
{
    return why_word_name(WHY_VOCAB_CODE_SPACE, (int)space);
}

const char *why_package_name(enum why_package package)
{
    static const char *const names[] = {[WHY_PACKAGE_ANY] = NULL,
                                        [WHY_PACKAGE_NTLM] = "ntlm",
                                        [WHY_PACKAGE_KERBEROS] = "kerberos",
                                        [WHY_PACKAGE_KERBEROS_U2U] = "kerberos-u2u"};

    return names[package];
}
