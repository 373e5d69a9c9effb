/* SPDX-License-Identifier: Apache-2.0 */
#include "html_records.h"

#include <string.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/report.h>

#include "base/system_error.h"
#include "facts/fact_table.h"
#include "facts/words.h"

#include "html_events.h"
#include "html_picture.h"
#include "json_records.h"

/* {"resolve":"name to addresses",…}, in the order of the list */
static json_t *word_list(struct why_json_builder *b, enum why_vocabulary list)
{
    json_t *object = why_json_build_object(b);
    size_t count = 0;
    const struct why_word *words = why_vocab(list, &count);

    for (size_t i = 0; i < count; i++)
        why_json_put_text(b, object, words[i].name, words[i].meaning);
    return object;
}

/* What the page shows of the states beside their words. */
static json_t *state_list(struct why_json_builder *b)
{
    static const char *const alarms[] = {"ok", "warning", "critical"};
    json_t *object = why_json_build_object(b);

    for (int i = 0; i < WHY_HOST_STATE_COUNT; i++) {
        const struct why_host_state_info *info = why_host_state_info((enum why_host_state)i);
        json_t *state = why_json_build_object(b);

        why_json_put_text(b, state, "alarm", alarms[info->alarm]);
        why_json_put_text(b, state, "sign", info->sign);
        why_json_put_int(b, state, "urgent", (int64_t)info->urgent);
        why_json_put(b, object, why_host_state_name((enum why_host_state)i), state);
    }
    return object;
}

static json_t *vocabulary(struct why_json_builder *b)
{
    json_t *words = why_json_build_object(b);

    why_json_put(b, words, "phases", word_list(b, WHY_VOCAB_PHASE));
    why_json_put(b, words, "profiles", word_list(b, WHY_VOCAB_PROFILE));
    why_json_put(b, words, "license_modes", word_list(b, WHY_VOCAB_LICENSE_MODE));
    why_json_put(b, words, "outcomes", word_list(b, WHY_VOCAB_OUTCOME));
    why_json_put(b, words, "endings", word_list(b, WHY_VOCAB_ENDING));
    why_json_put(b, words, "closers", word_list(b, WHY_VOCAB_CLOSER));
    why_json_put(b, words, "states", word_list(b, WHY_VOCAB_HOST_STATE));
    return words;
}

static json_t *fact_part(struct why_json_builder *b, const struct why_fact_part *part)
{
    enum why_fact_kind kind = why_fact_at(part->path)->kind;
    json_t *object = why_json_build_object(b);

    why_json_put_text(b, object, "path", part->path);
    why_json_put_text(b, object, "form", part->form);
    why_json_put_text(b, object, "otherwise", part->otherwise);
    if (kind == WHY_FACT_KIND_TEXTS || kind == WHY_FACT_KIND_FLAGS)
        why_json_put_text(b, object, "list", kind == WHY_FACT_KIND_TEXTS ? ", " : " ");
    if (kind == WHY_FACT_KIND_SKEW)
        why_json_put_bool(b, object, "skew", true);
    return object;
}

/* The lines that people read of a server: how the page puts them together of a record's facts. */
static json_t *fact_line(struct why_json_builder *b, const struct why_fact_line *line)
{
    json_t *object = why_json_build_object(b);
    json_t *parts = why_json_build_array(b);

    why_json_put_text(b, object, "label", line->label);
    why_json_put_text(b, object, "separator", line->separator);
    why_json_put_text(b, object, "unless", line->unless);
    for (size_t i = 0; i < WHY_FACT_PARTS && line->parts[i].path; i++) {
        if (line->parts[i].where != FACT_LINE_TEXT)
            why_json_add(b, parts, fact_part(b, &line->parts[i]));
    }
    why_json_put(b, object, "parts", parts);
    return object;
}

void why_html_run(struct html_writer *writer, const struct why_run_info *run)
{
    struct why_json_builder b = {false};
    json_t *record = why_json_run(&b, run);
    json_t *lines = why_json_build_array(&b);

    for (size_t i = 0; i < why_fact_line_count; i++) {
        if (why_fact_lines[i].where != FACT_LINE_TEXT)
            why_json_add(&b, lines, fact_line(&b, &why_fact_lines[i]));
    }
    why_json_put(&b, record, "words", vocabulary(&b));
    why_json_put(&b, record, "states", state_list(&b));
    why_json_put(&b, record, "facts", lines);
    why_html_line(writer, &b, record);
}

static void put_meaning(struct why_json_builder *b, json_t *object, const char *key,
                        const char *space, uint32_t value)
{
    const struct why_code_table *table = why_code_table_find(space);
    const struct why_code_row *row = table ? why_code_row_find(table, value) : NULL;

    if (row)
        why_json_put_text(b, object, key, row->meaning);
}

/* What the tables have to say of a verdict: {"ended":…,"code":…,"meaning":…,"mstsc":…,…}. */
static void put_words(struct why_json_builder *b, json_t *record, const struct why_verdict *verdict)
{
    const struct why_code_row *row =
        verdict->has_code ? why_code_lookup(verdict->code.space, verdict->code.value) : NULL;
    json_t *words = why_json_build_object(b);
    char text[256];

    why_words_ending(verdict, text, sizeof(text));
    why_json_put_text(b, words, "ended", text);
    if (verdict->has_code && why_words_code_has_value(&verdict->code)) {
        why_code_format(verdict->code.space, verdict->code.value, text, sizeof(text));
        why_json_put_text(b, words, "code", text);
    }
    if (row)
        why_json_put_text(b, words, "meaning", row->meaning);
    if (verdict->has_mstsc)
        put_meaning(b, words, "mstsc", "mstsc", verdict->mstsc.code);
    if (verdict->has_mstsc && verdict->mstsc.has_extended)
        put_meaning(b, words, "extended", "mstsc-extended", verdict->mstsc.extended);
    why_json_put(b, record, "words", words);
}

/* The phases in columns, which attempts that went alike share but for the times. */
static void put_columns(struct why_json_builder *b, json_t *record,
                        const struct why_verdict *verdict)
{
    json_t *phases = why_json_build_object(b);
    json_t *names = why_json_build_array(b);
    json_t *took = why_json_build_array(b);

    for (size_t i = 0; i < verdict->phase_count; i++) {
        why_json_add_text(b, names, why_phase_name(verdict->phases[i].phase));
        why_json_add(b, took, json_integer((json_int_t)verdict->phases[i].duration_us));
    }
    why_json_put_filled(b, phases, "phase", names);
    why_json_put_filled(b, phases, "duration_us", took);
    json_object_del(record, "phases");
    why_json_put_filled(b, record, "phases", phases);
}

/* The same for the attempts that belong to this one. */
static void put_words_of_others(struct why_json_builder *b, json_t *record,
                                const struct why_result *result)
{
    json_t *hops = json_object_get(record, "hops");
    const struct why_result *r = result->first_try;

    for (size_t i = json_array_size(hops); i > 0 && r != NULL; i--) {
        put_words(b, json_array_get(hops, i - 1), &r->verdict);
        r = r->first_try;
    }
    if (result->first_try != NULL && json_object_get(record, "first_try") != NULL)
        put_words(b, json_object_get(record, "first_try"), &result->first_try->verdict);
    if (result->tls_first)
        put_words(b, json_object_get(record, "tls_first"), &result->tls_first->verdict);
}

void why_html_attempt(struct html_writer *writer, const struct why_result *result,
                      const struct html_detail *detail)
{
    struct why_json_builder b = {.target = result->target,
                                 .without = detail->lean ? FACT_CLOSE : 0};
    json_t *record = why_json_attempt(&b, result);

    if (result->facts.address && strcmp(result->facts.address, result->target->host) == 0)
        json_object_del(record, "address");
    put_words(&b, record, &result->verdict);
    put_words_of_others(&b, record, result);
    put_columns(&b, record, &result->verdict);
    if (detail->events_allowance > 0)
        why_html_picture(&b, record, result->facts.session.screenshot);
    why_html_events(writer, &b, record, result, detail->events_allowance);
    why_html_shared_line(writer, &b, record);
}

void why_html_host(struct html_writer *writer, const struct why_host *host)
{
    struct why_json_builder b = {.target = host->target};

    why_html_shared_line(writer, &b, why_json_host(&b, host));
}

void why_html_across(struct html_writer *writer, const struct why_target *target,
                     const struct why_finding *finding)
{
    struct why_json_builder b = {.target = target};

    why_html_line(writer, &b, why_json_across(&b, target, finding));
}

void why_html_end(struct html_writer *writer, const struct why_scan_summary *summary)
{
    struct why_json_builder b = {false};

    why_html_line(writer, &b, why_json_end(&b, summary));
}
