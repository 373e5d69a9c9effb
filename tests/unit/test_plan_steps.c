/* SPDX-License-Identifier: Apache-2.0 */

#include <string.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>

#include "unit.h"

static void test_order(void)
{
    static const enum why_profile profiles[] = {WHY_PROFILE_TLS, WHY_PROFILE_RDP};
    static const enum why_license_mode modes[] = {WHY_LICENSE_MODE_FRESH, WHY_LICENSE_MODE_ADMIN};
    static const struct why_step expected[] = {
        {WHY_PROFILE_TLS, WHY_LICENSE_MODE_FRESH, 0}, {WHY_PROFILE_TLS, WHY_LICENSE_MODE_FRESH, 1},
        {WHY_PROFILE_TLS, WHY_LICENSE_MODE_ADMIN, 0}, {WHY_PROFILE_TLS, WHY_LICENSE_MODE_ADMIN, 1},
        {WHY_PROFILE_RDP, WHY_LICENSE_MODE_FRESH, 0}, {WHY_PROFILE_RDP, WHY_LICENSE_MODE_FRESH, 1},
        {WHY_PROFILE_RDP, WHY_LICENSE_MODE_ADMIN, 0}, {WHY_PROFILE_RDP, WHY_LICENSE_MODE_ADMIN, 1},
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
    static const enum why_license_mode mode = WHY_LICENSE_MODE_FRESH;
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
        {WHY_PROFILE_NLA_ONLY, 4, 2, 2, 0},
        {WHY_PROFILE_NLA_EXT_ONLY, 12, 0x0A, 0x0A, 0},
        {WHY_PROFILE_NLA_KERBEROS, 4, 3, 2, 0},
        {WHY_PROFILE_NLA_NTLM, 4, 3, 2, 0},
        {WHY_PROFILE_RESTRICTED_ADMIN, 4, 3, 2, 0},
        {WHY_PROFILE_REMOTE_GUARD, 12, 0x0B, 0x0A, 0},
        {WHY_PROFILE_RDSTLS, 16, 5, 4, 0},
        {WHY_PROFILE_AAD, 32, 16, 16, 0},
        {WHY_PROFILE_TLS10, 2, 1, 1, 0x0301},
        {WHY_PROFILE_TLS11, 2, 1, 1, 0x0302},
        {WHY_PROFILE_TLS12, 2, 1, 1, 0x0303},
        {WHY_PROFILE_TLS13, 2, 1, 1, 0x0304},
        {WHY_PROFILE_FILE, 15, 0x0B, WHY_WANT_RDP | 0x1B, 0},
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
        CU_ASSERT_EQUAL(info->pins, rows[i].tls);
    }
}

/* What a client is after is told by the most demanding protocol that it offers. */
static void test_offers_of_others(void)
{
    static const struct {
        uint32_t bits;
        enum why_profile profile;
    } rows[] = {
        {0x09, WHY_PROFILE_NEGOTIATE}, {0x08, WHY_PROFILE_NLA_EXT_ONLY}, {0x03, WHY_PROFILE_NLA},
        {0x02, WHY_PROFILE_NLA_ONLY},  {0x04, WHY_PROFILE_RDSTLS},       {0x01, WHY_PROFILE_TLS},
        {0x10, WHY_PROFILE_AAD},       {0x00, WHY_PROFILE_RDP},
    };

    for (uint32_t offer = 0; offer < 0x20; offer++) {
        size_t i = 0;

        while ((offer & rows[i].bits) != rows[i].bits)
            i++;
        CU_ASSERT_EQUAL(why_profile_of_offer(offer), rows[i].profile);
    }
}

/* What answers, differences and host states rest on. */
static void test_what_a_profile_tells(void)
{
    static const struct {
        enum why_profile profile;
        enum why_phase settled_in;
        enum why_strength strength;
    } rows[] = {
        {WHY_PROFILE_NEGOTIATE, WHY_PHASE_CREDSSP, WHY_STRENGTH_STRONG},
        {WHY_PROFILE_RDP, WHY_PHASE_BASIC_SETTINGS, WHY_STRENGTH_WEAK},
        {WHY_PROFILE_TLS, WHY_PHASE_CREDSSP, WHY_STRENGTH_ORDINARY},
        {WHY_PROFILE_NLA, WHY_PHASE_CREDSSP, WHY_STRENGTH_STRONG},
        {WHY_PROFILE_NLA_EXT, WHY_PHASE_CREDSSP, WHY_STRENGTH_STRONG},
        {WHY_PROFILE_NLA_ONLY, WHY_PHASE_CREDSSP, WHY_STRENGTH_STRONG},
        {WHY_PROFILE_NLA_EXT_ONLY, WHY_PHASE_CREDSSP, WHY_STRENGTH_STRONG},
        {WHY_PROFILE_NLA_KERBEROS, WHY_PHASE_CREDSSP, WHY_STRENGTH_STRONG},
        {WHY_PROFILE_NLA_NTLM, WHY_PHASE_CREDSSP, WHY_STRENGTH_STRONG},
        {WHY_PROFILE_RESTRICTED_ADMIN, WHY_PHASE_CREDSSP, WHY_STRENGTH_STRONG},
        {WHY_PROFILE_REMOTE_GUARD, WHY_PHASE_CREDSSP, WHY_STRENGTH_STRONG},
        {WHY_PROFILE_RDSTLS, WHY_PHASE_RDSTLS, WHY_STRENGTH_STRONG},
        {WHY_PROFILE_AAD, WHY_PHASE_AAD, WHY_STRENGTH_STRONG},
        {WHY_PROFILE_TLS10, WHY_PHASE_CREDSSP, WHY_STRENGTH_WEAK},
        {WHY_PROFILE_TLS11, WHY_PHASE_CREDSSP, WHY_STRENGTH_WEAK},
        {WHY_PROFILE_TLS12, WHY_PHASE_CREDSSP, WHY_STRENGTH_ORDINARY},
        {WHY_PROFILE_TLS13, WHY_PHASE_CREDSSP, WHY_STRENGTH_STRONG},
        {WHY_PROFILE_FILE, WHY_PHASE_CREDSSP, WHY_STRENGTH_ORDINARY},
    };

    CU_ASSERT_EQUAL_FATAL(sizeof(rows) / sizeof(rows[0]), WHY_PROFILE_COUNT);
    for (size_t i = 0; i < WHY_PROFILE_COUNT; i++) {
        const struct why_profile_info *info = why_profile_info(rows[i].profile);

        CU_ASSERT_EQUAL(info->settled_in, rows[i].settled_in);
        CU_ASSERT_EQUAL(info->strength, rows[i].strength);
        CU_ASSERT_EQUAL(info->as_mstsc, rows[i].profile == WHY_PROFILE_NEGOTIATE ||
                                            rows[i].profile == WHY_PROFILE_FILE);
        CU_ASSERT_EQUAL(info->of_file, rows[i].profile == WHY_PROFILE_FILE);
        CU_ASSERT_EQUAL(info->says_nothing_of_tls, rows[i].profile == WHY_PROFILE_AAD ||
                                                       rows[i].profile == WHY_PROFILE_NLA_ONLY ||
                                                       rows[i].profile == WHY_PROFILE_NLA_EXT_ONLY);
    }
}

static void test_license_modes(void)
{
    for (int i = 0; i < WHY_LICENSE_MODE_COUNT; i++) {
        const struct why_license_mode_info *mode = why_license_mode_info((enum why_license_mode)i);

        CU_ASSERT_PTR_NOT_NULL(mode->came);
        CU_ASSERT_PTR_NOT_NULL(mode->presented);
        CU_ASSERT_PTR_NOT_NULL(mode->accepted);
        /* What was made of the good license must never take its place. */
        CU_ASSERT_FALSE(mode->keeps && (mode->corrupts || mode->foreign_name != NULL));
        CU_ASSERT(mode->presents || !(mode->corrupts || mode->foreign_name != NULL));
    }
}

static void test_routing(void)
{
    char longest[WHY_ROUTING_MAX + 2];
    const struct {
        struct why_routing routing;
        bool good;
    } rows[] = {
        {{WHY_ROUTING_ACCOUNT, NULL}, true},
        {{WHY_ROUTING_NONE, NULL}, true},
        {{WHY_ROUTING_COOKIE, "CORP\\alice"}, true},
        {{WHY_ROUTING_COOKIE, NULL}, false},
        {{WHY_ROUTING_COOKIE, ""}, false},
        {{WHY_ROUTING_COOKIE, "a b"}, false},
        {{WHY_ROUTING_COOKIE, "a\r\n"}, false},
        {{WHY_ROUTING_TOKEN, "tsv://MS Terminal Services Plugin.1.Farm"}, true},
        {{WHY_ROUTING_TOKEN, ""}, false},
        {{WHY_ROUTING_TOKEN, "a\nb"}, false},
        {{WHY_ROUTING_TOKEN, "\x7f"}, false},
        {{WHY_ROUTING_TOKEN, "\xc3\xa4"}, false},
        {{WHY_ROUTING_TOKEN, longest}, false},
        {{WHY_ROUTING_TOKEN, longest + 1}, true},
    };

    memset(longest, 'x', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
        CU_ASSERT_EQUAL(why_routing_problem(&rows[i].routing) == NULL, rows[i].good);
    for (int i = 0; i < WHY_ROUTING_KIND_COUNT; i++)
        CU_ASSERT_EQUAL((int)why_routing_kind_find(why_routing_kind_name((enum why_routing_kind)i)),
                        i);
    CU_ASSERT_EQUAL(why_routing_kind_find("no-such-kind"), WHY_ROUTING_KIND_COUNT);
}

/* What settings of an .rdp file come to, in their order. */
static void test_files(void)
{
    static const struct {
        const char *settings[3];
        uint32_t requested;
        bool nla, rdp, console;
    } rows[] = {
        {{NULL}, 0x0B, true, true, false},
        {{"enablecredsspsupport:i:1", NULL}, 0x0B, true, true, false},
        {{"EnableCredSspSupport:i:0", NULL}, 0x01, false, true, false},
        {{"enablecredsspsupport:i:0", "enablerdsaadauth:i:1", NULL}, 0x10, false, false, false},
        {{"enablerdsaadauth:i:1", "enablecredsspsupport:i:0", NULL}, 0x10, false, false, false},
        {{"enablerdsaadauth:i:0", NULL}, 0x0B, true, true, false},
        {{"administrative session:i:1", NULL}, 0x0B, true, true, true},
        {{"audiomode:i:1", "enablecredsspsupportx:i:0", NULL}, 0x0B, true, true, false},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_file_offer offer = why_file_offer_init();

        for (size_t k = 0; rows[i].settings[k] != NULL; k++)
            why_file_offer_see(&offer, rows[i].settings[k]);
        CU_ASSERT_EQUAL(offer.requested, rows[i].requested);
        CU_ASSERT_EQUAL(offer.nla, rows[i].nla);
        CU_ASSERT_EQUAL(offer.ext, rows[i].nla);
        CU_ASSERT_EQUAL(offer.rdp, rows[i].rdp);
        CU_ASSERT_EQUAL(offer.console, rows[i].console);
    }
}

/* What comes before the negotiation, or in its place; and what the server gets of the account. */
static void test_files_of_consoles(void)
{
    static const struct {
        const char *settings[4];
        bool direct, console;
        const char *blob;
        enum why_delegation delegation;
    } rows[] = {
        {{NULL}, false, false, NULL, WHY_DELEGATE_PASSWORD},
        {{"negotiate security layer:i:1", NULL}, false, false, NULL, WHY_DELEGATE_PASSWORD},
        {{"negotiate security layer:i:0", NULL}, true, false, NULL, WHY_DELEGATE_PASSWORD},
        {{"negotiate security layer:i:0", "enablecredsspsupport:i:0", NULL},
         false,
         false,
         NULL,
         WHY_DELEGATE_PASSWORD},
        {{"pcb:s:text", NULL}, false, false, "text", WHY_DELEGATE_PASSWORD},
        {{"pcb:s:", "negotiate security layer:i:0", NULL},
         true,
         false,
         NULL,
         WHY_DELEGATE_PASSWORD},
        {{"pcb:s:text", "negotiate security layer:i:0", NULL},
         true,
         true,
         "text",
         WHY_DELEGATE_PASSWORD},
        {{"VMID:s:guid", "enablecredsspsupport:i:0", NULL},
         true,
         true,
         "guid",
         WHY_DELEGATE_PASSWORD},
        {{"RestrictedLogon:i:1", NULL}, false, false, NULL, WHY_DELEGATE_NOTHING},
        {{"RedirectedAuthentication:i:1", NULL}, false, false, NULL, WHY_DELEGATE_REDIRECTED},
        {{"RestrictedLogon:i:1", "RedirectedAuthentication:i:0", NULL},
         false,
         false,
         NULL,
         WHY_DELEGATE_NOTHING},
        {{"RestrictedLogon:i:1", "RestrictedLogon:i:0", NULL},
         false,
         false,
         NULL,
         WHY_DELEGATE_PASSWORD},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_file_offer offer = why_file_offer_init();

        for (size_t k = 0; rows[i].settings[k] != NULL; k++)
            why_file_offer_see(&offer, rows[i].settings[k]);
        CU_ASSERT_EQUAL(why_file_is_direct(&offer), rows[i].direct);
        CU_ASSERT_EQUAL(why_file_is_console(&offer), rows[i].console);
        CU_ASSERT_EQUAL(offer.delegation, rows[i].delegation);
        CU_ASSERT_EQUAL(offer.blob != NULL, rows[i].blob != NULL);
        if (offer.blob != NULL && rows[i].blob != NULL)
            CU_ASSERT_STRING_EQUAL(offer.blob, rows[i].blob);
    }
}

/* Only what is used counts: the command line may say otherwise. */
static void test_files_overruled(void)
{
    static char text[] = "pcb:s:text", token[] = "loadbalanceinfo:s:tsv", other[] = "username:s:a";
    struct why_file_setting items[] = {
        {text, WHY_FILE_OVERRULED}, {token, WHY_FILE_USED}, {other, WHY_FILE_UNUSED}};
    const struct why_rdp_file file = {items, 3};
    const struct why_file_offer offer = why_file_offer_of_file(&file);

    CU_ASSERT_PTR_NULL(offer.blob);
    CU_ASSERT_PTR_NULL(offer.user);
    CU_ASSERT_STRING_EQUAL(offer.token, "tsv");
    CU_ASSERT_EQUAL(why_file_offer_of_file(NULL).requested, 0x0B);
}

static void test_kdc_proxies(void)
{
    static const struct {
        const char *name, *url;
    } rows[] = {
        {"gw.contoso.example", "https://gw.contoso.example"},
        {"gw:444/Kdc", "https://gw:444/Kdc"},
        {"https://gw/Kdc", "https://gw/Kdc"},
        {"http://gw", "http://gw"}, /* which is none */
    };
    char url[WHY_KDC_PROXY_URL_MAX];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        why_kdc_proxy_url(rows[i].name, url, sizeof(url));
        CU_ASSERT_STRING_EQUAL(url, rows[i].url);
    }
}

static void test_variations(void)
{
    CU_ASSERT_PTR_NULL(why_variation_name(WHY_VARIATION_NONE));
    CU_ASSERT_STRING_EQUAL(why_variation_name(WHY_VARIATION_NO_SALTED_MAC), "no-salted-mac");
    CU_ASSERT_STRING_EQUAL(why_variation_name(WHY_VARIATION_WITH_COOKIE), "with-cookie");
    CU_ASSERT_PTR_NULL(why_variation_name(WHY_VARIATION_COUNT));
}

static CU_TestInfo tests[] = {
    {"profiles outermost, repeats innermost", test_order},
    {"nothing to do", test_nothing_to_do},
    {"what the profiles offer", test_profiles},
    {"what the offers of others are taken for", test_offers_of_others},
    {"what a profile tells", test_what_a_profile_tells},
    {"license modes", test_license_modes},
    {"what load balancers are told", test_routing},
    {"what .rdp files ask for", test_files},
    {"what .rdp files for consoles ask for", test_files_of_consoles},
    {"what the command line overrules", test_files_overruled},
    {"KDC proxies of .rdp files", test_kdc_proxies},
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
