/* SPDX-License-Identifier: Apache-2.0 */
#include "prose.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))
#define LINE_LENGTH 100 /* bytes of a line that could be wrapped */
#define PATH_SIZE   1024
#define NAME_SIZE   256
#define TEXT_SIZE   4096 /* C11 5.2.4.1: a string literal that every compiler takes */
#define SUFFIX      ".txt"

static const struct {
    const char *id, *name;
} conditions[] = {
#define WHY_CONDITION(id, name, words) {#id, name},
#include <rdpwhy/rules.def>
};

/* The kinds of server that a text may be meant for. */
static const struct {
    const char *id, *name;
} kind_sets[] = {
#define WHY_KINDS(id, name, kinds, words) {#id, name},
#include <rdpwhy/kinds.def>
};

static const char *const sections[] = {"## causes", "## checks", "## remedies"};

/* A text that several rules include. */
struct snippet {
    struct snippet *next;
    bool used;
    char name[NAME_SIZE], path[PATH_SIZE], text[TEXT_SIZE];
};

struct compiler {
    const struct prose_rule *rules;
    size_t rule_count;
    const struct prose_streams *to;
    struct snippet *snippets;
    size_t errors;
};

/* Reads a file by paragraphs: the lines up to an empty one, joined by spaces. */
struct reader {
    struct compiler *c;
    FILE *in;
    char *line;
    size_t line_size;
    unsigned line_number;
    char path[PATH_SIZE];
    char text[TEXT_SIZE]; /* the paragraph; empty at the end of the file */
    size_t len;
    unsigned begin; /* the paragraph's first line */
};

static void complain(struct compiler *c, const char *path, unsigned line, const char *what,
                     const char *detail)
{
    c->errors++;
    (void)fprintf(c->to->errors, "%s:%u: %s%s\n", path, line, what, detail);
}

/* What is wrong with the paragraph that |r| is at. */
static void reject(struct reader *r, const char *what, const char *detail)
{
    complain(r->c, r->path, r->begin, what, detail);
}

static void depend_on(const struct compiler *c, const char *path)
{
    if (c->to->depend == NULL)
        return;
    (void)fputs(" \\\n  ", c->to->depend);
    for (; *path != '\0'; path++)
        (void)fprintf(c->to->depend, *path == ' ' ? "\\%c" : "%c", *path);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool open_text(struct reader *r, struct compiler *c, const char *folder, const char *name)
{
    memset(r, 0, sizeof(*r));
    r->c = c;
    (void)snprintf(r->path, sizeof(r->path), "%s/%s" SUFFIX, folder, name);
    depend_on(c, r->path);
    r->in = fopen(r->path, "r");
    if (r->in == NULL)
        complain(c, r->path, 1, "cannot be read: ", strerror(errno));
    return r->in != NULL;
}

static void close_text(struct reader *r)
{
    (void)fclose(r->in);
    free(r->line);
}

static void append_line(struct reader *r)
{
    size_t n = strlen(r->line), gap = r->len > 0 ? 1 : 0;

    if (gap == 0)
        r->begin = r->line_number;
    if (isspace((unsigned char)r->line[0]) || isspace((unsigned char)r->line[n - 1]))
        complain(r->c, r->path, r->line_number, "white space at the line's begin or end", "");
    if (n > LINE_LENGTH && strchr(r->line, ' ') != NULL)
        complain(r->c, r->path, r->line_number, "the line is too long: wrap it", "");
    if (r->len + gap + n >= sizeof(r->text)) {
        reject(r, "the paragraph is too long", "");
        return;
    }
    if (gap > 0)
        r->text[r->len] = ' ';
    memcpy(r->text + r->len + gap, r->line, n + 1);
    r->len += gap + n;
}

/* False at the end of the file. */
static bool next_paragraph(struct reader *r)
{
    r->len = 0;
    r->text[0] = '\0';
    r->begin = r->line_number > 0 ? r->line_number : 1;
    while (getline(&r->line, &r->line_size, r->in) > 0) {
        r->line_number++;
        r->line[strcspn(r->line, "\n")] = '\0';
        if (r->line[0] != '\0')
            append_line(r);
        else if (r->len > 0)
            break;
    }
    return r->len > 0;
}

static bool is_heading(const struct reader *r)
{
    return r->text[0] == '#';
}

/* ---- writing --------------------------------------------------------------------------------- */

static void put_literal(FILE *out, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (text[i] == '"' || text[i] == '\\')
            (void)fputc('\\', out);
        (void)fputc(text[i], out);
    }
}

/* Length of the "@name" at |at|, a place in |text|; 0 where none is. PowerShell's @ is no such. */
static size_t include_length(const char *text, const char *at)
{
    if (*at != '@' || (at > text && at[-1] != ' ') || !islower((unsigned char)at[1]))
        return 0;
    return 1 + strspn(at + 1, "abcdefghijklmnopqrstuvwxyz0123456789-");
}

static void put_include(struct reader *r, const char *name, size_t len)
{
    char unknown[NAME_SIZE];

    for (struct snippet *s = r->c->snippets; s != NULL; s = s->next) {
        if (strlen(s->name) == len && memcmp(s->name, name, len) == 0) {
            s->used = true;
            put_literal(r->c->to->out, s->text, strlen(s->text));
            return;
        }
    }
    (void)snprintf(unknown, sizeof(unknown), "%.*s", (int)len, name);
    reject(r, "no such shared text: @", unknown);
}

static void put_text(struct reader *r, const char *text)
{
    (void)fputc('"', r->c->to->out);
    for (const char *at = text; *at != '\0';) {
        size_t n = include_length(text, at);

        if (n > 0)
            put_include(r, at + 1, n - 1);
        else
            put_literal(r->c->to->out, at, n = 1);
        at += n;
    }
    (void)fputc('"', r->c->to->out);
}

static void put_condition(struct reader *r, const char *name, size_t len)
{
    char unknown[NAME_SIZE];

    for (size_t i = 0; i < COUNT(conditions); i++) {
        if (strlen(conditions[i].name) == len && memcmp(conditions[i].name, name, len) == 0) {
            (void)fprintf(r->c->to->out, "WHY_IF(%s)", conditions[i].id);
            return;
        }
    }
    for (size_t i = 0; i < COUNT(kind_sets); i++) {
        if (strlen(kind_sets[i].name) == len && memcmp(kind_sets[i].name, name, len) == 0) {
            (void)fprintf(r->c->to->out, "WHY_FOR(WHY_FOR_%s)", kind_sets[i].id);
            return;
        }
    }
    (void)snprintf(unknown, sizeof(unknown), "%.*s", (int)len, name);
    reject(r, "no such condition: ", unknown);
}

/* Writes what "[closed, none-passes] " means; returns the text behind it. */
static const char *put_conditions(struct reader *r, const char *text)
{
    if (*text != '[') {
        (void)fputc('0', r->c->to->out);
        return text;
    }
    do {
        size_t n;

        if (*text++ == ',') {
            (void)fputs(" | ", r->c->to->out);
            text += strspn(text, " ");
        }
        n = strcspn(text, ",]");
        put_condition(r, text, n);
        text += n;
    } while (*text == ',');
    if (*text == ']')
        text++;
    else
        reject(r, "the conditions have no end", "");
    return text + strspn(text, " ");
}

static void put_item(struct reader *r)
{
    const char *text;

    (void)fputs("         {", r->c->to->out);
    text = put_conditions(r, r->text);
    if (*text == '\0')
        reject(r, "an item without text", "");
    (void)fputs(", ", r->c->to->out);
    put_text(r, text);
    (void)fputs("},\n", r->c->to->out);
}

/* From its heading, which |r| is at, to the next one. */
static bool put_section(struct reader *r, const char *heading)
{
    unsigned begin = r->begin;
    size_t items = 0;

    if (strcmp(r->text, heading) != 0) {
        reject(r, "a section is missing: ", heading);
        return false;
    }
    (void)fputs("     (const struct why_rule_text[]){\n", r->c->to->out);
    for (; next_paragraph(r) && !is_heading(r); items++)
        put_item(r);
    (void)fputs("         {0, NULL}},\n", r->c->to->out);
    if (items == 0)
        complain(r->c, r->path, begin, "a section without item: ", heading);
    return true;
}

static void put_body(struct reader *r)
{
    if (!next_paragraph(r) || is_heading(r)) {
        reject(r, "the meaning is missing", "");
        return;
    }
    (void)fputs("     ", r->c->to->out);
    put_text(r, r->text);
    (void)fputs(",\n", r->c->to->out);
    (void)next_paragraph(r);
    for (size_t i = 0; i < COUNT(sections); i++) {
        if (!put_section(r, sections[i]))
            return;
    }
    if (r->len > 0)
        reject(r, "a section out of place: ", r->text);
}

static void put_rule(struct compiler *c, const struct prose_rule *rule, const char *folder)
{
    struct reader r;

    if (!open_text(&r, c, folder, rule->name))
        return;
    (void)fprintf(c->to->out, "    [WHY_RULE_%s] =\n    {\"%s\", WHY_SEVERITY_%s,\n", rule->id,
                  rule->name, rule->severity);
    put_body(&r);
    (void)fputs("    },\n", c->to->out);
    close_text(&r);
}

/* ---- folders --------------------------------------------------------------------------------- */

static void each_text(struct compiler *c, const char *folder,
                      void (*visit)(struct compiler *c, const char *folder, const char *name))
{
    DIR *dir = opendir(folder);
    struct dirent *entry;

    depend_on(c, folder);
    if (dir == NULL) {
        complain(c, folder, 1, "cannot be read: ", strerror(errno));
        return;
    }
    while ((entry = readdir(dir)) != NULL) {
        char name[NAME_SIZE];
        size_t n = strlen(entry->d_name), suffix = strlen(SUFFIX);

        if (n <= suffix || strcmp(entry->d_name + n - suffix, SUFFIX) != 0)
            continue;
        (void)snprintf(name, sizeof(name), "%.*s", (int)(n - suffix), entry->d_name);
        visit(c, folder, name);
    }
    (void)closedir(dir);
}

static void find_rule(struct compiler *c, const char *folder, const char *name)
{
    char path[PATH_SIZE];

    for (size_t i = 0; i < c->rule_count; i++) {
        if (strcmp(c->rules[i].name, name) == 0)
            return;
    }
    (void)snprintf(path, sizeof(path), "%s/%s" SUFFIX, folder, name);
    complain(c, path, 1, "no such rule in rules.def: ", name);
}

static void read_snippet(struct reader *r, const char *name)
{
    struct snippet *s = calloc(1, sizeof(*s));

    if (s == NULL) {
        reject(r, "no memory", "");
        return;
    }
    if (!next_paragraph(r))
        reject(r, "a shared text without text", "");
    (void)snprintf(s->name, sizeof(s->name), "%s", name);
    (void)snprintf(s->path, sizeof(s->path), "%s", r->path);
    (void)snprintf(s->text, sizeof(s->text), "%s", r->text);
    for (const char *at = s->text; *at != '\0'; at++) {
        if (include_length(s->text, at) > 0)
            reject(r, "a shared text includes another: ", at);
    }
    if (next_paragraph(r))
        reject(r, "a shared text of more than one paragraph", "");
    s->next = r->c->snippets;
    r->c->snippets = s;
}

static void load_snippet(struct compiler *c, const char *folder, const char *name)
{
    struct reader r;

    if (!open_text(&r, c, folder, name))
        return;
    read_snippet(&r, name);
    close_text(&r);
}

static void drop_snippets(struct compiler *c)
{
    while (c->snippets != NULL) {
        struct snippet *s = c->snippets;

        if (!s->used)
            complain(c, s->path, 1, "no rule includes @", s->name);
        c->snippets = s->next;
        free(s);
    }
}

size_t prose_compile(const struct prose_rule *rules, size_t count, const char *folder,
                     const struct prose_streams *streams)
{
    struct compiler c = {.rules = rules, .rule_count = count, .to = streams};
    char shared[PATH_SIZE];

    (void)snprintf(shared, sizeof(shared), "%s/shared", folder);
    each_text(&c, shared, load_snippet);
    each_text(&c, folder, find_rule);
    for (size_t i = 0; i < count; i++)
        put_rule(&c, &rules[i], folder);
    drop_snippets(&c);
    return c.errors;
}
