/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/report.h>

#include <inttypes.h>
#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>

#include "json_build.h"
#include "page.h"

#define INDENT      2
#define LABEL_WIDTH 10
#define TEXT_MAX    2048
#define WHEN_MAX    1024 /* of the words for when a text is shown */

/* A rule's page stands for every host. */
#define ANY_HOST "HOST"

static void expand(const char *text, char *buf, size_t len)
{
    static const struct why_rule_fields any = {.host = ANY_HOST,
                                               .target = ANY_HOST,
                                               .address = "ADDRESS",
                                               .port = WHY_DEFAULT_PORT,
                                               .code = "CODE"};

    (void)why_rule_expand(text, &any, buf, len);
}

/* ---- text: codes ----------------------------------------------------------------------------- */

static const char *const forms[] = {
    [WHY_FORM_WIN32] = "a Win32 error code in the lower half of an HRESULT or NTSTATUS",
    [WHY_FORM_FREERDP] = "an error info of the server, as FreeRDP writes it (class 1: 0x0001xxxx)",
    [WHY_FORM_GATEWAY_HALF] = "the lower half of the HRESULT, which gateways also send alone",
    [WHY_FORM_MIT_KRB5] = "the protocol's error, as MIT Kerberos numbers it (-1765328384 and up)",
    [WHY_FORM_RANGE] = "a number in the range 0x1000 to 0x7FFF, which has no name in any reference",
};

#define RANGE_NAME "exDiscReasonProtocolRange"
#define RANGE_MEANING                                                                              \
    "as an extended code: an internal protocol error, of which nothing more is known here"

static const char *name_of(const struct why_meaning *m)
{
    return m->form == WHY_FORM_RANGE ? RANGE_NAME : m->row->name;
}

static const char *meaning_of(const struct why_meaning *m)
{
    return m->form == WHY_FORM_RANGE ? RANGE_MEANING : m->row->meaning;
}

static int64_t value_of(const struct why_explanation *x, const struct why_meaning *m)
{
    return m->form == WHY_FORM_RANGE ? x->value : m->row->value;
}

static const char *basis_of(const struct why_meaning *m)
{
    return why_row_is_documented(m->row) ? "documented" : "reported";
}

static void put_reports(struct page *page, size_t indent, size_t label, const char *word,
                        const struct why_meaning *m)
{
    const struct why_code_report *report;

    for (size_t i = 0; (report = why_code_report(m->table, m->row, i)) != NULL; i++) {
        char line[TEXT_MAX];

        (void)snprintf(line, sizeof(line), "%s%s [%s]", word[0] == '-' ? "reported: " : "",
                       report->says, report->source);
        why_page_field(page, indent, label, word, line);
    }
}

/* Where there are reports, each has its own source. */
static const char *source_of(const struct why_meaning *m)
{
    if (!why_row_is_documented(m->row) && why_code_report(m->table, m->row, 0) != NULL)
        return "no reference names this code";
    return why_row_source(m->table, m->row);
}

static void put_basis(struct page *page, const struct why_meaning *m)
{
    char line[TEXT_MAX];

    (void)snprintf(line, sizeof(line), "%s: %s", basis_of(m), source_of(m));
    why_page_field(page, INDENT, LABEL_WIDTH, "basis", line);
}

/* "rdpwhy explain port-refused (or: port-filtered, no-route)" */
static void see_words(const struct why_meaning *m, char *buf, size_t len)
{
    enum why_rule rule = why_meaning_see(m->table, m->row, 0);
    size_t at;

    buf[0] = '\0';
    if (rule == WHY_RULE_COUNT)
        return;
    (void)snprintf(buf, len, "rdpwhy explain %s", why_rule_info(rule)->name);
    for (size_t i = 1; (rule = why_meaning_see(m->table, m->row, i)) != WHY_RULE_COUNT; i++) {
        at = strlen(buf);
        (void)snprintf(buf + at, len - at, "%s%s", i == 1 ? "; also: " : ", ",
                       why_rule_info(rule)->name);
    }
}

static void put_next(struct page *page, size_t indent, size_t label, const char *word,
                     const struct why_next *next)
{
    char line[TEXT_MAX];

    (void)snprintf(line, sizeof(line), "%s - %s", next->command, next->shows);
    why_page_field(page, indent, label, word, line);
}

/* ", in connect"; nothing of an ending that may come in any phase. */
static void phases_words(const struct why_mstsc_source *s, char *buf, size_t len)
{
    if (s->first_phase == s->last_phase)
        (void)snprintf(buf, len, ", in %s", why_phase_name(s->first_phase));
    else if (s->first_phase == WHY_PHASE_RESOLVE)
        buf[0] = '\0';
    else
        (void)snprintf(buf, len, ", in any phase from %s to %s", why_phase_name(s->first_phase),
                       why_phase_name(s->last_phase));
}

/* An ending that is told of the main code alone: with which extended code the client shows it. */
static void ending_words(const struct why_mstsc_source *s, bool any, char *buf, size_t len)
{
    const char *basis = s->documented ? "documented" : "inferred";
    char phases[128];

    phases_words(s, phases, sizeof(phases));
    if (!any || !s->has_extended)
        (void)snprintf(buf, len, "%s%s (%s)", s->rule, phases, basis);
    else if (s->first_extended == s->last_extended)
        (void)snprintf(buf, len, "%s%s; with the extended code 0x%" PRIX32 " (%s)", s->rule, phases,
                       s->first_extended, basis);
    else
        (void)snprintf(buf, len,
                       "the server sent an error info (Set Error Info) of 0x%" PRIX32
                       " to 0x%" PRIX32 ", which is then the extended code%s (%s)",
                       s->first_extended, s->last_extended, phases, basis);
}

static void put_endings(struct page *page, size_t indent, size_t label, const char *word,
                        uint32_t code, uint32_t extended)
{
    struct why_mstsc_source source;

    for (size_t i = 0; why_mstsc_source(code, extended, i, &source); i++) {
        char line[TEXT_MAX];

        ending_words(&source, extended == WHY_EXTENDED_ANY, line, sizeof(line));
        why_page_field(page, indent, label, word, line);
    }
}

static bool is_mstsc(const struct why_meaning *m)
{
    return strcmp(m->table->space, "mstsc") == 0;
}

static void put_meaning(struct page *page, const struct why_explanation *x,
                        const struct why_meaning *m)
{
    char value[32], line[TEXT_MAX];

    why_table_format(m->table, value_of(x, m), value, sizeof(value));
    why_page_newline(page);
    why_page_text(page, PAGE_BOLD, name_of(m));
    why_page_printf(page, PAGE_PLAIN, "  %s", value);
    why_page_newline(page);
    (void)snprintf(line, sizeof(line), "%s [%s]", m->table->title, m->table->space);
    why_page_field(page, INDENT, LABEL_WIDTH, "table", line);
    why_page_field(page, INDENT, LABEL_WIDTH, "means", meaning_of(m));
    if (m->form != WHY_FORM_PLAIN)
        why_page_field(page, INDENT, LABEL_WIDTH, "inside", forms[m->form]);
    if (m->form == WHY_FORM_RANGE && (x->value & 0xff) == 7)
        why_page_field(page, INDENT, LABEL_WIDTH, "perhaps",
                       "as a main code: a problem with the logon or the server's certificate, like "
                       "all other known codes that end in 07 (inferred)");
    put_basis(page, m);
    put_reports(page, INDENT, LABEL_WIDTH, "reported", m);
    if (is_mstsc(m))
        put_endings(page, INDENT, LABEL_WIDTH, "shown if", (uint32_t)m->row->value,
                    WHY_EXTENDED_ANY);
    see_words(m, line, sizeof(line));
    if (line[0] != '\0')
        why_page_field(page, INDENT, LABEL_WIDTH, "see", line);
    put_next(page, INDENT, LABEL_WIDTH, "next", why_meaning_next(m->table, m->row));
}

/* Of a number that many tables hold, the likeliest are told in full, the others by name. */
#define IN_FULL 3
#define FEW     (IN_FULL + 1)

static void put_others(struct page *page, const struct why_explanation *x, size_t from)
{
    why_page_heading(page, "The same number in other tables (rdpwhy explain NAME shows more)");
    for (size_t i = from; i < x->count; i++) {
        const struct why_meaning *m = &x->meanings[i];
        char line[TEXT_MAX], value[32];

        why_table_format(m->table, value_of(x, m), value, sizeof(value));
        (void)snprintf(line, sizeof(line), "%s %s: %s [%s; %s]", value, name_of(m), meaning_of(m),
                       m->table->space, basis_of(m));
        why_page_field(page, INDENT, 2, "-", line);
    }
}

static void put_meanings(struct page *page, const struct why_explanation *x)
{
    size_t full = x->is_number && x->count > FEW ? IN_FULL : x->count;

    if (x->is_number)
        why_page_printf(
            page, PAGE_PLAIN, "%s: %zu meaning%s%s", x->query, x->count, x->count == 1 ? "" : "s",
            x->count > 1
                ? ", the most likely first; the number alone does not tell which one is meant"
                : "");
    else
        why_page_printf(page, PAGE_PLAIN, "%s: %zu name%s", x->query, x->count,
                        x->count == 1 ? "" : "s");
    why_page_newline(page);
    if (x->other_base[0] != '\0') {
        why_page_printf(page, PAGE_PLAIN, "%s is another code: rdpwhy explain %s", x->other_base,
                        x->other_base);
        why_page_newline(page);
    }
    for (size_t i = 0; i < full; i++)
        put_meaning(page, x, &x->meanings[i]);
    if (full < x->count)
        put_others(page, x, full);
}

/* ---- text: pairs ----------------------------------------------------------------------------- */

static bool has_endings(const struct why_explanation *x, uint32_t extended)
{
    struct why_mstsc_source source;

    return why_mstsc_source(x->code, extended, 0, &source);
}

static bool is_inferred(const struct why_explanation *x)
{
    struct why_mstsc_source source;

    for (size_t i = 0; why_mstsc_source(x->code, x->extended, i, &source); i++) {
        if (!source.documented)
            return true;
    }
    return false;
}

/* What the two codes say together, and what they do not. */
static const char *pair_sense(const struct why_explanation *x)
{
    bool known = has_endings(x, x->extended);

    if (x->extended == 0 && known)
        return "An extended code of 0x0 means none. The client shows the first code alone after "
               "each of the failures listed below; only a probe shows which one it was.";
    if (x->extended == 0 && has_endings(x, WHY_EXTENDED_ANY))
        return "An extended code of 0x0 means none: the server gave the client no reason. rdpwhy "
               "knows no handshake failure for which the client shows this code alone; it shows it "
               "together with an extended code for the failures listed below.";
    if (x->extended == 0)
        return "An extended code of 0x0 means none: the first code says all that the client knows.";
    if (!known)
        return "rdpwhy knows no handshake failure for which the Windows client shows this pair. "
               "Each half means what its table says.";
    if (is_inferred(x))
        return "This pair names neither the phase of the handshake nor the cause: the client shows "
               "it for every failure listed below. Advice that blames a single cause (certificate, "
               "license cache, NLA, stored credentials, name resolution, firewall, overload) is a "
               "guess until the phase is measured.";
    return "The server itself sent the second code and then closed the connection.";
}

static void put_sources(struct page *page, const struct why_explanation *x)
{
    if (has_endings(x, x->extended)) {
        why_page_heading(page, "Failures for which the client shows it");
        put_endings(page, INDENT, 2, "-", x->code, x->extended);
    } else if (x->extended == 0 && has_endings(x, WHY_EXTENDED_ANY)) {
        why_page_heading(page, "Failures with another extended code");
        put_endings(page, INDENT, 2, "-", x->code, WHY_EXTENDED_ANY);
    }
}

static bool has_part(const struct why_explanation *x, enum why_part part)
{
    for (size_t i = 0; i < x->count; i++) {
        if (x->meanings[i].part == part)
            return true;
    }
    return false;
}

static void put_half(struct page *page, const struct why_explanation *x, enum why_part part,
                     const char *heading)
{
    if (!has_part(x, part))
        return;
    why_page_heading(page, heading);
    for (size_t i = 0; i < x->count; i++) {
        const struct why_meaning *m = &x->meanings[i];
        char line[TEXT_MAX], value[32];

        if (m->part != part)
            continue;
        why_table_format(m->table, m->row->value, value, sizeof(value));
        (void)snprintf(line, sizeof(line), "%s %s: %s [%s; %s: %s]", value, m->row->name,
                       m->row->meaning, m->table->space, basis_of(m), source_of(m));
        why_page_field(page, INDENT, 2, "-", line);
        put_reports(page, INDENT, 2, "-", m);
    }
}

static void put_ways(struct page *page, const struct why_explanation *x)
{
    const struct why_next *told = NULL;

    why_page_heading(page, "What to run next");
    for (size_t i = 0; i < x->count; i++) {
        const struct why_meaning *m = &x->meanings[i];
        const struct why_next *next = why_meaning_next(m->table, m->row);

        if (m->part == WHY_PART_HOMONYM || (told != NULL && told->command == next->command))
            continue;
        if (m->part == WHY_PART_EXTENDED && (m->row->value == 0 || told != NULL))
            continue;
        put_next(page, INDENT, 2, "-", next);
        told = next;
    }
}

/* The rules' pages, those of the second half first: it says more. */
static void put_pages(struct page *page, const struct why_explanation *x)
{
    static const enum why_part order[] = {WHY_PART_EXTENDED, WHY_PART_CODE};
    char line[TEXT_MAX];

    for (size_t part = 0; part < 2; part++) {
        for (size_t i = 0; i < x->count; i++) {
            if (x->meanings[i].part != order[part])
                continue;
            see_words(&x->meanings[i], line, sizeof(line));
            if (line[0] == '\0')
                continue;
            why_page_field(page, INDENT, 2, "-", line);
            break; /* both tables of the second half lead to the same */
        }
    }
}

static void put_pair(struct page *page, const struct why_explanation *x)
{
    why_page_printf(page, PAGE_BOLD,
                    "0x%" PRIX32 " (%" PRIu32 "), extended 0x%" PRIX32 " (%" PRIu32 ")", x->code,
                    x->code, x->extended, x->extended);
    why_page_newline(page);
    why_page_wrap(page, PAGE_PLAIN, 0, 0, pair_sense(x));
    put_half(page, x, WHY_PART_CODE, "The code");
    put_half(page, x, WHY_PART_EXTENDED, "The extended code");
    put_sources(page, x);
    put_half(page, x, WHY_PART_HOMONYM, "The same number in other tables (not meant here)");
    put_ways(page, x);
    put_pages(page, x);
}

/* ---- text: rules ----------------------------------------------------------------------------- */

/* "the server is xrdp, or nothing tells what the server is" */
static void kinds_words(unsigned kinds, char *buf, size_t len)
{
    const char *words;
    size_t at = 0;

    *buf = '\0';
    while (at < len && (words = why_kinds_next(&kinds)) != NULL)
        at += (size_t)snprintf(buf + at, len - at, "%s%s", at > 0 ? ", or " : "", words);
}

/* " (shown only if the server is xrdp)" */
static void put_when(const struct why_rule_text *text, char *buf, size_t len)
{
    uint64_t conditions = why_text_conditions(text);
    const char *where = "";
    char on[WHEN_MAX / 2];

    if (conditions != 0)
        where = why_condition_text(conditions) != NULL ? why_condition_text(conditions)
                                                       : "what was seen supports it";
    kinds_words(why_text_kinds(text), on, sizeof(on));
    if (text->when == 0)
        *buf = '\0';
    else
        (void)snprintf(buf, len, " (shown only if %s%s%s)", where,
                       *where != '\0' && *on != '\0' ? " and " : "", on);
}

static void put_texts(struct page *page, const char *heading, const struct why_rule_text *texts)
{
    why_page_heading(page, heading);
    for (; texts != NULL && texts->text != NULL; texts++) {
        char line[TEXT_MAX + WHEN_MAX], text[TEXT_MAX], when[WHEN_MAX];

        expand(texts->text, text, sizeof(text));
        put_when(texts, when, sizeof(when));
        (void)snprintf(line, sizeof(line), "%s%s", text, when);
        why_page_field(page, INDENT, 2, "-", line);
    }
}

static bool leads_to(const struct why_code_table *table, const struct why_code_row *row,
                     enum why_rule rule)
{
    enum why_rule see;

    for (size_t i = 0; (see = why_meaning_see(table, row, i)) != WHY_RULE_COUNT; i++) {
        if (see == rule)
            return true;
    }
    return false;
}

static void put_codes_of_rule(struct page *page, enum why_rule rule)
{
    size_t count = 0;
    const struct why_code_table *tables = why_code_tables(&count);
    bool heading = false;

    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < tables[i].count; j++) {
            const struct why_code_row *row = &tables[i].rows[j];
            char line[TEXT_MAX], value[32];

            if (!leads_to(&tables[i], row, rule))
                continue;
            if (!heading)
                why_page_heading(page, "Codes that lead to this rule");
            heading = true;
            why_table_format(&tables[i], row->value, value, sizeof(value));
            (void)snprintf(line, sizeof(line), "%s %s [%s]", value, row->name, tables[i].space);
            why_page_field(page, INDENT, 2, "-", line);
        }
    }
}

static void put_rule(struct page *page, enum why_rule rule)
{
    const struct why_rule_info *info = why_rule_info(rule);

    why_page_text(page, PAGE_BOLD, info->name);
    why_page_printf(page, PAGE_PLAIN, " (%s)", why_severity_name(info->severity));
    why_page_newline(page);
    why_page_wrap(page, PAGE_PLAIN, 0, 0, info->meaning);
    put_texts(page, "Causes, the most likely first", info->causes);
    put_texts(page, "How to tell them apart", info->checks);
    put_texts(page, "Remedies and their risks", info->remedies);
    put_codes_of_rule(page, rule);
    why_page_heading(page, "What to run next");
    why_page_field(page, INDENT, 2, "-",
                   "rdpwhy probe HOST - whether this is what happens there, and in which attempts");
}

int why_explanation_text(FILE *out, bool color, size_t columns, const struct why_explanation *x)
{
    struct page page;
    int status = why_page_open(&page, color, columns);

    if (status != WHY_OK)
        return status;
    if (x->rule != WHY_RULE_COUNT)
        put_rule(&page, x->rule);
    else if (x->is_pair)
        put_pair(&page, x);
    else
        put_meanings(&page, x);
    return why_page_close(&page, out);
}

/* ---- JSON Lines ------------------------------------------------------------------------------ */

static int write_record(FILE *out, const struct why_json_builder *b, json_t *record)
{
    int status = why_json_write_record(out, b, record);

    return status == WHY_OK && fflush(out) != 0 ? WHY_ERR_IO : status;
}

static json_t *new_record(struct why_json_builder *b, const struct why_explanation *x)
{
    json_t *record = why_json_build_record(b, "explanation");

    why_json_put_text(b, record, "query", x->query);
    return record;
}

static void put_json_reports(struct why_json_builder *b, json_t *record,
                             const struct why_meaning *m)
{
    json_t *reports = why_json_build_array(b);
    const struct why_code_report *report;

    for (size_t i = 0; (report = why_code_report(m->table, m->row, i)) != NULL; i++) {
        json_t *object = why_json_build_object(b);

        why_json_put_text(b, object, "meaning", report->says);
        why_json_put_text(b, object, "source", report->source);
        why_json_add(b, reports, object);
    }
    why_json_put_filled(b, record, "reports", reports);
}

static void put_json_see(struct why_json_builder *b, json_t *record, const struct why_meaning *m)
{
    json_t *see = why_json_build_array(b);
    enum why_rule rule;

    for (size_t i = 0; (rule = why_meaning_see(m->table, m->row, i)) != WHY_RULE_COUNT; i++)
        why_json_add_text(b, see, why_rule_info(rule)->name);
    why_json_put_filled(b, record, "see", see);
}

static void put_json_next(struct why_json_builder *b, json_t *record, const char *command,
                          const char *shows)
{
    json_t *next = why_json_build_object(b);

    why_json_put_text(b, next, "command", command);
    why_json_put_text(b, next, "shows", shows);
    why_json_put_filled(b, record, "next", next);
}

static void put_json_endings(struct why_json_builder *b, json_t *record, uint32_t code,
                             uint32_t extended)
{
    json_t *endings = why_json_build_array(b);
    struct why_mstsc_source source;

    for (size_t i = 0; why_mstsc_source(code, extended, i, &source); i++) {
        json_t *ending = why_json_build_object(b);
        char text[16];

        why_json_put_text(b, ending, "rule", source.rule);
        why_json_put_text(b, ending, "first_phase", why_phase_name(source.first_phase));
        why_json_put_text(b, ending, "last_phase", why_phase_name(source.last_phase));
        why_json_put_text(b, ending, "basis", source.documented ? "documented" : "inferred");
        (void)snprintf(text, sizeof(text), "0x%" PRIX32, source.first_extended);
        if (source.has_extended && source.first_extended == source.last_extended)
            why_json_put_text(b, ending, "extended", text);
        why_json_add(b, endings, ending);
    }
    why_json_put_filled(b, record, "endings", endings);
}

static int write_meaning(FILE *out, const struct why_explanation *x, const struct why_meaning *m)
{
    static const char *const parts[] = {
        [WHY_PART_CODE] = "code", [WHY_PART_EXTENDED] = "extended", [WHY_PART_HOMONYM] = "homonym"};
    struct why_json_builder b = {false};
    json_t *record = new_record(&b, x);
    enum why_rule rule = why_meaning_rule(m->table, m->row);
    char value[32];

    why_table_format(m->table, value_of(x, m), value, sizeof(value));
    why_json_put_text(&b, record, "part", parts[m->part]);
    why_json_put_text(&b, record, "space", m->table->space);
    why_json_put_text(&b, record, "title", m->table->title);
    why_json_put_int(&b, record, "value", value_of(x, m));
    why_json_put_text(&b, record, "written", value);
    why_json_put_text(&b, record, "name", name_of(m));
    why_json_put_text(&b, record, "meaning", meaning_of(m));
    why_json_put_text(&b, record, "inside", forms[m->form]);
    why_json_put_text(&b, record, "basis", basis_of(m));
    why_json_put_text(&b, record, "source", why_row_source(m->table, m->row));
    put_json_reports(&b, record, m);
    if (is_mstsc(m) && m->part == WHY_PART_WHOLE)
        put_json_endings(&b, record, (uint32_t)m->row->value, WHY_EXTENDED_ANY);
    if (rule != WHY_RULE_COUNT)
        why_json_put_text(&b, record, "rule", why_rule_info(rule)->name);
    put_json_see(&b, record, m);
    if (x->other_base[0] != '\0')
        why_json_put_text(&b, record, "other_base", x->other_base);
    if (m->part != WHY_PART_HOMONYM)
        put_json_next(&b, record, why_meaning_next(m->table, m->row)->command,
                      why_meaning_next(m->table, m->row)->shows);
    return write_record(out, &b, record);
}

static int write_pair(FILE *out, const struct why_explanation *x)
{
    struct why_json_builder b = {false};
    json_t *record = new_record(&b, x);

    why_json_put_text(&b, record, "part", "pair");
    why_json_put_text(&b, record, "meaning", pair_sense(x));
    put_json_endings(&b, record, x->code, x->extended);
    return write_record(out, &b, record);
}

static void put_text_array(struct why_json_builder *b, json_t *record, const char *key,
                           const struct why_rule_text *texts)
{
    json_t *array = why_json_build_array(b);

    for (; texts != NULL && texts->text != NULL; texts++) {
        char text[TEXT_MAX];

        expand(texts->text, text, sizeof(text));
        why_json_add_text(b, array, text);
    }
    why_json_put_filled(b, record, key, array);
}

static int write_rule(FILE *out, const struct why_explanation *x)
{
    const struct why_rule_info *info = why_rule_info(x->rule);
    struct why_json_builder b = {false};
    json_t *record = new_record(&b, x);

    why_json_put_text(&b, record, "part", "rule");
    why_json_put_text(&b, record, "rule", info->name);
    why_json_put_text(&b, record, "severity", why_severity_name(info->severity));
    why_json_put_text(&b, record, "meaning", info->meaning);
    put_text_array(&b, record, "causes", info->causes);
    put_text_array(&b, record, "checks", info->checks);
    put_text_array(&b, record, "remedies", info->remedies);
    put_json_next(&b, record, "rdpwhy probe HOST",
                  "whether this is what happens there, and in which attempts");
    return write_record(out, &b, record);
}

int why_explanation_jsonl(FILE *out, const struct why_explanation *x)
{
    int status = WHY_OK;

    if (x->rule != WHY_RULE_COUNT)
        return write_rule(out, x);
    if (x->is_pair)
        status = write_pair(out, x);
    for (size_t i = 0; status == WHY_OK && i < x->count; i++)
        status = write_meaning(out, x, &x->meanings[i]);
    return status;
}
