/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/knowledge.h>

#include <inttypes.h>
#include <string.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>

#include "json_build.h"
#include "json_text.h"
#include "page.h"

#define INDENT      2
#define LABEL_WIDTH 10
#define TEXT_MAX    2048

/* A rule's page stands for every host. */
#define ANY_HOST "HOST"

static void expand(const char *text, char *buf, size_t len)
{
    (void)why_rule_expand(text, ANY_HOST, WHY_DEFAULT_PORT, ANY_HOST, buf, len);
}

/* ---- text: codes ----------------------------------------------------------------------------- */

static void put_meaning(struct page *page, const struct why_meaning *m)
{
    enum why_rule rule = why_meaning_rule(m->table, m->row);
    char value[32], line[TEXT_MAX];

    why_table_format(m->table, m->row->value, value, sizeof(value));
    why_page_newline(page);
    why_page_text(page, PAGE_BOLD, m->row->name);
    why_page_printf(page, PAGE_PLAIN, "  %s", value);
    why_page_newline(page);
    (void)snprintf(line, sizeof(line), "%s [%s]", m->table->title, m->table->space);
    why_page_field(page, INDENT, LABEL_WIDTH, "space", line);
    if (m->row->meaning[0] != '\0')
        why_page_field(page, INDENT, LABEL_WIDTH, "means", m->row->meaning);
    if (m->wrapped)
        why_page_field(page, INDENT, LABEL_WIDTH, "inside",
                       "a Win32 error in the lower half of an HRESULT or NTSTATUS");
    why_page_field(page, INDENT, LABEL_WIDTH, "source", m->table->source);
    if (rule != WHY_RULE_COUNT) {
        (void)snprintf(line, sizeof(line), "rdpwhy explain %s", why_rule_info(rule)->name);
        why_page_field(page, INDENT, LABEL_WIDTH, "see", line);
    }
}

static void put_meanings(struct page *page, const struct why_explanation *x)
{
    if (x->is_number)
        why_page_printf(page, PAGE_PLAIN, "%s: %zu meaning%s%s", x->query, x->count,
                        x->count == 1 ? "" : "s",
                        x->count > 1 ? ", the likeliest first; a number does not say in which "
                                       "space it was meant"
                                     : "");
    else
        why_page_printf(page, PAGE_PLAIN, "%s: %zu name%s", x->query, x->count,
                        x->count == 1 ? "" : "s");
    why_page_newline(page);
    for (size_t i = 0; i < x->count; i++)
        put_meaning(page, &x->meanings[i]);
}

/* ---- text: pairs ----------------------------------------------------------------------------- */

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
    struct why_mstsc_source source;

    if (!why_mstsc_source(x->code, x->extended, 0, &source))
        return "No ending of a handshake is known here after which the Windows client shows this "
               "pair; each half means what its table says.";
    if (is_inferred(x))
        return "The pair names neither the phase of the handshake nor the cause: the client shows "
               "it for every ending listed here. Advice that names a single cause for it "
               "(certificate, license cache, NLA, stored credentials, name resolution, firewall, "
               "overload) is a guess until the phase is measured.";
    return "The server itself sent the second code and then closed the connection.";
}

static void phases_words(const struct why_mstsc_source *s, char *buf, size_t len)
{
    if (s->first_phase == s->last_phase)
        (void)snprintf(buf, len, "in %s", why_phase_name(s->first_phase));
    else if (s->first_phase == WHY_PHASE_RESOLVE)
        (void)snprintf(buf, len, "in any phase where it occurs");
    else
        (void)snprintf(buf, len, "in any phase from %s to %s", why_phase_name(s->first_phase),
                       why_phase_name(s->last_phase));
}

static void put_sources(struct page *page, const struct why_explanation *x)
{
    struct why_mstsc_source source;

    for (size_t i = 0; why_mstsc_source(x->code, x->extended, i, &source); i++) {
        char line[TEXT_MAX], phases[128];

        if (i == 0)
            why_page_heading(page, "Endings that the client shows so");
        phases_words(&source, phases, sizeof(phases));
        (void)snprintf(line, sizeof(line), "%s, %s (%s)", source.rule, phases,
                       source.documented ? "documented" : "inferred");
        why_page_field(page, INDENT, 2, "-", line);
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
        (void)snprintf(line, sizeof(line), "%s %s: %s [%s; %s]", value, m->row->name,
                       m->row->meaning, m->table->space, m->table->source);
        why_page_field(page, INDENT, 2, "-", line);
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
    put_half(page, x, WHY_PART_HOMONYM, "The same number elsewhere, and not meant here");
    why_page_heading(page, "How to find out");
    why_page_field(page, INDENT, 2, "-",
                   "rdpwhy probe HOST - opens real connections, one per security profile, and says "
                   "in which phase each ended, who ended it, and why");
}

/* ---- text: rules ----------------------------------------------------------------------------- */

/* " (told only where the server is xrdp)" */
static void put_when(const struct why_rule_text *text, char *buf, size_t len)
{
    unsigned conditions = why_text_conditions(text), kinds = why_text_kinds(text);
    const char *on = kinds != 0 ? why_kinds_text(kinds) : "", *where = "";

    if (conditions != 0)
        where = why_condition_text(conditions) != NULL ? why_condition_text(conditions)
                                                       : "the measurement supports it";
    if (on == NULL)
        on = "the server is of a kind that it is meant for";
    if (text->when == 0)
        *buf = '\0';
    else
        (void)snprintf(buf, len, " (told only where %s%s%s)", where,
                       *where != '\0' && *on != '\0' ? " and " : "", on);
}

static void put_texts(struct page *page, const char *heading, const struct why_rule_text *texts)
{
    why_page_heading(page, heading);
    for (; texts != NULL && texts->text != NULL; texts++) {
        char line[TEXT_MAX], text[TEXT_MAX / 2 + 512], when[256];

        expand(texts->text, text, sizeof(text));
        put_when(texts, when, sizeof(when));
        (void)snprintf(line, sizeof(line), "%s%s", text, when);
        why_page_field(page, INDENT, 2, "-", line);
    }
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

            if (why_meaning_rule(&tables[i], row) != rule)
                continue;
            if (!heading)
                why_page_heading(page, "Codes that lead to it");
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
    put_texts(page, "Causes, the likeliest first", info->causes);
    put_texts(page, "What tells them apart", info->checks);
    put_texts(page, "Remedies and their risk", info->remedies);
    put_codes_of_rule(page, rule);
}

int why_explanation_text(FILE *out, bool color, const struct why_explanation *x)
{
    struct page page;
    int status = why_page_open(&page, color);

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

static int write_record(FILE *out, struct why_json_builder *b, json_t *record)
{
    int status = b->failed || record == NULL
                     ? WHY_ERR_NOMEM
                     : why_json_write_line(out, record, JSON_COMPACT | JSON_PRESERVE_ORDER);

    json_decref(record);
    return status == WHY_OK && fflush(out) != 0 ? WHY_ERR_IO : status;
}

static json_t *new_record(struct why_json_builder *b, const struct why_explanation *x)
{
    json_t *record = why_json_build_object(b);

    why_json_put_text(b, record, "schema", "rdpwhy/1");
    why_json_put_text(b, record, "record", "explanation");
    why_json_put_text(b, record, "query", x->query);
    return record;
}

static int write_meaning(FILE *out, const struct why_explanation *x, const struct why_meaning *m)
{
    static const char *const parts[] = {
        [WHY_PART_CODE] = "code", [WHY_PART_EXTENDED] = "extended", [WHY_PART_HOMONYM] = "homonym"};
    struct why_json_builder b = {false};
    json_t *record = new_record(&b, x);
    enum why_rule rule = why_meaning_rule(m->table, m->row);
    char value[32];

    why_table_format(m->table, m->row->value, value, sizeof(value));
    why_json_put_text(&b, record, "part", parts[m->part]);
    why_json_put_text(&b, record, "space", m->table->space);
    why_json_put_text(&b, record, "title", m->table->title);
    why_json_put_int(&b, record, "value", m->row->value);
    why_json_put_text(&b, record, "written", value);
    why_json_put_text(&b, record, "name", m->row->name);
    why_json_put_text(&b, record, "meaning", m->row->meaning);
    why_json_put_text(&b, record, "source", m->table->source);
    if (rule != WHY_RULE_COUNT)
        why_json_put_text(&b, record, "rule", why_rule_info(rule)->name);
    return write_record(out, &b, record);
}

static int write_pair(FILE *out, const struct why_explanation *x)
{
    struct why_json_builder b = {false};
    json_t *record = new_record(&b, x), *endings = why_json_build_array(&b);
    struct why_mstsc_source source;

    why_json_put_text(&b, record, "part", "pair");
    why_json_put_text(&b, record, "meaning", pair_sense(x));
    for (size_t i = 0; why_mstsc_source(x->code, x->extended, i, &source); i++) {
        json_t *ending = why_json_build_object(&b);

        why_json_put_text(&b, ending, "rule", source.rule);
        why_json_put_text(&b, ending, "first_phase", why_phase_name(source.first_phase));
        why_json_put_text(&b, ending, "last_phase", why_phase_name(source.last_phase));
        why_json_put_text(&b, ending, "basis", source.documented ? "documented" : "inferred");
        why_json_add(&b, endings, ending);
    }
    why_json_put_filled(&b, record, "endings", endings);
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
