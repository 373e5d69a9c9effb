/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PDU_H
#define RDPWHY_PDU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/vocab.h>

/*
 * Bytes in, named PDUs out. Pure: no socket, no clock, no libfreerdp, no allocation. The dissector
 * is fed whole PDUs of both directions in the order in which they passed; live attempts, recorded
 * traces and captures run the same code. Every length is checked against the bytes that are there.
 */

/* [MS-RDPBCGR] 2.2.1.1.1 requestedProtocols, 2.2.1.2.1 selectedProtocol */
#define WHY_PROTOCOL_RDP       0x00u
#define WHY_PROTOCOL_SSL       0x01u
#define WHY_PROTOCOL_HYBRID    0x02u
#define WHY_PROTOCOL_RDSTLS    0x04u
#define WHY_PROTOCOL_HYBRID_EX 0x08u
#define WHY_PROTOCOL_RDSAAD    0x10u

/* TLS versions, RFC 8446 4.2.1 and appendix D */
#define WHY_TLS_1_0 0x0301
#define WHY_TLS_1_1 0x0302
#define WHY_TLS_1_2 0x0303
#define WHY_TLS_1_3 0x0304

/* [MS-RDPBCGR] 2.2.1.2.2 failureCode */
#define WHY_NEG_SSL_REQUIRED    1
#define WHY_NEG_SSL_NOT_ALLOWED 2
#define WHY_NEG_HYBRID_REQUIRED 5

/* RFC 8446, 6.2; close_notify is 6.1's */
#define WHY_TLS_ALERT_CLOSE_NOTIFY      0
#define WHY_TLS_ALERT_HANDSHAKE_FAILURE 40
#define WHY_TLS_ALERT_PROTOCOL_VERSION  70
#define WHY_TLS_ALERT_INTERNAL_ERROR    80
#define WHY_TLS_ALERT_UNRECOGNIZED_NAME 112

enum why_dir { WHY_DIR_SENT, WHY_DIR_RECEIVED }; /* seen from the client */

enum why_pdu_type {
    WHY_PDU_UNKNOWN,
    /* TLS, raw side (RFC 5246, RFC 8446) */
    WHY_PDU_TLS_CLIENT_HELLO,
    WHY_PDU_TLS_SERVER_HELLO,
    WHY_PDU_TLS_HELLO_RETRY_REQUEST,
    WHY_PDU_TLS_CERTIFICATE,
    WHY_PDU_TLS_SERVER_KEY_EXCHANGE,
    WHY_PDU_TLS_CERTIFICATE_REQUEST,
    WHY_PDU_TLS_SERVER_HELLO_DONE,
    WHY_PDU_TLS_CLIENT_KEY_EXCHANGE,
    WHY_PDU_TLS_CHANGE_CIPHER_SPEC,
    WHY_PDU_TLS_NEW_SESSION_TICKET,
    WHY_PDU_TLS_HANDSHAKE, /* any other handshake message in the clear */
    WHY_PDU_TLS_ENCRYPTED, /* a handshake record that is encrypted already, or application data */
    WHY_PDU_TLS_ALERT,
    WHY_PDU_PRECONNECTION, /* [MS-RDPEPS] 2.2.1 */
    /* X.224 ([MS-RDPBCGR] 2.2.1.1, 2.2.1.2) */
    WHY_PDU_X224_CONNECTION_REQUEST,
    WHY_PDU_X224_CONNECTION_CONFIRM,
    WHY_PDU_RDP_NEG_FAILURE,
    WHY_PDU_X224_DISCONNECT_REQUEST,
    WHY_PDU_X224_ERROR,
    /* CredSSP ([MS-CSSP] 2.2.1), named after what the TSRequest carries */
    WHY_PDU_TSREQUEST_NEGOTIATE,    /* NTLM NEGOTIATE, bare or in SPNEGO */
    WHY_PDU_TSREQUEST_CHALLENGE,    /* NTLM CHALLENGE */
    WHY_PDU_TSREQUEST_AUTHENTICATE, /* NTLM AUTHENTICATE, mostly with pubKeyAuth */
    WHY_PDU_TSREQUEST_TOKEN,        /* any other negoToken (SPNEGO, Kerberos) */
    WHY_PDU_TSREQUEST_PUB_KEY_AUTH, /* pubKeyAuth without a negoToken */
    WHY_PDU_TSREQUEST_AUTH_INFO,    /* authInfo: the delegated credentials */
    WHY_PDU_TSREQUEST_ERROR,        /* errorCode */
    WHY_PDU_TSREQUEST_OTHER,
    WHY_PDU_EARLY_USER_AUTH_RESULT, /* [MS-RDPBCGR] 2.2.10.2 */
    /* RDSTLS ([MS-RDPBCGR] 2.2.17) */
    WHY_PDU_RDSTLS_CAPABILITIES,
    WHY_PDU_RDSTLS_AUTHENTICATION_REQUEST,
    WHY_PDU_RDSTLS_AUTHENTICATION_RESPONSE,
    /* RDS AAD Auth ([MS-RDPBCGR] 2.2.18) */
    WHY_PDU_AAD_SERVER_NONCE,
    WHY_PDU_AAD_AUTHENTICATION_REQUEST,
    WHY_PDU_AAD_AUTHENTICATION_RESULT,
    /* MCS (T.125; [MS-RDPBCGR] 2.2.1.3 to 2.2.1.9) */
    WHY_PDU_MCS_CONNECT_INITIAL,
    WHY_PDU_MCS_CONNECT_RESPONSE,
    WHY_PDU_MCS_ERECT_DOMAIN_REQUEST,
    WHY_PDU_MCS_ATTACH_USER_REQUEST,
    WHY_PDU_MCS_ATTACH_USER_CONFIRM,
    WHY_PDU_MCS_CHANNEL_JOIN_REQUEST,
    WHY_PDU_MCS_CHANNEL_JOIN_CONFIRM,
    WHY_PDU_MCS_DISCONNECT_PROVIDER_ULTIMATUM,
    /* security commencement and secure settings ([MS-RDPBCGR] 2.2.1.10, 2.2.1.11) */
    WHY_PDU_SECURITY_EXCHANGE,
    WHY_PDU_CLIENT_INFO,
    /* message channel ([MS-RDPBCGR] 2.2.14, 2.2.15, 2.2.16) */
    WHY_PDU_AUTO_DETECT_REQUEST,
    WHY_PDU_AUTO_DETECT_RESPONSE,
    WHY_PDU_NETWORK_CHARACTERISTICS_RESULT, /* the last auto-detect PDU of a series */
    WHY_PDU_INITIATE_MULTITRANSPORT_REQUEST,
    WHY_PDU_MULTITRANSPORT_RESPONSE,
    WHY_PDU_HEARTBEAT,
    /* licensing ([MS-RDPELE] 2.2.2; [MS-RDPBCGR] 2.2.1.12) */
    WHY_PDU_LICENSE_REQUEST,
    WHY_PDU_LICENSE_PLATFORM_CHALLENGE,
    WHY_PDU_LICENSE_NEW_LICENSE,
    WHY_PDU_LICENSE_UPGRADE_LICENSE,
    WHY_PDU_LICENSE_INFO,
    WHY_PDU_LICENSE_NEW_LICENSE_REQUEST,
    WHY_PDU_LICENSE_PLATFORM_CHALLENGE_RESPONSE,
    WHY_PDU_LICENSE_ERROR_ALERT,  /* a license error */
    WHY_PDU_LICENSE_VALID_CLIENT, /* an ERROR_ALERT with STATUS_VALID_CLIENT: success */
    WHY_PDU_LICENSE_UNKNOWN,
    /* share control and share data ([MS-RDPBCGR] 2.2.8.1.1) */
    WHY_PDU_DEMAND_ACTIVE,
    WHY_PDU_CONFIRM_ACTIVE,
    WHY_PDU_DEACTIVATE_ALL,
    WHY_PDU_SERVER_REDIRECTION,
    WHY_PDU_SYNCHRONIZE,
    WHY_PDU_CONTROL_REQUEST,
    WHY_PDU_CONTROL_GRANTED,
    WHY_PDU_CONTROL_DETACH,
    WHY_PDU_CONTROL_COOPERATE,
    WHY_PDU_PERSISTENT_KEY_LIST,
    WHY_PDU_FONT_LIST,
    WHY_PDU_FONT_MAP,
    WHY_PDU_SET_ERROR_INFO, /* with a code other than ERRINFO_NONE */
    WHY_PDU_SET_ERROR_INFO_NONE,
    WHY_PDU_SAVE_SESSION_INFO,
    WHY_PDU_STATUS_INFO,
    WHY_PDU_MONITOR_LAYOUT,
    WHY_PDU_SHUTDOWN_REQUEST,
    WHY_PDU_SHUTDOWN_DENIED,
    WHY_PDU_SHARE_DATA, /* any other share data PDU */
    WHY_PDU_FAST_PATH,
    WHY_PDU_CHANNEL_DATA, /* static virtual channel traffic */
    WHY_PDU_ENCRYPTED,    /* Standard RDP Security; what is inside is not known */
    WHY_PDU_TYPE_COUNT
};

/* What a PDU means for the handshake. */
enum why_pdu_role {
    WHY_ROLE_REGULAR, /* part of the handshake: confirms what |confirms| says */
    WHY_ROLE_ERROR,   /* ends the handshake in the protocol's own words: confirms nothing */
    WHY_ROLE_NEUTRAL  /* may pass at any time: confirms nothing, ends nothing */
};

/* One row per PDU type. */
struct why_pdu_info {
    const char *name;        /* as people and JSON read it */
    enum why_phase phase;    /* the phase it belongs to; WHY_PHASE_NONE: none of its own */
    enum why_phase confirms; /* received: this and all earlier phases are confirmed */
    enum why_pdu_role role;  /* when received */
    bool clients;            /* only clients send it */
};

/* The row of |type|, never NULL. */
const struct why_pdu_info *why_pdu_info(enum why_pdu_type type);

/* The type whose row has this name, or WHY_ERR_NOTFOUND. */
int why_pdu_find(const char *name);

#define WHY_TEXT_MAX 256 /* bytes of a decoded text, with its NUL */

/* [MS-NLMP] 2.2.1.2 CHALLENGE_MESSAGE and its target information. Empty text: not sent. */
struct why_ntlm_challenge {
    char target[WHY_TEXT_MAX];
    char netbios_computer[WHY_TEXT_MAX];
    char netbios_domain[WHY_TEXT_MAX];
    char dns_computer[WHY_TEXT_MAX];
    char dns_domain[WHY_TEXT_MAX];
    char dns_forest[WHY_TEXT_MAX];
    uint32_t negotiate_flags;
    bool has_version;
    uint8_t major, minor;
    uint16_t build;
    bool has_timestamp;
    uint64_t timestamp; /* FILETIME: 100 ns since 1601-01-01 UTC */
};

/* License, [MS-RDPELE] 2.2.2: what a message says in the clear. */
struct why_license_message {
    uint8_t message;     /* bMsgType */
    uint8_t flags;       /* preamble flags: low nibble version, 0x80 extended error */
    uint16_t size;       /* wMsgSize */
    uint32_t error_code; /* ERROR_ALERT: dwErrorCode */
    uint32_t transition; /* ERROR_ALERT: dwStateTransition */
    uint32_t version;    /* LICENSE_REQUEST: ProductInfo.dwVersion */
    char company[WHY_TEXT_MAX];
    char product[WHY_TEXT_MAX];
    bool has_certificate;
    bool certificate_is_chain; /* X.509 chain, not a proprietary certificate */
    uint32_t certificate_size;
    uint32_t certificate_count; /* of the chain */
    uint32_t scope_count;
    char scope[WHY_TEXT_MAX]; /* the first scope */
};

#define WHY_SENSITIVE_MAX 4

/* Of an MCS Connect Response: what T.125 leaves to the server. */
struct why_mcs_choices {
    uint32_t connect_id; /* calledConnectId */
    uint32_t max_channels, max_users, max_pdu_size;
};

#define WHY_CAPABILITY_SETS_MAX 32

/* Of a Demand Active PDU ([MS-RDPBCGR] 2.2.1.13.1.1): the types of its capability sets in the order
 * in which they came, as far as there is room. */
struct why_capability_order {
    uint16_t types[WHY_CAPABILITY_SETS_MAX];
    size_t count;
};

/* A decoded PDU. Which members of |u| are set depends on |type|; see each. */
struct why_pdu {
    enum why_pdu_type type;
    bool malformed;      /* recognised, but its inside contradicts the specification */
    const char *problem; /* malformed or unknown: what is wrong, static text; else NULL */
    bool oversized;      /* it announces more than it can hold: not for a reader that believes it */
    uint16_t channel_id; /* MCS send data: the channel; else 0 */
    uint16_t security_flags; /* the security header's flags where there is one */
    bool encrypted;          /* the security header said SEC_ENCRYPT */
    /* Byte ranges of the input that may hold secrets (Client Info, credentials, NTLM responses,
     * passwords of a redirection): a recorder overwrites them with zeros. */
    size_t sensitive_count;
    struct {
        size_t offset, length;
    } sensitive[WHY_SENSITIVE_MAX];
    union {
        struct { /* PRECONNECTION */
            uint32_t version, id;
            char blob[WHY_TEXT_MAX];
        } preconnection;
        struct { /* X224_CONNECTION_REQUEST */
            bool has_negotiation;
            uint32_t protocols; /* requestedProtocols */
            uint8_t flags;
            bool has_cookie; /* "Cookie: mstshash=" */
            bool has_token;  /* another routing token */
        } request;
        struct {                  /* X224_CONNECTION_CONFIRM, RDP_NEG_FAILURE */
            bool has_negotiation; /* FALSE: an 11-byte confirm of an old server */
            uint16_t source;      /* SRC-REF (X.224 13.4), which RDP gives no meaning */
            uint32_t protocol;    /* selectedProtocol */
            uint8_t flags;
            uint32_t failure_code;
        } confirm;
        struct {          /* CLIENT_INFO in the clear */
            bool logs_on; /* INFO_AUTOLOGON: the account that comes with it is tried at once */
        } client_info;
        struct { /* TLS_ALERT */
            uint8_t level, description;
        } alert;
        struct {              /* TLS_CLIENT_HELLO, TLS_SERVER_HELLO, TLS_HELLO_RETRY_REQUEST */
            uint16_t version; /* ServerHello: the version selected, supported_versions respected */
            uint16_t cipher;  /* ServerHello: the cipher suite */
            char server_name[WHY_TEXT_MAX]; /* ClientHello: SNI */
        } hello;
        struct { /* TLS_CERTIFICATE in the clear (up to TLS 1.2): the first certificate */
            size_t der_offset, der_length; /* within the input */
        } tls_certificate;
        struct { /* TSREQUEST_* */
            uint32_t version;
            bool has_error;
            uint32_t error_code; /* NTSTATUS */
            bool has_spnego;     /* a NegTokenResp with a negState (RFC 4178 4.2.2) */
            uint32_t nego_state; /* 0 accept-completed, 1 accept-incomplete, 2 reject, 3 request-mic
                                  */
            enum why_package package; /* what SPNEGO offers first, or selects; ANY: not told */
            bool has_proof;           /* pubKeyAuth */
            bool ap_req;              /* sent: Kerberos' AP-REQ, the proof of the account */
            bool has_krb_error;       /* received: a KRB-ERROR (RFC 4120 5.9.1) */
            uint32_t krb_error;
            bool empty_answer; /* received: zeros in answer to an AP-REQ, FreeRDP's way to refuse it
                                */
            size_t tgt_offset, tgt_length; /* received: the server's ticket, within the input */
            size_t inner_offset; /* sent: behind the header of the Kerberos message; 0: none */
            bool wants_kerberos; /* it selects Kerberos in answer to NTLM */
            bool has_challenge;
            struct why_ntlm_challenge challenge;
        } tsrequest;
        uint32_t early_user_auth; /* EARLY_USER_AUTH_RESULT */
        uint32_t rdstls_result;   /* RDSTLS_AUTHENTICATION_RESPONSE: 0 is success */
        struct {                  /* AAD_AUTHENTICATION_RESULT */
            bool has_result;
            int64_t result; /* 0 is success */
        } aad;
        struct {            /* MCS_CONNECT_RESPONSE */
            uint8_t result; /* 0: rt-successful */
            bool has_choices;
            struct why_mcs_choices choices;
            bool has_core;
            uint32_t version;
            bool has_requested_protocols;
            uint32_t requested_protocols;
            bool has_early_flags;
            uint32_t early_flags; /* earlyCapabilityFlags */
            bool has_security;
            uint32_t encryption_method;
            uint32_t encryption_level;
            bool has_certificate; /* proprietary certificate or X.509 chain of RDP security */
            bool certificate_is_chain;
            bool has_network;
            uint16_t io_channel;
            uint16_t channel_count;
            bool has_message_channel;
            uint16_t message_channel;
            bool has_multitransport;
            uint32_t multitransport; /* flags of the Server Multitransport Channel Data */
        } connect_response;
        struct { /* MCS_CONNECT_INITIAL */
            uint16_t channel_count;
            uint16_t early_flags;
            bool skip_channel_join; /* RNS_UD_CS_SUPPORT_SKIP_CHANNELJOIN offered */
        } connect_initial;
        struct { /* MCS_ATTACH_USER_CONFIRM, MCS_CHANNEL_JOIN_REQUEST, MCS_CHANNEL_JOIN_CONFIRM */
            uint8_t result;     /* 0: rt-successful */
            bool has_initiator; /* ATTACH_USER_CONFIRM */
            uint16_t initiator;
            uint16_t channel;
            bool last; /* JOIN_CONFIRM: it answers the last join that is to be expected;
                        * ATTACH_USER_CONFIRM: no join is to be expected (skipped by agreement) */
        } mcs;
        uint8_t ultimatum_reason; /* MCS_DISCONNECT_PROVIDER_ULTIMATUM: T.125 Reason, 0 to 4 */
        struct {                  /* AUTO_DETECT_*, NETWORK_CHARACTERISTICS_RESULT */
            uint16_t sequence;
            uint16_t type;
        } auto_detect;
        struct { /* INITIATE_MULTITRANSPORT_REQUEST, MULTITRANSPORT_RESPONSE */
            uint32_t id;
            uint16_t protocol; /* request: 1 reliable UDP, 2 lossy UDP */
            uint32_t result;   /* response: HRESULT */
        } multitransport;
        struct why_license_message license;
        struct { /* DEMAND_ACTIVE */
            uint32_t share_id;
            uint16_t capability_sets;
            struct why_capability_order order;
            bool has_desktop;
            uint16_t desktop_width, desktop_height;
        } demand_active;
        uint32_t error_info; /* SET_ERROR_INFO* */
        struct {             /* SAVE_SESSION_INFO, [MS-RDPBCGR] 2.2.10.1 */
            bool logged_on;  /* it tells of a logon (2.2.10.1.1: Logon Info, Plain Notify) */
            bool has_cookie; /* the auto-reconnect cookie came with it */
            bool has_error;  /* a Logon Errors Info, which may be a notice */
            uint32_t notice_type, notice_data; /* ErrorNotificationType and -Data */
        } save_session;
        uint32_t status_info; /* STATUS_INFO: statusCode, 2.2.5.2 */
        struct {              /* SERVER_REDIRECTION */
            uint32_t session_id;
            uint32_t flags; /* RedirFlags */
            char target_address[WHY_TEXT_MAX];
            char target_fqdn[WHY_TEXT_MAX];
            char target_netbios[WHY_TEXT_MAX];
            size_t offset, length; /* of the packet within the input, from its Flags on; 0: it
                                      cannot be read to its end */
        } redirection;
        struct { /* share control and share data PDUs not named above */
            uint16_t control_type;
            uint8_t data_type;
        } share;
    } u;
};

/* What the dissector has learned of a connection so far. Storage by the caller, plain data. */
struct why_dissector {
    uint32_t requested_protocols;
    uint32_t selected_protocol;
    bool confirmed;    /* a Connection Confirm was seen */
    bool preconnected; /* the client has sent a preconnection PDU */
    bool asked;        /* the client has sent a Connection Request */
    bool direct;       /* TLS came without a Connection Request ([MS-RDPBCGR] 5.4.2.2); behind a
                          preconnection PDU CredSSP follows, as to a console of Hyper-V */
    bool rdp_security; /* Standard RDP Security: security headers on every PDU */
    uint32_t encryption_method; /* 0: none */
    bool credssp_over;          /* no more TSRequests: the last one, or the result PDU, was seen */
    bool ntlm_begun;            /* the client has sent NTLM NEGOTIATE */
    bool ap_req_sent;           /* the client has sent a Kerberos ticket */
    bool client_sent_auth_info;
    bool rdstls_over;
    bool aad_over;
    bool security_exchange_sent;
    bool client_info_sent;
    bool licensing_over;
    uint16_t user_channel;
    uint16_t io_channel;
    uint16_t message_channel;
    uint16_t joins_expected;
    uint16_t joins_confirmed;
    bool skip_join_offered; /* RNS_UD_CS_SUPPORT_SKIP_CHANNELJOIN was in the Connect Initial */
    bool joins_skipped;     /* and the server agreed: no channel joins will follow */
    bool tls_encrypted[2];  /* per direction: ChangeCipherSpec, or TLS 1.3's ServerHello, has passed
                             */
    bool tls13;
    uint32_t tls_rest[2]; /* per direction: bytes of a handshake message in records to come */
};

void why_dissector_init(struct why_dissector *d);

#define WHY_DISSECT_DECRYPTED 1u /* the PDU's encrypted part has been decrypted in place */

/* One whole PDU above TLS. */
struct why_passed {
    enum why_dir dir;
    unsigned flags; /* WHY_DISSECT_ */
    const uint8_t *data;
    size_t len;
};

/*
 * Decodes one whole PDU above TLS. |data| is all of it, header included. |*out| is always filled,
 * with type UNKNOWN or malformed set where bytes are hostile: they are no error of ours. Updates
 * |d|. A slow-path PDU may hold several share control PDUs: |out| names the first that is not
 * NEUTRAL; why_dissect_next gives the others.
 */
void why_dissect(struct why_dissector *d, enum why_dir dir, const uint8_t *data, size_t len,
                 unsigned flags, struct why_pdu *out);

/*
 * The same for the share control PDU that starts at |*offset| of what passed (0 the first time,
 * which is the same as why_dissect but strictly the first PDU). Advances |*offset|; sets it to
 * |len| after the last. For PDUs that cannot be chained it yields one.
 */
void why_dissect_next(struct why_dissector *d, const struct why_passed *passed, size_t *offset,
                      struct why_pdu *out);

/*
 * Decodes one TLS record in the clear or not (RFC 8446 5.1); |data| is the whole record with its
 * header. A record with several handshake messages yields the first; |*offset| as above.
 */
void why_dissect_record(struct why_dissector *d, enum why_dir dir, const uint8_t *data, size_t len,
                        size_t *offset, struct why_pdu *out);

enum why_frame {
    WHY_FRAME_COMPLETE,   /* |*need| is the PDU's length, and that many bytes are there */
    WHY_FRAME_INCOMPLETE, /* |*need| is the PDU's length where the header tells, else 0 */
    WHY_FRAME_INVALID     /* cannot be the start of the PDU that is due; |*problem| says why */
};

/*
 * Finds the bounds of the PDU that starts at |data|, given what |d| expects next from |dir|
 * (TPKT, fast-path, TSRequest, Early User Authorization Result, RDSTLS, AAD). |problem| may be
 * NULL.
 */
enum why_frame why_frame_check(const struct why_dissector *d, enum why_dir dir, const uint8_t *data,
                               size_t len, size_t *need, const char **problem);

/* Bounds of the TLS record that starts at |data|. */
enum why_frame why_record_check(const uint8_t *data, size_t len, size_t *need,
                                const char **problem);

/* Bounds of the TPKT that starts at |data|: servers that cannot begin with TLS are known to say so
 * in the clear where its records are due. */
enum why_frame why_tpkt_check(const uint8_t *data, size_t len, size_t *need);

/*
 * A guess at what bytes that are no RDP belong to, by their beginning: "HTTP", "SSH", "TLS record",
 * "SMTP or FTP" …; NULL where nothing fits. Static text.
 */
const char *why_guess_protocol(const uint8_t *data, size_t len);

#endif /* !defined(RDPWHY_PDU_H) */
