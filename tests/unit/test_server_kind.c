/* SPDX-License-Identifier: Apache-2.0 */
#include "server_kind.h"

#include <stdio.h>
#include <string.h>

#include <rdpwhy/result.h>
#include <rdpwhy/status.h>

#include "trace_builder.h"
#include "unit.h"

/*
 * Which software a server is: each kind by what its sources, its documentation or public captures
 * say that it sends, and hosts that are nearly of a kind.
 */

#define WINDOWS_SOURCE 0x1234
#define DAY            86400
#define NONE           (-1)

/* What one attempt shows; zeros are "did not come so far". */
struct shown {
    int source, flags; /* NONE: no Connection Confirm; a failure has no flags */
    const char *tls;
    struct {
        const char *subject;
        int days;
        const char *serial;
    } certificate;
    struct {
        unsigned flags;
        const char *computer;
    } ntlm;
    struct why_mcs_choices choices;
    const char *sets; /* capability sets by number */
    uint16_t port;
    const char *other_protocol;
};

#define NO_ANSWER                     .source = NONE, .flags = NONE
#define CONFIRM(source_, flags_)      .source = (source_), .flags = (flags_)
#define FAILURE(source_)              .source = (source_), .flags = NONE
#define CERTIFICATE(name, d)          .certificate = {name, d, "6a0b1c2d3e4f50617283940a0b0c0d0e"}
#define SHORT_CERTIFICATE(n, d)       .certificate = {n, d, "6a0b1c"}
#define WINDOWS_NTLM(computer_)       .ntlm = {0xe28a8235, computer_}
#define FREERDP_NTLM(computer_)       .ntlm = {0xe28882b7, computer_}
#define MCS(id, channels, users, pdu) .choices = {id, channels, users, pdu}
#define WINDOWS_MCS                   MCS(0, 34, 3, 65528)
#define XRDP_MCS                      MCS(0, 22, 3, 65528)
#define IRONRDP_MCS                   MCS(1, 34, 2, 65535)
#define WINDOWS_SETS                  .sets = "9 1 20 10 8 27 14 2 29 3 18 13 23 24 26 28 30"
#define WINDOWS_7_SETS                .sets = "9 1 20 22 14 2 3 10 18 8 13 23 24"
#define XRDP_SETS                     .sets = "9 1 2 14 3 29 10 8 13"
#define FREERDP_SETS                  .sets = "1 2 3 8 13 20 9 14 26 27 25 28 29 30"
#define IRONRDP_SETS                  .sets = "1 2 3 28 8 13 20 26 29"

static const struct {
    const char *what;
    struct shown attempts[2]; /* the second one shows nothing where it has no port and no TLS */
    const char *kind;
    bool certain;
} hosts[] = {
    /* Windows */
    {"Server 2022, no account",
     {{CONFIRM(WINDOWS_SOURCE, 0x1f), .tls = "TLSv1.3", WINDOWS_NTLM("SRV1"),
       CERTIFICATE("CN=srv1.corp.example", 183)}},
     "windows",
     true},
    {"Server 2012 R2, without NLA, to the end",
     {{CONFIRM(WINDOWS_SOURCE, 0x0f), .tls = "TLSv1.2", WINDOWS_MCS, WINDOWS_SETS}},
     "windows",
     true},
    {"Windows 10, TLS only, as far as licensing",
     {{CONFIRM(WINDOWS_SOURCE, 0x1f), .tls = "TLSv1.2", WINDOWS_MCS}},
     "windows",
     false},
    {"Windows 7",
     {{CONFIRM(WINDOWS_SOURCE, 0x01), .tls = "TLSv1.2", WINDOWS_NTLM("PC7")}},
     "windows",
     false},
    {"Windows 7, to the end",
     {{CONFIRM(WINDOWS_SOURCE, 0x09), .tls = "TLSv1", WINDOWS_NTLM("PC7"), WINDOWS_MCS,
       WINDOWS_7_SETS}},
     "windows",
     true},
    {"its own certificate and no more",
     {{CONFIRM(WINDOWS_SOURCE, 0x00), .tls = "TLSv1.2", CERTIFICATE("CN=SRV3", 183)}},
     "windows",
     false},
    {"Windows with a certificate named after xrdp",
     {{CONFIRM(WINDOWS_SOURCE, 0x1f), .tls = "TLSv1.3", WINDOWS_NTLM("SRV1"),
       CERTIFICATE("CN=www.xrdp.org,O=xrdp,L=Sunnyvale,ST=CA,C=US", 365)}},
     "windows",
     true},
    {"Windows with a certificate named after GNOME, no NTLM seen",
     {{CONFIRM(WINDOWS_SOURCE, 0x1f), .tls = "TLSv1.2", SHORT_CERTIFICATE("CN=GNOME,C=US", 1825)}},
     "windows",
     false},
    {"Windows with a certificate for five years",
     {{CONFIRM(WINDOWS_SOURCE, 0x1f), .tls = "TLSv1.2", SHORT_CERTIFICATE("CN=srv1", 1825)}},
     "windows",
     false},

    /* xrdp */
    {"xrdp with Debian's certificate",
     {{CONFIRM(WINDOWS_SOURCE, 0x01), .tls = "TLSv1.3", SHORT_CERTIFICATE("CN=debian", 3650),
       XRDP_MCS, XRDP_SETS}},
     "xrdp",
     true},
    {"xrdp, Standard RDP Security", {{CONFIRM(WINDOWS_SOURCE, 0x01), XRDP_MCS}}, "xrdp", true},
    {"xrdp 0.9, to which only Standard RDP Security was offered",
     {{CONFIRM(WINDOWS_SOURCE, 0x00), XRDP_MCS}},
     "xrdp",
     true},
    {"xrdp that ends behind TLS",
     {{CONFIRM(WINDOWS_SOURCE, 0x01), .tls = "TLSv1.3", SHORT_CERTIFICATE("CN=debian", 3650)}},
     "xrdp",
     false},
    {"xrdp's own certificate and an old TLS",
     {{CONFIRM(WINDOWS_SOURCE, 0x01), .tls = "TLSv1.2",
       CERTIFICATE("CN=www.xrdp.org,O=xrdp,L=Sunnyvale,ST=CA,C=US", 365)}},
     "xrdp",
     false},
    {"xrdp behind a TLS terminator with a certificate like Windows'",
     {{CONFIRM(WINDOWS_SOURCE, 0x01), .tls = "TLSv1.3", CERTIFICATE("CN=gate", 183), XRDP_MCS}},
     "xrdp",
     true},
    {"xrdp that has no certificate: so might Windows", {{FAILURE(WINDOWS_SOURCE)}}, NULL, false},

    /* built on FreeRDP */
    {"FreeRDP's library, NLA, no account",
     {{CONFIRM(0, 0x03), .tls = "TLSv1.3", FREERDP_NTLM("box"), SHORT_CERTIFICATE("CN=box", 365)}},
     "freerdp-based",
     true},
    {"FreeRDP's library, TLS, to the end",
     {{CONFIRM(0, 0x03), .tls = "TLSv1.3", WINDOWS_MCS, FREERDP_SETS}},
     "freerdp-based",
     true},
    {"FreeRDP's library, as far as TLS",
     {{CONFIRM(0, 0x03), .tls = "TLSv1.3"}},
     "freerdp-based",
     false},
    {"freerdp-shadow",
     {{CONFIRM(0, 0x0b), .tls = "TLSv1.3", FREERDP_NTLM("box"),
       SHORT_CERTIFICATE("CN=box.example", 1825)}},
     "freerdp-shadow",
     false},
    {"GNOME, no account",
     {{CONFIRM(0, 0x03), .tls = "TLSv1.3", FREERDP_NTLM("box"),
       SHORT_CERTIFICATE("CN=GNOME,C=US", 1825)}},
     "gnome-remote-desktop",
     false},
    {"GNOME to the end, certificate of its owner's",
     {{CONFIRM(0, 0x03), .tls = "TLSv1.3", FREERDP_NTLM("box"), WINDOWS_MCS, FREERDP_SETS,
       CERTIFICATE("CN=box.example", 90)}},
     "freerdp-based",
     true},
    {"KRDP with the certificate of Plasma's settings",
     {{CONFIRM(0, 0x03), .tls = "TLSv1.3", FREERDP_NTLM("box"),
       CERTIFICATE("O=Internet Widgits Pty Ltd,ST=Some-State,C=AU", 1)}},
     "krdp",
     false},
    {"KRDP with another one",
     {{CONFIRM(0, 0x03), .tls = "TLSv1.3", FREERDP_NTLM("box"), CERTIFICATE("CN=kde", 90)}},
     "freerdp-based",
     true},
    {"certificates of two members",
     {{CONFIRM(0, 0x03), .tls = "TLSv1.3", SHORT_CERTIFICATE("CN=GNOME,C=US", 1825)},
      {CONFIRM(0, 0x03), .tls = "TLSv1.3", SHORT_CERTIFICATE("CN=box", 1825)}},
     "freerdp-based",
     false},

    /* built on IronRDP */
    {"IronRDP's server",
     {{CONFIRM(0, 0x01), .tls = "TLSv1.3", IRONRDP_MCS, IRONRDP_SETS}},
     "ironrdp-based",
     true},
    {"IronRDP's server, NLA, no account",
     {{CONFIRM(0, 0x01), .tls = "TLSv1.3", FREERDP_NTLM("")}},
     "ironrdp-based",
     false},
    {"lamco's",
     {{CONFIRM(0, 0x01), .tls = "TLSv1.3", IRONRDP_MCS, CERTIFICATE("CN=lamco-rdp-server", 365)}},
     "lamco-rdp-server",
     false},
    {"a form that FreeRDP and IronRDP share", {{CONFIRM(0, 0x01), .tls = "TLSv1.3"}}, NULL, false},

    /* consoles of virtual machines */
    {"VirtualBox", {{CONFIRM(0x3412, 0x00), .tls = "TLSv1.2"}}, "virtualbox", false},
    {"VirtualBox without a certificate", {{FAILURE(0x3412)}}, "virtualbox", false},
    {"Hyper-V's console port",
     {{NO_ANSWER, .port = 2179}, {NO_ANSWER, .port = 2179}},
     "hyper-v-console",
     false},
    {"another server on that port",
     {{NO_ANSWER, .port = 2179}, {CONFIRM(0, 0x03), .port = 2179, .tls = "TLSv1.3"}},
     "freerdp-based",
     false},
    {"a web server on that port",
     {{NO_ANSWER, .port = 2179, .other_protocol = "HTTP"}},
     NULL,
     false},

    /* nothing, or a contradiction */
    {"no answer", {{NO_ANSWER, .port = 3389}}, NULL, false},
    {"a stand-in: Windows' confirm, FreeRDP's session",
     {{CONFIRM(WINDOWS_SOURCE, 0x1f), .tls = "TLSv1.3", FREERDP_NTLM("x"), WINDOWS_MCS,
       FREERDP_SETS}},
     NULL,
     false},
    {"Windows and xrdp behind one address",
     {{CONFIRM(WINDOWS_SOURCE, 0x1f), .tls = "TLSv1.3", WINDOWS_NTLM("SRV1")},
      {CONFIRM(WINDOWS_SOURCE, 0x01), .tls = "TLSv1.3", XRDP_MCS}},
     NULL,
     false},
};

/* ---- by hand --------------------------------------------------------------------------------- */

/* The facts' texts are theirs: these are constant, and nobody frees them. */
static char *text(const char *constant)
{
    union {
        const char *in;
        char *out;
    } u = {.in = constant};

    return u.out;
}

static void fill_session(const struct shown *shown, struct why_facts *f)
{
    const char *sets = shown->sets != NULL ? shown->sets : "";
    unsigned type;
    int used;

    f->has_choices = shown->choices.max_channels != 0;
    f->choices = shown->choices;
    for (; sscanf(sets, "%u%n", &type, &used) == 1; sets += used)
        f->capabilities.types[f->capabilities.count++] = (uint16_t)type;
}

static void fill_ntlm(const struct shown *shown, struct why_facts *f)
{
    if (shown->ntlm.computer == NULL)
        return;
    f->has_ntlm = true;
    f->ntlm.negotiate_flags = shown->ntlm.flags;
    (void)snprintf(f->ntlm.netbios_computer, sizeof(f->ntlm.netbios_computer), "%s",
                   shown->ntlm.computer);
}

static void fill(const struct shown *shown, struct why_facts *f)
{
    f->port = shown->port;
    f->bytes_sent = 40;
    f->other_protocol = shown->other_protocol;
    f->requested_protocols = WHY_PROTOCOL_SSL | WHY_PROTOCOL_HYBRID;
    f->has_source = shown->source != NONE;
    f->confirm_source = (uint16_t)(f->has_source ? shown->source : 0);
    f->has_confirm = f->has_negotiation_data = shown->flags != NONE;
    f->negotiation_flags = (uint8_t)(f->has_confirm ? shown->flags : 0);
    f->selected_protocol = shown->tls != NULL ? WHY_PROTOCOL_SSL : WHY_PROTOCOL_RDP;
    f->tls_version = text(shown->tls);
    if (shown->certificate.subject != NULL) {
        f->has_certificate = true;
        f->certificate.subject = f->certificate.issuer = text(shown->certificate.subject);
        f->certificate.serial = text(shown->certificate.serial);
        f->certificate.self_signed = true;
        f->certificate.key_bits = 2048;
        f->certificate.not_after = (int64_t)shown->certificate.days * DAY;
    }
    fill_ntlm(shown, f);
    fill_session(shown, f);
}

static struct why_server_kind tell(const struct shown attempts[2])
{
    static struct why_result results[2];
    struct why_result *list[2] = {&results[0], &results[1]};
    struct why_server_kind kind;

    memset(results, 0, sizeof(results));
    for (size_t i = 0; i < 2; i++) {
        if (i == 0 || attempts[i].port != 0 || attempts[i].tls != NULL)
            fill(&attempts[i], &results[i].facts);
    }
    why_server_kind_tell(list, 2, &kind);
    return kind;
}

static void test_by_hand(void)
{
    for (size_t i = 0; i < sizeof(hosts) / sizeof(hosts[0]); i++) {
        struct why_server_kind kind = tell(hosts[i].attempts);
        const char *due = hosts[i].kind != NULL ? hosts[i].kind : "unknown";
        bool right = strcmp(why_kind_name(kind.kind), due) == 0 &&
                     kind.certain == hosts[i].certain &&
                     (kind.evidence_count > 0) == (hosts[i].kind != NULL);

        if (!right)
            (void)fprintf(stderr, "%s: %s %s\n", hosts[i].what, why_kind_basis(&kind),
                          why_kind_name(kind.kind));
        CU_ASSERT(right);
    }
}

/* ---- by what servers sent -------------------------------------------------------------------- */

static const struct {
    const char *capture, *kind;
    bool certain;
} captures[] = {
    {"xrdp-tls", "xrdp", true},
    {"xrdp-rdp-high", "xrdp", true},
    {"xrdp-rdp-fips", "xrdp", true},
    {"shadow-nla", "freerdp-based", true},
    {"shadow-nla-wrong-password", "freerdp-based", true},
};

static void test_captures(void)
{
    for (size_t i = 0; i < sizeof(captures) / sizeof(captures[0]); i++) {
        struct why_result result, *list = &result;
        struct why_server_kind kind;
        struct builder b;

        memset(&result, 0, sizeof(result));
        builder_begin(&b, WHY_PROFILE_NEGOTIATE, WHY_PHASE_ACTIVE);
        builder_capture(&b, captures[i].capture, NULL);
        CU_ASSERT_EQUAL_FATAL(why_trace_judge(b.trace, NULL, &result.facts, &result.verdict, NULL),
                              WHY_OK);
        why_server_kind_tell(&list, 1, &kind);
        if (strcmp(why_kind_name(kind.kind), captures[i].kind) != 0)
            (void)fprintf(stderr, "%s: %s\n", captures[i].capture, why_kind_name(kind.kind));
        CU_ASSERT_STRING_EQUAL(why_kind_name(kind.kind), captures[i].kind);
        CU_ASSERT(kind.certain == captures[i].certain);
        why_facts_clear(&result.facts);
        builder_free(&b);
    }
}

/* ---- the lists ------------------------------------------------------------------------------- */

static void test_names(void)
{
    for (int i = 0; i < WHY_KIND_COUNT; i++) {
        enum why_kind kind = (enum why_kind)i, family = why_kind_family(kind);

        CU_ASSERT(why_kind_find(why_kind_name(kind)) == kind);
        CU_ASSERT(why_kind_family(family) == family);
        CU_ASSERT(*why_kind_words(kind) != '\0');
    }
    CU_ASSERT(why_kind_find("no-such-server") == WHY_KIND_UNKNOWN);
    /* A text is for Windows, or for what is known to be something else, and for no kind twice. */
    CU_ASSERT_EQUAL(WHY_FOR_WINDOWS & WHY_FOR_OTHER, 0);
    CU_ASSERT_EQUAL(WHY_FOR_WINDOWS | WHY_FOR_OTHER, (1 << WHY_KIND_COUNT) - 1);
}

int main(void)
{
    CU_TestInfo tests[] = {{"kinds by hand", test_by_hand},
                           {"kinds of recorded servers", test_captures},
                           {"names", test_names},
                           CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{.pName = "server kind", .pTests = tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
