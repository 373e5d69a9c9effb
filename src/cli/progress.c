/* SPDX-License-Identifier: Apache-2.0 */
#include "progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "signals.h"

#define EVERY_US         5000000u /* lines into a file */
#define LINE_MAX_CHARS   256
#define ONE_HOST_US      2000000u
#define AFTER_SECONDS_US 1000000u /* before that no rate is worth telling */

void cli_progress_init(struct cli_progress *p, const struct cli_options *options, size_t total)
{
    *p = (struct cli_progress){.total = total, .asked = cli_signals_progress()};
    p->terminal = isatty(STDERR_FILENO) != 0;
    p->on = options->progress == CLI_PROGRESS_ALWAYS ||
            (options->progress == CLI_PROGRESS_AUTO && p->terminal);
    /* One host is mostly over before there is something to read. */
    p->next_us = options->progress == CLI_PROGRESS_AUTO && total == 1 ? ONE_HOST_US : 0;
}

static int put_states(char *line, size_t len, const struct why_scan_summary *summary)
{
    int n = 0;

    for (int state = 0; state < WHY_HOST_STATE_COUNT && n < (int)len; state++) {
        if (summary->states[state] > 0)
            n += snprintf(line + n, len - (size_t)n, ", %zu %s", summary->states[state],
                          why_host_state_name((enum why_host_state)state));
    }
    return n;
}

static void put_time(char *line, size_t len, const char *before, uint64_t us)
{
    uint64_t seconds = us / 1000000u;

    if (seconds >= 3600)
        snprintf(line, len, ", %s%" PRIu64 " h %02" PRIu64 " min left", before, seconds / 3600,
                 seconds / 60 % 60);
    else if (seconds >= 60)
        snprintf(line, len, ", %s%" PRIu64 " min left", before, (seconds + 59) / 60);
    else
        snprintf(line, len, ", %s%" PRIu64 " s left", before, seconds + 1);
}

/* How long the rest takes: at the pace so far, unless what is waited for takes longer. */
static void put_left(char *line, size_t len, const struct why_scan_progress *now, size_t total)
{
    size_t done = now->summary->hosts;
    uint64_t at_pace =
        done > 0 && total > done
            ? (uint64_t)((double)now->elapsed_us * (double)(total - done) / (double)done)
            : 0;

    if (now->waiting_us > at_pace && (done > 0 || (total > 0 && now->begun >= total)))
        put_time(line, len, "up to ", now->waiting_us);
    else if (at_pace > 0)
        put_time(line, len, "", at_pace);
}

static void put_waiting(char *line, size_t len, const struct why_scan_progress *now)
{
    if (now->waiting.target != NULL)
        snprintf(line, len, "; waiting for %.60s (%s, attempt %zu of %zu, %" PRIu64 " s)",
                 now->waiting.target->label, why_profile_name(now->waiting.profile),
                 now->waiting.ordinal, now->waiting.count, now->waiting.us / 1000000u);
}

static void make_line(const struct cli_progress *p, const struct why_scan_progress *now, char *line,
                      size_t len)
{
    size_t done = now->summary->hosts;
    size_t total = now->source_over ? now->begun : p->total;
    size_t n;

    snprintf(line, len, total > 0 ? "%zu of %zu hosts" : "%zu hosts", done, total);
    n = strlen(line);
    (void)put_states(line + n, len - n, now->summary);
    n = strlen(line);
    if (now->elapsed_us < AFTER_SECONDS_US)
        return;
    if (done > 0)
        snprintf(line + n, len - n, ", %.1f/s", (double)done * 1e6 / (double)now->elapsed_us);
    n = strlen(line);
    put_left(line + n, len - n, now, total);
    n = strlen(line);
    put_waiting(line + n, len - n, now);
}

void cli_progress_hide(struct cli_progress *p)
{
    if (!p->shown)
        return;
    fputs("\r\033[K", stderr);
    fflush(stderr);
    p->shown = false;
}

void cli_progress_tell(struct cli_progress *p, const struct why_scan_progress *now)
{
    bool asked = atomic_exchange(p->asked, false);
    bool due = p->on && now->elapsed_us >= p->next_us && !(p->terminal && now->last);
    char line[LINE_MAX_CHARS];

    if (p->terminal && now->last)
        cli_progress_hide(p);
    if (!asked && !due)
        return;
    make_line(p, now, line, sizeof(line));
    if (asked || !p->terminal) {
        cli_progress_hide(p);
        cli_say(line);
        if (!p->terminal)
            p->next_us = now->elapsed_us + EVERY_US;
        return;
    }
    /* What is longer than the terminal is wide is cut off there, not continued on a new line. */
    fprintf(stderr, "\r\033[K\033[?7l%s\033[?7h", line);
    fflush(stderr);
    p->shown = true;
}
