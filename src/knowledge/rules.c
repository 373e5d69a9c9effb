/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/knowledge.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* What gen_rules made of rules.def and the files in rules/: infos[]. */
#include "base/rfc3339.h"

#include "rows_rules.h"

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const bool remarks[] = {
#define WHY_RULE(id, name, severity, remark, matcher) [WHY_RULE_##id] = (remark),
#include <rdpwhy/rules.def>
};

static const struct {
    enum why_code_space space;
    int64_t first, last;
    enum why_rule rule;
} code_rules[] = {
#define WHY_CODE(space, first, last, rule) {WHY_SPACE_##space, first, last, WHY_RULE_##rule},
#include <rdpwhy/rules.def>
};

static const char *const conditions[] = {
#define WHY_CONDITION(id, name, words) [WHY_CONDITION_##id] = (words),
#include <rdpwhy/rules.def>
};

bool why_rule_is_remark(enum why_rule rule)
{
    return remarks[rule];
}

const char *why_severity_name(enum why_severity severity)
{
    switch (severity) {
    case WHY_SEVERITY_INFO:
        return "info";
    case WHY_SEVERITY_WARNING:
        return "warning";
    default:
        return "error";
    }
}

const char *why_condition_text(uint64_t condition)
{
    for (size_t i = 0; i < COUNT(conditions); i++) {
        if (condition == UINT64_C(1) << i)
            return conditions[i];
    }
    return NULL;
}

const struct why_rule_info *why_rule_info(enum why_rule rule)
{
    return &infos[rule];
}

enum why_rule why_rule_find(const char *name)
{
    for (int i = 0; i < WHY_RULE_COUNT; i++) {
        if (strcmp(infos[i].name, name) == 0)
            return (enum why_rule)i;
    }
    return WHY_RULE_COUNT;
}

enum why_rule why_rule_of_code(enum why_code_space space, int64_t value)
{
    for (size_t i = 0; i < COUNT(code_rules); i++) {
        if (code_rules[i].space == space && value >= code_rules[i].first &&
            value <= code_rules[i].last)
            return code_rules[i].rule;
    }
    return WHY_RULE_COUNT;
}

struct expansion {
    char *buf;
    size_t len, used; /* |used| goes on counting behind the end of |buf| */
};

static void put(struct expansion *e, const char *text, size_t n)
{
    for (size_t i = 0; i < n; i++, e->used++) {
        if (e->used + 1 < e->len)
            e->buf[e->used] = text[i];
    }
}

/* What no shell takes for anything but itself; zsh matches [ and ? against files. */
static const char plain[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789%+,-./:=@_";

/* |text| as one word of a shell's command. */
static void put_word(struct expansion *e, const char *text)
{
    if (text[strspn(text, plain)] == '\0') {
        put(e, text, strlen(text));
        return;
    }
    put(e, "'", 1);
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            put(e, "'\\''", 4);
        else
            put(e, text, 1);
    }
    put(e, "'", 1);
}

#define MARGIN_S 60 /* clocks differ, and servers write when they are done */

/* What depends on when it was: logs are read around that time, not from their ends. */
struct moments {
    char events[128], journal[128], recent[64], moment[32];
};

/* "2026-11-22T08:00:00Z" in |text|, "2026-11-22 08:00:00 UTC" in |words|. */
static void time_words(uint64_t us, int shift_s, char text[WHY_RFC3339_SIZE], char words[32])
{
    int64_t seconds = (int64_t)(us / 1000000) + shift_s;

    if (!why_rfc3339_print(seconds, -1, text))
        text[0] = '\0';
    (void)snprintf(words, 32, "%.10s %.8s UTC", text, *text != '\0' ? text + 11 : "");
}

static void moments_of(const struct why_rule_fields *of, struct moments *m)
{
    char at[WHY_RFC3339_SIZE], from[WHY_RFC3339_SIZE], to[WHY_RFC3339_SIZE], since[32], until[32];

    *m = (struct moments){"} -MaxEvents 20", " -n 50", " | tail -40", "the time of this probe"};
    if (of->from_us == 0)
        return;
    time_words(of->from_us, -MARGIN_S, from, since);
    time_words(of->to_us, MARGIN_S, to, until);
    (void)snprintf(m->events, sizeof(m->events), "; StartTime='%s'; EndTime='%s'}", from, to);
    (void)snprintf(m->journal, sizeof(m->journal), " --since '%s' --until '%s'", since, until);
    time_words(of->from_us, 0, at, m->moment);
    (void)snprintf(m->recent, sizeof(m->recent), " - look at %s", m->moment);
}

/* Of those that run in a shell with such quotes. */
static bool begins_command(const char *text)
{
    static const char *const programs[] = {"rdpwhy ", "openssl ", "curl ", "xfreerdp "};

    for (size_t i = 0; i < COUNT(programs); i++) {
        if (strncmp(text, programs[i], strlen(programs[i])) == 0)
            return true;
    }
    return false;
}

/* "rdpwhy probe HOST - if it works, …", "rdpwhy probe HOST; …" */
static bool ends_command(const char *text)
{
    return strncmp(text, " - ", 3) == 0 || strncmp(text, "; ", 2) == 0;
}

size_t why_rule_expand(const char *text, const struct why_rule_fields *of, char *buf, size_t len)
{
    struct expansion e = {buf, len, 0};
    char number[8], endpoint[300];
    bool in_command = false;
    struct moments moments;
    const struct {
        const char *name, *value;
        bool is_word; /* where a command is told */
    } fields[] = {{"{target}", of->target, true},
                  {"{endpoint}", endpoint, true},
                  {"{gateway}", of->gateway != NULL ? of->gateway : "GATEWAY", true},
                  {"{host}", of->host, false},
                  {"{port}", number, false},
                  {"{address}", of->address, false},
                  {"{code}", of->code, false},
                  {"{events}", moments.events, false},
                  {"{journal}", moments.journal, false},
                  {"{recent}", moments.recent, false},
                  {"{moment}", moments.moment, false}};

    moments_of(of, &moments);
    snprintf(number, sizeof(number), "%" PRIu16, of->port);
    snprintf(endpoint, sizeof(endpoint), strchr(of->host, ':') != NULL ? "[%s]:%s" : "%s:%s",
             of->host, number);
    while (*text != '\0') {
        size_t i = 0, n = 0;

        for (; i < COUNT(fields); i++) {
            n = strlen(fields[i].name);
            if (strncmp(text, fields[i].name, n) == 0)
                break;
        }
        in_command = begins_command(text) || (in_command && !ends_command(text));
        if (i < COUNT(fields) && fields[i].is_word && in_command)
            put_word(&e, fields[i].value);
        else if (i < COUNT(fields))
            put(&e, fields[i].value, strlen(fields[i].value));
        else
            put(&e, text, n = 1);
        text += n;
    }
    if (len > 0)
        buf[e.used < len ? e.used : len - 1] = '\0';
    return e.used;
}
