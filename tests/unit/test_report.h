/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TESTS_TEST_REPORT_H
#define RDPWHY_TESTS_TEST_REPORT_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/report.h>
#include <rdpwhy/result.h>
#include <rdpwhy/status.h>

/*
 * Results made by hand, and what a format makes of them. Everything is constant, so that reports
 * can be compared byte by byte with fixtures/reports/.
 */

#define STARTED_US UINT64_C(1795334400123456) /* 2026-11-22T08:00:00.123456Z */

static inline struct why_run_info sample_run(size_t targets)
{
    static const enum why_profile profiles[] = {WHY_PROFILE_TLS, WHY_PROFILE_NLA};
    static const enum why_license_mode modes[] = {WHY_LICENSE_MODE_FRESH};

    return (struct why_run_info){
        .tool_version = "0.1.0",
        .library_built = "3.10.3",
        .library_running = "3.10.3",
        .openssl = "OpenSSL 3.0.19",
        .started_us = STARTED_US,
        .profiles = profiles,
        .profile_count = 2,
        .license_modes = modes,
        .license_mode_count = 1,
        .until = WHY_PHASE_ACTIVE,
        .timeout_us = 15000000,
        .connect_timeout_us = 5000000,
        .linger_us = 200000,
        .jobs = 1,
        .per_host = 1,
        .repeat = 1,
        .target_count = targets,
    };
}

static char sample_name[] = "srv1", sample_label[] = "srv1:3389";
/* NULL: samples are of captures that somebody else took. */
static char *sample_library = (char[]){"FreeRDP 3.10.3"};
static char sample_address[] = "192.0.2.7";
static const struct why_target sample_target = {
    .host = sample_name, .port = 3389, .label = sample_label};

/* An attempt of |profile| with an empty trace; the caller fills in verdict and facts. */
static inline struct why_result sample_result(enum why_profile profile, size_t ordinal)
{
    const struct why_trace_head head = {.host = sample_name,
                                        .library = sample_library,
                                        .port = 3389,
                                        .profile = profile,
                                        .until = WHY_PHASE_ACTIVE,
                                        .started_us = STARTED_US};

    return (struct why_result){.target = &sample_target,
                               .step = {profile, WHY_LICENSE_MODE_FRESH, 0},
                               .ordinal = ordinal,
                               .trace = why_trace_new(&head)};
}

static inline void add_phase(struct why_verdict *verdict, enum why_phase phase, uint64_t start_us,
                             uint64_t duration_us)
{
    verdict->phases[verdict->phase_count++] = (struct why_phase_time){phase, start_us, duration_us};
}

/* Everything that |format| writes for one run over one host. */
static inline char *write_report(const char *format, int verbosity, bool color, size_t targets,
                                 const struct why_host *host, bool complete)
{
    struct why_report report = {.verbosity = verbosity, .color = color};
    const struct why_report_format *f = why_report_format_find(format);
    struct why_run_info run = sample_run(targets);
    struct why_scan_summary summary = {
        .hosts = 1, .attempts = host->count, .complete = complete, .interrupted = !complete};
    char *text = NULL, *copy;
    size_t len = 0;

    summary.states[host->state] = 1;
    report.out = open_memstream(&text, &len);
    if (!report.out || f->begin(&report, &run) != WHY_OK)
        abort();
    for (size_t i = 0; i < host->count; i++) {
        host->results[i]->answer = why_answer_of(host->results[i]);
        summary.outcomes[host->results[i]->verdict.outcome]++;
        if (f->attempt(&report, host->results[i]) != WHY_OK)
            abort();
    }
    if (f->host(&report, host) != WHY_OK || f->end(&report, &summary) != WHY_OK)
        abort();
    fclose(report.out);
    /* A copy: gcc takes what open_memstream has filled in for the address of the variable. */
    copy = strdup(text);
    free(text);
    return copy;
}

/* The whole of fixtures/reports/|name|. */
static inline char *read_fixture(const char *name)
{
    char path[1024];
    FILE *in;
    char *text = calloc(1, 1 << 16);

    snprintf(path, sizeof(path), "%s/reports/%s", FIXTURES, name);
    in = fopen(path, "r");
    if (in && text)
        text[fread(text, 1, (1 << 16) - 1, in)] = '\0';
    if (in)
        fclose(in);
    return text;
}

static inline void write_fixture(const char *name, const char *text)
{
    char path[1024];
    FILE *out;

    snprintf(path, sizeof(path), "%s/reports/%s", FIXTURES, name);
    out = fopen(path, "w");
    if (!out || fputs(text, out) == EOF || fclose(out) != 0)
        abort();
}

/* Whether |text| is what fixtures/reports/|name| says; prints it where it is not. Takes |text|.
 * With UPDATE_FIXTURES in the environment it writes the file instead: look at the difference. */
static inline bool is_fixture(char *text, const char *name)
{
    char *expected;
    bool same;

    if (text && getenv("UPDATE_FIXTURES"))
        write_fixture(name, text);
    expected = read_fixture(name);
    same = text && expected && strcmp(text, expected) == 0;
    if (!same)
        printf("\n--- %s should be, but differs ---\n%s--- end ---\n", name, text ? text : "");
    free(expected);
    free(text);
    return same;
}

/* The hosts that both writers are tested with. */

struct sample {
    struct why_result results[3];
    struct why_result *pointers[3];
    struct why_result first_try;
    struct why_finding finding;
    struct why_spread spreads[2];
    struct why_host host;
};

static inline void sample_begin(struct sample *s)
{
    memset(s, 0, sizeof(*s));
    s->host.target = &sample_target;
    s->host.tls_version = WHY_ANSWER_TLS_VERSION;
    s->host.results = s->pointers;
}

static inline struct why_result *sample_add(struct sample *s, enum why_profile profile)
{
    struct why_result *result = &s->results[s->host.count];

    *result = sample_result(profile, s->host.count + 1);
    result->verdict.sent_through = WHY_PHASE_NONE;
    s->pointers[s->host.count++] = result;
    return result;
}

static inline void sample_end(struct sample *s)
{
    for (size_t i = 0; i < s->host.count; i++)
        why_trace_free(s->results[i].trace);
    why_trace_free(s->first_try.trace);
}

static inline void sample_certificate(struct why_facts *facts)
{
    static char subject[] = "CN=srv1.corp.example", issuer[] = "CN=Corp CA", serial[] = "4a01";
    static char key[] = "RSA 2048", signature[] = "sha256WithRSAEncryption";
    static char name1[] = "srv1.corp.example", name2[] = "srv1";
    struct why_certificate *cert = &facts->certificate;

    facts->has_certificate = true;
    cert->subject = subject;
    cert->issuer = issuer;
    cert->serial = serial;
    cert->key = key;
    cert->signature = signature;
    memset(cert->sha256, 'a', 64);
    cert->names[0] = name1;
    cert->names[1] = name2;
    cert->name_count = 2;
    cert->not_before = 1767225600; /* 2026-01-01 */
    cert->not_after = 1798761600;  /* 2027-01-01 */
    cert->key_bits = 2048;
    cert->name_matches = true;
    cert->chain_length = 2;
}

static inline void sample_tls(struct why_facts *facts)
{
    static char version[] = "TLSv1.3", cipher[] = "TLS_AES_256_GCM_SHA384";

    facts->address = sample_address;
    facts->port = 3389;
    facts->bytes_sent = 3456;
    facts->bytes_received = 4567;
    facts->has_request = facts->has_confirm = facts->has_negotiation_data = true;
    facts->requested_protocols = facts->selected_protocol = 1;
    facts->has_cookie = true;
    facts->negotiation_flags = 1;
    facts->tls_version = version;
    facts->tls_cipher = cipher;
    facts->connections = 1;
    sample_certificate(facts);
}

/* tls completed, with all that a server tells on the way. */
static inline void sample_healthy(struct sample *s)
{
    struct why_result *result;
    struct why_verdict *verdict;
    struct why_facts *facts;

    sample_begin(s);
    result = sample_add(s, WHY_PROFILE_TLS);
    verdict = &result->verdict;
    facts = &result->facts;
    verdict->outcome = WHY_OUTCOME_COMPLETED;
    verdict->phase = verdict->sent_through = WHY_PHASE_ACTIVE;
    verdict->ending = WHY_END_DONE;
    verdict->has_closer = true;
    verdict->closed_by = WHY_CLOSED_BY_CLIENT;
    verdict->duration_us = 41234;
    strcpy(verdict->reason, "The handshake went as far as it was asked to.");
    add_phase(verdict, WHY_PHASE_CONNECT, 0, 180);
    add_phase(verdict, WHY_PHASE_NEGOTIATION, 180, 900);
    sample_tls(facts);
    facts->last_sent = "Font List";
    facts->last_received = "Font Map";
    facts->has_server_core = facts->has_server_security = facts->has_desktop = true;
    facts->server_version = 0x80004;
    facts->has_multitransport = true;
    facts->server_multitransport = 0x305;
    facts->desktop_width = 1024;
    facts->desktop_height = 768;
    facts->has_license_request = true;
    strcpy(facts->license_request.company, "Microsoft Corporation");
    strcpy(facts->license_request.product, "A02");
    strcpy(facts->license_request.scope, "microsoft.com");
    facts->license_request.scope_count = 1;
    facts->license_request.version = 0x60000;
    facts->license_request.has_certificate = true;
    facts->license_request.certificate_size = 184;
    facts->license_messages[0] = WHY_PDU_LICENSE_REQUEST;
    facts->license_messages[1] = WHY_PDU_LICENSE_NEW_LICENSE_REQUEST;
    facts->license_messages[2] = WHY_PDU_LICENSE_VALID_CLIENT;
    facts->license_message_count = 3;
    facts->license_result = WHY_LICENSE_RESULT_VALID_CLIENT;
    s->host.state = WHY_HOST_HEALTHY;
    s->host.footprint = (struct why_footprint){.connections = 1, .licenses_requested = 1};
}

/* The server sent ERRINFO_SERVER_DENIED_CONNECTION: 0x904, extended 0x7, documented. */
static inline void sample_denied(struct sample *s)
{
    struct why_result *result;
    struct why_verdict *verdict;

    sample_begin(s);
    result = sample_add(s, WHY_PROFILE_TLS);
    verdict = &result->verdict;
    verdict->outcome = WHY_OUTCOME_REFUSED;
    verdict->phase = WHY_PHASE_CAPABILITIES;
    verdict->sent_through = WHY_PHASE_FINALIZATION;
    verdict->ending = WHY_END_ERROR_INFO;
    verdict->has_closer = true;
    verdict->closed_by = WHY_CLOSED_BY_SERVER;
    verdict->has_code = true;
    verdict->code = (struct why_code){WHY_SPACE_ERROR_INFO, 7, "ERRINFO_SERVER_DENIED_CONNECTION"};
    verdict->has_mstsc = true;
    verdict->mstsc = (struct why_mstsc){0x904, true, 0x7, true, NULL};
    verdict->duration_us = 1234567;
    strcpy(verdict->reason, "The server denied the connection.");
    add_phase(verdict, WHY_PHASE_TLS, 1080, 20000);
    add_phase(verdict, WHY_PHASE_CAPABILITIES, 21080, 1213487);
    sample_tls(&result->facts);
    result->facts.certificate.self_signed = true;
    result->facts.certificate.name_matches = false;
    result->facts.last_sent = "Font List";
    result->facts.last_received = "Set Error Info";
    s->host.state = WHY_HOST_BROKEN;
    s->host.footprint =
        (struct why_footprint){.connections = 1, .licenses_requested = 1, .licenses_issued = 1};
    s->finding.rule = "denied";
    s->finding.severity = WHY_SEVERITY_ERROR;
    strcpy(s->finding.summary, "The server denies this account the connection, in every profile "
                               "that came as far as the capabilities.");
    strcpy(s->finding.because[0], "tls: error-info 0x7 in capabilities");
    s->finding.because_count = 1;
    s->finding.causes[0] = "The logon right is missing.";
    s->finding.checks[0] = "Event 4825 in the server's Security log.";
    s->finding.remedies[0] = "Add the account to Remote Desktop Users.";
    s->finding.remedies[1] = "Ask who took the right away, and why.";
    s->finding.attempts[0] = 1;
    s->finding.attempt_count = 1;
    s->host.findings = &s->finding;
    s->host.finding_count = 1;
}

/* NLA without credentials: stopped after the server's challenge, which names the server. */
static inline void sample_challenge(struct sample *s)
{
    struct why_result *result;
    struct why_verdict *verdict;
    struct why_ntlm_challenge *ntlm;

    sample_begin(s);
    result = sample_add(s, WHY_PROFILE_NLA);
    verdict = &result->verdict;
    ntlm = &result->facts.ntlm;
    verdict->outcome = WHY_OUTCOME_STOPPED;
    verdict->phase = verdict->sent_through = WHY_PHASE_CREDSSP;
    verdict->ending = WHY_END_STOP;
    verdict->has_closer = true;
    verdict->closed_by = WHY_CLOSED_BY_CLIENT;
    verdict->duration_us = 812;
    strcpy(verdict->reason, "Stopped on purpose: no credentials were given.");
    add_phase(verdict, WHY_PHASE_CREDSSP, 500, 312);
    sample_tls(&result->facts);
    result->facts.requested_protocols = 3;
    result->facts.selected_protocol = 2;
    result->facts.last_sent = "TSRequest NTLM NEGOTIATE";
    result->facts.last_received = "TSRequest NTLM CHALLENGE";
    result->facts.credssp_version = 6;
    result->facts.has_ntlm = true;
    strcpy(ntlm->target, "CORP");
    strcpy(ntlm->netbios_computer, "SRV1");
    strcpy(ntlm->netbios_domain, "CORP");
    strcpy(ntlm->dns_computer, "srv1.corp.example");
    strcpy(ntlm->dns_domain, "corp.example");
    strcpy(ntlm->dns_forest, "corp.example");
    s->host.kind = (struct why_server_kind){
        .kind = WHY_KIND_WINDOWS,
        .evidence = {"its NTLM names a computer as Windows does"},
        .evidence_count = 1,
    };
    ntlm->has_version = true;
    ntlm->major = 10;
    ntlm->build = 20348;
    ntlm->has_timestamp = true;
    ntlm->timestamp = UINT64_C(134398079971234560); /* 2026-11-22T07:59:57.123456Z */
    result->facts.has_clock_skew = true;
    result->facts.clock_skew_s = -3;
    s->host.state = WHY_HOST_HEALTHY;
    s->host.footprint = (struct why_footprint){.connections = 1};
}

static inline void sample_unreachable(struct sample *s)
{
    sample_begin(s);
    for (int i = 0; i < 2; i++) {
        struct why_result *result = sample_add(s, i ? WHY_PROFILE_NLA : WHY_PROFILE_TLS);
        struct why_verdict *verdict = &result->verdict;

        verdict->outcome = WHY_OUTCOME_UNREACHABLE;
        verdict->phase = WHY_PHASE_CONNECT;
        verdict->ending = WHY_END_REFUSED;
        verdict->has_code = true;
        verdict->code = (struct why_code){WHY_SPACE_ERRNO, 111, "ECONNREFUSED"};
        verdict->has_mstsc = true;
        verdict->mstsc = (struct why_mstsc){.code = 0x204, .rule = "the connection was refused"};
        verdict->duration_us = 103;
        strcpy(verdict->reason, "The TCP connection was refused.");
        add_phase(verdict, WHY_PHASE_CONNECT, 0, 103);
    }
    s->host.state = WHY_HOST_UNREACHABLE;
}

static inline void sample_gateway_facts(struct why_gateway_facts *gateway)
{
    static char label[] = "gw.corp.example:443", address[] = "192.0.2.80:443";
    static char version[] = "TLSv1.2", cipher[] = "ECDHE-RSA-AES256-GCM-SHA384";
    static char schemes[] = "Negotiate, NTLM", server[] = "Microsoft-HTTPAPI/2.0";
    static char computer[] = "gw.corp.example", message[] = "Authorized use only";
    static char authority[] = "CN=Corp CA";
    struct why_facts certified = {.has_certificate = false};

    sample_certificate(&certified);
    gateway->has_certificate = true;
    gateway->certificate = certified.certificate;
    gateway->certificate.has_trust = true;
    gateway->certificate.trust = WHY_TRUST_TRUSTED;
    gateway->certificate.authority = authority;
    gateway->label = label;
    gateway->address = address;
    gateway->tls_version = version;
    gateway->tls_cipher = cipher;
    gateway->schemes = schemes;
    gateway->server = server;
    gateway->computer = computer;
    gateway->message = message;
    gateway->status = 200;
    gateway->asked_websocket = true;
    gateway->no_websocket = 502;
    gateway->transport = 2;
    gateway->logged_on = true;
    gateway->has_capabilities = gateway->has_redirection = gateway->has_idle_timeout = true;
    gateway->capabilities = 0x3F;
    gateway->redirection_flags = 0x9;
    gateway->idle_timeout = 30;
}

/* Through an RD Gateway, whose policy does not allow the server. */
static inline void sample_gateway(struct sample *s)
{
    struct why_result *result;
    struct why_verdict *verdict;

    sample_begin(s);
    result = sample_add(s, WHY_PROFILE_TLS);
    verdict = &result->verdict;
    verdict->outcome = WHY_OUTCOME_UNREACHABLE;
    verdict->phase = WHY_PHASE_GATEWAY_CHANNEL;
    verdict->ending = WHY_END_GATEWAY_REFUSED;
    verdict->has_closer = true;
    verdict->closed_by = WHY_CLOSED_BY_GATEWAY;
    verdict->has_code = true;
    verdict->code = (struct why_code){WHY_SPACE_GATEWAY, 0x800759DA, "E_PROXY_RAP_ACCESSDENIED"};
    verdict->duration_us = 45678;
    strcpy(verdict->reason, "The RD Gateway refused: E_PROXY_RAP_ACCESSDENIED 0x800759DA.");
    add_phase(verdict, WHY_PHASE_CONNECT, 0, 180);
    add_phase(verdict, WHY_PHASE_GATEWAY_TLS, 180, 9000);
    add_phase(verdict, WHY_PHASE_GATEWAY_HTTP, 9180, 12000);
    add_phase(verdict, WHY_PHASE_GATEWAY_CHANNEL, 21180, 24498);
    result->facts.bytes_sent = 2345;
    result->facts.bytes_received = 3456;
    result->facts.connections = 2;
    sample_gateway_facts(&result->facts.gateway);
    s->host.state = WHY_HOST_UNREACHABLE;
    s->host.footprint = (struct why_footprint){.connections = 2, .authentications = 2};
}

/* A server whose texts try to write on the terminal and break the JSON. */
static inline void sample_hostile(struct sample *s)
{
    static char subject[] = "CN=\033[2J\"\\\r\nrdpwhy: all is well", issuer[] = "\xff\xfe\xc0\x80";
    static char name[] = "\xe2\x80\xae"
                         "gpj.exe",
                name2[] = "\xc2\x9b"
                          "31m";
    struct why_result *result;

    sample_challenge(s);
    result = &s->results[0];
    result->facts.certificate.subject = subject;
    result->facts.certificate.issuer = issuer;
    result->facts.certificate.names[0] = name;
    result->facts.certificate.names[1] = name2;
    strcpy(result->facts.ntlm.netbios_computer, "\007\xe6\x97\xa5\xe6\x9c\xac");
    strcpy(result->facts.ntlm.dns_computer, "\xed\xa0\x80.example");
    result->facts.ntlm.timestamp = UINT64_MAX; /* the year 60056: RFC 3339 ends with 9999 */
    result->facts.has_clock_skew = false;
    s->host.state = WHY_HOST_DEGRADED;
}

/* A step that was skipped, and one that was tried twice. */
static inline void sample_variation(struct sample *s)
{
    const struct why_trace_head head = {.host = sample_name,
                                        .library = sample_library,
                                        .port = 3389,
                                        .profile = WHY_PROFILE_RDP,
                                        .started_us = STARTED_US,
                                        .variation = (char[]){"plain-mac"}};
    struct why_result *result;

    sample_begin(s);
    result = sample_add(s, WHY_PROFILE_AAD);
    result->verdict.outcome = WHY_OUTCOME_SKIPPED;
    result->verdict.phase = WHY_PHASE_NONE;
    result->verdict.ending = WHY_END_STOP;
    strcpy(result->verdict.reason, "this libfreerdp cannot do it");
    result = sample_add(s, WHY_PROFILE_RDP);
    why_trace_free(result->trace);
    result->trace = why_trace_new(&head);
    result->step.repeat = 1;
    result->verdict.outcome = WHY_OUTCOME_REFUSED;
    result->verdict.phase = result->verdict.sent_through = WHY_PHASE_LICENSING;
    result->verdict.ending = WHY_END_LICENSE_ERROR;
    result->verdict.has_closer = true;
    result->verdict.has_code = result->verdict.has_transition = true;
    result->verdict.code = (struct why_code){WHY_SPACE_LICENSE_ERROR, 6, "ERR_NO_LICENSE_SERVER"};
    result->verdict.transition = 1;
    result->verdict.duration_us = 999960;
    result->verdict.step = "after NEW_LICENSE_REQUEST";
    strcpy(result->verdict.reason, "No license server.");
    result->facts.has_server_security = true;
    result->facts.encryption_method = 2;
    result->facts.encryption_level = 3;
    s->first_try = sample_result(WHY_PROFILE_RDP, 2);
    s->first_try.verdict.outcome = WHY_OUTCOME_REFUSED;
    s->first_try.verdict.phase = WHY_PHASE_SECURE_SETTINGS;
    s->first_try.verdict.sent_through = WHY_PHASE_NONE;
    s->first_try.verdict.ending = WHY_END_DISCONNECT_ULTIMATUM;
    s->first_try.verdict.has_code = true;
    s->first_try.verdict.code =
        (struct why_code){WHY_SPACE_MCS_DISCONNECT, 1, "rn-provider-initiated"};
    s->first_try.verdict.duration_us = 5000;
    result->first_try = &s->first_try;
    s->spreads[0] = (struct why_spread){
        WHY_PROFILE_RDP, WHY_LICENSE_MODE_ADMIN, WHY_PHASE_LICENSING, 2, 900, 1000, 1100};
    s->spreads[1] = (struct why_spread){
        WHY_PROFILE_RDP, WHY_LICENSE_MODE_FRESH, WHY_PHASE_COUNT, 3, 5000, 999960, 1999960};
    s->host.spreads = s->spreads;
    s->host.spread_count = 2;
    s->host.state = WHY_HOST_BROKEN;
}

static const struct sample_row {
    const char *name;
    void (*make)(struct sample *s);
} samples[] = {
    {"healthy", sample_healthy},     {"denied", sample_denied},
    {"challenge", sample_challenge}, {"unreachable", sample_unreachable},
    {"hostile", sample_hostile},     {"variation", sample_variation},
    {"gateway", sample_gateway},
};
#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

#endif /* !defined(RDPWHY_TESTS_TEST_REPORT_H) */
