/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_FACTS_H
#define RDPWHY_FACTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/pdu.h>

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
};

struct why_facts {
    char *address; /* really used, without port; NULL: TCP was never up; owned */
    uint16_t port;
    uint64_t bytes_sent, bytes_received;

    bool has_request; /* X.224 Connection Request */
    uint32_t requested_protocols;
    bool has_confirm;          /* Connection Confirm without failure */
    bool has_negotiation_data; /* false: the 11-byte confirm of an old server */
    uint32_t selected_protocol;
    uint8_t negotiation_flags;

    char *tls_version, *tls_cipher; /* NULL: unknown; owned */
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
    bool wants_kerberos;  /* the server selected Kerberos where NTLM was offered */
    unsigned finalized;   /* WHY_FINAL_ bits (progress.h): what came before Font Map */
    bool has_font_map;

    bool has_server_core;
    uint32_t server_version;
    bool has_server_security;
    uint32_t encryption_method, encryption_level;
    bool has_desktop;
    uint16_t desktop_width, desktop_height;

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
    char redirection_target[WHY_TEXT_MAX];

    const char *last_sent;     /* name of the last PDU or record sent; NULL: none; static */
    const char *last_received; /* the same, received */
    const char *foreign;       /* not RDP: what the bytes look like; NULL: they are RDP; static */
    size_t connections;        /* TCP connections that were opened */
};

/*
 * Fills |*facts| from |trace|. |other|, NULL or facts about the same host, changes nothing of what
 * comes out: a certificate that was read before is not parsed again. Returns WHY_OK or
 * WHY_ERR_NOMEM (then |*facts| is empty).
 */
int why_facts_from_trace(const struct why_trace *trace, const struct why_facts *other,
                         struct why_facts *facts);

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
const char *why_license_result_name(enum why_license_result result);

#endif /* !defined(RDPWHY_FACTS_H) */
