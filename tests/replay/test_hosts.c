/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Recorded hosts give the diagnosis they gave live. fixtures/hosts/expected.tsv: what must come of
 * each host, all of it and in that order. fixtures/hosts/rules.tsv: for every rule a host in which
 * it holds, and one with the same symptom or nearly so in which it must not.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/diagnosis.h>
#include <rdpwhy/report.h>
#include <rdpwhy/result.h>
#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>
#include <rdpwhy/trust.h>

#include "run.h"
#include "saved/saved.h"
#include "verdict/across.h"
#include "unit.h"

#define ATTEMPTS_MAX 64
#define COLUMNS_MAX  4

/* The test certificates' root alone: CMakeLists.txt. */
static struct why_authorities *authorities;

struct recorded {
    struct why_target target;
    char label[300];
    struct why_result *results[ATTEMPTS_MAX];
    size_t count;
    struct why_host host;
};

static void unload(struct recorded *r)
{
    why_host_clear(&r->host);
    for (size_t i = 0; i < r->count; i++)
        why_result_free(r->results[i]);
    free(r->target.host);
    memset(r, 0, sizeof(*r));
}

/* The step as the scan made it: attempts of one step are its repeats. */
static struct why_step step_of(const struct recorded *r, const struct why_trace_head *head)
{
    struct why_step step = {.profile = head->profile, .license_mode = head->license_mode};

    for (size_t i = 0; i < r->count; i++) {
        if (r->results[i]->step.profile == step.profile &&
            r->results[i]->step.license_mode == step.license_mode)
            step.repeat++;
    }
    return step;
}

/* A ClientHello in place of the Connection Request of the attempt before. */
static bool is_tls_first(const struct recorded *r, const struct why_trace_head *head)
{
    return head->variation != NULL && r->count > 0 &&
           strcmp(head->variation, why_variation_name(WHY_VARIATION_TLS_FIRST)) == 0;
}

/* A redirection's next server has a variation, too: what came before hangs on it. */
static void add_trace(struct recorded *r, struct why_trace *trace)
{
    const struct why_trace_head *head = why_trace_head(trace);
    struct why_result *first_try = NULL, *result;
    bool tls_first = is_tls_first(r, head);
    struct why_step step;

    if (r->target.host == NULL) {
        r->target.host = strdup(head->host);
        r->target.port = head->port;
        (void)snprintf(r->label, sizeof(r->label), "%s:%u", head->host, (unsigned)head->port);
        r->target.label = r->label;
    }
    if (head->variation != NULL && r->count > 0 && !tls_first)
        first_try = r->results[--r->count];
    step = step_of(r, head);
    CU_ASSERT_FATAL(r->count < ATTEMPTS_MAX);
    result = why_result_new(&r->target, &step, r->count + 1, trace,
                            r->count > 0 ? r->results[r->count - 1] : NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(result);
    if (result == NULL)
        return;
    CU_ASSERT_EQUAL(why_result_judge_trust(result, authorities), WHY_OK);
    if (tls_first) {
        r->results[r->count - 1]->tls_first = result;
        return;
    }
    result->first_try = first_try;
    r->results[r->count++] = result;
}

static void load(const char *name, struct recorded *r)
{
    char path[512], err[256] = "";
    struct why_trace *trace = NULL;
    size_t line = 0;
    int status;
    FILE *in;

    memset(r, 0, sizeof(*r));
    (void)snprintf(path, sizeof(path), FIXTURES "/hosts/%s.jsonl", name);
    in = fopen(path, "r");
    if (in == NULL) {
        (void)fprintf(stderr, "%s: cannot be opened\n", path);
        CU_FAIL_FATAL("a recorded host is missing");
        return;
    }
    while ((status = why_trace_read(in, &trace, &line, err, sizeof(err))) == WHY_OK)
        add_trace(r, trace);
    (void)fclose(in);
    if (status != WHY_ERR_NOTFOUND)
        (void)fprintf(stderr, "%s: %s\n", path, err);
    CU_ASSERT_EQUAL_FATAL(status, WHY_ERR_NOTFOUND);
    CU_ASSERT_FATAL(r->count > 0);
    CU_ASSERT_EQUAL_FATAL(why_diagnose(&r->target, r->results, r->count, &r->host), WHY_OK);
}

static const struct why_finding *find(const struct why_host *host, const char *rule)
{
    for (size_t i = 0; i < host->finding_count; i++) {
        if (strcmp(host->findings[i].rule, rule) == 0)
            return &host->findings[i];
    }
    return NULL;
}

/* ---- tables ---------------------------------------------------------------------------------- */

typedef void row_fn(char *columns[COLUMNS_MAX]);

static size_t each_row(const char *table, size_t columns, row_fn *row)
{
    FILE *in = fopen(table, "r");
    char line[1024];
    size_t rows = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    while (fgets(line, sizeof(line), in) != NULL) {
        char *cut[COLUMNS_MAX] = {NULL};
        size_t n = 0;

        if (line[0] == '#' || line[0] == '\n')
            continue;
        line[strcspn(line, "\n")] = '\0';
        for (char *p = line; p != NULL && n < columns; n++) {
            cut[n] = p;
            p = strchr(p, '\t');
            if (p != NULL)
                *p++ = '\0';
        }
        CU_ASSERT_EQUAL(n, columns);
        if (n == columns)
            row(cut);
        rows++;
    }
    (void)fclose(in);
    return rows;
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void list_findings(const struct why_host *host, char *buf, size_t len)
{
    size_t used = 0;

    (void)snprintf(buf, len, "-");
    for (size_t i = 0; i < host->finding_count && used < len; i++)
        used += (size_t)snprintf(buf + used, len - used, "%s%s", i > 0 ? " " : "",
                                 host->findings[i].rule);
}

static void check_host(char *columns[COLUMNS_MAX])
{
    struct recorded r;
    char found[1024];

    load(columns[0], &r);
    list_findings(&r.host, found, sizeof(found));
    if (strcmp(found, columns[2]) != 0 ||
        strcmp(why_host_state_name(r.host.state), columns[1]) != 0) {
        (void)fprintf(stderr, "%s: got\t%s\t%s\n", columns[0], why_host_state_name(r.host.state),
                      found);
        CU_FAIL("a recorded host gives another diagnosis");
    }
    unload(&r);
}

static void test_expected(void)
{
    CU_ASSERT(each_row(FIXTURES "/hosts/expected.tsv", 3, check_host) > 0);
}

static char kinds[256][2][64]; /* host, and its kind with its basis */
static size_t kind_count;

static void keep_kind(char *columns[COLUMNS_MAX])
{
    CU_ASSERT_FATAL(kind_count < sizeof(kinds) / sizeof(kinds[0]));
    for (size_t i = 0; i < 2; i++)
        (void)snprintf(kinds[kind_count][i], sizeof(kinds[kind_count][i]), "%s", columns[i]);
    kind_count++;
}

static void check_kind(char *columns[COLUMNS_MAX])
{
    struct recorded r;
    const char *due = "unknown";
    char told[64] = "unknown";

    load(columns[0], &r);
    for (size_t i = 0; i < kind_count; i++) {
        if (strcmp(kinds[i][0], columns[0]) == 0)
            due = kinds[i][1];
    }
    if (r.host.kind.kind != WHY_KIND_UNKNOWN)
        (void)snprintf(told, sizeof(told), "%s %s", why_kind_basis(&r.host.kind),
                       why_kind_name(r.host.kind.kind));
    if (strcmp(told, due) != 0) {
        (void)fprintf(stderr, "%s: got\t%s\n", columns[0], told);
        CU_FAIL("a recorded host is of another kind");
    }
    unload(&r);
}

static void test_kinds(void)
{
    CU_ASSERT(each_row(FIXTURES "/hosts/kinds.tsv", 2, keep_kind) > 0);
    CU_ASSERT(each_row(FIXTURES "/hosts/expected.tsv", 3, check_kind) > 0);
}

/* A healthy host has no error, nothing unexplained; and where a "no" was received, not everything
 * works. */
static void check_contradictions(char *columns[COLUMNS_MAX])
{
    struct recorded r;
    bool doubted = false, works = false, said_no = false;

    load(columns[0], &r);
    for (size_t i = 0; i < r.host.finding_count; i++) {
        const struct why_finding *f = &r.host.findings[i];

        doubted = doubted || f->severity == WHY_SEVERITY_ERROR ||
                  strcmp(f->rule, why_rule_info(WHY_RULE_UNEXPLAINED)->name) == 0;
        works = works || strcmp(f->rule, why_rule_info(WHY_RULE_EVERYTHING_WORKS)->name) == 0;
    }
    for (size_t i = 0; i < r.count; i++) {
        const struct why_verdict *v = &r.results[i]->verdict;

        said_no = said_no ||
                  (v->outcome == WHY_OUTCOME_REFUSED && v->ending != WHY_END_NEGOTIATION_FAILURE &&
                   r.results[i]->step.license_mode != WHY_LICENSE_MODE_CORRUPT &&
                   r.results[i]->step.license_mode != WHY_LICENSE_MODE_FOREIGN &&
                   v->ending != WHY_END_TLS_ALERT);
    }
    if ((doubted && r.host.state == WHY_HOST_HEALTHY) || (doubted && works) || (said_no && works)) {
        (void)fprintf(stderr, "%s: %s and yet %s\n", columns[0], why_host_state_name(r.host.state),
                      works ? "everything works" : "doubted");
        CU_FAIL("a contradiction");
    }
    unload(&r);
}

static void test_contradictions(void)
{
    CU_ASSERT(each_row(FIXTURES "/hosts/expected.tsv", 3, check_contradictions) > 0);
}

static bool covered[WHY_RULE_COUNT];

static void expect_finding(const char *host, const char *rule, bool wanted)
{
    struct recorded r;
    const struct why_finding *finding;

    load(host, &r);
    finding = find(&r.host, rule);
    if ((finding != NULL) != wanted) {
        (void)fprintf(stderr, "%s: the rule %s %s\n", host, rule,
                      wanted ? "does not hold" : "holds and must not");
        CU_FAIL("a rule does not do what rules.tsv says");
    }
    if (finding != NULL && wanted) {
        CU_ASSERT(finding->summary[0] != '\0');
        CU_ASSERT(finding->because_count > 0);
        CU_ASSERT(finding->attempt_count > 0);
        CU_ASSERT_PTR_NOT_NULL(finding->causes[0]);
        CU_ASSERT_PTR_NOT_NULL(finding->checks[0]);
        CU_ASSERT_PTR_NOT_NULL(finding->remedies[0]);
    }
    unload(&r);
}

static void check_rule(char *columns[COLUMNS_MAX])
{
    enum why_rule rule = why_rule_find(columns[0]);

    if (rule == WHY_RULE_COUNT) {
        (void)fprintf(stderr, "no rule is named %s\n", columns[0]);
        CU_FAIL("an unknown rule in rules.tsv");
        return;
    }
    covered[rule] = true;
    expect_finding(columns[1], columns[0], true);
    expect_finding(columns[2], columns[0], false);
}

/* Rules of several places are held by unit.across: no host of one place is a witness. */
static bool is_across(enum why_rule rule)
{
    for (size_t i = 0; i < WHY_ACROSS_MAX; i++) {
        if (strcmp(why_across_rule(i), why_rule_info(rule)->name) == 0)
            return true;
    }
    return false;
}

static void test_rules(void)
{
    (void)each_row(FIXTURES "/hosts/rules.tsv", 3, check_rule);
    for (int i = 0; i < WHY_RULE_COUNT; i++) {
        if (covered[i] || is_across((enum why_rule)i))
            continue;
        (void)fprintf(stderr, "no row for the rule %s\n", why_rule_info((enum why_rule)i)->name);
        CU_FAIL("a rule without a recorded host");
    }
}

static const struct why_finding *first_finding(struct recorded *r, const char *host,
                                               const char *rule)
{
    static const struct why_finding none = {.rule = ""};
    const struct why_finding *f;

    load(host, r);
    f = find(&r->host, rule);
    CU_ASSERT_PTR_NOT_NULL(f);
    return f != NULL ? f : &none;
}

static bool says(const char *const *texts, const char *word)
{
    for (; *texts != NULL; texts++) {
        if (strstr(*texts, word) != NULL)
            return true;
    }
    return false;
}

/* Placeholders are filled in, and nothing is told that the measurement does not support. */
static void test_texts(void)
{
    struct recorded r;
    const struct why_finding *f = first_finding(&r, "tls-no-cipher", "tls-fails");

    CU_ASSERT(says(f->causes, "cipher"));
    CU_ASSERT(!says(f->causes, "MTU"));
    CU_ASSERT(says(f->checks, r.label));
    unload(&r);

    f = first_finding(&r, "tls-silent", "tls-fails");
    CU_ASSERT(!says(f->causes, "cipher"));
    CU_ASSERT(says(f->causes, "MTU"));
    unload(&r);

    f = first_finding(&r, "restricted-admin-refused", "account-restricted");
    CU_ASSERT(says(f->causes, "DisableRestrictedAdmin"));
    unload(&r);
    f = first_finding(&r, "account-restricted", "account-restricted");
    CU_ASSERT(!says(f->causes, "DisableRestrictedAdmin"));
    unload(&r);

    /* Offers that end for want of a mode say nothing of NLA itself. */
    f = first_finding(&r, "modes-without-nla", "nla-required");
    CU_ASSERT_PTR_NOT_NULL(strstr(f->summary, "NLA itself was not tried"));
    unload(&r);

    f = first_finding(&r, "kdc-proxy-refuses", "kdc-unreachable");
    CU_ASSERT(says(f->causes, "KDC proxy"));
    unload(&r);
    f = first_finding(&r, "kdc-unreachable", "kdc-unreachable");
    CU_ASSERT(!says(f->causes, "KDC proxy"));
    unload(&r);

    /* Where no KDC was asked, two causes fit a domain member's refusal, and a check tells them
     * apart. */
    f = first_finding(&r, "wrong-password-domain", "logon-failure");
    CU_ASSERT(strstr(f->summary, "or NTLM is blocked") != NULL);
    CU_ASSERT(says(f->causes, "Protected Users"));
    CU_ASSERT(says(f->checks, "nla-kerberos"));
    unload(&r);
    f = first_finding(&r, "wrong-password", "logon-failure");
    CU_ASSERT(strstr(f->summary, "NTLM is blocked") == NULL);
    unload(&r);
}

/* The same symptom, and causes that the rest of the run rules out or in. */
static void test_causes_fit(void)
{
    static const struct {
        const char *host, *rule, *summary, *cause, *no_cause, *remedy, *no_remedy;
    } rows[] = {
        {"offer-closed-later", "closed-in-basic-settings",
         "with rdp, other attempts get past this point", "does not allow this offer", "drain mode",
         "None needed", "Restart-Service"},
        {"basic-settings-closed", "closed-in-basic-settings", "closes the connection", "drain mode",
         "does not allow this offer", "Restart-Service", "None needed"},
        {"basic-settings-silent", "closed-in-basic-settings", "does not answer", "hangs",
         "drain mode", "Restart-Service", "None needed"},
        {"license-refused", "license-refused", "refuses", "left", "stored license",
         "license server", "clear its license store"},
        {"credssp-closed-after-logon", "credssp-closed", "after the account was sent",
         "close the connection instead", "not the password", "", "MachineKeys"},
        {"credssp-silent-after-logon", "credssp-closed", "stops responding during NLA",
         "domain controller", "close the connection instead", "", "MachineKeys"},
        {"credssp-closed-after-proof", "credssp-closed", "accepted the password",
         "not the password", "close the connection instead", "", "MachineKeys"},
        {"tls-alert-later", "tls-alert-later", "TLS was up", "altered", "private key", "",
         "MachineKeys"},
        {"offer-closed", "offer-closed", "without an answer", "overload", "private key", "",
         "MachineKeys"},
        {"tls-signature", "tls-fails", "TLS handshake", "does not belong to its certificate", "MTU",
         "belong together", "SSLCertificateSHA1Hash"},
        {"vm-console", "hyper-v-console", "probably the console port of Hyper-V",
         "first name a virtual machine", "graphics pipeline", "", "MachineKeys"},
        {"tls-server-closes", "closed-before-answer", "before it answers", "PROXY protocol",
         "which virtual machine", "", "MachineKeys"},
        {"session-fails", "closed-before-active", "", "driver", "graphics pipeline", "",
         "MachineKeys"},
        {"redirected-with-token", "redirected", "routing token", "GNOME", "private key",
         "connect again", "MachineKeys"},
        {"redirected", "redirected", "redirects the client to 192.0.2.10", "broker", "GNOME", "",
         "connect again"},
        {"xrdp-tls", "everything-works", "a session without a logon", "did not log on",
         "private key", "None needed", "MachineKeys"},
        {"nla-required-logon", "everything-works", "Everything", "differs", "did not log on",
         "None needed", "MachineKeys"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct recorded r;
        const struct why_finding *f = first_finding(&r, rows[i].host, rows[i].rule);
        bool fits = strstr(f->summary, rows[i].summary) != NULL && says(f->causes, rows[i].cause) &&
                    !says(f->causes, rows[i].no_cause) && says(f->remedies, rows[i].remedy) &&
                    !says(f->remedies, rows[i].no_remedy);

        if (!fits)
            (void)fprintf(stderr, "%s: %s: %s\n", rows[i].host, rows[i].rule, f->summary);
        CU_ASSERT(fits);
        unload(&r);
    }
}

static void test_skew_is_told(void)
{
    struct recorded r;
    const struct why_finding *f = first_finding(&r, "clock-skew", "clock-skew");

    /* An hour, less what the attempt itself took. */
    CU_ASSERT_PTR_NOT_NULL(strstr(f->because[0], " s ahead of"));
    CU_ASSERT(r.results[0]->facts.clock_skew_s >= 3595 && r.results[0]->facts.clock_skew_s <= 3600);
    unload(&r);
}

static void test_spread(void)
{
    struct recorded r;
    bool whole = false;

    load("overload", &r);
    for (size_t i = 0; i < r.host.spread_count; i++) {
        const struct why_spread *s = &r.host.spreads[i];

        CU_ASSERT(s->count >= 2);
        CU_ASSERT(s->min_us <= s->median_us && s->median_us <= s->max_us);
        whole = whole || s->phase == WHY_PHASE_COUNT;
    }
    CU_ASSERT(whole);
    unload(&r);
    load("healthy", &r);
    CU_ASSERT_EQUAL(r.host.spread_count, 0);
    unload(&r);
}

/* ---- what a saved run comes to --------------------------------------------------------------- */

/* Each attempt's own answer, as it is when it is reported: before its host is diagnosed. */
static void save(struct recorded *r, char **text)
{
    const struct why_report_format *f = why_report_format_find("jsonl");
    struct why_report report = {.verbosity = 0};
    struct why_run_info run = {.tool_version = "0"};
    struct why_scan_summary summary = {.complete = true};
    size_t len = 0;

    report.out = open_memstream(text, &len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(report.out);
    for (size_t i = 0; i < r->count; i++)
        run.credentials = run.credentials || why_trace_head(r->results[i]->trace)->credentials;
    CU_ASSERT_EQUAL(f->begin(&report, &run), WHY_OK);
    for (size_t i = 0; i < r->count; i++) {
        enum why_answer settled = r->results[i]->answer;

        r->results[i]->answer = why_answer_of(r->results[i]);
        CU_ASSERT_EQUAL(f->attempt(&report, r->results[i]), WHY_OK);
        r->results[i]->answer = settled;
    }
    CU_ASSERT_EQUAL(f->host(&report, &r->host), WHY_OK);
    CU_ASSERT_EQUAL(f->end(&report, &summary), WHY_OK);
    (void)fclose(report.out);
}

/* What a file without answers does not tell, and a comparison does not ask. Nor does it tell the
 * server's faults from what libfreerdp did not take. */
static enum why_answer as_old(enum why_answer answer)
{
    if (answer == WHY_ANSWER_WITHHELD)
        return WHY_ANSWER_THROUGH;
    return answer == WHY_ANSWER_ACCOUNT || answer == WHY_ANSWER_NTLM ? WHY_ANSWER_FAULT : answer;
}

/* As a version that told no answers would have written it. */
static void make_old(char *text)
{
    static const char member[] = "\"answer\":\"";
    char *found;

    while ((found = strstr(text, member)) != NULL) {
        char *end = strchr(found + sizeof(member) - 1, '"') + strlen("\",");

        memmove(found, end, strlen(end) + 1);
    }
}

static void compare_answers(const char *name, const struct recorded *r, char *text, bool old)
{
    struct why_run *run = NULL;
    char err[256] = "";
    FILE *in = fmemopen(text, strlen(text), "r");

    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    CU_ASSERT_EQUAL_FATAL(why_run_read(&run, in, name, false, err, sizeof(err)), WHY_OK);
    (void)fclose(in);
    CU_ASSERT_EQUAL(run->count, r->count);
    for (size_t i = 0; i < run->count; i++) {
        const struct run_attempt *a = &run->attempts[i];

        for (size_t j = 0; j < r->count; j++) {
            const struct why_step *step = &r->results[j]->step;
            enum why_answer answer = r->results[j]->answer;

            if (step->profile != a->profile || step->license_mode != a->license_mode ||
                step->repeat != a->repeat || a->answer == answer ||
                (old && as_old(a->answer) == as_old(answer)) ||
                /* no version without answers made these */
                (old && why_profile_info(a->profile)->delegation != WHY_DELEGATE_PASSWORD) ||
                (old && a->phase == WHY_PHASE_SESSION) || /* no old version had it */
                (old && why_is_hop(r->results[j])) ||     /* nor followed redirections */
                (old && r->results[j]->verdict.untaken && a->answer == WHY_ANSWER_FAULT))
                continue;
            (void)fprintf(stderr, "%s%s: %s: %s, and saved %s\n", name, old ? ", old" : "",
                          why_profile_name(a->profile), why_answer_name(answer),
                          why_answer_name(a->answer));
            CU_FAIL("a saved run gives another answer");
        }
    }
    why_run_free(run);
}

static void check_saved(char *columns[COLUMNS_MAX])
{
    struct recorded r;
    char *text = NULL;

    load(columns[0], &r);
    save(&r, &text);
    compare_answers(columns[0], &r, text, false);
    make_old(text);
    compare_answers(columns[0], &r, text, true);
    free(text);
    unload(&r);
}

static void test_saved(void)
{
    CU_ASSERT(each_row(FIXTURES "/hosts/expected.tsv", 3, check_saved) > 0);
}

/* ---- a saved run ------------------------------------------------------------------------------
 */

struct shown {
    const struct why_report_format *format;
    struct why_report report;
    char *text;
    size_t len;
};

static int show_begin(void *arg, const struct why_run_info *run)
{
    struct shown *shown = arg;

    shown->report.out = open_memstream(&shown->text, &shown->len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(shown->report.out);
    return shown->format->begin(&shown->report, run);
}

static int show_attempt(void *arg, const struct why_result *result)
{
    struct shown *shown = arg;

    return shown->format->attempt(&shown->report, result);
}

static int show_host(void *arg, const struct why_host *host)
{
    struct shown *shown = arg;

    return shown->format->host(&shown->report, host);
}

static void show_end(struct shown *shown, const struct why_scan_summary *summary)
{
    CU_ASSERT_EQUAL(shown->format->end(&shown->report, summary), WHY_OK);
    (void)fclose(shown->report.out);
}

/* What |format| writes of the host as it was diagnosed. */
static char *written(const char *format, const struct recorded *r)
{
    static const struct why_run_info run = {
        .tool_version = "0", .until = WHY_PHASE_ACTIVE, .repeat = 1, .target_count = 1};
    struct shown shown = {.format = why_report_format_find(format)};
    struct why_scan_summary summary = {.hosts = 1, .attempts = r->count, .complete = true};

    CU_ASSERT_EQUAL(show_begin(&shown, &run), WHY_OK);
    for (size_t i = 0; i < r->count; i++) {
        summary.outcomes[r->results[i]->verdict.outcome]++;
        CU_ASSERT_EQUAL(show_attempt(&shown, r->results[i]), WHY_OK);
    }
    summary.states[r->host.state]++;
    CU_ASSERT_EQUAL(show_host(&shown, &r->host), WHY_OK);
    show_end(&shown, &summary);
    return shown.text;
}

/* The same of what was saved of it. */
static char *written_again(const char *format, char *saved_text)
{
    struct shown shown = {.format = why_report_format_find(format)};
    const struct why_saved_sink sink = {show_begin, show_attempt, show_host, NULL, &shown};
    FILE *in = fmemopen(saved_text, strlen(saved_text), "r");
    struct why_scan_summary summary;
    struct why_saved *saved = NULL;
    char err[256] = "";

    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    CU_ASSERT_EQUAL(why_saved_open(&saved, in, "run", err, sizeof(err)), WHY_OK);
    CU_ASSERT_STRING_EQUAL(err, "");
    CU_ASSERT_PTR_NOT_NULL_FATAL(saved);
    CU_ASSERT_EQUAL(why_saved_count(saved), 1);
    CU_ASSERT(why_saved_is_finished(saved, 0) && why_saved_is_complete(saved));
    CU_ASSERT_EQUAL(why_saved_tell(saved, &sink, &summary, err, sizeof(err)), WHY_OK);
    CU_ASSERT_STRING_EQUAL(err, "");
    show_end(&shown, &summary);
    why_saved_free(saved);
    (void)fclose(in);
    return shown.text;
}

/* A report of a saved run is the report of the run: nothing that reports of this kind say is
 * missing in the records, and nothing is judged anew. */
static void check_shown(char *columns[COLUMNS_MAX])
{
    static const char *const formats[] = {"jsonl", "text", "csv", "junit", "nagios", "prometheus"};
    struct recorded r;
    char *saved;

    load(columns[0], &r);
    saved = written("jsonl", &r);
    for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
        char *before = written(formats[i], &r), *after = written_again(formats[i], saved);

        if (strcmp(before, after) != 0)
            (void)fprintf(stderr, "%s: %s: saved and shown again:\n%s", columns[0], formats[i],
                          after);
        CU_ASSERT_STRING_EQUAL(before, after);
        free(before);
        free(after);
    }
    free(saved);
    unload(&r);
}

static void test_shown(void)
{
    CU_ASSERT(each_row(FIXTURES "/hosts/expected.tsv", 3, check_shown) > 0);
}

/* ---- screens ----------------------------------------------------------------------------------
 */

#define SCREEN_HEALTHY 24
#define SCREEN_BROKEN  40
#define OFFERS_DEFAULT 5

static size_t lines_of(const char *text)
{
    size_t lines = 0;

    for (; *text != '\0'; text++)
        lines += *text == '\n';
    return lines;
}

/* Whoever probes a host without further options sees all of the answer without scrolling. */
static void check_screen(char *columns[COLUMNS_MAX])
{
    struct recorded r;
    char *text;
    size_t most;

    load(columns[0], &r);
    text = written("text", &r);
    most = r.host.state == WHY_HOST_HEALTHY ? SCREEN_HEALTHY : SCREEN_BROKEN;
    if (r.count <= OFFERS_DEFAULT && lines_of(text) > most) {
        (void)fprintf(stderr, "%s: %zu lines\n%s", columns[0], lines_of(text), text);
        CU_FAIL("a report does not fit its screen");
    }
    free(text);
    unload(&r);
}

static void test_screens(void)
{
    CU_ASSERT(each_row(FIXTURES "/hosts/expected.tsv", 3, check_screen) > 0);
}

/* The answer is in the first two lines, of which the second may be broken. */
static void test_answers_first(void)
{
    static const char *const rows[][2] = {
        {"nla-required", "Everything works up to the logon"},
        {"xrdp-tls", "healthy, clients can connect"},
        {"server-denied", "denies the connection"},
        {"port-filtered", "the port is filtered or the host is off"},
        {"certificate-expired", "The certificate expired on"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct recorded r;
        char *text;
        const char *answer, *end;

        load(rows[i][0], &r);
        text = written("text", &r);
        answer = strstr(text, rows[i][1]);
        end = strchr(text, '\n');
        end = end != NULL ? strchr(end + 1, '\n') : NULL;
        CU_ASSERT(answer != NULL && end != NULL && answer < end);
        free(text);
        unload(&r);
    }
}

static CU_TestInfo tests[] = {
    {"the answer comes first", test_answers_first},
    {"a report fits its screen", test_screens},
    {"a saved run gives the same reports", test_shown},
    {"recorded hosts give their diagnosis", test_expected},
    {"kinds of server", test_kinds},
    {"no host contradicts itself", test_contradictions},
    {"every rule holds where it should, and not where it should not", test_rules},
    {"texts fit the measurement", test_texts},
    {"causes fit what else was seen", test_causes_fit},
    {"a clock skew is told in seconds", test_skew_is_told},
    {"repeats give a spread", test_spread},
    {"a saved run gives the same answers", test_saved},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "hosts", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    const char *const root[] = {FIXTURES "/certificates/root.crt"};
    char err[256] = "";
    int failed;

    if (why_authorities_load(root, 1, &authorities, err, sizeof(err)) != WHY_OK) {
        (void)fprintf(stderr, "%s\n", err);
        return 1;
    }
    failed = why_unit_main(suites);
    why_authorities_free(authorities);
    return failed;
}
