/* SPDX-License-Identifier: Apache-2.0 */
#include "trace_builder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "test_wire_hex.h"

#define IO_CHANNEL 1003
#define LINE_SIZE  20000

static void die(const char *what, const char *detail)
{
    (void)fprintf(stderr, "trace builder: %s: %s\n", what, detail);
    abort();
}

void builder_begin(struct builder *b, enum why_profile profile, enum why_phase until)
{
    char host[] = "srv1", library[] = "FreeRDP 3.10.3";
    struct why_trace_head head = {.host = host,
                                  .library = library,
                                  .port = 3389,
                                  .profile = profile,
                                  .license_mode = WHY_LICENSE_MODE_FRESH,
                                  .until = until,
                                  .started_us = UINT64_C(1790000000000000)};

    b->trace = why_trace_new(&head);
    b->now_us = 0;
    if (b->trace == NULL)
        die("out of memory", "");
}

void builder_free(struct builder *b)
{
    why_trace_free(b->trace);
    b->trace = NULL;
}

static void append(struct builder *b, const struct why_event *event)
{
    struct why_event copy = *event;

    copy.t_us = b->now_us;
    b->now_us += BUILDER_STEP_US;
    if (why_trace_append(b->trace, &copy) != 0)
        die("cannot append", why_event_kind_name(event->kind));
}

void builder_event(struct builder *b, enum why_event_kind kind, int64_t value, const char *text)
{
    append(b, &(struct why_event){.kind = kind, .value = value, .text = text});
}

static void add_bytes(struct builder *b, enum why_event_kind kind, enum why_dir dir,
                      const struct bytes *bytes, const char *text)
{
    append(b, &(struct why_event){.kind = kind,
                                  .dir = dir,
                                  .text = text,
                                  .bytes = bytes->data,
                                  .len = bytes->len,
                                  .wire_len = bytes->len});
}

void builder_bytes(struct builder *b, enum why_event_kind kind, enum why_dir dir, const char *hex,
                   const char *text)
{
    struct bytes bytes = from_hex(hex);

    add_bytes(b, kind, dir, &bytes, text);
}

static void start_tls(struct builder *b)
{
    builder_event(b, WHY_EV_TLS_START, 0, NULL);
    builder_bytes(b, WHY_EV_TLS_RECORD, WHY_DIR_SENT, "1603010006 010000020303", NULL);
}

/* ---- recordings ------------------------------------------------------------------------------ */

static FILE *open_capture(const char *capture)
{
    char path[512];
    FILE *in;

    (void)snprintf(path, sizeof(path), "%s/pdus/%s.pdus", FIXTURES, capture);
    in = fopen(path, "r");
    if (in == NULL)
        die("cannot open", path);
    return in;
}

/* The next PDU of |in|: its name, or NULL at the end. |line| is where it was read to. */
static const char *next_line(FILE *in, char *line, enum why_dir *dir, struct bytes *bytes)
{
    while (fgets(line, LINE_SIZE, in) != NULL) {
        const char *end;

        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '<' && line[0] != '>')
            continue;
        *dir = line[0] == '>' ? WHY_DIR_SENT : WHY_DIR_RECEIVED;
        bytes->len = 0;
        end = add_hex(bytes, line + 2);
        while (*end == ' ' || *end == '#')
            end++;
        return end;
    }
    return NULL;
}

static bool is_named(const char *which, enum why_dir dir, const char *name)
{
    return which != NULL && which[0] == (dir == WHY_DIR_SENT ? '>' : '<') &&
           strcmp(which + 1, name) == 0;
}

void builder_capture(struct builder *b, const char *capture, const char *upto)
{
    FILE *in = open_capture(capture);
    bool tls_due = false, found = upto == NULL;
    char line[LINE_SIZE];
    struct bytes bytes;
    enum why_dir dir;
    const char *name;

    builder_script(b, "resolve;resolved;dial;connected");
    while ((name = next_line(in, line, &dir, &bytes)) != NULL) {
        if (tls_due)
            builder_script(b, "tls-start;tls-done");
        tls_due = strcmp(name, "X.224 Connection Confirm") == 0 && bytes.len == 19;
        add_bytes(b, WHY_EV_PDU, dir, &bytes, NULL);
        found = found || is_named(upto, dir, name);
        if (is_named(upto, dir, name))
            break;
    }
    (void)fclose(in);
    if (!found)
        die("not in the recording", upto);
}

void builder_recorded_pdu(struct builder *b, const char *capture, const char *which)
{
    FILE *in = open_capture(capture);
    char line[LINE_SIZE];
    struct bytes bytes;
    enum why_dir dir;
    const char *name;

    while ((name = next_line(in, line, &dir, &bytes)) != NULL && !is_named(which, dir, name))
        continue;
    (void)fclose(in);
    if (name == NULL)
        die("not in the recording", which);
    add_bytes(b, WHY_EV_PDU, dir, &bytes, NULL);
}

/* ---- scripts --------------------------------------------------------------------------------- */

static void alert(struct builder *b, enum why_dir dir, const char *arg)
{
    char *end;
    long level = strtol(arg, &end, 10);
    long description = *end == '.' ? strtol(end + 1, NULL, 10) : 0;

    append(b, &(struct why_event){
                  .kind = WHY_EV_TLS_ALERT, .dir = dir, .value = level << 8 | description});
}

/* Words with a number or a text. */
static const struct {
    const char *word;
    enum why_event_kind kind;
    enum { NOTHING, NUMBER, TEXT } argument;
    const char *text;
    unsigned flags;
} words[] = {
    {"fin", WHY_EV_FIN, NOTHING, NULL, 0},
    {"reset", WHY_EV_RESET, NUMBER, NULL, 0},
    {"net", WHY_EV_NET_ERROR, NUMBER, "a socket error", 0},
    {"write", WHY_EV_NET_ERROR, NUMBER, "a socket error", WHY_EVENT_WRITING},
    {"deadline", WHY_EV_DEADLINE, NOTHING, NULL, 0},
    {"cancel", WHY_EV_CANCELLED, NOTHING, NULL, 0},
    {"close", WHY_EV_CLOSE, NOTHING, NULL, 0},
    {"close-reset", WHY_EV_CLOSE, NOTHING, NULL, WHY_EVENT_BY_RESET},
    {"close-doubt", WHY_EV_CLOSE, NOTHING, NULL, WHY_EVENT_IN_DOUBT},
    {"close-doubt-reset", WHY_EV_CLOSE, NOTHING, NULL, WHY_EVENT_IN_DOUBT | WHY_EVENT_BY_RESET},
    {"cut-off", WHY_EV_STOP, TEXT, NULL, WHY_EVENT_CUT_OFF},
    {"lib", WHY_EV_LIBRARY_ERROR, TEXT, NULL, 0},
    {"tls-error", WHY_EV_TLS_ERROR, TEXT, NULL, 0},
    {"resolve", WHY_EV_RESOLVE, NOTHING, "srv1", 0},
    {"resolved", WHY_EV_RESOLVED, NOTHING, "192.0.2.7:3389", 0},
    {"resolve-failed", WHY_EV_RESOLVE_FAILED, NUMBER, "no such name", 0},
    {"dial", WHY_EV_DIAL, NOTHING, "192.0.2.7:3389", 0},
    {"dial-failed", WHY_EV_DIAL_FAILED, NUMBER, "192.0.2.7:3389", 0},
    {"connected", WHY_EV_CONNECTED, NOTHING, "192.0.2.7:3389", 0},
    {"skip", WHY_EV_SKIPPED, TEXT, NULL, 0},
    {"stop", WHY_EV_STOP, TEXT, NULL, 0},
    {"reached", WHY_EV_REACHED, TEXT, NULL, 0},
    {"failed", WHY_EV_FAILED, TEXT, NULL, 0},
    {"tls-done", WHY_EV_TLS_DONE, NOTHING, "TLSv1.2 ECDHE-RSA-AES256-GCM-SHA384", 0},
};

static bool plain_word(struct builder *b, const char *word, const char *arg)
{
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(words[i].word, word) == 0) {
            append(b, &(struct why_event){
                          .kind = words[i].kind,
                          .flags = words[i].flags,
                          .value = words[i].argument == NUMBER ? strtol(arg, NULL, 10) : 0,
                          .text = words[i].argument == TEXT ? arg : words[i].text,
                      });
            return true;
        }
    }
    return false;
}

/* Words that end in '<' or '>': something with a direction. */
static bool directed_word(struct builder *b, const char *word, const char *arg)
{
    size_t n = strlen(word);
    enum why_dir dir = n > 0 && word[n - 1] == '>' ? WHY_DIR_SENT : WHY_DIR_RECEIVED;
    struct bytes bytes;

    if (n < 2 || (word[n - 1] != '>' && word[n - 1] != '<'))
        return false;
    if (strncmp(word, "alert", n - 1) == 0) {
        alert(b, dir, arg);
    } else if (strncmp(word, "pdu", n - 1) == 0) {
        builder_bytes(b, WHY_EV_PDU, dir, arg, NULL);
    } else if (strncmp(word, "record", n - 1) == 0) {
        builder_bytes(b, WHY_EV_TLS_RECORD, dir, arg, NULL);
    } else if (strncmp(word, "part", n - 1) == 0) {
        builder_bytes(b, WHY_EV_PARTIAL, dir, arg, "cannot be RDP");
    } else if (strncmp(word, "io", n - 1) == 0) {
        bytes = in_mcs(dir, IO_CHANNEL, arg);
        add_bytes(b, WHY_EV_PDU, dir, &bytes, NULL);
    } else {
        return false;
    }
    return true;
}

static void one_step(struct builder *b, char *step)
{
    char *arg = strchr(step, ' ');

    if (arg != NULL)
        *arg++ = '\0';
    if (strcmp(step, "tls-start") == 0)
        start_tls(b);
    else if (!plain_word(b, step, arg != NULL ? arg : "") &&
             !directed_word(b, step, arg != NULL ? arg : ""))
        die("unknown step", step);
}

void builder_script(struct builder *b, const char *script)
{
    while (*script != '\0') {
        size_t n = strcspn(script, ";");
        char step[LINE_SIZE];

        if (n >= sizeof(step))
            die("step too long", "");
        memcpy(step, script, n);
        step[n] = '\0';
        one_step(b, step);
        script += n + (script[n] == ';' ? 1 : 0);
    }
}
