/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_ACTS_H
#define RDPWHY_PEER_ACTS_H

#include "peer.h"

/* What is injected into a connection that libfreerdp serves. |value|, |value2| and |bytes| are the
 * row's. What becomes of the PDU in hand is each act's result. */

enum peer_result act_clear_bytes(struct peer_conn *conn, struct peer_pdu *pdu);  /* below TLS */
enum peer_result act_inside_bytes(struct peer_conn *conn, struct peer_pdu *pdu); /* above TLS */
enum peer_result act_drop(struct peer_conn *conn, struct peer_pdu *pdu);
/* The PDU's first |value| bytes; 0: half of it. */
enum peer_result act_truncate(struct peer_conn *conn, struct peer_pdu *pdu);
/* Sends the PDU with flipped bits: flips the bits |value2| of the byte |value|; counted from the
 * end where it is negative. */
enum peer_result act_flip(struct peer_conn *conn, struct peer_pdu *pdu);
/* The PDU byte by byte, |value| milliseconds apart. */
enum peer_result act_drip(struct peer_conn *conn, struct peer_pdu *pdu);
/* The PDU twice. */
enum peer_result act_twice(struct peer_conn *conn, struct peer_pdu *pdu);

enum peer_result act_neg_failure(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_old_confirm(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_select_protocol(struct peer_conn *conn, struct peer_pdu *pdu);
/* Below TLS in answer to the ClientHello, else above it; so are ultimatums. */
enum peer_result act_disconnect_request(struct peer_conn *conn, struct peer_pdu *pdu);
/* |value2|: its level; 0: fatal. */
enum peer_result act_tls_alert(struct peer_conn *conn, struct peer_pdu *pdu);
/* The same, and a moment before anything else comes. */
enum peer_result act_tls_alert_alone(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_credssp_error(struct peer_conn *conn, struct peer_pdu *pdu);
/* What the library answers to a wrong password, with the NTSTATUS |value| that Windows sends. */
enum peer_result act_credssp_reject(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_early_user_auth(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_license_error(struct peer_conn *conn, struct peer_pdu *pdu);
/* The license exchange as the row's |licensing| has it, without the library's own message. */
enum peer_result act_license_exchange(struct peer_conn *conn, struct peer_pdu *pdu);
/* The same up to its stop, then the error |value| with transition |value2|. */
enum peer_result act_license_exchange_error(struct peer_conn *conn, struct peer_pdu *pdu);
/* Set Error Info. This and all that follow of the kind leave the PDU out where the client has not
 * said that it supports it. */
enum peer_result act_error_info(struct peer_conn *conn, struct peer_pdu *pdu);
/* The license exchange up to its stop, then error info |value|. */
enum peer_result act_license_error_info(struct peer_conn *conn, struct peer_pdu *pdu);
/* The PDU in hand, then error info |value|. */
enum peer_result act_error_info_after(struct peer_conn *conn, struct peer_pdu *pdu);
/* Error info 0, then the PDU in hand. */
enum peer_result act_error_info_none(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_deactivate(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_ultimatum(struct peer_conn *conn, struct peer_pdu *pdu);
/* The same, then the ultimatum. */
enum peer_result act_license_ultimatum(struct peer_conn *conn, struct peer_pdu *pdu);
/* |value| round-trip requests, each answered; |value2|: then bandwidth and result. */
enum peer_result act_auto_detect(struct peer_conn *conn, struct peer_pdu *pdu);
/* Initiate Multitransport Request; |value|: the client's response is awaited. */
enum peer_result act_multitransport(struct peer_conn *conn, struct peer_pdu *pdu);

/* ---- acts_refuse.c: refusals, and what a client must have said for a server to go on */

/* |value2|: where something stands beside the PDU in hand, usually the Font Map. */
enum {
    BESIDE_BEFORE,
    BESIDE_TOGETHER, /* in one segment */
    BESIDE_LATER,
    BESIDE_CHATTED, /* the same, with data of a static channel in between */
    BESIDE_GARBLED, /* as late as it may be, with an update that nobody can read in between */
};
#define BESIDE_LATER_MS 50
#define BESIDE_LATE_MS  150
/* Set Error Info |value|, a Disconnect Provider Ultimatum, a redirection, or nothing but the end.
 */
enum peer_result act_error_info_beside(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_ultimatum_beside(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_redirect_beside(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_end_beside(struct peer_conn *conn, struct peer_pdu *pdu);
/* A redirection as the connection's security wants it; the license exchange up to its stop first.
 */
enum peer_result act_redirect(struct peer_conn *conn, struct peer_pdu *pdu);
/* Without a target: with a routing token where |value| is not 0. */
enum peer_result act_redirect_back(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_license_redirect(struct peer_conn *conn, struct peer_pdu *pdu);
/* MCS results (T.125 7): a Connect Response with the result |value|, whole or without user data;
 * Attach User Confirm and Join Confirm, |value2|: with the number that is optional. */
enum peer_result act_connect_result(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_connect_refused(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_attach_result(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_join_result(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_x224_error(struct peer_conn *conn, struct peer_pdu *pdu);
/* RST to a client that sends neither cookie nor routing token. */
enum peer_result act_demand_cookie(struct peer_conn *conn, struct peer_pdu *pdu);
/* An offer of CredSSP without TLS: RDP_NEG_FAILURE |value|, or FIN where that is 0. */
/* The Connection Confirm without the flags |value|. */
enum peer_result act_withdraw_flags(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_demand_tls_offer(struct peer_conn *conn, struct peer_pdu *pdu);
/* GNOME Remote Desktop: Deactivate All and an ultimatum. */
enum peer_result act_goodbye(struct peer_conn *conn, struct peer_pdu *pdu);
/* GNOME Remote Desktop: without graphics pipeline, 32 bits a pixel or drdynvc, Deactivate All and
 * an ultimatum. */
enum peer_result act_demand_graphics(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_status_info(struct peer_conn *conn, struct peer_pdu *pdu);
/* The PDU in hand, then a Heartbeat. */
enum peer_result act_heartbeat(struct peer_conn *conn, struct peer_pdu *pdu);

/* ---- acts_violate.c: what RDP does not allow, and what it allows but few servers do */

/* What the client has just sent. */
enum peer_result act_echo(struct peer_conn *conn, struct peer_pdu *pdu);
/* |bytes| in a TSRequest's negoToken. */
enum peer_result act_token(struct peer_conn *conn, struct peer_pdu *pdu);
/* The NTLM message in hand with |bytes| at |value|; |value2|: its new length, or 0. */
enum peer_result act_ntlm(struct peer_conn *conn, struct peer_pdu *pdu);
/* The PDU in hand on the channel |value|; 0: the first static channel. */
enum peer_result act_channel(struct peer_conn *conn, struct peer_pdu *pdu);
/* A data PDU of the type |value| with |bytes|, then the PDU in hand. */
enum peer_result act_data_pdu(struct peer_conn *conn, struct peer_pdu *pdu);
/* |bytes| above TLS, then the PDU in hand. */
enum peer_result act_bytes_before(struct peer_conn *conn, struct peer_pdu *pdu);
/* The PDU in hand (before one is sent), then the Demand Active |value| times; 0: without end. */
enum peer_result act_demand_again(struct peer_conn *conn, struct peer_pdu *pdu);
/* |value| times Deactivate All and Demand Active, 0: without end. |value2|: each time all of the
 * finalization up to the client's Font List. */
enum peer_result act_reactivate(struct peer_conn *conn, struct peer_pdu *pdu);
/* The Font Map in hand, then all of it once more. */
enum peer_result act_reactivate_after(struct peer_conn *conn, struct peer_pdu *pdu);

/* ---- acts_session.c: all of them the Font Map in hand, and |value2| milliseconds later */

/* A data PDU of the type |value| with |bytes|. */
enum peer_result act_data_later(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_deactivate_later(struct peer_conn *conn, struct peer_pdu *pdu);
/* The license error |value|. */
enum peer_result act_license_later(struct peer_conn *conn, struct peer_pdu *pdu);
/* Graphics that take more memory than anybody has, as fast as the client reads them. */
enum peer_result act_flood(struct peer_conn *conn, struct peer_pdu *pdu);

#endif /* !defined(RDPWHY_PEER_ACTS_H) */
