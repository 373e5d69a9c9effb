/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_H
#define RDPWHY_PEER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/vocab.h>

/*
 * The fault server: real handshakes up to the point where a fault from one constant table is
 * injected. A simulation of broken servers, for tests and demonstrations only.
 */

struct peer_conn;
struct peer_fault;

/* Who speaks: libfreerdp-server, or bytes written by hand. */
enum peer_engine { PEER_SERVER, PEER_RESPONDER };

enum peer_security { PEER_SEC_RDP, PEER_SEC_TLS, PEER_SEC_NLA, PEER_SEC_NLA_EXT, PEER_SEC_ANY };

/* What the client needs in order to get as far as the fault. */
enum peer_credentials { PEER_CRED_NONE, PEER_CRED_RIGHT, PEER_CRED_WRONG };

/* Where in the handshake the injection happens. AT_: the client's PDU has been read and is not yet
 * answered. BEFORE_: the server's PDU is ready and not yet sent. */
enum peer_moment {
    PEER_NEVER,
    AT_ACCEPT,
    AT_REQUEST,
    BEFORE_CONFIRM,
    AT_CLIENT_HELLO,
    AT_NTLM_NEGOTIATE,
    BEFORE_NTLM_CHALLENGE,
    AT_NTLM_AUTHENTICATE,
    BEFORE_PUB_KEY_AUTH,
    AT_AUTH_INFO,
    AT_CONNECT_INITIAL,
    BEFORE_CONNECT_RESPONSE,
    AT_ERECT_DOMAIN,
    AT_ATTACH_USER,
    BEFORE_ATTACH_CONFIRM,
    AT_JOIN,
    BEFORE_JOIN_CONFIRM,
    AT_SECURITY_EXCHANGE,
    AT_CLIENT_INFO,
    BEFORE_LICENSE,
    BEFORE_DEMAND_ACTIVE,
    AT_CONFIRM_ACTIVE,
    BEFORE_SYNCHRONIZE,
    BEFORE_COOPERATE,
    AT_SYNCHRONIZE,
    AT_COOPERATE,
    AT_REQUEST_CONTROL,
    AT_KEY_LIST, /* Persistent Key List, of which there may be several or none */
    AT_FONT_LIST,
    BEFORE_GRANTED,
    BEFORE_FONT_MAP,
    AT_OTHER,
    BEFORE_OTHER,
    PEER_MOMENT_COUNT
};

/* How the connection ends once the injection is done. */
enum peer_end { END_NOT, END_FIN, END_RST, END_SILENCE };

/* A PDU on its way; an act may change its bytes within |len|. */
struct peer_pdu {
    uint8_t *data;
    size_t len;
};

/* What an act wants done with the PDU in hand. SPARE is SWALLOW without the row's end: this client
 * did not come as far as the fault. */
enum peer_result { PEER_PASS, PEER_SWALLOW, PEER_SPARE, PEER_OVER };

typedef enum peer_result (*peer_act)(struct peer_conn *conn, struct peer_pdu *pdu);
typedef void (*peer_script)(struct peer_conn *conn);

/* What the server is like, apart from the fault; zero is the default of each. */
struct peer_setup {
    const char *certificate; /* file name without ending; NULL: rdp or server, by security */
    const char *key;         /* the same; NULL: as |certificate| */
    uint16_t tls_min, tls_max;
    uint32_t encryption_level; /* Standard RDP Security; 0: client compatible */
    bool rdstls;               /* takes what a broker gives to its clients, too */
    bool restricted_admin;     /* offers Restricted Admin mode */
    bool remote_guard;         /* offers Remote Credential Guard */
    bool skip_join;            /* RNS_UD_SC_SKIP_CHANNELJOIN_SUPPORTED */
};

/* After which message the license exchange stops, for what the row has in mind next. */
enum license_stop {
    LICENSE_NO_STOP,
    LICENSE_AT_REQUEST, /* LICENSE_REQUEST has been sent */
    LICENSE_AT_ANSWER,  /* NEW_LICENSE_REQUEST or LICENSE_INFO has come */
    LICENSE_AT_INFO,    /* LICENSE_INFO has come; a client without a license gets one */
    LICENSE_AT_RESPONSE /* PLATFORM_CHALLENGE_RESPONSE has come */
};

/* What is wrong with the server's license messages. */
enum license_flaw {
    LICENSE_NO_FLAW,
    LICENSE_NO_CERTIFICATE,     /* an empty certificate blob */
    LICENSE_BROKEN_CERTIFICATE, /* a chain of one certificate that is none */
    LICENSE_LONG_CHAIN,         /* a chain of 2^32 - 1 certificates in 20 bytes */
    LICENSE_LARGE_CERTIFICATE,  /* nothing: a chain that fills the PDU */
    LICENSE_BLOB_TOO_LONG,      /* a certificate blob of 65,535 bytes, of which few are there */
    LICENSE_SCOPES_TOO_MANY,    /* 2^32 - 1 scopes, of which one is there */
    LICENSE_CHALLENGE_MAC,
    LICENSE_CHALLENGE_TOO_LONG, /* the challenge's blob goes beyond its PDU */
    LICENSE_LICENSE_MAC,
    LICENSE_LICENSE_TOO_LONG /* the license's blob goes beyond its PDU */
};

struct peer_licensing {
    enum license_stop stop;
    enum license_flaw flaw;
    bool upgrade;     /* a good license is upgraded, not just acknowledged */
    bool auto_detect; /* a round-trip request before each message but the first */
    uint8_t preamble; /* flags of the preamble; 0: version 3.0 */
};

struct peer_expect {
    enum why_outcome outcome;
    enum why_phase phase;
    enum why_ending ending;
    enum why_closer closed_by;
    enum why_code_space space; /* WHY_SPACE_COUNT: no code */
    int64_t code;
    bool has_mstsc; /* the server sends the code itself: basis "documented" */
    uint32_t mstsc, extended;
};

/* What else is to be said, and what not. */
struct peer_words {
    const char *remark;      /* words that the attempt's record holds; NULL: not asserted */
    const char *no_findings; /* findings that there must not be, separated by commas; NULL */
};

/* What licensing comes to. */
struct peer_license_expect {
    const char *step;     /* where in its phase it ended; NULL: not asserted */
    const char *messages; /* their names, separated by commas; NULL: not asserted */
    uint32_t transition;  /* of the ERROR_ALERT that ended it; 0: not asserted */
};

struct peer_fault {
    const char *name;
    const char *what;
    enum peer_engine engine;
    enum peer_security security;
    enum why_profile profile;
    enum why_license_mode license_mode;
    bool stored;       /* the client is to have been here before, and to have kept its license */
    const char *until; /* NULL: active */
    enum peer_credentials credentials;
    struct peer_setup setup;
    enum peer_moment moment;
    unsigned nth; /* the how manieth PDU of that moment; 0 and 1: the first */
    peer_act act; /* NULL: nothing but |end| */
    peer_script script;
    enum peer_end end;
    uint32_t value, value2; /* the act's or script's numbers */
    const char *bytes;      /* the act's or script's bytes */
    size_t bytes_len;
    struct peer_licensing licensing;
    struct peer_expect expect;
    struct peer_license_expect license;
    struct peer_words words;
};

extern const struct peer_fault peer_faults[];
extern const size_t peer_fault_count;

/* The row of that name, or NULL. */
const struct peer_fault *peer_fault_find(const char *name);

/* Prints the table as TSV with a header line. Returns 0, or -1 where stdout fails. */
int peer_list(void);

struct peer_options {
    const char *bind; /* numeric address */
    uint16_t port;
    const char *fault;    /* NULL: all */
    const char *scenario; /* in place of |fault|; NULL: none */
    bool list, list_scenarios, quiet, until_stdin_closes, dump_client;
    const char *certificate, *key; /* instead of the default pair; NULL: fixtures */
    const char *certificates;      /* folder */
    const char *user, *password_file;
    bool mutate; /* with the seed |seed| and what the address adds to it */
    unsigned seed;
    unsigned log_level; /* 0: libfreerdp's log is off */
};

/* Parses argv. Returns 0, 1 (--help was asked for and printed) or -1 (usage error, printed). */
int peer_options_parse(struct peer_options *options, int argc, char **argv);

#endif /* !defined(RDPWHY_PEER_H) */
