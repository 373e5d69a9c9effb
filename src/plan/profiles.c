/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>

#include <rdpwhy/pdu.h>

/* Short, as the rows have them. */
#define SSL       WHY_PROTOCOL_SSL
#define HYBRID    WHY_PROTOCOL_HYBRID
#define RDSTLS    WHY_PROTOCOL_RDSTLS
#define HYBRID_EX WHY_PROTOCOL_HYBRID_EX
#define RDSAAD    WHY_PROTOCOL_RDSAAD

static const struct why_profile_info profiles[] = {
#define WHY_PROFILE(id, name, is_default, meaning, ...)                                            \
    [WHY_PROFILE_##id] = {.profile = WHY_PROFILE_##id, __VA_ARGS__},
#include <rdpwhy/vocab.def>
};

const struct why_profile_info *why_profile_info(enum why_profile profile)
{
    return &profiles[profile];
}

enum why_profile why_profile_of_offer(uint32_t requested)
{
    for (int profile = 0; profile < WHY_PROFILE_COUNT; profile++) {
        uint32_t mask = profiles[profile].match_mask;

        if (mask != 0 && (requested & mask) == profiles[profile].match)
            return (enum why_profile)profile;
    }
    return WHY_PROFILE_NEGOTIATE;
}
