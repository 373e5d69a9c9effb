/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/pdu.h>

#include <string.h>

#include <rdpwhy/status.h>

/*
 * What each PDU is called and what it proves.
 *
 * |phase| is the phase it belongs to; a PDU that is sent puts the client into it. NONE: it may
 * pass in several.
 *
 * |confirms|: received from the server, it proves this phase and all before it. A phase whose last
 * PDU is the server's is confirmed by that PDU; one whose last PDU is the client's (Security
 * Exchange, Client Info, Confirm Active) by the next regular PDU of the server. Hence
 * - any TSRequest, RDSTLS or AAD PDU proves TLS and no more: which of them ends its phase depends
 *   on the protocol selected (CredSSP: pubKeyAuth, with HYBRID_EX the Early User Authorization
 *   Result) and on the result inside;
 * - a Channel Join Confirm proves basic-settings: only the last one proves channel-connection;
 * - a license message proves the phase before licensing, only NEW_LICENSE, UPGRADE_LICENSE and
 *   STATUS_VALID_CLIENT prove licensing itself;
 * - the optional phases count as confirmed by what follows them.
 *
 * |role| ERROR: the server's last words, confirm nothing. NEUTRAL: may pass at any time. CLIENTS:
 * only clients send it; it is REGULAR and confirms nothing.
 */
#define REGULAR WHY_ROLE_REGULAR, false
#define CLIENTS WHY_ROLE_REGULAR, true
#define ERROR   WHY_ROLE_ERROR, false
#define NEUTRAL WHY_ROLE_NEUTRAL, false
#define P(x)    WHY_PHASE_##x

static const struct why_pdu_info rows[WHY_PDU_TYPE_COUNT] = {
    [WHY_PDU_UNKNOWN] = {"unknown PDU", P(NONE), P(NONE), NEUTRAL},

    [WHY_PDU_TLS_CLIENT_HELLO] = {"TLS ClientHello", P(TLS), P(NONE), REGULAR},
    [WHY_PDU_TLS_SERVER_HELLO] = {"TLS ServerHello", P(TLS), P(NEGOTIATION), REGULAR},
    [WHY_PDU_TLS_HELLO_RETRY_REQUEST] = {"TLS HelloRetryRequest", P(TLS), P(NEGOTIATION), REGULAR},
    [WHY_PDU_TLS_CERTIFICATE] = {"TLS Certificate", P(TLS), P(NEGOTIATION), REGULAR},
    [WHY_PDU_TLS_SERVER_KEY_EXCHANGE] = {"TLS ServerKeyExchange", P(TLS), P(NEGOTIATION), REGULAR},
    [WHY_PDU_TLS_CERTIFICATE_REQUEST] = {"TLS CertificateRequest", P(TLS), P(NEGOTIATION), REGULAR},
    [WHY_PDU_TLS_SERVER_HELLO_DONE] = {"TLS ServerHelloDone", P(TLS), P(NEGOTIATION), REGULAR},
    [WHY_PDU_TLS_CLIENT_KEY_EXCHANGE] = {"TLS ClientKeyExchange", P(TLS), P(NONE), REGULAR},
    [WHY_PDU_TLS_CHANGE_CIPHER_SPEC] = {"TLS ChangeCipherSpec", P(TLS), P(NEGOTIATION), REGULAR},
    [WHY_PDU_TLS_NEW_SESSION_TICKET] = {"TLS NewSessionTicket", P(TLS), P(NONE), NEUTRAL},
    [WHY_PDU_TLS_HANDSHAKE] = {"TLS handshake message", P(TLS), P(NEGOTIATION), REGULAR},
    [WHY_PDU_TLS_ENCRYPTED] = {"TLS encrypted record", P(TLS), P(NONE), NEUTRAL},
    [WHY_PDU_TLS_ALERT] = {"TLS Alert", P(TLS), P(NONE), ERROR},

    [WHY_PDU_PRECONNECTION] = {"Preconnection PDU", P(NEGOTIATION), P(NONE), CLIENTS},
    [WHY_PDU_X224_CONNECTION_REQUEST] = {"X.224 Connection Request", P(NEGOTIATION), P(NONE),
                                         CLIENTS},
    [WHY_PDU_X224_CONNECTION_CONFIRM] = {"X.224 Connection Confirm", P(NEGOTIATION), P(NEGOTIATION),
                                         REGULAR},
    [WHY_PDU_RDP_NEG_FAILURE] = {"RDP_NEG_FAILURE", P(NEGOTIATION), P(NONE), ERROR},
    [WHY_PDU_X224_DISCONNECT_REQUEST] = {"X.224 Disconnect Request", P(NONE), P(NONE), ERROR},
    [WHY_PDU_X224_ERROR] = {"X.224 Error", P(NONE), P(NONE), ERROR},

    [WHY_PDU_TSREQUEST_NEGOTIATE] = {"TSRequest NTLM NEGOTIATE", P(CREDSSP), P(TLS), REGULAR},
    [WHY_PDU_TSREQUEST_CHALLENGE] = {"TSRequest NTLM CHALLENGE", P(CREDSSP), P(TLS), REGULAR},
    [WHY_PDU_TSREQUEST_AUTHENTICATE] = {"TSRequest NTLM AUTHENTICATE", P(CREDSSP), P(TLS), REGULAR},
    [WHY_PDU_TSREQUEST_TOKEN] = {"TSRequest negoToken", P(CREDSSP), P(TLS), REGULAR},
    [WHY_PDU_TSREQUEST_PUB_KEY_AUTH] = {"TSRequest pubKeyAuth", P(CREDSSP), P(TLS), REGULAR},
    [WHY_PDU_TSREQUEST_AUTH_INFO] = {"TSRequest authInfo", P(CREDSSP), P(TLS), CLIENTS},
    [WHY_PDU_TSREQUEST_ERROR] = {"TSRequest errorCode", P(CREDSSP), P(NONE), ERROR},
    [WHY_PDU_TSREQUEST_OTHER] = {"TSRequest", P(CREDSSP), P(TLS), REGULAR},
    [WHY_PDU_EARLY_USER_AUTH_RESULT] = {"Early User Authorization Result", P(CREDSSP), P(TLS),
                                        REGULAR},

    [WHY_PDU_RDSTLS_CAPABILITIES] = {"RDSTLS Capabilities", P(RDSTLS), P(TLS), REGULAR},
    [WHY_PDU_RDSTLS_AUTHENTICATION_REQUEST] = {"RDSTLS Authentication Request", P(RDSTLS), P(NONE),
                                               REGULAR},
    [WHY_PDU_RDSTLS_AUTHENTICATION_RESPONSE] = {"RDSTLS Authentication Response", P(RDSTLS), P(TLS),
                                                REGULAR},

    [WHY_PDU_AAD_SERVER_NONCE] = {"AAD Server Nonce", P(AAD), P(TLS), REGULAR},
    [WHY_PDU_AAD_AUTHENTICATION_REQUEST] = {"AAD Authentication Request", P(AAD), P(NONE), REGULAR},
    [WHY_PDU_AAD_AUTHENTICATION_RESULT] = {"AAD Authentication Result", P(AAD), P(TLS), REGULAR},

    [WHY_PDU_MCS_CONNECT_INITIAL] = {"MCS Connect Initial", P(BASIC_SETTINGS), P(NONE), CLIENTS},
    [WHY_PDU_MCS_CONNECT_RESPONSE] = {"MCS Connect Response", P(BASIC_SETTINGS), P(BASIC_SETTINGS),
                                      REGULAR},
    [WHY_PDU_MCS_ERECT_DOMAIN_REQUEST] = {"MCS Erect Domain Request", P(CHANNEL_CONNECTION),
                                          P(NONE), CLIENTS},
    [WHY_PDU_MCS_ATTACH_USER_REQUEST] = {"MCS Attach User Request", P(CHANNEL_CONNECTION), P(NONE),
                                         CLIENTS},
    [WHY_PDU_MCS_ATTACH_USER_CONFIRM] = {"MCS Attach User Confirm", P(CHANNEL_CONNECTION),
                                         P(BASIC_SETTINGS), REGULAR},
    [WHY_PDU_MCS_CHANNEL_JOIN_REQUEST] = {"MCS Channel Join Request", P(CHANNEL_CONNECTION),
                                          P(NONE), CLIENTS},
    [WHY_PDU_MCS_CHANNEL_JOIN_CONFIRM] = {"MCS Channel Join Confirm", P(CHANNEL_CONNECTION),
                                          P(BASIC_SETTINGS), REGULAR},
    [WHY_PDU_MCS_DISCONNECT_PROVIDER_ULTIMATUM] = {"Disconnect Provider Ultimatum", P(NONE),
                                                   P(NONE), ERROR},

    [WHY_PDU_SECURITY_EXCHANGE] = {"Security Exchange", P(SECURITY_COMMENCEMENT), P(NONE), CLIENTS},
    [WHY_PDU_CLIENT_INFO] = {"Client Info", P(SECURE_SETTINGS), P(NONE), CLIENTS},

    [WHY_PDU_AUTO_DETECT_REQUEST] = {"Auto-Detect Request", P(AUTO_DETECT), P(SECURE_SETTINGS),
                                     REGULAR},
    [WHY_PDU_AUTO_DETECT_RESPONSE] = {"Auto-Detect Response", P(AUTO_DETECT), P(NONE), CLIENTS},
    [WHY_PDU_NETWORK_CHARACTERISTICS_RESULT] = {"Network Characteristics Result", P(AUTO_DETECT),
                                                P(SECURE_SETTINGS), REGULAR},
    [WHY_PDU_INITIATE_MULTITRANSPORT_REQUEST] = {"Initiate Multitransport Request",
                                                 P(MULTITRANSPORT), P(LICENSING), REGULAR},
    [WHY_PDU_MULTITRANSPORT_RESPONSE] = {"Multitransport Response", P(MULTITRANSPORT), P(NONE),
                                         CLIENTS},
    [WHY_PDU_HEARTBEAT] = {"Heartbeat", P(NONE), P(NONE), NEUTRAL},

    [WHY_PDU_LICENSE_REQUEST] = {"LICENSE_REQUEST", P(LICENSING), P(AUTO_DETECT), REGULAR},
    [WHY_PDU_LICENSE_PLATFORM_CHALLENGE] = {"PLATFORM_CHALLENGE", P(LICENSING), P(AUTO_DETECT),
                                            REGULAR},
    [WHY_PDU_LICENSE_NEW_LICENSE] = {"NEW_LICENSE", P(LICENSING), P(LICENSING), REGULAR},
    [WHY_PDU_LICENSE_UPGRADE_LICENSE] = {"UPGRADE_LICENSE", P(LICENSING), P(LICENSING), REGULAR},
    [WHY_PDU_LICENSE_INFO] = {"LICENSE_INFO", P(LICENSING), P(NONE), CLIENTS},
    [WHY_PDU_LICENSE_NEW_LICENSE_REQUEST] = {"NEW_LICENSE_REQUEST", P(LICENSING), P(NONE), CLIENTS},
    [WHY_PDU_LICENSE_PLATFORM_CHALLENGE_RESPONSE] = {"PLATFORM_CHALLENGE_RESPONSE", P(LICENSING),
                                                     P(NONE), CLIENTS},
    [WHY_PDU_LICENSE_ERROR_ALERT] = {"ERROR_ALERT", P(LICENSING), P(NONE), ERROR},
    [WHY_PDU_LICENSE_VALID_CLIENT] = {"STATUS_VALID_CLIENT", P(LICENSING), P(LICENSING), REGULAR},
    [WHY_PDU_LICENSE_UNKNOWN] = {"license message", P(LICENSING), P(NONE), NEUTRAL},

    [WHY_PDU_DEMAND_ACTIVE] = {"Demand Active", P(CAPABILITIES), P(MULTITRANSPORT), REGULAR},
    [WHY_PDU_CONFIRM_ACTIVE] = {"Confirm Active", P(CAPABILITIES), P(NONE), CLIENTS},
    [WHY_PDU_DEACTIVATE_ALL] = {"Deactivate All", P(CAPABILITIES), P(MULTITRANSPORT), REGULAR},
    [WHY_PDU_SERVER_REDIRECTION] = {"Server Redirection", P(NONE), P(NONE), ERROR},
    [WHY_PDU_SYNCHRONIZE] = {"Synchronize", P(FINALIZATION), P(CAPABILITIES), REGULAR},
    [WHY_PDU_CONTROL_REQUEST] = {"Control (Request Control)", P(FINALIZATION), P(CAPABILITIES),
                                 CLIENTS},
    [WHY_PDU_CONTROL_GRANTED] = {"Control (Granted Control)", P(FINALIZATION), P(CAPABILITIES),
                                 REGULAR},
    [WHY_PDU_CONTROL_DETACH] = {"Control (Detach)", P(FINALIZATION), P(CAPABILITIES), REGULAR},
    [WHY_PDU_CONTROL_COOPERATE] = {"Control (Cooperate)", P(FINALIZATION), P(CAPABILITIES),
                                   REGULAR},
    [WHY_PDU_PERSISTENT_KEY_LIST] = {"Persistent Key List", P(FINALIZATION), P(CAPABILITIES),
                                     CLIENTS},
    [WHY_PDU_FONT_LIST] = {"Font List", P(FINALIZATION), P(CAPABILITIES), CLIENTS},
    [WHY_PDU_FONT_MAP] = {"Font Map", P(FINALIZATION), P(FINALIZATION), REGULAR},
    [WHY_PDU_SET_ERROR_INFO] = {"Set Error Info", P(NONE), P(NONE), ERROR},
    [WHY_PDU_SET_ERROR_INFO_NONE] = {"Set Error Info (none)", P(NONE), P(NONE), NEUTRAL},
    [WHY_PDU_SAVE_SESSION_INFO] = {"Save Session Info", P(NONE), P(CAPABILITIES), REGULAR},
    [WHY_PDU_STATUS_INFO] = {"Server Status Info", P(NONE), P(CAPABILITIES), REGULAR},
    [WHY_PDU_MONITOR_LAYOUT] = {"Monitor Layout", P(FINALIZATION), P(CAPABILITIES), REGULAR},
    [WHY_PDU_SHUTDOWN_REQUEST] = {"Shutdown Request", P(NONE), P(NONE), CLIENTS},
    [WHY_PDU_SHUTDOWN_DENIED] = {"Shutdown Request Denied", P(NONE), P(CAPABILITIES), REGULAR},
    [WHY_PDU_SHARE_DATA] = {"Share Data", P(NONE), P(CAPABILITIES), REGULAR},
    [WHY_PDU_FAST_PATH] = {"Fast-Path PDU", P(NONE), P(NONE), NEUTRAL},
    [WHY_PDU_CHANNEL_DATA] = {"virtual channel data", P(NONE), P(NONE), NEUTRAL},
    [WHY_PDU_ENCRYPTED] = {"encrypted PDU", P(NONE), P(NONE), NEUTRAL},
};

const struct why_pdu_info *why_pdu_info(enum why_pdu_type type)
{
    return (unsigned)type < WHY_PDU_TYPE_COUNT ? &rows[type] : &rows[WHY_PDU_UNKNOWN];
}

int why_pdu_find(const char *name)
{
    for (int i = 0; i < WHY_PDU_TYPE_COUNT; i++) {
        if (strcmp(rows[i].name, name) == 0)
            return i;
    }
    return WHY_ERR_NOTFOUND;
}
