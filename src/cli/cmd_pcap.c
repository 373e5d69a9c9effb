/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/captured.h>
#include <rdpwhy/pcap.h>
#include <rdpwhy/result.h>
#include <rdpwhy/status.h>

#include "events_output.h"
#include "help.h"
#include "offline.h"
#include "options.h"
#include "packet_file.h"
#include "pairs_output.h"

#define KEY_LOG_MAX (256u * 1024u * 1024u)

/* The captures, one after the other. */
struct reading {
    struct offline offline;
    const struct cli_options *options;
    struct why_keys *keys;
    struct cli_packet_file packets;
    struct why_pcap_pairs *pairs;          /* NULL: there is one capture only */
    struct cli_events events;              /* of the capture that is read */
    struct why_pcap_connection connection; /* of the trace that comes next */
    size_t file;
    uint64_t lost; /* events of that file */
};

/* How the connection of the trace that was just added was seen. */
static int note_captured(struct reading *r)
{
    struct why_result *result = r->offline.run.pending;
    struct why_captured *captured;

    if (!r->offline.run.hold || result == NULL || *r->connection.client == '\0')
        return WHY_OK;
    captured = result->captured != NULL ? result->captured : why_captured_new();
    if (captured == NULL)
        return WHY_ERR_NOMEM;
    captured->file = r->file;
    memcpy(captured->client, r->connection.client, sizeof(captured->client));
    memcpy(captured->server, r->connection.server, sizeof(captured->server));
    captured->began_us = r->connection.began_us;
    captured->ended_us = r->connection.ended_us;
    result->captured = captured;
    return WHY_OK;
}

static int on_trace(void *arg, struct why_trace *trace)
{
    struct reading *r = arg;
    int status = offline_trace(&r->offline, trace);

    if (status == WHY_OK)
        status = note_captured(r);
    *r->connection.client = '\0';
    return status;
}

static int on_connection(void *arg, const struct why_pcap_connection *connection)
{
    struct reading *r = arg;
    int status = cli_events_connection(&r->events, connection);

    r->connection = *connection;
    if (r->pairs != NULL && status == WHY_OK)
        status = why_pcap_pairs_add(r->pairs, r->file, connection);
    return status;
}

static int on_event(void *arg, const struct why_pcap_event *event)
{
    struct reading *r = arg;

    return cli_events_add(&r->events, event);
}

static int on_packet(void *arg, const struct why_pcap_packet *packet)
{
    struct reading *r = arg;
    const struct why_result *result = r->offline.run.pending;

    return cli_packet_file_add(&r->packets, packet,
                               packet->is_last && result != NULL ? &result->verdict : NULL);
}

/* Reads a key log as a whole. */
static int read_keys(struct why_keys *keys, const char *name)
{
    FILE *in = fopen(name, "r");
    char *line = NULL;
    size_t size = 0, total = 0;
    ssize_t len;
    int status = WHY_OK;
    bool found = false;

    if (in == NULL) {
        cli_sayf("--keys: cannot read '%s': %s", name, strerror(errno));
        return WHY_ERR_USAGE;
    }
    while (status >= 0 && (len = getline(&line, &size, in)) > 0 &&
           (total += (size_t)len) <= KEY_LOG_MAX) {
        status = why_keys_add(keys, line, (size_t)len);
        found = found || status > 0;
    }
    if (status >= 0 && ferror(in)) {
        cli_sayf("--keys: cannot read '%s': %s", name, strerror(errno));
        status = WHY_ERR_USAGE;
    }
    if (status >= 0 && !found)
        cli_sayf("--keys: no TLS secret in '%s': it must be a key log (SSLKEYLOGFILE), in ASCII or "
                 "UTF-8",
                 name);
    free(line);
    (void)fclose(in);
    return status >= 0 ? WHY_OK : status;
}

/* What Windows says of its own trace. */
static void tell_etl(const char *name, const struct why_pcap_summary *s)
{
    if (s->doubles > 0)
        cli_sayf("%s: %" PRIu64
                 " packets were seen at another place of the network stack, too: each "
                 "is read where it was seen first",
                 name, s->doubles);
    if (s->events_lost > 0)
        cli_sayf("%s: %" PRIu64 " events were lost by Windows: packets may be missing", name,
                 s->events_lost);
    if (s->broken > 0)
        cli_sayf("%s: %" PRIu64 " buffers or events could not be read", name, s->broken);
    if (s->events_unknown > 0)
        cli_sayf("%s: %" PRIu64 " events of Windows' own have layouts that are not known here",
                 name, s->events_unknown);
    if (s->unordered > 0)
        cli_sayf("%s: %" PRIu64 " packet%s out of the order of time", name, s->unordered,
                 s->unordered == 1 ? " is" : "s are");
    if (s->given_up > 0)
        cli_sayf("%s: %" PRIu64
                 " connection%s too many, or seen at too many places, to be followed "
                 "to the end: packets may be counted as retransmitted",
                 name, s->given_up, s->given_up == 1 ? " was" : "s were");
    if (s->cut_off)
        cli_sayf("%s: the file ends within a buffer: it was copied while it was being written, or "
                 "the disk was full",
                 name);
    for (size_t i = 0; i < s->drop_count; i++) {
        const struct why_pcap_drop *drop = &s->drops[i];

        cli_sayf("%s: Windows dropped %" PRIu64 " TCP packet%s: %s, reason %" PRIu32, name,
                 drop->packets, drop->packets == 1 ? "" : "s", drop->name, drop->reason);
    }
}

/* "1 connection", "2 connections". */
static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

/* Connections that came to nothing, or are not RDP, on the port that is RDP's. */
static void tell_doors(const char *name, const struct why_pcap_summary *s)
{
    if (s->refused > 0 || s->unanswered > 0)
        cli_sayf("%s: %" PRIu64 " connection request%s refused and %" PRIu64
                 " not answered, on RDP's ports",
                 name, s->refused, plural(s->refused), s->unanswered);
    if (s->from_middle > 0)
        cli_sayf("%s: %" PRIu64 " connection%s on RDP's ports began before the capture: %s "
                 "not in it",
                 name, s->from_middle, plural(s->from_middle),
                 s->from_middle == 1 ? "its handshake is" : "their handshakes are");
    if (s->checks > 0)
        cli_sayf("%s: %" PRIu64
                 " connection%s on RDP's ports %s closed by the client before it sent "
                 "anything: a check whether the port is open",
                 name, s->checks, plural(s->checks), s->checks == 1 ? "was" : "were");
    if (s->not_rdp > 0)
        cli_sayf("%s: %" PRIu64 " connection%s on RDP's ports %s no RDP%s%s", name, s->not_rdp,
                 plural(s->not_rdp), s->not_rdp == 1 ? "is" : "are",
                 s->looks_like != NULL ? ": it looks like " : "",
                 s->looks_like != NULL ? s->looks_like : "");
}

/* Whose addresses are not the client's or the server's. */
static void tell_fronts(const char *name, const struct why_pcap_summary *s)
{
    if (s->proxied > 0)
        cli_sayf("%s: %" PRIu64 " RDP connection%s with a PROXY protocol header: a load balancer "
                 "opened %s",
                 name, s->proxied, s->proxied == 1 ? " begins" : "s begin",
                 s->proxied == 1 ? "it" : "them");
    if (s->socks > 0)
        cli_sayf("%s: %" PRIu64 " RDP connection%s through a SOCKS or HTTP proxy: the address is "
                 "the proxy's",
                 name, s->socks, s->socks == 1 ? " goes" : "s go");
    if (s->preconnected > 0)
        cli_sayf("%s: %" PRIu64 " RDP connection%s with a preconnection PDU, as to a virtual "
                 "machine on Hyper-V",
                 name, s->preconnected, s->preconnected == 1 ? " begins" : "s begin");
}

static void tell_udp(const char *name, const struct why_pcap_summary *s)
{
    if (s->udp > 0)
        cli_sayf("%s: RDP over UDP was tried %" PRIu64 " time%s: %" PRIu64 " answered, %" PRIu64
                 " refused (ICMP)",
                 name, s->udp, s->udp == 1 ? "" : "s", s->udp_answered, s->udp_unreachable);
}

static void tell_loss(const char *name, const struct why_pcap_summary *s)
{
    if (s->retransmitted > 0 || s->reordered > 0)
        cli_sayf("%s: %" PRIu64 " segment%s retransmitted, %" PRIu64 " came out of order", name,
                 s->retransmitted, s->retransmitted == 1 ? " was" : "s were", s->reordered);
    if (s->lost_bytes > 0)
        cli_sayf("%s: %" PRIu64 " byte%s missing; nothing after %s can be read", name,
                 s->lost_bytes, s->lost_bytes == 1 ? " is" : "s are",
                 s->lost_bytes == 1 ? "it" : "them");
    if (s->one_sided > 0)
        cli_sayf("%s: %" PRIu64 " RDP connection%s captured in one direction only: %s", name,
                 s->one_sided, s->one_sided == 1 ? " was" : "s were",
                 s->one_sided == 1 ? "its phase is a range" : "their phases are ranges");
    if (s->implausible > 0)
        cli_sayf("%s: %" PRIu64 " RST or FIN packet%s far from all others %s ignored", name,
                 s->implausible, plural(s->implausible), s->implausible == 1 ? "was" : "were");
    if (s->cut_packets > 0)
        cli_sayf("%s: the snap length truncated %" PRIu64 " packet%s: capture with %s", name,
                 s->cut_packets, plural(s->cut_packets),
                 s->etl ? "pktmon start --capture --pkt-size 0, or netsh trace start capture=yes "
                          "without packetTruncateBytes"
                        : "a larger one");
    if (s->fragments > 0)
        cli_sayf("%s: %" PRIu64 " IP fragment%s ignored: the rest of %s packet was not captured",
                 name, s->fragments, s->fragments == 1 ? " was" : "s were",
                 s->fragments == 1 ? "its" : "their");
}

/* What limits the verdicts is said; what is only passed over is counted. */
static void tell(const char *name, const struct why_pcap_summary *s)
{
    cli_sayf("%s: %" PRIu64 " packet%s, %" PRIu64 " TCP connection%s, %" PRIu64 " of them RDP",
             name, s->packets, plural(s->packets), s->connections, plural(s->connections), s->rdp);
    tell_doors(name, s);
    tell_loss(name, s);
    if (s->unknown_links > 0)
        cli_sayf("%s: %" PRIu64 " packet%s ignored: the link type %d is not known here", name,
                 s->unknown_links, s->unknown_links == 1 ? " was" : "s were", s->unknown_link);
    tell_fronts(name, s);
    tell_udp(name, s);
    if (s->unheld > 0)
        cli_sayf("%s: %" PRIu64 " packets before it was known what they belong to were too many to "
                 "be kept, and are not written",
                 name, s->unheld);
    if (s->encrypted > 0)
        cli_sayf("%s: %" PRIu64 " TLS connection%s could not be decrypted (--keys FILE): %s", name,
                 s->encrypted, plural(s->encrypted),
                 s->encrypted == 1 ? "its phase is a range" : "their phases are ranges");
    tell_etl(name, s);
}

static int note_lost(void *arg, struct why_result *result)
{
    const struct reading *r = arg;

    if (result->captured != NULL && result->captured->file == r->file)
        result->captured->events_lost = r->lost;
    return WHY_OK;
}

/* What Windows says goes to the connections that it is about. */
static int attach_events(struct reading *r, const struct why_pcap_summary *summary)
{
    int status = cli_events_attach(&r->events, &r->offline.run, r->file);

    r->lost = summary->events_lost;
    if (status == WHY_OK && r->lost > 0)
        status = why_offline_each(&r->offline.run, note_lost, r);
    return status;
}

static int read_capture(struct reading *r, const char *name)
{
    bool standard = strcmp(name, "-") == 0;
    struct why_pcap pcap = {.name = standard ? "standard input" : name,
                            .keys = r->keys,
                            .ports = r->options->ports,
                            .port_count = r->options->port_count,
                            .on_trace = on_trace,
                            .on_connection = on_connection,
                            .on_event = on_event,
                            .on_packet = r->packets.out != NULL ? on_packet : NULL,
                            .arg = r};
    FILE *in = standard ? stdin : fopen(name, "rb");
    struct why_pcap_summary summary;
    char err[CLI_ERROR_MAX] = "";
    int status;

    if (in == NULL) {
        cli_sayf("pcap: cannot read '%s': %s", name, strerror(errno));
        return WHY_ERR_USAGE;
    }
    r->packets.source = pcap.name;
    r->offline.run.hold = r->pairs != NULL || why_pcap_is_trace(in);
    status = why_pcap_read(&pcap, in, &summary, err, sizeof(err));
    if (*err != '\0')
        cli_sayf("pcap: %s", err);
    if (!r->options->quiet && summary.packets > 0)
        tell(pcap.name, &summary);
    if ((status == WHY_OK || status == WHY_ERR_MALFORMED) && attach_events(r, &summary) != WHY_OK)
        status = WHY_ERR_NOMEM;
    if (!r->options->quiet)
        cli_events_tell(&r->events, pcap.name);
    cli_events_clear(&r->events);
    /* A capture that breaks off is a capture still; what is none is an error. */
    return status == WHY_ERR_MALFORMED && summary.packets > 0 ? WHY_OK : status;
}

/* A file that cannot be read does not hide what the others hold: it decides the exit code alone. */
static int read_captures(struct reading *r)
{
    const struct cli_options *options = r->options;
    int first = WHY_OK;

    for (r->file = 0; r->file < options->operand_count; r->file++) {
        int status = read_capture(r, options->operands[r->file]);

        if (status != WHY_OK && status != WHY_ERR_USAGE && status != WHY_ERR_MALFORMED)
            return status;
        if (status != WHY_OK)
            first = WHY_ERR_MALFORMED;
    }
    if (r->pairs != NULL &&
        cli_tell_pairs(r->pairs, options->operands, &r->offline.run, options->quiet) != WHY_OK)
        return WHY_ERR_NOMEM;
    return first;
}

static int run(const struct cli_options *options, struct why_keys *keys)
{
    struct reading r = {.options = options, .keys = keys};
    int status = WHY_OK, written;
    bool has_some;

    for (size_t i = 0; status == WHY_OK && i < options->key_files.count; i++)
        status = read_keys(keys, options->key_files.items[i]);
    if (status == WHY_OK)
        status = cli_packet_file_open(&r.packets, options->write_file);
    if (status != WHY_OK)
        return status == WHY_ERR_USAGE ? CLI_EXIT_USAGE : CLI_EXIT_FAILED;
    if (options->operand_count > 1 && (r.pairs = why_pcap_pairs_new()) == NULL)
        status = WHY_ERR_NOMEM;
    written = offline_begin(&r.offline, options, "captures");
    if (status == WHY_OK)
        status = written;
    if (status == WHY_OK)
        status = read_captures(&r);
    has_some = status == WHY_ERR_MALFORMED && r.offline.run.hosts.count > 0;
    written = cli_packet_file_close(&r.packets, has_some ? WHY_OK : status);
    why_pcap_pairs_free(r.pairs);
    return offline_end(&r.offline, written != WHY_OK ? written : status);
}

int cmd_pcap(int argc, char **argv)
{
    struct cli_options options;
    struct why_keys *keys;
    int code;

    if (!cli_begin(&options, CLI_PCAP, argc, argv, &code))
        return code;
    if (options.operand_count == 0) {
        cli_say("pcap: no file (try: rdpwhy pcap FILE)");
        return CLI_EXIT_USAGE;
    }
    keys = why_keys_new();
    if (keys == NULL) {
        cli_say(why_strstatus(WHY_ERR_NOMEM));
        return CLI_EXIT_FAILED;
    }
    code = run(&options, keys);
    why_keys_free(keys);
    return code;
}
