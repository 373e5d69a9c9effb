/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <rdpwhy/pcap.h>
#include <rdpwhy/result.h>
#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

/* A whole capture file, with its secrets and notes: any bytes are a message or traces, and every
 * trace has a verdict. */

static int on_trace(void *arg, struct why_trace *trace)
{
    struct why_facts facts;
    struct why_verdict verdict;
    char line[256];

    (void)arg;
    REQUIRE(why_trace_judge(trace, NULL, &facts, &verdict, NULL) == WHY_OK);
    why_verdict_line(&verdict, line, sizeof(line));
    REQUIRE(verdict.phase_to >= verdict.phase);
    REQUIRE(!verdict.has_mstsc || verdict.phase_to == verdict.phase);
    REQUIRE(verdict.reason[0] != '\0');
    why_facts_clear(&facts);
    why_trace_free(trace);
    return WHY_OK;
}

/* Packets of a connection come in the order of their capture, the first one first. */
struct seen {
    struct why_pcap_pairs *pairs;
    uint64_t connections, packets, begun;
};

static int on_packet(void *arg, const struct why_pcap_packet *packet)
{
    struct seen *seen = arg;

    REQUIRE(packet->connection > 0 && packet->len <= (1u << 24));
    seen->packets++;
    seen->begun += packet->is_first;
    REQUIRE(seen->begun > 0);
    return WHY_OK;
}

static int on_connection(void *arg, const struct why_pcap_connection *connection)
{
    struct seen *seen = arg;

    REQUIRE(connection->client[0] != '\0' && connection->server[0] != '\0');
    seen->connections++;
    return why_pcap_pairs_add(seen->pairs, seen->connections % 2, connection);
}

static void look_at_pairs(const struct seen *seen)
{
    REQUIRE(why_pcap_pairs_count(seen->pairs) <= seen->connections);
    for (size_t i = 0; i < why_pcap_pairs_count(seen->pairs); i++) {
        struct why_pcap_pair pair = why_pcap_pairs_at(seen->pairs, i);

        REQUIRE(pair.seen[0] != pair.seen[1]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct seen seen = {.pairs = why_pcap_pairs_new()};
    struct why_pcap pcap = {.name = "fuzz",
                            .keys = why_keys_new(),
                            .on_trace = on_trace,
                            .on_packet = on_packet,
                            .on_connection = on_connection,
                            .arg = &seen};
    struct why_pcap_summary summary;
    char err[256] = "";
    uint8_t *copy = malloc(size > 0 ? size : 1);
    FILE *in;
    int status;

    REQUIRE(copy != NULL && pcap.keys != NULL && seen.pairs != NULL);
    memcpy(copy, data, size);
    in = size > 0 ? fmemopen(copy, size, "rb") : NULL;
    if (in != NULL) {
        status = why_pcap_read(&pcap, in, &summary, err, sizeof(err));
        REQUIRE(status == WHY_OK || status == WHY_ERR_MALFORMED);
        REQUIRE((status == WHY_OK) == (err[0] == '\0'));
    }
    look_at_pairs(&seen);
    why_pcap_pairs_free(seen.pairs);
    free(copy);
    why_keys_free(pcap.keys);
    return 0;
}
