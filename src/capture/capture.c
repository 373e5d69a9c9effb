/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/capture.h>

#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "decisive.h"
#include "notes.h"
#include "pcapng.h"
#include "segments.h"

#define SUMMARY_MAX 1024
#define RDP_PORT    3389

/* The packet to comment: the last one that had passed when the verdict was made. */
struct search {
    size_t packets, last; /* |last|: number of the packet, from 1; 0: none */
    bool received;        /* only the peer's count */
};

static bool count_packet(void *arg, const struct segment *segment)
{
    struct search *search = arg;

    search->packets++;
    if (!search->received || segment->dir == WHY_DIR_RECEIVED)
        search->last = search->packets;
    return true;
}

static size_t packet_to_comment(const struct why_result *result)
{
    struct search search = {.packets = 0};
    struct connections connections;
    size_t decisive = why_decisive_event(result, &search.received);

    why_connections_init(&connections, result->trace);
    for (size_t i = 0; i < why_trace_count(result->trace) && i <= decisive; i++)
        (void)why_segments_of_event(&connections, why_trace_at(result->trace, i), count_packet,
                                    &search);
    return search.last;
}

struct writing {
    FILE *out;
    uint64_t started_us;
    size_t packets, commented;
    const char *comment;
    int status;
};

static bool write_packet(void *arg, const struct segment *segment)
{
    struct writing *w = arg;
    struct why_pcapng_packet packet = {
        .time_us = w->started_us + segment->t_us,
        .data = segment->data,
        .len = segment->len,
        .wire_len = segment->wire_len,
        .comment = ++w->packets == w->commented ? w->comment : NULL,
    };

    w->status = why_pcapng_packet(w->out, &packet);
    return w->status == WHY_OK;
}

static int write_packets(FILE *out, const struct why_result *result)
{
    char line[256], comment[300];
    struct writing w = {
        .out = out,
        .started_us = why_trace_head(result->trace)->started_us,
        .commented = packet_to_comment(result),
        .comment = comment,
    };
    struct connections connections;

    why_verdict_line(&result->verdict, line, sizeof(line));
    (void)snprintf(comment, sizeof(comment), "rdpwhy: %s", line);
    why_connections_init(&connections, result->trace);
    for (size_t i = 0; i < why_trace_count(result->trace); i++) {
        if (!why_segments_of_event(&connections, why_trace_at(result->trace, i), write_packet, &w))
            break;
    }
    return w.status;
}

static int write_secrets(FILE *out, const struct why_trace *trace)
{
    char *log = NULL;
    size_t len = 0;
    FILE *lines = open_memstream(&log, &len);
    int status = WHY_OK;

    if (lines == NULL)
        return WHY_ERR_NOMEM;
    for (size_t i = 0; i < why_trace_count(trace); i++) {
        const struct why_event *event = why_trace_at(trace, i);

        if (event->kind == WHY_EV_KEYLOG && event->text != NULL)
            (void)fprintf(lines, "%s\n", event->text);
    }
    if (fclose(lines) != 0)
        status = WHY_ERR_NOMEM;
    else if (len > 0)
        status = why_pcapng_secrets(out, log, len);
    free(log);
    return status;
}

/* The port 3389 is TPKT to Wireshark, and TLS in it not looked for; on other ports it finds TLS by
 * itself, and not what is in it. */
void why_capture_decode_as(const struct why_result *result, char *buf, size_t len)
{
    bool tls = result->facts.tls_version != NULL;
    unsigned port = result->facts.port;

    *buf = '\0';
    if (port == RDP_PORT && tls)
        (void)snprintf(buf, len, "tcp.port==%u,tls", port);
    else if (port != RDP_PORT && port != 0)
        (void)snprintf(buf, len, "%s.port==%u,tpkt", tls ? "tls" : "tcp", port);
}

static int write_section(FILE *out, const struct why_result *result)
{
    const struct why_trace_head *head = why_trace_head(result->trace);
    char summary[SUMMARY_MAX], line[256], decode_as[64];
    const char **comments;
    struct notes notes;
    int status = why_notes_make(&notes, result, PCAPNG_COMMENT_MAX);

    if (status != WHY_OK)
        return status;
    why_verdict_line(&result->verdict, line, sizeof(line));
    why_capture_decode_as(result, decode_as, sizeof(decode_as));
    (void)snprintf(summary, sizeof(summary), "%s, profile %s, license mode %s: %s. %s%s%s",
                   result->target->label, why_profile_name(head->profile),
                   why_license_mode_name(head->license_mode), line, result->verdict.reason,
                   *decode_as != '\0' ? " To see the RDP messages: tshark -r FILE -d " : "",
                   decode_as);
    comments = malloc((notes.count + 1) * sizeof(*comments));
    if (comments != NULL) {
        comments[0] = summary;
        for (size_t i = 0; i < notes.count; i++)
            comments[i + 1] = notes.texts[i];
        status = why_pcapng_section(out, comments, notes.count + 1);
    } else {
        status = WHY_ERR_NOMEM;
    }
    free(comments);
    why_notes_clear(&notes);
    return status;
}

int why_capture_write(FILE *out, const struct why_result *result)
{
    int status = write_section(out, result);

    if (status == WHY_OK)
        status = why_pcapng_interface(out, PCAPNG_LINK_RAW);
    if (status == WHY_OK)
        status = write_secrets(out, result->trace);
    if (status == WHY_OK)
        status = write_packets(out, result);
    return status;
}

bool why_capture_holds_logon(const struct why_result *result)
{
    return result->facts.authenticated ||
           (result->first_try != NULL && why_capture_holds_logon(result->first_try));
}
