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
#define AFTER_SECONDS_US 1000000u /* before that no rate is worth telling */

void cli_progress_init(struct cli_progress *p, const struct cli_options *options, size_t total)
{
    *p = (struct cli_progress){.total = total, .asked = cli_signals_progress()};
    p->terminal = isatty(STDERR_FILENO) != 0;
    p->on = options->progress == CLI_PROGRESS_ALWAYS ||
            (options->progress == CLI_PROGRESS_AUTO && p->terminal && total != 1);
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

static void put_time(char *line, size_t len, uint64_t seconds)
{
    if (seconds >= 3600)
        snprintf(line, len, ", %" PRIu64 " h %02" PRIu64 " min left", seconds / 3600,
                 seconds / 60 % 60);
    else if (seconds >= 60)
        snprintf(line, len, ", %" PRIu64 " min left", (seconds + 59) / 60);
    else
        snprintf(line, len, ", %" PRIu64 " s left", seconds);
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
    if (now->elapsed_us < AFTER_SECONDS_US || done == 0)
        return;
    snprintf(line + n, len - n, ", %.1f/s", (double)done * 1e6 / (double)now->elapsed_us);
    n = strlen(line);
    if (total > done)
        put_time(line + n, len - n, now->elapsed_us / 1000000u * (total - done) / done);
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
    bool due = p->on && (p->terminal ? !now->last : now->elapsed_us >= p->next_us);
    char line[LINE_MAX_CHARS];

    if (p->terminal && now->last)
        cli_progress_hide(p);
    if (!asked && !due)
        return;
    make_line(p, now, line, sizeof(line));
    if (asked || !p->terminal) {
        cli_progress_hide(p);
        cli_say(line);
        p->next_us = now->elapsed_us + EVERY_US;
        return;
    }
    fprintf(stderr, "\r\033[K%s", line);
    fflush(stderr);
    p->shown = true;
}
