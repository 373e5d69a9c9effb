/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TRACE_H
#define RDPWHY_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rdpwhy/pdu.h>
#include <rdpwhy/vocab.h>

/*
 * The timeline of one attempt: what happened, when, and the bytes that passed. A live attempt
 * appends to it, a trace file or a capture fills it, and everything after that (verdict, diagnosis,
 * report) reads nothing else. Secrets are overwritten with zeros before bytes are appended.
 */

enum why_event_kind {
    WHY_EV_RESOLVE,        /* name look-up began; text: the name */
    WHY_EV_RESOLVED,       /* value: number of addresses; text: all of them, space separated */
    WHY_EV_RESOLVE_FAILED, /* value: getaddrinfo's EAI_ code; text: its message */
    WHY_EV_DIAL,           /* connect() began; text: address and port */
    WHY_EV_DIAL_FAILED,    /* value: errno; text: address and port */
    WHY_EV_CONNECTED,      /* TCP is up; text: the peer's address and port */
    /* With a proxy, RESOLVE to CONNECTED behind PROXY are the proxy's. */
    WHY_EV_PROXY,         /* a proxy is dialled; text: its URL */
    WHY_EV_PROXY_REQUEST, /* it was asked; text: for what */
    WHY_EV_PROXY_DONE,    /* it is connected to the server; value: its code; text: its words */
    WHY_EV_PROXY_SOCKS,   /* it refused; value: its reply; text: what else it says, or NULL */
    WHY_EV_PROXY_HTTP,    /* it refused; value: its status; text: what else it says, or NULL */
    WHY_EV_PROXY_ACCOUNT, /* it rejected user and password; text: its words */
    WHY_EV_PROXY_FAILED,  /* its answer is that of no such proxy; text: why */
    /* With an RD Gateway, RESOLVE to CONNECTED behind GATEWAY are the gateway's. */
    WHY_EV_GATEWAY,           /* a gateway is dialled; text: host and port */
    WHY_EV_GATEWAY_TLS_START, /* as TLS_START and the others, of the TLS with the gateway */
    WHY_EV_GATEWAY_TLS_ALERT,
    WHY_EV_GATEWAY_TLS_ERROR,
    WHY_EV_GATEWAY_TLS_DONE,
    WHY_EV_GATEWAY_CERTIFICATE,
    WHY_EV_GATEWAY_HTTP,    /* a request or a response (dir); value: the status, of a request 0;
                               text: the start line and what counts of its fields; bytes: the NTLM
                               CHALLENGE in it */
    WHY_EV_GATEWAY_LOGON,   /* real credentials are about to be used at the gateway; text: which */
    WHY_EV_GATEWAY_OPEN,    /* packets can pass; value: 1 by WebSocket, 2 by two HTTP connections */
    WHY_EV_GATEWAY_PACKET,  /* a packet that carries no RDP (dir); value: its type, why_tsgu_type */
    WHY_EV_GATEWAY_GOODBYE, /* a Close frame of WebSocket (dir); value: its status */
    WHY_EV_GATEWAY_FAILED,  /* what came is not of a gateway; text: why */
    WHY_EV_FILE,        /* a setting of the .rdp file; value: why_file_use; text: name:type:value */
    WHY_EV_TLS_START,   /* our ClientHello is about to be sent */
    WHY_EV_TLS_RECORD,  /* bytes: one TLS record of the handshake (dir) */
    WHY_EV_TLS_ALERT,   /* the TLS library saw an alert (dir); value: level << 8 | description */
    WHY_EV_TLS_ERROR,   /* the TLS library gave up; value: its reason code; text: its reason */
    WHY_EV_TLS_DONE,    /* the server's Finished was verified; text: "version cipher", and a third
                           word where the server chose a protocol (ALPN) */
    WHY_EV_CERTIFICATE, /* bytes: one DER certificate; value: 0 the server's own, then its chain */
    WHY_EV_PDU,         /* bytes: one PDU above TLS (dir) */
    WHY_EV_PARTIAL, /* bytes: received, but not a whole PDU when the attempt ended; text: why they
                       cannot be the beginning of one; NULL: they can */
    WHY_EV_STATE,   /* libfreerdp changed state; value: CONNECTION_STATE; text: its name */
    WHY_EV_LIBRARY_ERROR, /* libfreerdp's last error; value: its code; text: its name */
    /* Kerberos, before CredSSP's first message; RFC 4120's numbers. */
    WHY_EV_KERBEROS_START, /* tickets are to be had; text: for whom */
    WHY_EV_KDC,            /* KDCs were found; value: how many; text: which, and from where */
    WHY_EV_KDC_PROOF,      /* what is asked next proves the password; text: whose */
    WHY_EV_KDC_REQUEST,    /* sent; value: 10 AS-REQ, 12 TGS-REQ; text: for whom, for what */
    WHY_EV_KDC_ERROR,      /* a KRB-ERROR; value: its code; text: its words, or NULL */
    WHY_EV_KDC_CLOCK,      /* value: the KDC's clock minus ours, in seconds */
    WHY_EV_KDC_TICKET,     /* value: 11 AS-REP, 13 TGS-REP; text: whose, encryption, key version */
    WHY_EV_KDC_STATUS,     /* the NTSTATUS in the KRB-ERROR that ends an exchange; value: it */
    WHY_EV_KERBEROS_DONE,  /* all tickets are there; text: the service */
    WHY_EV_KERBEROS_REFUSED,  /* an exchange ended with an error; value: its code; text: which */
    WHY_EV_KERBEROS_FAILED,   /* it failed on this computer; text: why */
    WHY_EV_KDC_FAILED,        /* no KDC was found, or none answered; text: what each of them did */
    WHY_EV_KERBEROS_GIVEN_UP, /* there is no ticket: NTLM alone is offered; text: why */
    WHY_EV_AUTHENTICATION,    /* real credentials are about to be used; text: the account */
    WHY_EV_REDIAL_REFUSED,    /* libfreerdp asked for a second connection and did not get it */
    WHY_EV_FIN,   /* the peer's FIN; value: on which connection, as of RAW; text: WHY_CLOSE_NOTIFY
                     where it was TLS that said it,   WHY_GATEWAY_CLOSED */
    WHY_EV_RESET, /* the peer's RST; value: errno */
    WHY_EV_NET_ERROR, /* another socket error; value: errno; text: its words */
    WHY_EV_DEADLINE,  /* the attempt's time was up */
    WHY_EV_CANCELLED, /* the user ended the run */
    WHY_EV_REACHED,   /* the phase asked for was reached and we stopped; value: phase */
    WHY_EV_STOP,      /* we stopped on purpose, or the capture ends here; text: why */
    WHY_EV_SKIPPED,   /* the attempt was not made; text: why */
    WHY_EV_FAILED,    /* our own fault; value: why_status; text: what */
    WHY_EV_CRASHED,   /* the process that carried the attempt out died of it; text: how */
    WHY_EV_CLOSE,     /* we closed the connection; of a capture: the client */
    /* Of a session that is watched (--until session). */
    WHY_EV_PICTURE,       /* what the server has drawn so far; value: how many colors, at most 256;
                             text: "WIDTHxHEIGHT", and "#RRGGBB" where it is all of one color */
    WHY_EV_SCREEN_TEXT,   /* text: a line that the server wrote on the screen as text */
    WHY_EV_DRAWING_ENDED, /* nothing more is drawn here; text: why */
    WHY_EV_SCREENSHOT, /* value 0: text is the file with the last picture; 1: why there is none */
    /* Of captures that somebody else took: what cannot be read. */
    WHY_EV_OPAQUE, /* bytes passed that cannot be decrypted (dir); wire_len: how many; value: in how
                      many records, the last of them at the event's time */
    WHY_EV_LOST,   /* bytes are missing (dir); value: how many; text: why */
    WHY_EV_UDP,    /* the client's first datagram of RDP over UDP to the same server, or the answer
                      (dir); value: the version, its negative where the client had sent one before.
                      Received: 0 is an ICMP message that it was not delivered, -1 that none came
                      as long as was waited. Sent: 0 is that none was; text: why not */
    /* What captures tell beside (captured.h), behind all others; not at their own times. */
    WHY_EV_REMARK, /* value: when, in µs since 1970-01-01 UTC; text: tie, sign, and the words */
    WHY_EV_EVENTS_LOST,   /* value: by the whole trace of Windows */
    WHY_EV_OTHER_CAPTURE, /* value: 1 differs, 2 by what is between; text: its name */
    WHY_EV_SAME_BY,       /* text: what says that it is the same connection */
    WHY_EV_DIFFERENCE,    /* text: a sentence */
    /* Kept only for an attempt whose packets are wanted (why_event_is_capture). */
    WHY_EV_RAW,       /* bytes: what passed on a TCP connection, below TLS (dir); value: on which of
                         those to an RD Gateway, 0 is the first and all others' */
    WHY_EV_RAW_CLOSE, /* our end of a connection was closed; value, lowest bit: by RST; the others:
                         which connection, as of RAW */
    WHY_EV_LOCAL,     /* text: our own address and port; value: as of RAW */
    WHY_EV_KEYLOG,    /* text: a line of the TLS key log: a secret */
    WHY_EV_KIND_COUNT
};

/* SCREENSHOT: the same picture for pages, with this in place of ".png", and at most that many
 * pixels to a side. */
#define WHY_SMALL_ENDING  "-small.png"
#define WHY_SMALL_PICTURE 320u

#define WHY_CLOSE_NOTIFY   "TLS close_notify"
#define WHY_GATEWAY_CLOSED "the gateway closed the channel" /* the event before says how */

/* STOP: no password was sent, for the account is one of Entra ID. */
#define WHY_STOP_ENTRA                                                                             \
    "NTLM does not know accounts of Entra ID (AzureAD), and a logon that must fail counts "        \
    "towards a "                                                                                   \
    "lockout"

/* STOP: at an RD Gateway; more words follow. */
#define WHY_STOP_GATEWAY_NO_LOGON "the gateway asks for a logon, "
#define WHY_STOP_GATEWAY_CERTIFICATE                                                               \
    "no account was sent, for the gateway's certificate is not trusted: "

#define WHY_EVENT_DECRYPTED 1u  /* PDU: the library's decryption in place has run (why_dissect) */
#define WHY_EVENT_WRITING   2u  /* NET_ERROR: a write met it; what happened is told by a read */
#define WHY_EVENT_BY_RESET  4u  /* CLOSE: by RST */
#define WHY_EVENT_IN_DOUBT  8u  /* CLOSE: which side did so first was not captured */
#define WHY_EVENT_CUT_OFF   16u /* STOP: the capture ends before the connection does */

struct why_event {
    uint64_t t_us; /* since the attempt began, monotonic */
    enum why_event_kind kind;
    enum why_dir dir;
    unsigned flags; /* WHY_EVENT_ */
    int64_t value;
    const char *text;     /* owned by the trace; NULL where there is none */
    const uint8_t *bytes; /* owned by the trace; NULL where there are none */
    size_t len;           /* of |bytes| */
    size_t wire_len;      /* bytes that passed; > |len| where the trace kept only a part */
    uint64_t packet;      /* of a capture: which of its packets, 1 is the first; 0: not known */
};

/* How many redirections are followed, one after another. */
#define WHY_HOPS_MAX 3

/* What the attempt set out to do; constant once the attempt has begun. */
struct why_trace_head {
    const char *host; /* as the user wrote it, without port */
    uint16_t port;
    enum why_profile profile;
    enum why_license_mode license_mode;
    enum why_phase until;
    uint64_t started_us;   /* wall clock, microseconds since 1970-01-01 UTC */
    bool credentials;      /* the attempt had credentials to use */
    const char *variation; /* what differs from the profile's default; NULL: nothing */
    const char *library;   /* "FreeRDP 3.10.3"; NULL: not known (a capture) */
    unsigned hop;        /* redirections that were followed to get here; |host| is the last one's */
    const char *client;  /* of a capture, its address with the port; NULL */
    const char *capture; /* the capture's name; NULL: there is none */
    uint64_t capture_us; /* when its first packet passed; 0: not known */
};

struct why_trace;

#define WHY_TRACE_MAX_BYTES                                                                        \
    (8u * 1024 * 1024) /* per trace; beyond it bytes are counted, not kept */
#define WHY_TRACE_MAX_EVENTS 100000u

/*
 * A new, empty trace, or NULL when out of memory. Copies |head| and its strings.
 */
struct why_trace *why_trace_new(const struct why_trace_head *head);
void why_trace_free(struct why_trace *trace);

const struct why_trace_head *why_trace_head(const struct why_trace *trace);
size_t why_trace_count(const struct why_trace *trace);
/* The event at |index|, or NULL past the end. Valid until the trace is freed. */
const struct why_event *why_trace_at(const struct why_trace *trace, size_t index);

/*
 * Appends a copy of |event| with its text and bytes. Its time must not be before the last one's
 * (it is raised to it otherwise). Returns WHY_OK or WHY_ERR_NOMEM; the event is lost in the latter
 * case, and why_trace_lost counts it. Above the limit of bytes |len| is what was kept and
 * |wire_len| what passed; above the limit of events only why_trace_lost moves. The last places are
 * kept for events other than PDUs and TLS records: how it ended is not lost in a flood.
 */
int why_trace_append(struct why_trace *trace, const struct why_event *event);
/* The same; what |pdu| calls sensitive is overwritten with zeros in the copy of the bytes. */
int why_trace_append_scrubbed(struct why_trace *trace, const struct why_event *event,
                              const struct why_pdu *pdu);
size_t why_trace_lost(const struct why_trace *trace);

/* Bytes on the wire below TLS, counted by the transport. */
void why_trace_count_bytes(struct why_trace *trace, enum why_dir dir, size_t n);
uint64_t why_trace_bytes(const struct why_trace *trace, enum why_dir dir);

/* Whether the event is there for the packets' sake alone: trace files and reports leave it out. */
bool why_event_is_capture(enum why_event_kind kind);
/* It is what a capture tells beside what passed. */
bool why_event_is_remark(enum why_event_kind kind);
/* When the last event was that is not there for the packets' sake; 0 where there is none. */
uint64_t why_trace_end_us(const struct why_trace *trace);

const char *why_event_kind_name(enum why_event_kind kind);
int why_event_kind_find(const char *name);

/*
 * Trace files: JSON Lines, "record":"trace" (the head) followed by one "record":"event" per event;
 * bytes in hexadecimal. The head's "events" says how many follow, so that a file that was cut off
 * is noticed. Texts are UTF-8; any other byte is written as \xNN and comes back as it was. Values
 * that are errors of the system (errno, EAI_) are written as names and read back as this system's
 * numbers (system_error.h); numbers in their place, by older versions, are taken for Linux's. Flags
 * are members of their own; older versions' numbers and texts in their place are understood.
 * Several traces may follow each other in a file. why_trace_write returns WHY_OK, WHY_ERR_IO or
 * WHY_ERR_NOMEM. It leaves out what is there for the packets' sake; why_trace_write_all does not,
 * and so writes secrets: for pipes between processes. why_trace_write_from is the same without the
 * events before |first|. why_trace_read reads the next trace of |in| into |*out|: WHY_OK,
 * WHY_ERR_NOTFOUND at the end of the file, or an error with a message that names the line in |err|
 * (at most |errlen| bytes).
 * |*line| counts lines over several calls; start it at 0. why_trace_read_memory reads the first
 * trace of |len| bytes at |text| likewise.
 */
int why_trace_write(FILE *out, const struct why_trace *trace);
int why_trace_write_all(FILE *out, const struct why_trace *trace);
int why_trace_write_from(FILE *out, const struct why_trace *trace, size_t first);
int why_trace_read(FILE *in, struct why_trace **out, size_t *line, char *err, size_t errlen);
int why_trace_read_memory(const char *text, size_t len, struct why_trace **out, char *err,
                          size_t errlen);

#endif /* !defined(RDPWHY_TRACE_H) */
