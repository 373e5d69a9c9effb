/* SPDX-License-Identifier: Apache-2.0 */
#include "pairs_output.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include <rdpwhy/pcap.h>
#include <rdpwhy/vocab.h>

#include "cli.h"

#define TOLD_MAX       20u
#define CLOCKS_SAME_US UINT64_C(1000000)

/* A pair with the names of its two captures. */
struct told {
    struct why_pcap_pair pair;
    const char *name[2];
};

static const char *side_of(enum why_dir dir)
{
    return dir == WHY_DIR_SENT ? "client" : "server";
}

static bool is_closed(const struct why_pcap_connection *c)
{
    return c->fin[0] || c->fin[1] || c->reset[0] || c->reset[1];
}

static void tell_same(const struct told *t)
{
    static const char *const basis[] = {
        "the sequence numbers of both ends are the same",
        "the ClientHello is the same",
        "likely, by addresses and time; the beginning was not captured",
    };

    cli_sayf("%s and %s hold the same connection, %s to %s (%s)", t->name[0], t->name[1],
             t->pair.seen[0]->client, t->pair.seen[0]->server, basis[t->pair.basis]);
    if (t->pair.translated)
        cli_sayf("  in %s it is %s to %s: addresses are translated between the two", t->name[1],
                 t->pair.seen[1]->client, t->pair.seen[1]->server);
    if (t->pair.resequenced)
        cli_say("  the sequence numbers differ: between the two is a proxy, a load balancer, or a "
                "firewall that rewrites them");
}

static void tell_places(const struct told *t)
{
    const struct why_pcap_connection *a = t->pair.seen[0], *b = t->pair.seen[1];
    uint64_t apart =
        a->began_us > b->began_us ? a->began_us - b->began_us : b->began_us - a->began_us;
    int near = t->pair.nearer;

    if (near >= 0)
        cli_sayf("  %s was taken nearer to the client: the SYN is answered after %.3f ms there, "
                 "after %.3f ms in the other",
                 t->name[near], (double)t->pair.seen[near]->handshake_us / 1000,
                 (double)t->pair.seen[!near]->handshake_us / 1000);
    if (a->has_isn[0] && b->has_isn[0] && apart > CLOCKS_SAME_US)
        cli_sayf("  the clocks of the two differ by %.1f s", (double)apart / 1000000);
}

/* What |of|, one of the two, has of the sender in |dir| and the other has not. */
static void tell_close(const struct told *t, int of, enum why_dir dir, const char *what)
{
    const struct why_pcap_connection *other = t->pair.seen[!of];
    int at_sender = t->pair.nearer < 0    ? -1
                    : dir == WHY_DIR_SENT ? t->pair.nearer
                                          : !t->pair.nearer;

    if (!is_closed(other) || other->lost[dir])
        cli_sayf("  only %s has the %s's %s; the other misses packets or ends before", t->name[of],
                 side_of(dir), what);
    else if (at_sender == of)
        cli_sayf("  only %s has the %s's %s: it did not get through to the other, unless "
                 "that one was stopped before (inferred)",
                 t->name[of], side_of(dir), what);
    else if (at_sender == !of)
        cli_sayf("  only %s has the %s's %s, and the other is nearer to the %s: something between "
                 "the two sent it in the %s's name, unless that capture was stopped before "
                 "(inferred)",
                 t->name[of], side_of(dir), what, side_of(dir), side_of(dir));
    else
        cli_sayf("  only %s has the %s's %s", t->name[of], side_of(dir), what);
}

static bool tell_closes(const struct told *t)
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

static bool tell_bytes(const struct told *t)
{
    const struct why_pcap_connection *a = t->pair.seen[0], *b = t->pair.seen[1];
    bool differs = false;

    for (int dir = 0; dir < 2; dir++) {
        if (a->bytes[dir] == b->bytes[dir] || a->lost[dir] || b->lost[dir])
            continue;
        cli_sayf("  the %s sent %" PRIu64 " bytes in %s, %" PRIu64 " in %s",
                 side_of((enum why_dir)dir), a->bytes[dir], t->name[0], b->bytes[dir], t->name[1]);
        differs = true;
    }
    return differs;
}

static void tell_pair(const struct told *t)
{
    bool closes, bytes;

    tell_same(t);
    tell_places(t);
    closes = tell_closes(t);
    bytes = tell_bytes(t);
    if (!closes && !bytes)
        cli_say("  both saw as many bytes of it, and the same ending");
}

void cli_tell_pairs(const struct why_pcap_pairs *pairs, char *const *files)
{
    size_t count = why_pcap_pairs_count(pairs);

    for (size_t i = 0; i < count && i < TOLD_MAX; i++) {
        struct told t = {.pair = why_pcap_pairs_at(pairs, i)};

        t.name[0] = files[t.pair.file[0]];
        t.name[1] = files[t.pair.file[1]];
        tell_pair(&t);
    }
    if (count > TOLD_MAX)
        cli_sayf("%zu more connections are in two of the captures", count - TOLD_MAX);
}
