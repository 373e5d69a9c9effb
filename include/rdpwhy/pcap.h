/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_H
#define RDPWHY_PCAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rdpwhy/captured.h>
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
    uint64_t first_us, last_us;        /* when the first and the latest of them passed */
    uint64_t connections, rdp;         /* TCP connections, and those of them that are RDP */
    uint64_t retransmitted, reordered; /* segments, of RDP connections */
    uint64_t lost_bytes;               /* missing from RDP connections */
    uint64_t one_sided;                /* RDP connections of which one side was not captured */
    uint64_t implausible;              /* RST and FIN too far from the rest: passed over */
    uint64_t cut_packets;              /* captured in part: the snap length */
    uint64_t refused, unanswered;      /* requests for connections to RDP's port, without one */
    uint64_t from_middle;              /* connections on port 3389 whose beginning is missing */
    uint64_t checks;                   /* that the client closed before it sent anything */
    uint64_t not_rdp;                  /* connections on port 3389 that are something else */
    const char *looks_like;            /* what the last of them looks like; NULL; static */
    uint64_t fragments;                /* of IP packets that are not whole: passed over */
    uint64_t other;  /* packets that are neither TCP nor RDP over UDP, or cut before they say */
    uint64_t unheld; /* packets of RDP connections that on_packet did not get */
    uint64_t unknown_links;        /* packets of interfaces whose link type is not known */
    int unknown_link;              /* one of these link types */
    uint64_t decrypted, encrypted; /* TLS connections whose secrets were, were not there */
    /* RDP connections with something in front of the X.224 Connection Request. */
    uint64_t proxied, socks, preconnected;
    /* RDP over UDP: connections that were tried, that the server answered, and that could not be
     * delivered (ICMP). */
    uint64_t udp, udp_answered, udp_unreachable;

    /* Of Windows' event traces (.etl) only. */
    bool etl;
    uint32_t windows_build;
    uint64_t doubles;        /* packets of a connection that were seen at another place, too */
    uint64_t events_lost;    /* events and buffers that Windows could not keep */
    uint64_t broken;         /* buffers and events that could not be read */
    uint64_t events_unknown; /* of those that are read here, in versions that are not known */
    bool cut_off;            /* the file ends within a buffer */
    uint64_t unordered;      /* packets of a processor that come behind later ones of its own */
    uint64_t given_up;       /* connections of which doubles may not have been told apart */
    struct why_pcap_drop drops[WHY_PCAP_DROPS_MAX];
    size_t drop_count;
};

/* A packet of an RDP connection, as it was captured. */
struct why_pcap_packet {
    uint64_t number; /* in its file, 1 is the first; 0: it has none (.etl) */
    uint64_t t_us;   /* since 1970-01-01 UTC */
    uint32_t link;   /* LINKTYPE_ value, as capture files have it */
    const uint8_t *data;
    size_t len, wire_len;
    uint64_t connection; /* 1 is the first that was seen to be RDP */
    bool is_first;       /* of its connection */
    bool is_last;        /* its trace was handed out just now: this packet ended it */
};

/*
 * Who takes part in an RDP connection, and how it looked where it was captured: what tells that two
 * captures hold the same one, and how they differ. By direction, enum why_dir.
 */
struct why_pcap_connection {
    char client[80], server[80]; /* addresses with ports */
    uint64_t began_us, ended_us;
    bool has_isn[2]; /* the SYN was captured, and its number is not made up */
    uint32_t isn[2];
    uint64_t handshake_us; /* from the SYN to its answer; 0: not captured */
    bool has_random;       /* a ClientHello was captured */
    uint8_t random[32];
    uint64_t bytes[2];     /* of the stream, up to the last that was captured */
    bool lost[2];          /* bytes of it are missing */
    bool fin[2], reset[2]; /* were captured */
};

/* What Windows itself says in an event trace. Its texts are whatever the trace has. */
struct why_pcap_event {
    uint64_t t_us;               /* 0: not known */
    const char *provider, *what; /* static */
    unsigned id;
    enum why_sign sign;
    uint32_t process, owner;    /* that wrote it; that the connection belongs to; 0: not known */
    const char *values;         /* "alert 40, state 1205"; "" */
    const char *local, *remote; /* addresses with ports; "": it names none; without |local|, the
                                   client's as the event has it */
};

struct why_pcap {
    const char *name; /* the file's, for messages */
    struct why_keys *keys;
    const uint16_t *ports; /* that are RDP's, beside 3389 */
    size_t port_count;
    /*
     * Called for each RDP connection as it ends, |trace| is handed over. A status other than
     * WHY_OK ends the reading.
     */
    int (*on_trace)(void *arg, struct why_trace *trace);
    /* How that connection was seen, called before it; NULL: not wanted. */
    int (*on_connection)(void *arg, const struct why_pcap_connection *connection);
    /* The packets of the RDP connections; those of the beginning come once it is known that a
     * connection is RDP, so they may be older than the last of another one. NULL: not wanted. */
    int (*on_packet)(void *arg, const struct why_pcap_packet *packet);
    /* Events of an .etl file, those that are read here; NULL: not wanted. */
    int (*on_event)(void *arg, const struct why_pcap_event *event);
    void *arg;
};

/*
 * Connections of several captures, to find those that are the same one: client and server may have
 * captured it both, or a device between them may have made two of it. Keeps a bounded number.
 */
struct why_pcap_pairs;

enum why_pcap_basis {
    WHY_PCAP_BY_SEQUENCE, /* both ends' initial sequence numbers */
    WHY_PCAP_BY_RANDOM,   /* the ClientHello's random bytes */
    WHY_PCAP_BY_ADDRESS   /* addresses, ports and time: likely, no more */
};

struct why_pcap_pair {
    size_t file[2]; /* as they were added */
    const struct why_pcap_connection *seen[2];
    enum why_pcap_basis basis;
    bool translated;  /* the addresses differ */
    bool resequenced; /* the sequence numbers do */
    int nearer;       /* which of them was taken nearer to the client; -1: not known */
};

/* NULL: out of memory. */
struct why_pcap_pairs *why_pcap_pairs_new(void);
/* WHY_OK or WHY_ERR_NOMEM. Beyond the bound it does nothing. */
int why_pcap_pairs_add(struct why_pcap_pairs *pairs, size_t file,
                       const struct why_pcap_connection *connection);
size_t why_pcap_pairs_count(const struct why_pcap_pairs *pairs);
/* Valid until the next one is added. */
struct why_pcap_pair why_pcap_pairs_at(const struct why_pcap_pairs *pairs, size_t index);
void why_pcap_pairs_free(struct why_pcap_pairs *pairs);

/* Whether |in| is an event trace of Windows: what it says of a connection may come after it. */
bool why_pcap_is_trace(FILE *in);

/*
 * Reads |in|, which is closed afterwards. Secrets and notes of rdpwhy's own in a pcapng file are
 * used where |in| can be read twice. Returns WHY_OK; WHY_ERR_MALFORMED with a message in |err|
 * where the file is no capture or breaks off (what was before it has been handed out);
 * WHY_ERR_NOMEM; or the callback's status.
 */
int why_pcap_read(const struct why_pcap *pcap, FILE *in, struct why_pcap_summary *summary,
                  char *err, size_t errlen);

#endif /* !defined(RDPWHY_PCAP_H) */
