/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/captured.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

struct why_captured *why_captured_new(void)
{
    return calloc(1, sizeof(struct why_captured));
}

void why_captured_free(struct why_captured *captured)
{
    if (captured == NULL)
        return;
    for (size_t i = 0; i < captured->remark_count; i++)
        free(captured->remarks[i].text);
    for (size_t i = 0; i < captured->difference_count; i++)
        free(captured->differences[i]);
    free(captured->other_file);
    free(captured->same_by);
    free(captured);
}

int why_captured_add_remark(struct why_captured *captured, const struct why_remark *remark)
{
    struct why_remark copy = *remark;

    if (captured->remark_count == WHY_REMARKS_MAX) {
        captured->more_remarks++;
        return WHY_OK;
    }
    copy.text = strdup(remark->text);
    if (copy.text == NULL)
        return WHY_ERR_NOMEM;
    captured->remarks[captured->remark_count++] = copy;
    return WHY_OK;
}

int why_captured_add_difference(struct why_captured *captured, const char *text)
{
    char *copy;

    if (captured->difference_count == WHY_DIFFERENCES_MAX)
        return WHY_OK;
    copy = strdup(text);
    if (copy == NULL)
        return WHY_ERR_NOMEM;
    captured->differences[captured->difference_count++] = copy;
    return WHY_OK;
}

static const char *const ties[WHY_TIE_COUNT] = {
    [WHY_TIE_CONNECTION] = "connection",
    [WHY_TIE_PROCESS] = "process",
    [WHY_TIE_CLIENT] = "client",
    [WHY_TIE_TIME] = "time",
};

static const char *const signs[WHY_SIGN_COUNT] = {
    [WHY_SIGN_NONE] = "none",     [WHY_SIGN_OTHER] = "other",     [WHY_SIGN_KEY] = "key",
    [WHY_SIGN_CIPHER] = "cipher", [WHY_SIGN_ACCOUNT] = "account", [WHY_SIGN_FILTER] = "filter",
};

const char *why_tie_name(enum why_tie tie)
{
    return ties[tie];
}

/* ---- in a trace ------------------------------------------------------------------------------ */

static int append(struct why_trace *trace, enum why_event_kind kind, int64_t value,
                  const char *text)
{
    const struct why_event event = {.kind = kind, .value = value, .text = text};

    return why_trace_append(trace, &event);
}

static int append_remark(struct why_trace *trace, const struct why_remark *remark)
{
    char text[1280];

    (void)snprintf(text, sizeof(text), "%s %s %s", ties[remark->tie], signs[remark->sign],
                   remark->text);
    return append(trace, WHY_EV_REMARK, (int64_t)remark->t_us, text);
}

int why_captured_append(const struct why_captured *c, struct why_trace *trace)
{
    int status = WHY_OK;

    for (size_t i = 0; i < c->remark_count && status == WHY_OK; i++)
        status = append_remark(trace, &c->remarks[i]);
    if (status == WHY_OK && c->events_lost > 0)
        status = append(trace, WHY_EV_EVENTS_LOST, (int64_t)c->events_lost, NULL);
    if (status == WHY_OK && c->other_file != NULL)
        status =
            append(trace, WHY_EV_OTHER_CAPTURE, c->altered | (int)c->between << 1, c->other_file);
    if (status == WHY_OK && c->same_by != NULL)
        status = append(trace, WHY_EV_SAME_BY, 0, c->same_by);
    for (size_t i = 0; i < c->difference_count && status == WHY_OK; i++)
        status = append(trace, WHY_EV_DIFFERENCE, 0, c->differences[i]);
    return status;
}

/* Which of |names| the word at |*text| is, which is moved behind it; |count|: none. */
static int take_word(const char **text, const char *const *names, int count)
{
    for (int i = 0; i < count; i++) {
        size_t len = strlen(names[i]);

        if (strncmp(*text, names[i], len) == 0 && (*text)[len] == ' ') {
            *text += len + 1;
            return i;
        }
    }
    return count;
}

/* One that cannot be read is passed over. */
static int read_remark(struct why_captured *c, const struct why_event *event)
{
    const char *text = event->text;
    int tie = take_word(&text, ties, WHY_TIE_COUNT);
    int sign = take_word(&text, signs, WHY_SIGN_COUNT);
    const struct why_remark remark = {.t_us = event->value > 0 ? (uint64_t)event->value : 0,
                                      .tie = (enum why_tie)tie,
                                      .sign = (enum why_sign)sign,
                                      .text = (char *)(uintptr_t)text};

    if (tie == WHY_TIE_COUNT || sign == WHY_SIGN_COUNT)
        return WHY_OK;
    return why_captured_add_remark(c, &remark);
}

static int replace(char **to, const char *text)
{
    free(*to);
    *to = strdup(text);
    return *to != NULL ? WHY_OK : WHY_ERR_NOMEM;
}

static int read_event(struct why_captured *c, const struct why_event *event)
{
    switch (event->kind) {
    case WHY_EV_EVENTS_LOST:
        c->events_lost = event->value > 0 ? (uint64_t)event->value : 0;
        return WHY_OK;
    case WHY_EV_OTHER_CAPTURE:
        c->altered = (event->value & 1) != 0;
        c->between = (event->value & 2) != 0;
        return event->text != NULL ? replace(&c->other_file, event->text) : WHY_OK;
    case WHY_EV_SAME_BY:
        return event->text != NULL ? replace(&c->same_by, event->text) : WHY_OK;
    case WHY_EV_DIFFERENCE:
        return event->text != NULL ? why_captured_add_difference(c, event->text) : WHY_OK;
    default:
        return event->text != NULL ? read_remark(c, event) : WHY_OK;
    }
}

int why_captured_read(const struct why_trace *trace, struct why_captured **captured)
{
    size_t count = why_trace_count(trace), i = count;
    int status = WHY_OK;

    *captured = NULL;
    while (i > 0 && why_event_is_remark(why_trace_at(trace, i - 1)->kind))
        i--;
    if (i == count)
        return WHY_OK;
    *captured = why_captured_new();
    if (*captured == NULL)
        return WHY_ERR_NOMEM;
    for (; i < count && status == WHY_OK; i++)
        status = read_event(*captured, why_trace_at(trace, i));
    return status;
}
