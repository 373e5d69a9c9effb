/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/diff.h>
#include <rdpwhy/status.h>

#include "unit.h"

/*
 * Two attempts (or two whole hosts) and the changes between them, in one line each: "class name
 * [steps] before -> after". Members that are left out are those of ATTEMPT.
 */

static const struct why_diff_limits limits = {200, 250000, 300, 14};

#define RECORD "{\"schema\":\"rdpwhy/1\",\"record\":"

static struct why_run *read_run(const char *lines)
{
    struct why_run *run = NULL;
    char *text = malloc(strlen(lines) + 1024), err[256] = "";
    FILE *in;

    sprintf(text,
            RECORD "\"run\",\"options\":{\"profiles\":[\"tls\"],\"license_modes\":[\"fresh\"],"
                   "\"repeat\":3}}\n%s" RECORD "\"end\",\"complete\":true}\n",
            lines);
    in = fmemopen(text, strlen(text), "r");
    if (!in || why_run_read(&run, in, "run", false, err, sizeof(err)) != WHY_OK) {
        printf("\n%s\n%s\n", err, text);
        abort();
    }
    fclose(in);
    free(text);
    return run;
}

/* Everything that changed, a line each. */
static char *changes_of(const char *before, const char *after)
{
    struct why_run *runs[2] = {read_run(before), read_run(after)};
    struct why_diff diff;
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (!out || why_diff_make(runs[0], runs[1], &limits, &diff) != WHY_OK)
        abort();
    for (size_t i = 0; i < diff.count; i++) {
        for (size_t k = 0; k < diff.hosts[i].count; k++) {
            const struct why_change *c = &diff.hosts[i].changes[k];

            fprintf(out, "%s %s [", why_change_class_name(c->class), c->info->name);
            for (size_t s = 0; s < c->step_count; s++)
                fprintf(out, "%s%s", s ? "," : "", why_profile_name(c->steps[s].profile));
            fprintf(out, "] %s -> %s\n", c->before ? c->before : "-", c->after ? c->after : "-");
        }
    }
    fclose(out);
    why_diff_clear(&diff);
    why_run_free(runs[0]);
    why_run_free(runs[1]);
    return text;
}

static char *attempt(const char *profile, const char *members)
{
    static const char rest[] = "\"license_mode\":\"fresh\",\"started\":\"2026-11-22T08:00:00Z\"";
    static const char done[] =
        ",\"outcome\":\"completed\",\"phase\":\"active\",\"ending\":\"done\"";
    char *text = malloc(strlen(members) + 512);

    sprintf(text, RECORD "\"attempt\",\"target\":\"srv1:3389\",\"profile\":\"%s\",%s%s%s%s}\n",
            profile, rest, strstr(members, "\"outcome\"") ? "" : done, *members ? "," : "",
            members);
    return text;
}

struct row {
    const char *profile, *before, *after, *changes;
};

#define END(outcome, phase, ending)                                                                \
    "\"outcome\":\"" outcome "\",\"phase\":\"" phase "\",\"ending\":\"" ending "\""
#define STOPPED            END("stopped", "credssp", "stop") ",\"closed_by\":\"client\""
#define CODE(space, value) ",\"code\":{\"space\":\"" space "\",\"value\":" value "}"
#define NEG(value)                                                                                 \
    END("refused", "negotiation", "negotiation-failure") CODE("negotiation-failure", value)
#define TLS(version, cipher) "\"tls\":{\"version\":\"" version "\",\"cipher\":\"" cipher "\"}"
#define CERT(sha, flags)                                                                           \
    "\"tls\":{\"certificate\":{\"sha256\":\"" sha                                                  \
    "\",\"subject\":\"CN=a\",\"not_after\":\"2027-06-"                                             \
    "01T00:00:00Z\"," flags "}}"
#define FINE           "\"self_signed\":true,\"expired\":false,\"name_matches\":true,\"key\":\"RSA 2048\""
#define GOOD           "AES256-GCM-SHA384"
#define NTLM(m)        "\"ntlm\":{" m "}"
#define UDP(result)    "\"udp\":{\"tries\":1,\"result\":\"" result "\"}"
#define WATCHED(state) "\"session\":{\"state\":\"" state "\"}"
#define UNTIL(d)                                                                                   \
    "\"tls\":{\"certificate\":{\"sha256\":\"a\",\"expired\":false,\"not_after\":\"" d "\"}}"

static const struct row rows[] = {
    {"tls", "", "", ""},
    /* what became of it */
    {"tls", "", END("aborted", "tls", "reset"),
     "worse outcome [tls] completed -> aborted in tls: reset\n"},
    {"tls", END("aborted", "tls", "reset"), "",
     "better outcome [tls] aborted in tls: reset -> completed\n"},
    {"tls", END("aborted", "tls", "reset"), END("aborted", "licensing", "reset"),
     "better phase [tls] aborted in tls: reset -> aborted in licensing: reset\n"},
    {"tls", END("aborted", "licensing", "fin"), END("aborted", "basic-settings", "reset"),
     "worse phase [tls] aborted in licensing: fin -> aborted in basic-settings: reset\n"},
    {"tls", END("aborted", "tls", "fin"), END("aborted", "tls", "reset"),
     "changed ending [tls] aborted in tls: fin -> aborted in tls: reset\n"},
    {"tls", END("refused", "licensing", "license-error") CODE("license-error", "2"),
     END("refused", "licensing", "license-error") CODE("license-error", "6"),
     "changed code [tls] refused in licensing: license-error 0x2 -> refused in licensing: "
     "license-error 0x6\n"},
    {"tls", END("refused", "licensing", "license-error"), END("aborted", "licensing", "fin"),
     "changed outcome [tls] refused in licensing: license-error -> aborted in licensing: "
     "fin\n"},
    {"tls", "", END("unreachable", "connect", "refused"),
     "worse outcome [tls] completed -> unreachable in connect: refused\n"},
    {"tls", "", "\"outcome\":\"skipped\",\"ending\":\"stop\"", ""},
    {"tls", "\"outcome\":\"skipped\",\"ending\":\"stop\"", END("aborted", "tls", "reset"), ""},
    {"tls", "\"outcome\":\"skipped\",\"ending\":\"stop\"",
     "\"outcome\":\"skipped\",\"ending\":\"stop\"", ""},
    {"nla", STOPPED, "",
     "changed outcome [nla] stopped in credssp -> "
     "completed\n"},
    /* let in and turned down */
    {"rdp", NEG("1"), "",
     "worse accepted [rdp] refused in negotiation: negotiation-failure 0x1 -> "
     "completed\n"},
    {"rdp", "", NEG("1"),
     "better accepted [rdp] completed -> refused in negotiation: "
     "negotiation-failure 0x1\n"},
    {"rdp", END("aborted", "capabilities", "fin"), NEG("1"),
     "changed accepted [rdp] aborted in capabilities: fin -> refused in negotiation: "
     "negotiation-failure 0x1\n"},
    {"rdp", "", NEG("3"),
     "worse outcome [rdp] completed -> refused in negotiation: "
     "negotiation-failure 0x3\n"},
    {"rdp", NEG("1"), NEG("5"),
     "changed code [rdp] refused in negotiation: negotiation-failure 0x1 -> refused in "
     "negotiation: "
     "negotiation-failure 0x5\n"},
    {"nla", STOPPED, NEG("2"),
     "worse accepted [nla] stopped in credssp -> refused in negotiation: negotiation-failure "
     "0x2\n"},
    {"tls", "", NEG("2"),
     "worse accepted [tls] completed -> refused in negotiation: "
     "negotiation-failure 0x2\n"},
    {"tls", NEG("5"), "\"negotiation\":{\"selected\":\"SSL\"}",
     "worse nla-required [] required -> not required\n"
     "changed accepted [tls] refused in negotiation: negotiation-failure 0x5 -> completed\n"},
    /* TLS */
    {"tls", TLS("TLSv1.3", "TLS_AES_256_GCM_SHA384"), TLS("TLSv1.2", "ECDHE-RSA-" GOOD),
     "worse tls-version [tls] TLSv1.3 -> TLSv1.2\n"},
    {"tls", TLS("TLSv1", "AES128-SHA"), TLS("TLSv1.2", "ECDHE-RSA-" GOOD),
     "better tls-version [tls] TLSv1 -> TLSv1.2\nbetter tls-cipher [tls] AES128-SHA -> "
     "ECDHE-RSA-" GOOD "\n"},
    {"tls", TLS("TLSv1.2", "ECDHE-RSA-" GOOD), TLS("TLSv1.2", GOOD),
     "worse tls-cipher [tls] ECDHE-RSA-" GOOD " -> " GOOD "\n"},
    {"tls", TLS("TLSv1.2", "ECDHE-RSA-" GOOD), TLS("TLSv1.2", "ECDHE-ECDSA-CHACHA20-POLY1305"),
     "changed tls-cipher [tls] ECDHE-RSA-" GOOD " -> ECDHE-ECDSA-CHACHA20-POLY1305\n"},
    {"tls", TLS("TLSv1.2", "AES128-SHA"), TLS("TLSv1.2", "DES-CBC3-SHA"),
     "worse tls-cipher [tls] AES128-SHA -> DES-CBC3-SHA\n"},
    {"negotiate", "\"negotiation\":{\"selected\":\"HYBRID_EX\"}",
     "\"negotiation\":{\"selected\":\"SSL\"}", "worse protocol [negotiate] HYBRID_EX -> SSL\n"},
    {"negotiate", "\"negotiation\":{\"selected\":\"RDP\"}",
     "\"negotiation\":{\"selected\":\"SSL\"}", "better protocol [negotiate] RDP -> SSL\n"},
    {"nla", "\"credssp\":{\"version\":6}", "\"credssp\":{\"version\":3}",
     "worse credssp-version [nla] 6 -> 3\n"},
    {"rdp", "\"security\":{\"method\":\"128bit\",\"level\":\"high\"}",
     "\"security\":{\"method\":\"40bit\",\"level\":\"low\"}",
     "worse encryption-method [rdp] 128bit -> 40bit\nworse encryption-level [rdp] high -> "
     "low\n"},
    {"negotiate", "\"negotiation\":{\"selected\":\"SSL\"},\"security\":{\"method\":\"none\"}",
     "\"negotiation\":{\"selected\":\"RDP\"},\"security\":{\"method\":\"128bit\"}",
     "worse protocol [negotiate] SSL -> RDP\n"},
    /* certificates */
    {"tls", CERT("aaaa", FINE), CERT("bbbb", FINE),
     "changed certificate [tls] CN=a until 2027-06-01, sha256 aaaa -> CN=a until 2027-06-01, "
     "sha256 "
     "bbbb\n"},
    {"tls", CERT("aaaa", FINE),
     CERT("aaaa", "\"self_signed\":true,\"expired\":true,"
                  "\"name_matches\":true"),
     "worse certificate-expired [tls] valid -> expired\n"},
    {"tls", CERT("aaaa", FINE), CERT("aaaa", "\"self_signed\":false,\"name_matches\":false"),
     "worse certificate-name [tls] is for this name -> is for another name\n"
     "better certificate-issuer [tls] self-signed -> signed by another key\n"},
    {"tls", CERT("aaaa", FINE),
     CERT("aaaa", "\"self_signed\":true,\"name_matches\":true,\"key\":\"RSA 1024\""),
     "worse certificate-key [tls] RSA 2048 -> RSA 1024\n"},
    {"tls", CERT("aaaa", FINE),
     CERT("aaaa", "\"self_signed\":true,\"name_matches\":true,\"key\":\"EC prime256v1\""),
     "better certificate-key [tls] RSA 2048 -> EC prime256v1\n"},
    {"tls", UNTIL("2026-12-20T08:00:00Z"), UNTIL("2026-12-19T08:00:00Z"), ""},
    {"tls", UNTIL("2026-12-06T08:00:00Z"), UNTIL("2026-12-06T07:59:59Z"),
     "worse certificate-days [tls] 14 days left -> 13 days left\n"},
    {"tls", UNTIL("2026-11-25T08:00:00Z"), UNTIL("2027-11-25T08:00:00Z"),
     "better certificate-days [tls] 3 days left -> 368 days left\n"},
    /* the server */
    {"nla", NTLM("\"os_version\":\"10.0.17763\",\"dns_computer\":\"a.x\",\"dns_domain\":\"x\""),
     NTLM("\"os_version\":\"10.0.20348\",\"dns_computer\":\"b.y\",\"dns_domain\":\"y\""),
     "changed server-build [nla] 10.0.17763 -> 10.0.20348\nchanged server-name [nla] a.x -> "
     "b.y\n"
     "changed server-domain [nla] x -> y\n"},
    {"nla", UDP("answered"), UDP("silent"), "worse udp [] answered -> silent\n"},
    {"nla", UDP("refused"), UDP("answered"), "better udp [] refused -> answered\n"},
    {"nla", UDP("refused"), UDP("silent"), "changed udp [] refused -> silent\n"},
    {"nla", UDP("answered"), UDP("not-tried"), ""},
    {"nla", UDP("answered"), "", ""},
    {"tls", WATCHED("logged-on"), WATCHED("login-window"),
     "worse session [tls] logged-on -> login-window\n"},
    {"tls", WATCHED("no-session-manager"), WATCHED("login-window"),
     "better session [tls] no-session-manager -> login-window\n"},
    {"nla", NTLM("\"clock_skew_s\":-3"), NTLM("\"clock_skew_s\":299"), ""},
    {"nla", NTLM("\"clock_skew_s\":-3"), NTLM("\"clock_skew_s\":-301"),
     "worse clock-skew [] -3 s -> -301 s\n"},
    {"tls", "\"license\":{\"result\":\"issued\"}", "\"license\":{\"result\":\"valid-client\"}",
     "changed license [tls] issued -> valid-client\n"},
    {"rdp", "", "\"variation\":\"no-salted-mac\"", "worse variation [rdp] none -> no-salted-mac\n"},
    {"rdp", "\"variation\":\"no-salted-mac\"", "",
     "better variation [rdp] no-salted-mac -> none\n"},
    /* noise */
    {"tls",
     "\"address\":\"192.0.2.1\",\"duration_us\":5,\"bytes_sent\":1,\"ordinal\":1,\"phases\":[{"
     "\"phase\":\"tls\",\"start_us\":1,\"duration_us\":5}]",
     "\"address\":\"192.0.2.2\",\"duration_us\":900000,\"bytes_sent\":2,\"ordinal\":2,"
     "\"phases\":[{"
     "\"phase\":\"tls\",\"start_us\":1,\"duration_us\":900000}]",
     ""},
    {"tls", TLS("TLSv1.3", "TLS_AES_256_GCM_SHA384"), "", ""},
};

static bool is_expected(char *changes, const char *expected)
{
    bool same = strcmp(changes, expected) == 0;

    if (!same)
        printf("\n--- expected\n%s--- got\n%s---\n", expected, changes);
    free(changes);
    return same;
}

static void test_rows(void)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *before = attempt(rows[i].profile, rows[i].before);
        char *after = attempt(rows[i].profile, rows[i].after);

        CU_ASSERT(is_expected(changes_of(before, after), rows[i].changes));
        free(before);
        free(after);
    }
}

/* Lines of several attempts: |...| are texts made by attempt(), ended by NULL, which are freed. */
static char *join(char *first, ...)
{
    char *text = NULL, *next = first;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    va_list more;

    va_start(more, first);
    while (out != NULL && next != NULL) {
        (void)fputs(next, out);
        free(next);
        /* clang-tidy 14 forgets va_start() when it is given two files at once. */
        next = va_arg(more, char *); /* NOLINT(clang-analyzer-valist.Uninitialized) */
    }
    va_end(more);
    CU_ASSERT_FATAL(out != NULL && fclose(out) == 0);
    return text;
}

static bool is_diff(char *before, char *after, const char *expected)
{
    bool same = is_expected(changes_of(before, after), expected);

    free(before);
    free(after);
    return same;
}

#define NONE ((char *)NULL)

/* Steps that changed alike are one change. */
static void test_merging(void)
{
    CU_ASSERT(is_diff(join(attempt("tls", CERT("a", FINE)), attempt("nla", CERT("a", FINE)), NONE),
                      join(attempt("nla", CERT("b", FINE)), attempt("tls", CERT("b", FINE)), NONE),
                      "changed certificate [tls,nla] CN=a until 2027-06-01, sha256 a -> CN=a until "
                      "2027-06-01, sha256 b\n"));
}

/* Neither the order of the repeats nor which of two servers answered first is a change. */
static void test_repeats(void)
{
    CU_ASSERT(is_diff(join(attempt("tls", CERT("a", FINE)),
                           attempt("tls", "\"repeat\":1," CERT("b", FINE)), NONE),
                      join(attempt("tls", CERT("b", FINE)),
                           attempt("tls", "\"repeat\":1," CERT("a", FINE)), NONE),
                      ""));
    CU_ASSERT(
        is_diff(join(attempt("tls", ""), attempt("tls", "\"repeat\":1"), NONE),
                join(attempt("tls", ""),
                     attempt("tls", "\"repeat\":1," END("aborted", "tls", "reset")), NONE),
                "worse outcome [tls] completed -> completed, at times aborted in tls: reset\n"));
    CU_ASSERT(is_diff(join(attempt("tls", ""),
                           attempt("tls", "\"repeat\":1," END("aborted", "tls", "reset")), NONE),
                      join(attempt("tls", END("aborted", "tls", "reset")),
                           attempt("tls", "\"repeat\":1," END("aborted", "tls", "reset")), NONE),
                      "worse outcome [tls] completed, at times aborted in tls: reset -> aborted in "
                      "tls: reset\n"));
}

/* One TLS version that fails is off where a current one works, and a fault where none does. */
static void test_versions(void)
{
#define ALERT END("refused", "tls", "tls-alert") CODE("tls-alert", "70")
#define RESET END("aborted", "tls", "reset")
    static const struct {
        const char *profile, *before, *after, *changes, *class_alone, *class_beside;
    } versions[] = {
        {"tls1.0", ALERT, "", "refused in tls: tls-alert 70 -> completed", "better outcome",
         "worse accepted"},
        {"tls1.0", "", RESET, "completed -> aborted in tls: reset", "worse outcome",
         "better accepted"},
        {"tls1.0", "\"answer\":\"tls-version\"," RESET, "", "aborted in tls: reset -> completed",
         "better outcome", "worse accepted"},
        {"tls1.3", "", ALERT, "completed -> refused in tls: tls-alert 70", "worse outcome",
         "worse accepted"},
        {"tls1.3", "", RESET, "completed -> aborted in tls: reset", "worse outcome",
         "worse accepted"},
    };

    for (size_t i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        const char *profile = versions[i].profile;
        char expected[256];

        snprintf(expected, sizeof(expected), "%s [%s] %s\n", versions[i].class_alone, profile,
                 versions[i].changes);
        CU_ASSERT(is_diff(attempt(profile, versions[i].before), attempt(profile, versions[i].after),
                          expected));
        snprintf(expected, sizeof(expected), "%s [%s] %s\n", versions[i].class_beside, profile,
                 versions[i].changes);
        CU_ASSERT(is_diff(join(attempt(profile, versions[i].before),
                               attempt("tls1.2", TLS("TLSv1.2", GOOD)), NONE),
                          join(attempt(profile, versions[i].after),
                               attempt("tls1.2", TLS("TLSv1.2", GOOD)), NONE),
                          expected));
    }
}

#define TIME(n, us)                                                                                \
    attempt("tls", "\"repeat\":" n                                                                 \
                   ",\"phases\":[{\"phase\":\"tls\",\"start_us\":0,\"duration_us\":" us "}]")

static void test_times(void)
{
    CU_ASSERT(is_diff(join(TIME("0", "20000"), TIME("1", "30000"), TIME("2", "25000"), NONE),
                      join(TIME("0", "400000"), TIME("1", "300000"), TIME("2", "350000"), NONE),
                      "worse phase-time [tls] tls 25.0 ms -> tls 350.0 ms\n"));
    /* the floor, the factor, and ranges that overlap */
    CU_ASSERT(is_diff(join(TIME("0", "2000"), TIME("1", "3000"), NONE),
                      join(TIME("0", "240000"), TIME("1", "250000"), NONE), ""));
    CU_ASSERT(is_diff(join(TIME("0", "2000000"), TIME("1", "2000000"), NONE),
                      join(TIME("0", "3900000"), TIME("1", "3900000"), NONE), ""));
    CU_ASSERT(is_diff(join(TIME("0", "20000"), TIME("1", "320000"), TIME("2", "20000"), NONE),
                      join(TIME("0", "300000"), TIME("1", "600000"), TIME("2", "700000"), NONE),
                      ""));
    CU_ASSERT(is_diff(join(TIME("0", "20000"), NONE), join(TIME("0", "900000"), NONE), ""));
}

static void test_hosts(void)
{
    static const char one[] = RECORD "\"host\",\"target\":\"a:1\",\"state\":\"healthy\"}\n";
    static const char two[] = RECORD "\"host\",\"target\":\"b:1\",\"state\":\"broken\"}\n" RECORD
                                     "\"host\",\"target\":\"a:1\",\"state\":\"unreachable\"}\n";

    CU_ASSERT(is_expected(changes_of(one, two), "worse host-state [] healthy -> unreachable\n"
                                                "changed appeared [] - -> broken\n"));
    CU_ASSERT(is_expected(changes_of(two, one), "better host-state [] unreachable -> healthy\n"
                                                "changed gone [] broken -> -\n"));
    CU_ASSERT(is_expected(changes_of(two, two), ""));
}

#define KIND(kind)                                                                                 \
    RECORD "\"host\",\"target\":\"a:1\",\"state\":\"healthy\",\"server\":{\"kind\":\"" kind        \
           "\",\"kind_basis\":\"likely\",\"kind_evidence\":[\"x\"]}}\n"
#define NO_KIND RECORD "\"host\",\"target\":\"a:1\",\"state\":\"healthy\"}\n"

static void test_kinds(void)
{
    CU_ASSERT(is_expected(changes_of(KIND("windows"), KIND("xrdp")),
                          "changed server-kind [] windows -> xrdp\n"));
    CU_ASSERT(is_expected(changes_of(KIND("krdp"), KIND("freerdp-shadow")),
                          "changed server-kind [] krdp -> freerdp-shadow\n"));
    CU_ASSERT(is_expected(changes_of(KIND("of-a-later-version"), KIND("xrdp")),
                          "changed server-kind [] of-a-later-version -> xrdp\n"));
    CU_ASSERT(is_expected(changes_of(KIND("xrdp"), KIND("xrdp")), ""));
    CU_ASSERT(is_expected(changes_of(KIND("freerdp-based"), KIND("krdp")), ""));
    CU_ASSERT(is_expected(changes_of(KIND("krdp"), KIND("freerdp-based")), ""));
    CU_ASSERT(is_expected(changes_of(NO_KIND, KIND("krdp")), ""));
}

int main(void)
{
    CU_TestInfo tests[] = {{"rows", test_rows},         {"merging", test_merging},
                           {"repeats", test_repeats},   {"times", test_times},
                           {"hosts", test_hosts},       {"kinds", test_kinds},
                           {"versions", test_versions}, CU_TEST_INFO_NULL};
    CU_SuiteInfo suites[] = {{"diff", NULL, NULL, NULL, NULL, tests}, CU_SUITE_INFO_NULL};

    return why_unit_main(suites);
}
