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
enum peer_result act_disconnect_request(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_tls_alert(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_credssp_error(struct peer_conn *conn, struct peer_pdu *pdu);
/* What the library answers to a wrong password, with the NTSTATUS |value| that Windows sends. */
enum peer_result act_credssp_reject(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_early_user_auth(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_license_error(struct peer_conn *conn, struct peer_pdu *pdu);
/* The license exchange as the row's |licensing| has it, without the library's own message. */
enum peer_result act_license_exchange(struct peer_conn *conn, struct peer_pdu *pdu);
/* The same up to its stop, then the error |value| with transition |value2|. */
enum peer_result act_license_exchange_error(struct peer_conn *conn, struct peer_pdu *pdu);
/* Error info by the library, and by hand where the library has no state for it yet. */
enum peer_result act_error_info(struct peer_conn *conn, struct peer_pdu *pdu);
enum peer_result act_error_info_early(struct peer_conn *conn, struct peer_pdu *pdu);
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
enum peer_result act_redirect(struct peer_conn *conn, struct peer_pdu *pdu);
/* |value| round-trip requests, each answered; |value2|: then bandwidth and result. */
enum peer_result act_auto_detect(struct peer_conn *conn, struct peer_pdu *pdu);
/* Initiate Multitransport Request; |value|: the client's response is awaited. */
enum peer_result act_multitransport(struct peer_conn *conn, struct peer_pdu *pdu);

#endif /* !defined(RDPWHY_PEER_ACTS_H) */
