/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/pdu.h>
#include <rdpwhy/status.h>

#include "unit.h"

static void test_names(void)
{
    for (int i = 0; i < WHY_PDU_TYPE_COUNT; i++) {
        const struct why_pdu_info *info = why_pdu_info((enum why_pdu_type)i);

        CU_ASSERT_PTR_NOT_NULL(info->name);
        if (info->name == NULL)
            continue;
        CU_ASSERT(info->name[0] != '\0');
        CU_ASSERT_EQUAL(why_pdu_find(info->name), i); /* unique too */
    }
    CU_ASSERT_EQUAL(why_pdu_find("no such PDU"), WHY_ERR_NOTFOUND);
    CU_ASSERT_PTR_EQUAL(why_pdu_info(WHY_PDU_TYPE_COUNT), why_pdu_info(WHY_PDU_UNKNOWN));
    CU_ASSERT_PTR_EQUAL(why_pdu_info((enum why_pdu_type) - 1), why_pdu_info(WHY_PDU_UNKNOWN));
}

static void test_only_regular_pdus_confirm(void)
{
    for (int i = 0; i < WHY_PDU_TYPE_COUNT; i++) {
        const struct why_pdu_info *info = why_pdu_info((enum why_pdu_type)i);

        if (info->role != WHY_ROLE_REGULAR)
            CU_ASSERT_EQUAL(info->confirms, WHY_PHASE_NONE);
        if (info->confirms != WHY_PHASE_NONE && info->phase != WHY_PHASE_NONE)
            CU_ASSERT(info->confirms <= info->phase);
    }
}

static void test_rows(void)
{
    static const struct {
        const char *name;
        enum why_pdu_role role;
        enum why_phase confirms;
    } rows[] = {
        {"X.224 Connection Confirm", WHY_ROLE_REGULAR, WHY_PHASE_NEGOTIATION},
        {"RDP_NEG_FAILURE", WHY_ROLE_ERROR, WHY_PHASE_NONE},
        {"TLS Alert", WHY_ROLE_ERROR, WHY_PHASE_NONE},
        {"TSRequest pubKeyAuth", WHY_ROLE_REGULAR, WHY_PHASE_TLS},
        {"Early User Authorization Result", WHY_ROLE_REGULAR, WHY_PHASE_TLS},
        {"MCS Connect Response", WHY_ROLE_REGULAR, WHY_PHASE_BASIC_SETTINGS},
        {"MCS Channel Join Confirm", WHY_ROLE_REGULAR, WHY_PHASE_BASIC_SETTINGS},
        {"LICENSE_REQUEST", WHY_ROLE_REGULAR, WHY_PHASE_AUTO_DETECT},
        {"STATUS_VALID_CLIENT", WHY_ROLE_REGULAR, WHY_PHASE_LICENSING},
        {"ERROR_ALERT", WHY_ROLE_ERROR, WHY_PHASE_NONE},
        {"Demand Active", WHY_ROLE_REGULAR, WHY_PHASE_MULTITRANSPORT},
        {"Deactivate All", WHY_ROLE_REGULAR, WHY_PHASE_MULTITRANSPORT},
        {"Synchronize", WHY_ROLE_REGULAR, WHY_PHASE_CAPABILITIES},
        {"Font Map", WHY_ROLE_REGULAR, WHY_PHASE_FINALIZATION},
        {"Set Error Info", WHY_ROLE_ERROR, WHY_PHASE_NONE},
        {"Set Error Info (none)", WHY_ROLE_NEUTRAL, WHY_PHASE_NONE},
        {"Disconnect Provider Ultimatum", WHY_ROLE_ERROR, WHY_PHASE_NONE},
        {"Heartbeat", WHY_ROLE_NEUTRAL, WHY_PHASE_NONE},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        int type = why_pdu_find(rows[i].name);

        CU_ASSERT_FATAL(type >= 0);
        CU_ASSERT_EQUAL(why_pdu_info((enum why_pdu_type)type)->role, rows[i].role);
        CU_ASSERT_EQUAL(why_pdu_info((enum why_pdu_type)type)->confirms, rows[i].confirms);
    }
}

static CU_TestInfo tests[] = {
    {"every name is there once and found again", test_names},
    {"only regular PDUs confirm a phase", test_only_regular_pdus_confirm},
    {"what PDUs mean", test_rows},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "wire table", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
