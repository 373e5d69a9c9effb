/* SPDX-License-Identifier: Apache-2.0 */
#include "lists.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/diff.h>
#include <rdpwhy/knowledge.h>
#include <rdpwhy/report.h>
#include <rdpwhy/require.h>

static void each_word(enum why_vocabulary vocabulary, cli_list_row_fn *row)
{
    size_t count = 0;
    const struct why_word *words = why_vocab(vocabulary, &count);

    for (size_t i = 0; i < count; i++)
        row(words[i].name, words[i].meaning);
}

static void each_format(enum why_vocabulary vocabulary, cli_list_row_fn *row)
{
    size_t count = 0;
    const struct why_report_format *const *formats = why_report_formats(&count);

    (void)vocabulary;
    for (size_t i = 0; i < count; i++)
        row(formats[i]->name, formats[i]->summary);
}

static void each_rule(enum why_vocabulary vocabulary, cli_list_row_fn *row)
{
    (void)vocabulary;
    for (int i = 0; i < WHY_RULE_COUNT; i++) {
        const struct why_rule_info *info = why_rule_info((enum why_rule)i);

        row(info->name, info->meaning);
    }
}

static void each_requirement(enum why_vocabulary vocabulary, cli_list_row_fn *row)
{
    (void)vocabulary;
    for (size_t i = 0; i < why_requirement_info_count(); i++) {
        const struct why_requirement_info *info = why_requirement_info(i);
        char text[256];

        snprintf(text, sizeof(text), "%s: %s", info->form, info->meaning);
        row(info->name, text);
    }
}

/* The tables that explain looks codes up in. */
static void each_table(enum why_vocabulary vocabulary, cli_list_row_fn *row)
{
    size_t count = 0;
    const struct why_code_table *tables = why_code_tables(&count);

    (void)vocabulary;
    for (size_t i = 0; i < count; i++) {
        char text[256];

        snprintf(text, sizeof(text), "%s (%zu codes; %s)", tables[i].title, tables[i].count,
                 tables[i].source);
        row(tables[i].space, text);
    }
}

static void each_change(enum why_vocabulary vocabulary, cli_list_row_fn *row)
{
    (void)vocabulary;
    for (size_t i = 0; i < why_change_info_count(); i++)
        row(why_change_info(i)->name, why_change_info(i)->meaning);
}

/* "client-core-data.clientBuild": names of lists are one word. */
static void name_field(const struct why_client_row *r, char *buf, size_t len)
{
    snprintf(buf, len, "%s.%s", r->pdu, r->field);
    for (size_t i = 0; buf[i] != '\0'; i++) {
        if (i < strlen(r->pdu))
            buf[i] = (char)tolower((unsigned char)buf[i]);
        if (buf[i] == ' ')
            buf[i] = '-';
    }
}

static void each_client_field(enum why_vocabulary vocabulary, cli_list_row_fn *row)
{
    size_t count = 0;
    const struct why_client_row *rows = why_client_rows(&count);

    (void)vocabulary;
    for (size_t i = 0; i < count; i++) {
        const struct why_client_row *r = &rows[i];
        char name[128], text[768];
        const char *sends = r->sends != NULL ? r->sends : r->mstsc;

        name_field(r, name, sizeof(name));
        snprintf(text, sizeof(text), "%s\tmstsc: %s%s%s [%s]",
                 sends + (sends[0] == WHY_CLIENT_VARIES),
                 r->sends != NULL ? r->mstsc + (r->mstsc[0] == WHY_CLIENT_VARIES) : "the same",
                 r->reason != NULL ? "; " : "", r->reason != NULL ? r->reason : "", r->source);
        row(name, text);
    }
}

const struct cli_list cli_lists[] = {
    {"profiles", "what security the client offers", WHY_VOCAB_PROFILE, each_word},
    {"licenses", "what license the client presents", WHY_VOCAB_LICENSE_MODE, each_word},
    {"phases", "the phases of a handshake, in order", WHY_VOCAB_PHASE, each_word},
    {"outcomes", "what happened to an attempt", WHY_VOCAB_OUTCOME, each_word},
    {"answers", "what an attempt says about the server", WHY_VOCAB_ANSWER, each_word},
    {"endings", "how an attempt ended", WHY_VOCAB_ENDING, each_word},
    {"closers", "who ended an attempt", WHY_VOCAB_CLOSER, each_word},
    {"trust", "what the chain of a certificate is worth", WHY_VOCAB_TRUST, each_word},
    {"states", "the state of a host", WHY_VOCAB_HOST_STATE, each_word},
    {"spaces", "where codes come from", WHY_VOCAB_CODE_SPACE, each_word},
    {"codes", "the tables of codes that explain knows; each is a list of that name",
     WHY_VOCAB_PHASE, each_table},
    {"rules", "the rules of diagnosis", WHY_VOCAB_PHASE, each_rule},
    {"formats", "report formats", WHY_VOCAB_PHASE, each_format},
    {"requirements", "what --require can demand of a host", WHY_VOCAB_PHASE, each_requirement},
    {"client", "what rdpwhy tells the server about itself, and what mstsc tells it",
     WHY_VOCAB_PHASE, each_client_field},
    {"changes", "what diff compares", WHY_VOCAB_PHASE, each_change},
};
const size_t cli_list_count = sizeof(cli_lists) / sizeof(cli_lists[0]);
