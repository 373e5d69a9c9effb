/* SPDX-License-Identifier: Apache-2.0 */

#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>

#include "unit.h"

static void test_order(void)
{
    static const enum why_profile profiles[] = {WHY_PROFILE_TLS, WHY_PROFILE_RDP};
    static const enum why_license_mode modes[] = {WHY_LICENSE_FRESH, WHY_LICENSE_ADMIN};
    static const struct why_step expected[] = {
        {WHY_PROFILE_TLS, WHY_LICENSE_FRESH, 0}, {WHY_PROFILE_TLS, WHY_LICENSE_FRESH, 1},
        {WHY_PROFILE_TLS, WHY_LICENSE_ADMIN, 0}, {WHY_PROFILE_TLS, WHY_LICENSE_ADMIN, 1},
        {WHY_PROFILE_RDP, WHY_LICENSE_FRESH, 0}, {WHY_PROFILE_RDP, WHY_LICENSE_FRESH, 1},
        {WHY_PROFILE_RDP, WHY_LICENSE_ADMIN, 0}, {WHY_PROFILE_RDP, WHY_LICENSE_ADMIN, 1},
    };
    struct why_step_list list;

    CU_ASSERT_EQUAL_FATAL(why_steps_make(&list, profiles, 2, modes, 2, 2), WHY_OK);
    CU_ASSERT_EQUAL_FATAL(list.count, 8);
    for (size_t i = 0; i < list.count; i++) {
        CU_ASSERT_EQUAL(list.items[i].profile, expected[i].profile);
        CU_ASSERT_EQUAL(list.items[i].license_mode, expected[i].license_mode);
        CU_ASSERT_EQUAL(list.items[i].repeat, expected[i].repeat);
    }
    why_steps_clear(&list);
    CU_ASSERT_EQUAL(list.count, 0);
    CU_ASSERT_PTR_NULL(list.items);
    why_steps_clear(NULL);
}

static void test_nothing_to_do(void)
{
    static const enum why_profile profile = WHY_PROFILE_TLS;
    static const enum why_license_mode mode = WHY_LICENSE_FRESH;
    struct why_step_list list;

    CU_ASSERT_EQUAL(why_steps_make(&list, &profile, 0, &mode, 1, 1), WHY_ERR_USAGE);
    CU_ASSERT_EQUAL(why_steps_make(&list, &profile, 1, &mode, 0, 1), WHY_ERR_USAGE);
    CU_ASSERT_EQUAL(why_steps_make(&list, &profile, 1, &mode, 1, 0), WHY_ERR_USAGE);
    CU_ASSERT_PTR_NULL(list.items);
}

static void test_profiles(void)
{
    /* Protocols as a set: rdp 1, tls 2, nla 4, ext 8, rdstls 16, aad 32. */
    static const struct {
        enum why_profile profile;
        unsigned enabled;
        uint32_t requested, wanted;
        uint16_t tls;
    } rows[] = {
        {WHY_PROFILE_NEGOTIATE, 15, 0x0B, WHY_WANT_RDP | 0x0B, 0},
        {WHY_PROFILE_RDP, 1, 0, WHY_WANT_RDP, 0},
        {WHY_PROFILE_TLS, 2, 1, 1, 0},
        {WHY_PROFILE_NLA, 4, 3, 2, 0},
        {WHY_PROFILE_NLA_EXT, 12, 0x0B, 0x0A, 0},
        {WHY_PROFILE_RDSTLS, 16, 5, 4, 0},
        {WHY_PROFILE_AAD, 32, 16, 16, 0},
        {WHY_PROFILE_TLS10, 2, 1, 1, 0x0301},
        {WHY_PROFILE_TLS11, 2, 1, 1, 0x0302},
        {WHY_PROFILE_TLS12, 2, 1, 1, 0x0303},
        {WHY_PROFILE_TLS13, 2, 1, 1, 0x0304},
    };

    CU_ASSERT_EQUAL_FATAL(sizeof(rows) / sizeof(rows[0]), WHY_PROFILE_COUNT);
    for (size_t i = 0; i < WHY_PROFILE_COUNT; i++) {
        const struct why_profile_info *info = why_profile_info(rows[i].profile);

        CU_ASSERT_EQUAL(info->profile, rows[i].profile);
        CU_ASSERT_EQUAL((unsigned)info->rdp | info->tls * 2u | info->nla * 4u | info->ext * 8u |
                            info->rdstls * 16u | info->aad * 32u,
                        rows[i].enabled);
        CU_ASSERT_EQUAL(info->requested, rows[i].requested);
        CU_ASSERT_EQUAL(info->wanted, rows[i].wanted);
        CU_ASSERT_EQUAL(info->tls_min, rows[i].tls);
        CU_ASSERT_EQUAL(info->tls_max, rows[i].tls);
    }
}

static void test_variations(void)
{
    CU_ASSERT_PTR_NULL(why_variation_name(WHY_VARIATION_NONE));
    CU_ASSERT_STRING_EQUAL(why_variation_name(WHY_VARIATION_NO_SALTED_MAC), "no-salted-mac");
    CU_ASSERT_PTR_NULL(why_variation_name(WHY_VARIATION_COUNT));
}

static CU_TestInfo tests[] = {
    {"profiles outermost, repeats innermost", test_order},
    {"nothing to do", test_nothing_to_do},
    {"what the profiles offer", test_profiles},
    {"names of the variations", test_variations},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "plan: steps and profiles", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
