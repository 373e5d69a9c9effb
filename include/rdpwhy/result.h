/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_RESULT_H
#define RDPWHY_RESULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/pdu.h>
#include <rdpwhy/plan.h>
#include <rdpwhy/trace.h>
#include <rdpwhy/vocab.h>

struct why_captured;
struct why_reading;
struct why_trace;
struct why_trace_head;
struct why_facts;

/*
 * What a trace means: where the handshake ended, who ended it, and how. Pure: computed from the
 * trace alone, without clock, socket or libfreerdp.
 */

struct why_phase_time {
    enum why_phase phase;
    uint64_t start_us, duration_us;
};

#define WHY_REASON_MAX 320

/* What an outcome rests on. */
enum why_basis {
    WHY_BASIS_SEEN,     /* the messages that say so were read */
    WHY_BASIS_INFERRED, /* a capture: from what passed, though it cannot be read */
    WHY_BASIS_OPEN,     /* a capture: whether the session had begun cannot be told */
};

struct why_verdict {
    enum why_outcome outcome;
    enum why_basis basis;
    enum why_phase phase; /* the first phase the server had not confirmed; `completed`: the last */
    enum why_phase phase_to; /* of a capture that cannot all be read: it was |phase|, or a later one
                                up to this; else |phase| */
    enum why_ending ending;
    bool has_closer; /* false only for `skipped`, for what never opened a connection, and where a
                        capture does not tell it */
    enum why_closer closed_by;
    enum why_phase sent_through; /* furthest phase whose PDUs the client had sent; NONE: nothing */
    bool has_code;
    struct why_code code;
    bool has_transition; /* license error: the state transition */
    uint32_t transition;
    bool by_traffic; /* `completed`, though Font Map was not seen: what passed after it was */
    bool untaken; /* protocol-violation: no decoder here objects, but libfreerdp did not take it */
    const char *step; /* where in its phase it ended: "after NEW_LICENSE_REQUEST"; static; NULL */
    bool has_mstsc;
    struct why_mstsc mstsc;
    struct why_phase_time phases[WHY_PHASE_COUNT];
    size_t phase_count;
    uint64_t duration_us;
    /* Of a capture: the packet that decided it, 0: not known; when it passed, since 1970-01-01 UTC,
     * 0: there is no capture; and since the capture's first packet. */
    uint64_t packet, packet_us, offset_us;
    char reason[WHY_REASON_MAX]; /* one sentence for people; UTF-8, no control characters */
};

/* Whether the phase is a range: what the server sent last cannot be read. */
bool why_verdict_is_range(const struct why_verdict *verdict);

/*
 * What is known of what mstsc shows for |verdict|, as reports write it: "documented" or "inferred"
 * where it has a code, "unknown" where it has none; NULL of an attempt that mstsc shows no error
 * for (completed), or that we stopped. Static.
 */
const char *why_mstsc_basis(const struct why_verdict *verdict);

/* "seen", "inferred", "open"; static. */
const char *why_basis_name(enum why_basis basis);

/* The same words on one line: "refused in capabilities: error-info 0x7 …". At most |len| bytes. */
void why_verdict_line(const struct why_verdict *verdict, char *buf, size_t len);

struct why_trace;

/* What a trace tells of the server, decoded once. Pure: the same trace gives the same facts. */

#define WHY_SAN_MAX              64
#define WHY_LICENSE_MESSAGES_MAX 32

enum why_license_result {
    WHY_LICENSE_RESULT_NONE,         /* licensing did not come to an end */
    WHY_LICENSE_RESULT_VALID_CLIENT, /* STATUS_VALID_CLIENT: no license needed */
    WHY_LICENSE_RESULT_ISSUED,       /* NEW_LICENSE */
    WHY_LICENSE_RESULT_UPGRADED,     /* UPGRADE_LICENSE */
    WHY_LICENSE_RESULT_ERROR,        /* ERROR_ALERT */
    WHY_LICENSE_RESULT_NOT_ASKED     /* Demand Active came without any license PDU */
};

struct why_certificate {
    char *subject, *issuer;   /* RFC 2253 with UTF-8; owned */
    char *serial;             /* hexadecimal, owned */
    char *key;                /* "RSA 2048", "EC prime256v1"; owned */
    char *signature;          /* "sha256WithRSAEncryption"; owned */
    char sha256[65];          /* of the DER, lower-case hexadecimal */
    char *names[WHY_SAN_MAX]; /* DNS and IP subject alternative names; owned */
    size_t name_count;
    int64_t not_before, not_after; /* seconds since 1970-01-01 UTC */
    uint32_t key_bits;
    bool self_signed;
    bool expired; /* at the time of the attempt */
    bool not_yet_valid;
    bool name_matches;   /* the target's host against the names, the CN where there are none */
    size_t chain_length; /* certificates the server sent, this one included */
    bool has_trust;      /* the chain was judged (why_result_judge_trust) */
    enum why_trust trust;
    char *authority; /* RFC 2253: what it leads to, or the authority that is not trusted, not known
                        or not valid; NULL: none, or not judged; owned */
};

#define WHY_KERBEROS_STEPS_MAX 4

/* Kerberos, as far as the attempt tried it. */
struct why_kerberos_facts {
    char *principal; /* NULL: it was not tried; owned */
    char *kdc;       /* which were found, and from where; NULL: none; owned */
    char *ticket;    /* the server's: name, encryption, key version; NULL: none; owned */
    char *given_up;  /* why NTLM was offered alone; NULL: it was not; owned */
    bool proven;     /* the KDC accepted the password, or the tickets that were brought */
    bool unanswered; /* the server answered the ticket with nothing */
    bool proof_sent; /* what proves the password was sent to the KDC */
    bool has_error;  /* the exchange with the KDC ended with it */
    int64_t error;   /* RFC 4120 7.5.9 */
    bool has_clock_skew;
    int64_t clock_skew_s; /* KDC minus client */
    size_t as_requests, tgs_requests;
    /* "kdc", "as", "tgs", "ap": those that came to an end, and how long each took */
    const char *steps[WHY_KERBEROS_STEPS_MAX];
    uint64_t step_us[WHY_KERBEROS_STEPS_MAX];
    size_t step_count;
};

/* What was seen of a session that was watched (--until session). Times are since Font Map; 0: it
 * did not come. */
struct why_session_facts {
    bool account_sent; /* in Client Info, to be logged on with at once */
    bool logged_on;    /* Save Session Info says so */
    uint64_t logon_us;
    bool has_cookie; /* the server gave an auto-reconnect cookie */
    bool has_notice; /* Save Session Info: Logon Errors Info, the last one */
    uint32_t notice_type, notice_data;
    bool has_status; /* Server Status Info, the last one */
    uint32_t status;
    unsigned reactivations; /* Deactivate All after Font Map */
    bool watched;           /* the session was up, and was to be watched */
    uint64_t active_us;     /* Font Map, since the attempt began; not in a saved run */
    uint64_t update_us;     /* the first thing that the server drew */
    uint64_t picture_us;    /* the first picture of more than one color */
    unsigned colors;        /* of the last picture, at most 256; 0: nothing was drawn */
    char *picture;          /* "1024x768", "1024x768 #000000"; owned; NULL: none */
    char *text;             /* the lines that the server wrote on the screen, first to last, each
                               with a newline at its end; owned; NULL: none */
    bool incomplete;        /* what was drawn later is not in the picture: a limit of this side */
    char *screenshot;       /* the file with the last picture; owned; NULL: none */
};

/* What a session that is watched comes to. */
enum why_session_answer {
    WHY_SESSION_NONE,    /* nothing was drawn */
    WHY_SESSION_UNKNOWN, /* what was drawn cannot be told */
    WHY_SESSION_BLANK,   /* a picture of one color */
    WHY_SESSION_PICTURE, /* a picture; whose is not known */
    WHY_SESSION_PROMPT,  /* the server's own login window */
    WHY_SESSION_LOGGED_ON,
    WHY_SESSION_REJECTED,   /* the server says that the account was not accepted */
    WHY_SESSION_NO_MANAGER, /* its session manager cannot be reached */
    WHY_SESSION_FAILED,     /* there is no session for the account that was accepted */
};

/* From the session's facts alone. */
enum why_session_answer why_session_answer(const struct why_session_facts *session);

/* Static, "login-window"; NULL: not known. */
const char *why_session_name(enum why_session_answer answer);

/* The line of the screen's text that says so, for REJECTED, NO_MANAGER and FAILED: |len| bytes at
 * most of it in |buf|, empty where there is none. */
void why_session_line(const struct why_session_facts *session, char *buf, size_t len);

/* What came of RDP over UDP, where the client tried it. */
enum why_udp {
    WHY_UDP_NONE,       /* not seen */
    WHY_UDP_NOT_TRIED,  /* it was to be, and could not */
    WHY_UDP_TRIED,      /* whether an answer came is not known */
    WHY_UDP_UNANSWERED, /* the client sent the same again */
    WHY_UDP_SILENT,     /* nothing came as long as was waited for it */
    WHY_UDP_REFUSED,    /* an ICMP message says that it could not be delivered */
    WHY_UDP_ANSWERED,   /* by the server's SYN+ACK */
};

/* An RD Gateway, as far as the attempt came with it. */
struct why_gateway_facts {
    char *label;                    /* host and port; NULL: there was none; owned */
    char *address;                  /* with its port; NULL: TCP was never up; owned */
    char *tls_version, *tls_cipher; /* NULL: unknown; owned */
    bool has_certificate;
    struct why_certificate certificate;
    char *schemes;   /* of the logon that it asks for, as it names them; NULL: none seen; owned */
    char *server;    /* what it says that it is (Server); owned */
    char *computer;  /* its DNS name in NTLM, else the NetBIOS name; owned */
    unsigned status; /* of its last HTTP response; 0: none came */
    bool asked_websocket;
    unsigned transport; /* 0: none was granted; 1: WebSocket; 2: HTTP */
    unsigned
        no_websocket; /* the status that refused WebSocket, before HTTP was tried; 0: none did */
    bool logged_on;   /* real credentials were sent to it */
    bool has_capabilities, has_redirection, has_idle_timeout;
    uint32_t capabilities, redirection_flags, idle_timeout; /* the last in minutes */
    char *message; /* that it shows: consent, or a service message; owned */
};

struct why_facts {
    char *address; /* really used, without port; NULL: TCP was never up, or is a proxy's; owned */
    char *client, *capture; /* of a capture: whose connection, in which file; NULL; owned */
    uint16_t port;
    char *proxy;         /* its URL; NULL: there was none; owned */
    char *proxy_address; /* its address and port; NULL: TCP to it was never up; owned */
    bool proxy_done;     /* it said that it is connected to the server */
    struct why_gateway_facts gateway;
    uint64_t bytes_sent, bytes_received;

    bool has_preconnection; /* a preconnection PDU went in front; what it says */
    char preconnection[WHY_TEXT_MAX];
    bool has_request; /* X.224 Connection Request */
    uint32_t requested_protocols;
    uint8_t request_flags;      /* of RDP_NEG_REQ */
    bool has_cookie, has_token; /* in it: by what load balancers choose */
    bool has_confirm;           /* Connection Confirm without failure */
    bool has_negotiation_data;  /* false: the 11-byte confirm of an old server */
    uint32_t selected_protocol;
    uint8_t negotiation_flags;
    bool has_source; /* of a Connection Confirm, an RDP_NEG_FAILURE among them */
    uint16_t confirm_source;

    char *tls_version, *tls_cipher; /* NULL: unknown; owned */
    char *tls_alpn; /* the protocol that the server chose where it was asked (RFC 7301); owned */
    bool has_certificate;
    struct why_certificate certificate;

    uint32_t credssp_version; /* the server's; 0: none seen */
    bool has_ntlm;
    struct why_ntlm_challenge ntlm;
    bool has_clock_skew;
    int64_t clock_skew_s; /* server minus client */
    bool authenticated;   /* real credentials were sent: NTLM AUTHENTICATE with an account */
    bool rejected;        /* and the server rejected them */
    bool account_sent;    /* an account's proof was: real credentials, or whatever the client of a
                             capture sent */
    bool proven;          /* the server sent pubKeyAuth, as it does once the password was right */
    enum why_package package; /* what proved the account; ANY: not known */
    struct why_kerberos_facts kerberos;
    bool wants_kerberos; /* the server selected Kerberos where NTLM was offered */
    unsigned finalized;  /* WHY_FINAL_ bits (progress.h): what came before Font Map */
    bool has_font_map;

    bool has_choices;
    struct why_mcs_choices choices;
    bool has_server_core;
    uint32_t server_version;
    bool has_multitransport;        /* Server Multitransport Channel Data */
    uint32_t server_multitransport; /* its flags, why_multitransport_flags */
    bool has_server_security;
    uint32_t encryption_method, encryption_level;
    bool has_desktop;
    uint16_t desktop_width, desktop_height;
    struct why_capability_order capabilities; /* of Demand Active; none: it has not come */

    bool has_license_request;
    struct why_license_message license_request;
    enum why_pdu_type license_messages[WHY_LICENSE_MESSAGES_MAX]; /* malformed ones, too */
    uint64_t license_times_us[WHY_LICENSE_MESSAGES_MAX];          /* since the attempt began */
    size_t license_sizes[WHY_LICENSE_MESSAGES_MAX]; /* whole PDUs, in bytes on the wire */
    size_t license_message_count;
    bool has_license_preamble;
    uint8_t license_preamble; /* flags of the server's first license message */
    bool has_license_status;
    uint32_t license_status, license_transition; /* the last ERROR_ALERT's, success or not */
    enum why_license_result license_result;
    bool license_unread; /* a license message of the client's is encrypted and has no name */

    bool has_redirection;
    uint32_t redirection_flags; /* RedirFlags: what it holds ([MS-RDPBCGR] 2.2.13.1) */
    char redirection_target[WHY_TEXT_MAX];
    char redirection_certificate[65]; /* SHA-256 of the one that the target is to show; "": none */

    struct why_session_facts session;

    /* RDP over UDP: of the same hosts, in a capture; or asked for (--udp) behind this attempt. */
    enum why_udp udp;
    unsigned udp_version;   /* of the last datagram, [MS-RDPEUDP] 2.2.2.9: 1 to 3; 0: not known */
    unsigned udp_datagrams; /* the client's SYNs; at most those that a capture's reader keeps */
    uint64_t udp_first_us, udp_last_us; /* of these */
    uint64_t udp_ended_us;              /* the answer, ICMP's, or the end of waiting; 0: none */

    const char *last_sent;      /* name of the last PDU or record sent; NULL: none; static */
    const char *last_received;  /* the same, received */
    const char *other_protocol; /* not RDP: what the bytes look like; NULL: they are RDP; static */
    size_t connections;         /* TCP connections that were opened */
};

/*
 * Reads |trace| once: what it tells of the server and how the attempt ended. A trace that just
 * stops (no ending event) has a verdict too: outcome `failed`, `client-error`. |other|, NULL or
 * facts about the same host, changes nothing of what comes out: a certificate that was read before
 * is not parsed again. |*reading|, unless |reading| is NULL, is what the trace's bytes are
 * (why_reading_free). Returns WHY_OK or WHY_ERR_NOMEM (then |*facts| and |*reading| are empty).
 */
int why_trace_judge(const struct why_trace *trace, const struct why_facts *other,
                    struct why_facts *facts, struct why_verdict *verdict,
                    struct why_reading **reading);

/* Frees what |facts| owns and clears it; takes NULL. */
void why_facts_clear(struct why_facts *facts);

/*
 * |seconds| in whole days, rounded down. Every report tells the days that a certificate has left,
 * or has been over for, with it: a certificate that ended an hour ago has -1 days left and has been
 * over for 0.
 */
int64_t why_whole_days(int64_t seconds);

/*
 * Strength of a certificate's key ("RSA 2048", "EC prime256v1") in bits of an RSA key, compared as
 * NIST SP 800-57 part 1, table 2 does; negative: not known.
 */
int why_key_strength(const char *key);

/* "TLSv1.2" as 12, "TLSv1" as 10, "SSLv3" as 3; negative: not known. */
int why_tls_version_number(const char *version);

/* "valid-client", "issued", …; "none" for NONE. */
/* Static, "answered"; NULL where nothing is known. */
const char *why_udp_name(enum why_udp udp);
const char *why_license_result_name(enum why_license_result result);

/* One step carried out: frozen before it leaves the attempt. */
struct why_result {
    const struct why_target *target; /* lives as long as the run */
    struct why_step step;
    size_t ordinal; /* of the step in the host's plan, from 1 */
    struct why_trace *trace;
    struct why_reading *reading; /* of the trace (progress/reading.h) */
    struct why_facts facts;
    struct why_captured *captured; /* of a capture (captured.h); NULL: nothing is known; owned */
    struct why_verdict verdict;
    bool proven_elsewhere;  /* another attempt at the host proved the account with Kerberos */
    enum why_answer answer; /* the attempt's by itself until its host is diagnosed: only TLS_VERSION
                               becomes another then */
    /* A step that was tried a second time, with one variation or just again, keeps the first try;
     * one that was redirected (why_is_hop) what redirected it, which may have been so, too; else
     * NULL. */
    struct why_result *first_try;
    /* What came of a TLS ClientHello without a Connection Request, where the latter got no answer:
     * of one attempt a host; else NULL. */
    struct why_result *tls_first;
};

/*
 * Makes a result of |trace| (taken over, also on failure): decodes the facts and computes the
 * verdict and the answer. |other|, NULL or a result of the same target, only saves work
 * (why_trace_judge). Returns NULL when out of memory.
 */
struct why_result *why_result_new(const struct why_target *target, const struct why_step *step,
                                  size_t ordinal, struct why_trace *trace,
                                  const struct why_result *other);
struct why_authorities;

/*
 * Judges the chain that the server sent, as of the attempt's time, against the authorities of
 * |trust| (trust.h), NULL: not at all. What of it cannot be judged stays unknown. Returns WHY_OK or
 * WHY_ERR_NOMEM.
 */
int why_result_judge_trust(struct why_result *result, const struct why_authorities *trust);
/* Memory is for results that are still to be told in full: of this one there is what was found out,
 * and of its trace the head alone. WHY_OK or WHY_ERR_NOMEM. */
int why_result_slim(struct why_result *result);
/* Frees the result with its first try; takes NULL. */
void why_result_free(struct why_result *result);

/*
 * Which variation the result asks to be tried: the ending is one that a known quirk of servers
 * explains, and the variation would show it. NONE for nearly all.
 */
enum why_variation why_variation_due(const struct why_result *result);

/*
 * An end that may be chance: no word of the server's explains it. It may be tried again, unless
 * that would cost more than a connection: an account was sent, or a license issued.
 */
bool why_is_odd(const struct why_result *result);

/*
 * Of the results of a host, all of which are there, the index of the one that is to be tried again
 * before a finding rests on it: it is odd, and no other attempt ended like it. Of offers that got
 * no answer where others did, the first is. |count| where there is none.
 */
size_t why_second_try_due(struct why_result *const *results, size_t count);

/* Whether a redirection was followed to get there. */
bool why_is_hop(const struct why_result *result);
/* The host's own attempt: where the redirections began. */
const struct why_result *why_before_hops(const struct why_result *result);

/* Whether a TLS ClientHello could tell what closed the connection: it gave the request no answer.
 */
bool why_wants_tls_first(const struct why_result *result);

/* The first try of a result that was just tried again; NULL: it was not. */
const struct why_result *why_first_of_two(const struct why_result *result);

struct why_result;

/*
 * What an attempt says of the server: one answer (vocab.h), which rules, host states, requirements,
 * differences and reports all read in the result. Pure.
 */

/*
 * The answer of |result| by itself, from its step, verdict, facts and the head of its trace; that
 * of a saved run has no trace and few facts.
 */
enum why_answer why_answer_of(const struct why_result *result);

/* Another attempt at the host proved the account with Kerberos: what |result| says then. */
void why_result_proven(struct why_result *result);

/*
 * A TLS version that fails by itself, however rudely, is off by policy while one works that current
 * clients have. Whether an attempt shows one that does:
 */
bool why_answer_shows_tls(enum why_answer answer, enum why_profile profile,
                          const char *tls_version);
/* TLS_VERSION made POLICY where one works and FAULT where none does; every other as it is. */
enum why_answer why_answer_settle(enum why_answer answer, bool tls_works);

/*
 * Gives all results of a host their answers, settled. Returns what TLS_VERSION became, or
 * TLS_VERSION where it is none's.
 */
enum why_answer why_answers_settle(struct why_result *const *results, size_t count);

/* The security that the profile offers was let in; what came later does not matter. */
bool why_offer_is_accepted(enum why_profile profile, enum why_outcome outcome,
                           enum why_phase phase);

/* A redirection that names no server, nor a routing token to come back with. */
bool why_is_redirected_nowhere(const struct why_result *result);
/* After as many redirections as are followed comes another. */
bool why_is_redirected_endlessly(const struct why_result *result);

/* RDP_NEG_FAILURE HYBRID_REQUIRED_BY_SERVER: the server insists on Network Level Authentication. */
bool why_nla_is_required(enum why_ending ending, int64_t code);

#endif /* !defined(RDPWHY_RESULT_H) */
