/* SPDX-License-Identifier: Apache-2.0 */
#include "pairs_output.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/captured.h>
#include <rdpwhy/pcap.h>
#include <rdpwhy/result.h>
#include <rdpwhy/status.h>
#include <rdpwhy/vocab.h>

#include "offline/offline.h"

#include "cli.h"

#define TOLD_MAX       20u
#define CLOCKS_SAME_US UINT64_C(1000000)

#define LINES_MAX 12
#define LINE_TEXT 1024

/* A pair with the names of its two captures, and what there is to say of it. */
struct told {
    struct why_pcap_pair pair;
    const char *name[2];
    char lines[LINES_MAX][LINE_TEXT];
    size_t count;
    bool altered; /* one saw what the other did not */
    bool between; /* because of something between them */
};

static const char *const same_by[] = {
    "the sequence numbers of both ends are the same",
    "the ClientHello is the same",
    "likely, by addresses and time; the beginning was not captured",
};

/* One more sentence. */
#define say(t, ...)                                                                                \
    ((void)((t)->count < LINES_MAX &&                                                              \
            snprintf((t)->lines[(t)->count++], LINE_TEXT, __VA_ARGS__) >= 0))

static const char *side_of(enum why_dir dir)
{
    return dir == WHY_DIR_SENT ? "client" : "server";
}

static bool is_closed(const struct why_pcap_connection *c)
{
    return c->fin[0] || c->fin[1] || c->reset[0] || c->reset[1];
}

static void tell_same(struct told *t)
{
    if (t->pair.translated)
        say(t, "in %s it is %s to %s: addresses are translated between the two", t->name[1],
            t->pair.seen[1]->client, t->pair.seen[1]->server);
    if (t->pair.resequenced)
        say(t, "the sequence numbers differ: between the two is a proxy, a load balancer, or a "
               "firewall that rewrites them");
}

static void tell_places(struct told *t)
{
    const struct why_pcap_connection *a = t->pair.seen[0], *b = t->pair.seen[1];
    uint64_t apart =
        a->began_us > b->began_us ? a->began_us - b->began_us : b->began_us - a->began_us;
    int near = t->pair.nearer;

    if (near >= 0)
        say(t,
            "%s was taken nearer to the client: the SYN is answered after %.3f ms there, "
            "after %.3f ms in the other",
            t->name[near], (double)t->pair.seen[near]->handshake_us / 1000,
            (double)t->pair.seen[!near]->handshake_us / 1000);
    if (a->has_isn[0] && b->has_isn[0] && apart > CLOCKS_SAME_US)
        say(t, "the clocks of the two differ by %.1f s", (double)apart / 1000000);
}

/* What |of|, one of the two, has of the sender in |dir| and the other has not. */
static void tell_close(struct told *t, int of, enum why_dir dir, const char *what)
{
    const struct why_pcap_connection *other = t->pair.seen[!of];
    int at_sender = t->pair.nearer < 0    ? -1
                    : dir == WHY_DIR_SENT ? t->pair.nearer
                                          : !t->pair.nearer;

    if (at_sender == !of && is_closed(other) && !other->lost[dir])
        t->between = true;
    if (!is_closed(other) || other->lost[dir])
        say(t, "only %s has the %s's %s; the other misses packets or ends before", t->name[of],
            side_of(dir), what);
    else if (at_sender == of)
        say(t,
            "only %s has the %s's %s: it did not get through to the other, unless "
            "that one was stopped before (inferred)",
            t->name[of], side_of(dir), what);
    else if (at_sender == !of)
        say(t,
            "only %s has the %s's %s, and the other is nearer to the %s: something between "
            "the two sent it in the %s's name, unless that capture was stopped before "
            "(inferred)",
            t->name[of], side_of(dir), what, side_of(dir), side_of(dir));
    else
        say(t, "only %s has the %s's %s", t->name[of], side_of(dir), what);
}

static bool tell_closes(struct told *t)
{
    bool differs = false;

    for (int dir = 0; dir < 2; dir++) {
        const struct why_pcap_connection *a = t->pair.seen[0], *b = t->pair.seen[1];

        if (a->reset[dir] != b->reset[dir])
            tell_close(t, a->reset[dir] ? 0 : 1, (enum why_dir)dir, "RST");
        if (a->fin[dir] != b->fin[dir])
            tell_close(t, a->fin[dir] ? 0 : 1, (enum why_dir)dir, "FIN");
        differs = differs || a->reset[dir] != b->reset[dir] || a->fin[dir] != b->fin[dir];
    }
    return differs;
}

static bool tell_bytes(struct told *t)
{
    const struct why_pcap_connection *a = t->pair.seen[0], *b = t->pair.seen[1];
    bool differs = false;

    for (int dir = 0; dir < 2; dir++) {
        if (a->bytes[dir] == b->bytes[dir] || a->lost[dir] || b->lost[dir])
            continue;
        say(t, "the %s sent %" PRIu64 " bytes in %s, %" PRIu64 " in %s", side_of((enum why_dir)dir),
            a->bytes[dir], t->name[0], b->bytes[dir], t->name[1]);
        differs = true;
    }
    return differs;
}

static void find_words(struct told *t)
{
    bool closes, bytes;

    tell_same(t);
    tell_places(t);
    closes = tell_closes(t);
    bytes = tell_bytes(t);
    t->altered = closes || bytes;
    if (!t->altered)
        say(t, "both saw as many bytes of it, and the same ending");
}

static void print(const struct told *t)
{
    cli_sayf("%s and %s hold the same connection, %s to %s (%s)", t->name[0], t->name[1],
             t->pair.seen[0]->client, t->pair.seen[0]->server, same_by[t->pair.basis]);
    for (size_t i = 0; i < t->count; i++)
        cli_sayf("  %s", t->lines[i]);
}

/* Whether |c| is how |side| of the pair was seen. */
static bool is_side(const struct told *t, int side, const struct why_captured *c)
{
    const struct why_pcap_connection *seen = t->pair.seen[side];

    return c->file == t->pair.file[side] && c->began_us == seen->began_us &&
           strcmp(c->client, seen->client) == 0 && strcmp(c->server, seen->server) == 0;
}

static int attach_to(void *arg, struct why_result *result)
{
    const struct told *t = arg;
    struct why_captured *c = result->captured;
    int side = c == NULL ? -1 : is_side(t, 0, c) ? 0 : is_side(t, 1, c) ? 1 : -1;
    int status = WHY_OK;

    /* The first other one will do. */
    if (side < 0 || c->other_file != NULL)
        return WHY_OK;
    c->other_file = strdup(t->name[!side]);
    c->same_by = strdup(same_by[t->pair.basis]);
    c->altered = t->altered;
    c->between = t->between;
    for (size_t i = 0; i < t->count && status == WHY_OK; i++)
        status = why_captured_add_difference(c, t->lines[i]);
    return c->other_file != NULL && c->same_by != NULL ? status : WHY_ERR_NOMEM;
}

int cli_tell_pairs(const struct why_pcap_pairs *pairs, char *const *files,
                   struct why_offline *offline, bool quiet)
{
    size_t count = why_pcap_pairs_count(pairs);
    int status = WHY_OK;

    for (size_t i = 0; i < count && status == WHY_OK; i++) {
        struct told t = {.pair = why_pcap_pairs_at(pairs, i)};

        t.name[0] = files[t.pair.file[0]];
        t.name[1] = files[t.pair.file[1]];
        find_words(&t);
        if (!quiet && i < TOLD_MAX)
            print(&t);
        status = why_offline_each(offline, attach_to, &t);
    }
    if (count > TOLD_MAX && !quiet)
        cli_sayf("%zu more connections are in two of the captures", count - TOLD_MAX);
    return status;
}
