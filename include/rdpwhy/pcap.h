/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_H
#define RDPWHY_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rdpwhy/trace.h>

/*
 * Captures that somebody else took: pcap, pcapng and Windows' .etl files to traces, one for each
 * RDP connection, which give the same verdicts as those of live attempts. A connection is RDP by
 * what it says, not by its port. One pass; what is kept in memory are the connections that are
 * open.
 */

/* TLS secrets in the format of NSS key logs. */
struct why_keys;

/* NULL: out of memory. */
struct why_keys *why_keys_new(void);
void why_keys_free(struct why_keys *keys);
/*
 * Takes the lines of a key log in; those of other kinds are passed over. Returns how many of use
 * there were, or WHY_ERR_NOMEM.
 */
int why_keys_add(struct why_keys *keys, const char *log, size_t len);

/* TCP packets that Windows dropped, by its reason. */
struct why_pcap_drop {
    const char *name; /* static */
    uint32_t reason;  /* PKTMON_DROP_REASON */
    uint64_t packets;
};
#define WHY_PCAP_DROPS_MAX 8

/* What was in a capture beside the traces. */
struct why_pcap_summary {
    uint64_t packets;
    uint64_t connections, rdp;         /* TCP connections, and those of them that are RDP */
    uint64_t retransmitted, reordered; /* segments, of RDP connections */
    uint64_t lost_bytes;               /* missing from RDP connections */
    uint64_t one_sided;                /* RDP connections of which one side was not captured */
    uint64_t implausible;              /* RST and FIN too far from the rest: passed over */
    uint64_t cut_packets;              /* captured in part: the snap length */
    uint64_t fragments;                /* of IP packets: passed over */
    uint64_t other;                    /* packets that are not TCP, or cut before they say */
    uint64_t refused, unanswered;      /* requests for connections to RDP's port, without one */
    uint64_t from_middle;              /* connections on port 3389 whose beginning is missing */
    uint64_t not_rdp;                  /* connections on port 3389 that are something else */
    const char *looks_like;            /* what the last of them looks like; NULL; static */
    uint64_t decrypted, encrypted;     /* TLS connections whose secrets were, were not there */

    /* Of Windows' event traces (.etl) only. */
    bool etl;
    uint32_t windows_build;
    uint64_t doubles;     /* packets of a connection that were seen at another place, too */
    uint64_t events_lost; /* events and buffers that Windows could not keep */
    uint64_t broken;      /* buffers and events that could not be read */
    bool cut_off;         /* the file ends within a buffer */
    struct why_pcap_drop drops[WHY_PCAP_DROPS_MAX];
    size_t drop_count;
};

struct why_pcap {
    const char *name; /* the file's, for messages */
    struct why_keys *keys;
    /*
     * Called for each RDP connection as it ends, |trace| is handed over. A status other than
     * WHY_OK ends the reading.
     */
    int (*on_trace)(void *arg, struct why_trace *trace);
    void *arg;
};

/*
 * Reads |in|, which is closed afterwards. Secrets and notes of rdpwhy's own in a pcapng file are
 * used where |in| can be read twice. Returns WHY_OK; WHY_ERR_MALFORMED with a message in |err|
 * where the file is no capture or breaks off (what was before it has been handed out);
 * WHY_ERR_NOMEM; or the callback's status.
 */
int why_pcap_read(const struct why_pcap *pcap, FILE *in, struct why_pcap_summary *summary,
                  char *err, size_t errlen);

#endif /* !defined(RDPWHY_PCAP_H) */
