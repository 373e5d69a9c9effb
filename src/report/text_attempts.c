/* SPDX-License-Identifier: Apache-2.0 */
#include "text_details.h"

#include <inttypes.h>
#include <string.h>

#include <rdpwhy/captured.h>
#include <rdpwhy/diagnosis.h>
#include <rdpwhy/knowledge.h>
#include <rdpwhy/trace.h>

#include "base/text.h"
#include "facts/words.h"

#include "text_alike.h"

#define LABEL_WIDTH     15
#define LAST_PHASES     4 /* shown unless verbose: where it ended and what led there */
#define SAME_STEPS_TEXT 512

static const enum page_style answer_styles[WHY_ANSWER_COUNT] = {
    [WHY_ANSWER_THROUGH] = PAGE_GREEN,   [WHY_ANSWER_WITHHELD] = PAGE_GREEN,
    [WHY_ANSWER_POLICY] = PAGE_DIM,      [WHY_ANSWER_TLS_VERSION] = PAGE_RED,
    [WHY_ANSWER_ACCOUNT] = PAGE_RED,     [WHY_ANSWER_NTLM] = PAGE_RED,
    [WHY_ANSWER_KERBEROS] = PAGE_RED,    [WHY_ANSWER_FAULT] = PAGE_RED,
    [WHY_ANSWER_UNREACHABLE] = PAGE_RED, [WHY_ANSWER_UNKNOWN] = PAGE_YELLOW,
    [WHY_ANSWER_SKIPPED] = PAGE_DIM,     [WHY_ANSWER_FAILED] = PAGE_YELLOW,
};

enum page_style why_text_outcome_style(const struct why_result *result)
{
    return why_is_redirected_nowhere(result) ? PAGE_RED : answer_styles[result->answer];
}

static bool has_details(const struct why_result *result)
{
    return (result->verdict.outcome != WHY_OUTCOME_COMPLETED || why_is_hop(result)) &&
           result->verdict.outcome != WHY_OUTCOME_SKIPPED;
}

static bool same_code(const struct why_verdict *a, const struct why_verdict *b)
{
    if (a->has_code != b->has_code || a->has_transition != b->has_transition)
        return false;
    return (!a->has_code || (a->code.space == b->code.space && a->code.value == b->code.value)) &&
           (!a->has_transition || a->transition == b->transition);
}

static bool same_step(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

static bool ended_alike(const struct why_result *a, const struct why_result *b, const void *arg)
{
    (void)arg;
    return same_step(a->verdict.step, b->verdict.step) &&
           a->verdict.outcome == b->verdict.outcome && a->verdict.phase == b->verdict.phase &&
           a->verdict.ending == b->verdict.ending && a->verdict.closed_by == b->verdict.closed_by &&
           same_code(&a->verdict, &b->verdict) && !a->first_try == !b->first_try &&
           strcmp(a->verdict.reason, b->verdict.reason) == 0;
}

static const char *code_meaning(const char *space, uint32_t value)
{
    const struct why_code_table *table = why_code_table_find(space);
    const struct why_code_row *row = table ? why_code_row_find(table, value) : NULL;

    return row ? row->meaning : NULL;
}

/* "0x904: the socket was closed": what one of the codes means. */
static void put_code(struct page *page, uint32_t code, const char *meaning)
{
    char text[512];

    if (!meaning)
        return;
    snprintf(text, sizeof(text), "0x%" PRIX32 ": %s", code, meaning);
    why_page_field(page, 2, LABEL_WIDTH, "", text);
}

static void put_mstsc(struct page *page, const struct why_verdict *verdict)
{
    const struct why_mstsc *mstsc = &verdict->mstsc;
    const char *meaning = code_meaning("mstsc", mstsc->code);
    const char *extended =
        mstsc->has_extended ? code_meaning("mstsc-extended", mstsc->extended) : NULL;
    const char *rule = mstsc->rule ? mstsc->rule : "";
    char codes[64], text[512];

    if (!verdict->has_mstsc) {
        /* What was not tried, or failed on our side, is nothing that mstsc would show. */
        if (why_mstsc_basis(verdict) && verdict->outcome != WHY_OUTCOME_SKIPPED &&
            verdict->outcome != WHY_OUTCOME_FAILED)
            why_page_field(page, 2, LABEL_WIDTH, "mstsc shows",
                           "not known: no source documents it");
        return;
    }
    why_words_mstsc(verdict, codes, sizeof(codes));
    snprintf(text, sizeof(text), "%s (%s%s%s)", codes,
             mstsc->documented ? "documented: the server sent the code" : "inferred",
             mstsc->documented || !*rule ? "" : ": ", mstsc->documented ? "" : rule);
    why_page_field(page, 2, LABEL_WIDTH, "mstsc shows", text);
    put_code(page, mstsc->code, meaning);
    if (mstsc->has_extended)
        put_code(page, mstsc->extended, extended);
}

static void fill_phase(struct page *page, struct table_row *row, const struct why_phase_time *phase,
                       const struct text_last_pdus *last)
{
    const char *const *names = last->names[phase->phase];
    char text[32];

    why_table_set(page, row, 0, PAGE_PLAIN, why_phase_name(phase->phase));
    why_duration_text(phase->start_us, text, sizeof(text));
    why_table_set(page, row, 1, PAGE_PLAIN, text);
    why_duration_text(phase->duration_us, text, sizeof(text));
    why_table_set(page, row, 2, PAGE_PLAIN, text);
    why_table_set(page, row, 3, PAGE_PLAIN, names[WHY_DIR_SENT] ? names[WHY_DIR_SENT] : "");
    why_table_set(page, row, 4, PAGE_PLAIN, names[WHY_DIR_RECEIVED] ? names[WHY_DIR_RECEIVED] : "");
}

/* Whether any PDU is known of the phases from |first| on. */
static bool has_pdus(const struct why_verdict *verdict, size_t first,
                     const struct text_last_pdus *last)
{
    for (size_t i = first; i < verdict->phase_count; i++) {
        const char *const *names = last->names[verdict->phases[i].phase];

        if (names[WHY_DIR_SENT] || names[WHY_DIR_RECEIVED])
            return true;
    }
    return false;
}

static void put_phases(struct page *page, const struct why_result *result, bool all)
{
    static const char *const titles[] = {"phase", "at", "took", "last sent", "last received"};
    const struct why_verdict *verdict = &result->verdict;
    size_t i = all || verdict->phase_count <= LAST_PHASES ? 0 : verdict->phase_count - LAST_PHASES;
    struct table table = {.columns = 5};
    struct text_last_pdus last;
    struct table_row *row;

    if (verdict->phase_count == 0)
        return;
    why_text_last_pdus(result, &last);
    if (!has_pdus(verdict, i, &last))
        table.columns = 3;
    row = why_table_add(&table);
    for (size_t k = 0; k < table.columns; k++)
        why_table_set(page, row, k, PAGE_DIM, titles[k]);
    for (; i < verdict->phase_count; i++)
        fill_phase(page, why_table_add(&table), &verdict->phases[i], &last);
    why_page_table(page, 2, &table);
}

/* The servers on the way to this one, in order. */
static void put_hops(struct page *page, const struct why_result *result)
{
    const struct why_trace_head *head = why_trace_head(result->trace);
    char text[WHY_REASON_MAX + 256], label[24];

    if (result->first_try && why_is_hop(result->first_try))
        put_hops(page, result->first_try);
    snprintf(label, sizeof(label), "redirection %u", head->hop);
    snprintf(text, sizeof(text), "in %s, by %s, to %s:%u",
             result->first_try ? why_phase_name(result->first_try->verdict.phase) : "?",
             result->first_try && result->first_try->facts.address
                 ? result->first_try->facts.address
                 : "?",
             head->host ? head->host : "?", (unsigned)head->port);
    why_page_field(page, 2, LABEL_WIDTH, label, text);
}

/* What came of a ClientHello without a Connection Request. */
static void put_tls_first(struct page *page, const struct why_result *result)
{
    const struct why_facts *f = &result->facts;
    char text[WHY_REASON_MAX + 64];

    if (f->tls_version)
        snprintf(text, sizeof(text), "%s%s%s%s%.200s", f->tls_version, f->tls_alpn ? ", " : "",
                 f->tls_alpn ? f->tls_alpn : "", f->has_certificate ? ", certificate " : "",
                 f->has_certificate ? f->certificate.subject : "");
    else
        snprintf(text, sizeof(text), "no: %s", result->verdict.reason);
    why_page_field(page, 2, LABEL_WIDTH, "TLS at once", text);
}

static void put_first_try(struct page *page, const struct why_result *result)
{
    const struct why_trace_head *head = result->trace ? why_trace_head(result->trace) : NULL;
    char text[WHY_REASON_MAX + 128], ending[256];

    if (result->tls_first)
        put_tls_first(page, result->tls_first);
    if (why_is_hop(result)) {
        put_hops(page, result);
        return;
    }
    if (why_first_of_two(result))
        why_page_field(page, 2, LABEL_WIDTH, "tried again", "the same offer, a while later");
    else if (head && head->variation)
        why_page_field(page, 2, LABEL_WIDTH, "tried again", head->variation);
    if (!result->first_try)
        return;
    why_words_ending(&result->first_try->verdict, ending, sizeof(ending));
    snprintf(text, sizeof(text), "%s in %s: %s",
             why_outcome_name(result->first_try->verdict.outcome),
             why_phase_name(result->first_try->verdict.phase), ending);
    why_page_field(page, 2, LABEL_WIDTH, "first try", text);
}

/* What ties a remark to the attempt, where the remark itself does not say it. */
static const char *tie_words(enum why_tie tie)
{
    static const char *const words[WHY_TIE_COUNT] = {
        [WHY_TIE_CONNECTION] = "",
        [WHY_TIE_PROCESS] = " (by the process that the connection belongs to)",
        [WHY_TIE_CLIENT] = " (names the client)",
        [WHY_TIE_TIME] = " (at that time: nothing else ties it to this connection)",
    };

    return words[tie];
}

static void put_remark(struct page *page, const char *label, const struct why_remark *remark,
                       uint64_t began_us)
{
    char text[1024], at[32] = "";

    if (remark->t_us >= began_us && began_us > 0) {
        why_duration_text(remark->t_us - began_us, text, sizeof(text));
        snprintf(at, sizeof(at), "at %.24s: ", text);
    }
    snprintf(text, sizeof(text), "%s%s%s", at, remark->text, tie_words(remark->tie));
    why_page_field(page, 2, LABEL_WIDTH, label, text);
}

static void put_captured(struct page *page, const struct why_result *result)
{
    const struct why_captured *captured = result->captured;
    const struct why_trace_head *head = result->trace ? why_trace_head(result->trace) : NULL;
    char text[512];

    if (!captured)
        return;
    for (size_t i = 0; i < captured->remark_count; i++)
        put_remark(page, i == 0 ? "Windows says" : "", &captured->remarks[i],
                   head ? head->started_us : 0);
    if (captured->more_remarks > 0) {
        snprintf(text, sizeof(text), "%" PRIu64 " more", captured->more_remarks);
        why_page_field(page, 2, LABEL_WIDTH, "", text);
    }
    if (captured->other_file) {
        snprintf(text, sizeof(text), "also in %s: %s", captured->other_file,
                 captured->same_by ? captured->same_by : "");
        why_page_field(page, 2, LABEL_WIDTH, "captured twice", text);
    }
    for (size_t i = 0; i < captured->difference_count; i++)
        why_page_field(page, 2, LABEL_WIDTH, "", captured->differences[i]);
}

static void put_attempt(struct page *page, const char *steps, const struct why_result *result,
                        bool verbose)
{
    const struct why_verdict *verdict = &result->verdict;
    char place[512];

    why_page_newline(page);
    why_page_text(page, PAGE_BOLD, steps);
    why_page_text(page, PAGE_PLAIN, ": ");
    why_page_text(page, why_text_outcome_style(result), why_outcome_name(verdict->outcome));
    if (why_verdict_is_range(verdict))
        why_page_printf(page, PAGE_PLAIN, " between %s and %s", why_phase_name(verdict->phase),
                        why_phase_name(verdict->phase_to));
    else if (verdict->phase != WHY_PHASE_NONE)
        why_page_printf(page, PAGE_PLAIN, " in %s", why_phase_name(verdict->phase));
    if (verdict->step)
        why_page_printf(page, PAGE_PLAIN, ", %s", verdict->step);
    why_page_newline(page);
    if (*verdict->reason)
        why_page_field(page, 2, LABEL_WIDTH, "reason", verdict->reason);
    put_mstsc(page, verdict);
    if (why_words_capture(result, place, sizeof(place)))
        why_page_field(page, 2, LABEL_WIDTH, "capture", place);
    if (result->facts.last_sent)
        why_page_field(page, 2, LABEL_WIDTH, "last sent", result->facts.last_sent);
    if (result->facts.last_received)
        why_page_field(page, 2, LABEL_WIDTH, "last received", result->facts.last_received);
    put_captured(page, result);
    put_first_try(page, result);
    put_phases(page, result, verbose);
}

/* An attempt that completed, or was not made, has nothing to tell but in a verbose report. */
void why_text_attempts(struct page *page, const struct why_host *host, bool verbose)
{
    static const struct why_alike alike = {.same = ended_alike};

    for (size_t i = 0; i < host->count; i++) {
        const struct why_result *result = host->results[i];
        char steps[SAME_STEPS_TEXT] = "";

        if (verbose)
            why_words_step(&result->step, steps, sizeof(steps));
        else if (has_details(result) && why_alike_is_first(host, i, &alike))
            why_alike_names(host, i, &alike, steps, sizeof(steps));
        else
            continue;
        put_attempt(page, steps, result, verbose);
        if (verbose)
            why_text_events(page, result);
    }
}

static void fill_spread(struct page *page, struct table_row *row, const struct why_spread *spread)
{
    const struct why_step step = {spread->profile, spread->license_mode, 0};
    const uint64_t times[] = {spread->min_us, spread->median_us, spread->max_us};
    char text[64];

    why_words_step(&step, text, sizeof(text));
    why_table_set(page, row, 0, PAGE_PLAIN, text);
    why_table_set(page, row, 1, PAGE_PLAIN,
                  spread->phase < WHY_PHASE_COUNT ? why_phase_name(spread->phase) : "all of it");
    snprintf(text, sizeof(text), "%zu", spread->count);
    why_table_set(page, row, 2, PAGE_PLAIN, text);
    for (size_t i = 0; i < 3; i++) {
        why_duration_text(times[i], text, sizeof(text));
        why_table_set(page, row, 3 + i, PAGE_PLAIN, text);
    }
}

void why_text_spreads(struct page *page, const struct why_host *host)
{
    static const char *const titles[] = {"profile",  "phase",  "times",
                                         "shortest", "median", "longest"};
    struct table table = {.columns = 6};
    struct table_row *row;

    if (host->spread_count == 0)
        return;
    why_page_heading(page, "Repeats");
    row = why_table_add(&table);
    for (size_t i = 0; i < table.columns; i++)
        why_table_set(page, row, i, PAGE_DIM, titles[i]);
    for (size_t i = 0; i < host->spread_count; i++)
        fill_spread(page, why_table_add(&table), &host->spreads[i]);
    why_page_table(page, 2, &table);
}
