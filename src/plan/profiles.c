/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>

/* Protocol bits of RDP_NEG_REQ, [MS-RDPBCGR] 2.2.1.1.1. */
#define SSL       0x01u
#define HYBRID    0x02u
#define RDSTLS    0x04u
#define HYBRID_EX 0x08u
#define RDSAAD    0x10u

/*
 * What libfreerdp puts on the wire for the protocols enabled: CredSSP and RDSTLS are always offered
 * together with TLS, early user authorization together with CredSSP. A server that does not know
 * early user authorization selects HYBRID, and libfreerdp goes on with that only where `nla` is
 * enabled as well.
 */
static const struct why_profile_info profiles[] = {
    [WHY_PROFILE_NEGOTIATE] = {.profile = WHY_PROFILE_NEGOTIATE,
                               .rdp = true,
                               .tls = true,
                               .nla = true,
                               .ext = true,
                               .requested = SSL | HYBRID | HYBRID_EX,
                               .wanted = WHY_WANT_RDP | SSL | HYBRID | HYBRID_EX},
    [WHY_PROFILE_RDP] = {.profile = WHY_PROFILE_RDP,
                         .rdp = true,
                         .requested = 0,
                         .wanted = WHY_WANT_RDP},
    [WHY_PROFILE_TLS] = {.profile = WHY_PROFILE_TLS, .tls = true, .requested = SSL, .wanted = SSL},
    [WHY_PROFILE_NLA] = {.profile = WHY_PROFILE_NLA,
                         .nla = true,
                         .requested = SSL | HYBRID,
                         .wanted = HYBRID},
    [WHY_PROFILE_NLA_EXT] = {.profile = WHY_PROFILE_NLA_EXT,
                             .nla = true,
                             .ext = true,
                             .requested = SSL | HYBRID | HYBRID_EX,
                             .wanted = HYBRID | HYBRID_EX},
    [WHY_PROFILE_RDSTLS] = {.profile = WHY_PROFILE_RDSTLS,
                            .rdstls = true,
                            .requested = SSL | RDSTLS,
                            .wanted = RDSTLS},
    [WHY_PROFILE_AAD] = {.profile = WHY_PROFILE_AAD,
                         .aad = true,
                         .requested = RDSAAD,
                         .wanted = RDSAAD},
    [WHY_PROFILE_TLS10] = {.profile = WHY_PROFILE_TLS10,
                           .tls = true,
                           .requested = SSL,
                           .wanted = SSL,
                           .tls_min = 0x0301,
                           .tls_max = 0x0301},
    [WHY_PROFILE_TLS11] = {.profile = WHY_PROFILE_TLS11,
                           .tls = true,
                           .requested = SSL,
                           .wanted = SSL,
                           .tls_min = 0x0302,
                           .tls_max = 0x0302},
    [WHY_PROFILE_TLS12] = {.profile = WHY_PROFILE_TLS12,
                           .tls = true,
                           .requested = SSL,
                           .wanted = SSL,
                           .tls_min = 0x0303,
                           .tls_max = 0x0303},
    [WHY_PROFILE_TLS13] = {.profile = WHY_PROFILE_TLS13,
                           .tls = true,
                           .requested = SSL,
                           .wanted = SSL,
                           .tls_min = 0x0304,
                           .tls_max = 0x0304},
};

_Static_assert(sizeof(profiles) / sizeof(profiles[0]) == WHY_PROFILE_COUNT,
               "a profile without a row");

const struct why_profile_info *why_profile_info(enum why_profile profile)
{
    return &profiles[profile];
}
