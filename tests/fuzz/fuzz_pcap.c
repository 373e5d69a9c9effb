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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct why_pcap pcap = {.name = "fuzz", .keys = why_keys_new(), .on_trace = on_trace};
    struct why_pcap_summary summary;
    char err[256] = "";
    uint8_t *copy = malloc(size > 0 ? size : 1);
    FILE *in;
    int status;

    REQUIRE(copy != NULL && pcap.keys != NULL);
    memcpy(copy, data, size);
    in = size > 0 ? fmemopen(copy, size, "rb") : NULL;
    if (in != NULL) {
        status = why_pcap_read(&pcap, in, &summary, err, sizeof(err));
        REQUIRE(status == WHY_OK || status == WHY_ERR_MALFORMED);
        REQUIRE((status == WHY_OK) == (err[0] == '\0'));
    }
    free(copy);
    why_keys_free(pcap.keys);
    return 0;
}
