/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/require.h>

#include "test_report.h"
#include "unit.h"

/* ---- parsing ----------------------------------------------------------------------------------
 */

static void test_good(void)
{
    static const char *const good[] = {"nla",
                                       "no-rdp-security",
                                       "tls>=1.2",
                                       " tls >= 1.3 ",
                                       "cert-days>=30",
                                       "cert-days>-1",
                                       "cert-name",
                                       "cert-valid",
                                       "cert-issued",
                                       "cert-sha256=AB12",
                                       "key>=2048",
                                       "license=valid-client",
                                       "license=valid-client,issued",
                                       "license!=error",
                                       "phase>=licensing",
                                       "phase==active",
                                       "time<=2s",
                                       "time<1.5",
                                       "time<=500ms",
                                       "skew<=300s",
                                       "skew<5m",
                                       "state<=degraded",
                                       "encryption>=128bit",
                                       "credssp>=5",
                                       "build>=10.0.20348",
                                       "name=SRV1.corp.example"};
    struct why_requirement_list list = {.count = 0};
    char err[512];

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
        CU_ASSERT_EQUAL(why_requirements_add(&list, good[i], err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(list.count, sizeof(good) / sizeof(good[0]));
    CU_ASSERT_STRING_EQUAL(list.items[3].text, "tls>=1.3");
    CU_ASSERT_EQUAL(list.items[3].number, 13);
    CU_ASSERT_EQUAL(why_requirements_add(&list, "tls>= 1.3", err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(list.count, sizeof(good) / sizeof(good[0]));
    why_requirements_clear(&list);
}

static void test_bad(void)
{
    static const struct {
        const char *text, *err;
    } rows[] = {
        {"nla=yes", "'nla=yes' must have the form nla"},
        {"tls", "'tls' must have the form tls>=VERSION"},
        {"tls!1.2", "'tls!1.2' must have the form tls>=VERSION"},
        {"license>=issued", "'license>=issued' must have the form license=RESULT"},
        {"tls>=1.4", "'1.4' is not one of 1.0, 1.1, 1.2, 1.3"},
        {"tls>=", "'' is not one of 1.0, 1.1, 1.2, 1.3"},
        {"tls>==1.2", "'=1.2' is not one of 1.0, 1.1, 1.2, 1.3"},
        {"cert-days>=soon", "'soon' is not a whole number"},
        {"cert-days>=9999999999", "'9999999999' is not a whole number"},
        {"time<=2y", "'2y' is not a duration such as 2s, 500ms or 5m"},
        {"time<=-1s", "'-1s' is not a duration such as 2s, 500ms or 5m"},
        {"build>=10", "'10' is not a version such as 10.0.20348"},
        {"name=", "'' is not a text"},
        {"license=free",
         "'free' is not one of none, valid-client, issued, upgraded, error, not-asked"},
        {"license=issued,",
         "'' is not one of none, valid-client, issued, upgraded, error, not-asked"},
        {"state<=well", "'well' is not one of healthy, degraded, broken, unreachable"},
    };
    struct why_requirement_list list = {.count = 0};
    char err[512];

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        CU_ASSERT_EQUAL(why_requirements_add(&list, rows[i].text, err, sizeof(err)), WHY_ERR_USAGE);
        CU_ASSERT_STRING_EQUAL(err, rows[i].err);
    }
    CU_ASSERT_EQUAL(why_requirements_add(&list, "tsl>=1.2", err, sizeof(err)), WHY_ERR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err, "unknown requirement 'tsl', there are state<=STATE, "));
    CU_ASSERT_PTR_NOT_NULL(strstr(err, ", name=NAME"));
    CU_ASSERT_EQUAL(why_requirements_add(&list, "", err, sizeof(err)), WHY_ERR_USAGE);
    CU_ASSERT_EQUAL(list.count, 0);
    why_requirements_clear(&list);
}

static void test_file(void)
{
    static char text[] = "# what every server has to meet\n\n nla  # always\ntls >= 1.2\r\nkey>=1";
    static char wrong[] = "nla\nnla\n\nbogus\n";
    struct why_requirement_list list = {.count = 0};
    char err[512];
    FILE *in = fmemopen(text, strlen(text), "r");

    CU_ASSERT_EQUAL(why_requirements_read(&list, in, "rules", err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(list.count, 3);
    fclose(in);
    in = fmemopen(wrong, strlen(wrong), "r");
    CU_ASSERT_EQUAL(why_requirements_read(&list, in, "rules", err, sizeof(err)), WHY_ERR_USAGE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err, "rules: line 4: unknown requirement 'bogus'"));
    fclose(in);
    why_requirements_clear(&list);
}

/* ---- judging ----------------------------------------------------------------------------------
 */

static void sample_nla_only(struct sample *s)
{
    struct why_result *result;

    sample_challenge(s);
    result = sample_add(s, WHY_PROFILE_TLS);
    result->verdict.outcome = WHY_OUTCOME_REFUSED;
    result->verdict.phase = WHY_PHASE_NEGOTIATION;
    result->verdict.ending = WHY_END_NEGOTIATION_FAILURE;
    result->verdict.has_code = true;
    result->verdict.code =
        (struct why_code){WHY_SPACE_NEGOTIATION_FAILURE, 5, "HYBRID_REQUIRED_BY_SERVER"};
}

static void sample_nla(struct sample *s)
{
    struct why_facts *facts;

    sample_challenge(s);
    facts = &s->results[0].facts;
    facts->has_confirm = facts->has_negotiation_data = true;
    facts->selected_protocol = WHY_PROTOCOL_HYBRID;
    facts->negotiation_flags = why_delegation_info(WHY_DELEGATE_REDIRECTED)->offered;
}

/* Met, not met with its fact, or not measured. */
static const struct {
    void (*make)(struct sample *s);
    const char *requirement;
    bool met, measured;
    const char *fact;
} rows[] = {
    {sample_healthy, "nla", false, true, "tls accepted without Network Level Authentication"},
    {sample_nla_only, "nla", true, true, "tls refused without Network Level Authentication"},
    {sample_challenge, "nla", false, false, "no attempt shows whether it is required"},
    {sample_nla, "restricted-admin", false, true,
     "Restricted Admin mode is not offered (seen with nla)"},
    {sample_nla, "remote-guard", true, true, "Remote Credential Guard is offered (seen with nla)"},
    {sample_healthy, "no-rdp-security", false, false, "no attempt shows whether it is refused"},
    {sample_healthy, "tls>=1.2", true, true, "tls TLSv1.3"},
    {sample_healthy, "tls>1.3", false, true, "tls TLSv1.3"},
    {sample_unreachable, "tls>=1.2", false, false, "no attempt completed a TLS handshake"},
    {sample_healthy, "cert-days>=39", true, true, "tls 39 days left"},
    {sample_gateway, "gateway-cert-days>=39", true, true, "tls 39 days left"},
    {sample_gateway, "gateway-cert-days>=40", false, true, "tls 39 days left"},
    {sample_healthy, "gateway-cert-days>=1", false, false,
     "no attempt saw an RD Gateway's certificate"},
    {sample_healthy, "cert-days>=40", false, true, "tls 39 days left"},
    {sample_healthy, "cert-name", true, true, "the certificate is for this name (seen with tls)"},
    {sample_denied, "cert-name", false, true,
     "the certificate is for another name (seen with tls)"},
    {sample_denied, "cert-issued", false, true, "the certificate is self-signed (seen with tls)"},
    {sample_healthy, "cert-valid", true, true, "the certificate is valid (seen with tls)"},
    {sample_healthy, "cert-sha256=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
     true, true, "tls aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},
    {sample_healthy, "key>=2048", true, true, "tls RSA 2048"},
    {sample_healthy, "key>=3072", false, true, "tls RSA 2048"},
    {sample_healthy, "license=valid-client", true, true, "tls valid-client"},
    {sample_healthy, "license=issued,upgraded", false, true, "tls valid-client"},
    {sample_healthy, "license!=error", true, true, "tls valid-client"},
    {sample_challenge, "license=issued", false, false, "no attempt finished licensing"},
    {sample_healthy, "phase>=licensing", true, true, "tls completed in active"},
    {sample_denied, "phase>=capabilities", false, true, "tls refused in capabilities"},
    {sample_denied, "phase>=licensing", true, true, "tls refused in capabilities"},
    {sample_healthy, "time<=50ms", true, true, "tls 0.041 s"},
    {sample_denied, "time<=1s", false, true, "tls 1.234 s"},
    {sample_challenge, "skew<=3s", true, true, "nla -3 s"},
    {sample_challenge, "skew<=2s", false, true, "nla -3 s"},
    {sample_healthy, "skew<=300s", false, false, "no attempt saw the server's NTLM challenge"},
    {sample_challenge, "credssp>=6", true, true, "nla version 6"},
    {sample_challenge, "build>=10.0.20348", true, true, "nla 10.0.20348"},
    {sample_challenge, "build>=10.0.26100", false, true, "nla 10.0.20348"},
    {sample_challenge, "name=SRV1.CORP.example", true, true, "nla srv1.corp.example"},
    {sample_challenge, "name!=srv1.corp.example", false, true, "nla srv1.corp.example"},
    {sample_denied, "state<=degraded", false, true, "the host is broken"},
    {sample_denied, "state=broken,healthy", true, true, "the host is broken"},
};

static void test_judgements(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_requirement_list list = {.count = 0};
        struct sample sample;
        struct why_host judged;
        const struct why_judgement *judgement;
        char err[512];

        rows[i].make(&sample);
        CU_ASSERT_EQUAL_FATAL(why_requirements_add(&list, rows[i].requirement, err, sizeof(err)),
                              WHY_OK);
        CU_ASSERT_EQUAL_FATAL(why_requirements_judge(&list, &sample.host, &judged), WHY_OK);
        CU_ASSERT_EQUAL_FATAL(judged.judgement_count, 1);
        judgement = &judged.judgements[0];
        if (judgement->met != rows[i].met || strcmp(judgement->fact, rows[i].fact) != 0)
            printf("\n%s: %d %s\n", rows[i].requirement, judgement->met, judgement->fact);
        CU_ASSERT_EQUAL(judgement->met, rows[i].met);
        CU_ASSERT_EQUAL(judgement->measured, rows[i].measured);
        CU_ASSERT_STRING_EQUAL(judgement->fact, rows[i].fact);
        CU_ASSERT_EQUAL(judged.finding_count, sample.host.finding_count + !rows[i].met);
        why_requirements_judged_clear(&judged);
        why_requirements_clear(&list);
        sample_end(&sample);
    }
}

/* A requirement's finding stands behind the errors that explain more and before everything else. */
static void test_findings(void)
{
    struct why_requirement_list list = {.count = 0};
    struct sample sample;
    struct why_host judged;
    char err[512];

    sample_denied(&sample);
    CU_ASSERT_EQUAL(why_requirements_add(&list, "key>=4096", err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(why_requirements_add(&list, "tls>=1.2", err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(why_requirements_add(&list, "skew<=1s", err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL_FATAL(why_requirements_judge(&list, &sample.host, &judged), WHY_OK);
    CU_ASSERT_EQUAL_FATAL(judged.finding_count, 3);
    CU_ASSERT_STRING_EQUAL(judged.findings[0].rule, "denied");
    CU_ASSERT_STRING_EQUAL(judged.findings[1].rule, "require-key");
    CU_ASSERT_EQUAL(judged.findings[1].severity, WHY_SEVERITY_ERROR);
    CU_ASSERT_STRING_EQUAL(judged.findings[1].summary,
                           "The requirement key>=4096 is not met: tls RSA 2048.");
    CU_ASSERT_EQUAL(judged.findings[1].because_count, 1);
    CU_ASSERT_STRING_EQUAL(judged.findings[1].because[0], "tls: RSA 2048");
    CU_ASSERT(judged.findings[1].attempt_count == 1 && judged.findings[1].attempts[0] == 1);
    CU_ASSERT_STRING_EQUAL(judged.findings[2].rule, "require-skew");
    CU_ASSERT_PTR_NOT_NULL(judged.findings[2].remedies[0]);
    sample.host.findings[0].severity = WHY_SEVERITY_WARNING;
    why_requirements_judged_clear(&judged);
    CU_ASSERT_EQUAL_FATAL(why_requirements_judge(&list, &sample.host, &judged), WHY_OK);
    CU_ASSERT_STRING_EQUAL(judged.findings[2].rule, "denied");
    why_requirements_judged_clear(&judged);
    why_requirements_clear(&list);
    sample_end(&sample);
}

/* Hosts that are gone by the time the list is read, the worst of them first. */
static void test_list(void)
{
    static const struct {
        const char *label;
        size_t met; /* of the two requirements */
    } judged[] = {{"c:1", 2}, {"d:1", 1}, {"a:1", 0}, {"b:1", 1}};
    static const char *const sorted[] = {"a:1", "b:1", "d:1", "c:1"};
    struct why_judged_list list = {.count = 0};

    for (size_t i = 0; i < sizeof(judged) / sizeof(judged[0]); i++) {
        char label[8];
        struct why_target target = {.label = label};
        struct why_judgement judgements[] = {
            {"nla", "require-nla", judged[i].met > 0, true, "tls accepted"},
            {"tls>=1.2", "require-tls", judged[i].met > 1, true, "tls TLSv1"}};
        struct why_host host = {.target = &target, .judgements = judgements, .judgement_count = 2};

        (void)snprintf(label, sizeof(label), "%s", judged[i].label);
        CU_ASSERT_EQUAL_FATAL(why_judged_list_add(&list, &host), WHY_OK);
        memset(label, 0, sizeof(label));
        memset(judgements, 0, sizeof(judgements));
    }
    why_judged_list_sort(&list);
    CU_ASSERT_EQUAL(list.unmet, 3);
    CU_ASSERT_EQUAL_FATAL(list.count, 4);
    for (size_t i = 0; i < list.count; i++)
        CU_ASSERT_STRING_EQUAL(list.hosts[i].target, sorted[i]);
    CU_ASSERT(list.hosts[0].unmet == 2 && list.hosts[1].unmet == 1 && list.hosts[3].unmet == 0);
    CU_ASSERT_EQUAL_FATAL(list.hosts[1].count, 2);
    CU_ASSERT(list.hosts[1].judgements[0].met && !list.hosts[1].judgements[1].met);
    CU_ASSERT_STRING_EQUAL(list.hosts[1].judgements[1].requirement, "tls>=1.2");
    CU_ASSERT_STRING_EQUAL(list.hosts[1].judgements[1].fact, "tls TLSv1");
    why_judged_list_clear(&list);
    CU_ASSERT(list.count == 0 && list.hosts == NULL);
    why_judged_list_sort(&list);
}

int main(void)
{
    CU_TestInfo tests[] = {{"what is understood", test_good},
                           {"what is not", test_bad},
                           {"files", test_file},
                           {"judgements", test_judgements},
                           {"findings", test_findings},
                           {"a list of hosts", test_list},
                           CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"require", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
