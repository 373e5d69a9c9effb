/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_WIRE_WIRE_H
#define RDPWHY_WIRE_WIRE_H

#include <rdpwhy/pdu.h>

#include "cursor.h"

/* What every decoder of this folder is handed: the connection so far and the PDU to fill. */
struct why_wire {
    struct why_dissector *d;
    enum why_dir dir;
    unsigned flags; /* WHY_DISSECT_ */
    struct why_pdu *out;
    size_t chained; /* where the share control PDU to decode starts; 0: the first one */
    size_t next;    /* set by share.c: where the one after it starts; 0: there is none */
};

/* Marks the PDU malformed; the first problem found is the one that is kept. */
void why_wire_problem(struct why_wire *w, const char *text);

/* Makes it a PDU of unknown type that is malformed: its type would claim what was not read. */
void why_wire_unreadable(struct why_wire *w, const char *text);

/* Adds |length| bytes at |offset| to the sensitive ranges; more ranges than there is room for
 * become one wide one. */
void why_wire_sensitive(struct why_wire *w, size_t offset, size_t length);

/* The same for all that is left of |c|. */
void why_wire_sensitive_rest(struct why_wire *w, const struct why_cursor *c);

/* Whether the Connect Response has passed: no fast-path PDU and no other framing before or after
 * it ([MS-RDPBCGR] 1.3.1.1). */
bool why_wire_connected(const struct why_dissector *d);

/* Decoders: each takes the bytes from its own header on. */
void why_wire_tpkt(struct why_wire *w, struct why_cursor c); /* x224.c: a whole TPKT */
bool why_wire_is_preconnection(struct why_cursor c);         /* preconnection.c: all of it */
void why_wire_preconnection(struct why_wire *w, struct why_cursor c);   /* preconnection.c */
void why_wire_mcs(struct why_wire *w, struct why_cursor c);             /* mcs.c: X.224 data */
void why_wire_gcc_server(struct why_wire *w, struct why_cursor c);      /* gcc.c */
void why_wire_gcc_client(struct why_wire *w, struct why_cursor c);      /* gcc.c */
void why_wire_send_data(struct why_wire *w, struct why_cursor c);       /* security.c */
void why_wire_license(struct why_wire *w, struct why_cursor c);         /* license.c */
bool why_wire_is_license(struct why_cursor c);                          /* license.c: a preamble */
uint32_t why_wire_chain(struct why_wire *w, struct why_cursor c);       /* license.c */
void why_wire_share(struct why_wire *w, struct why_cursor c);           /* share.c */
bool why_wire_is_share(struct why_cursor c);                            /* share.c: a header */
void why_wire_auto_detect(struct why_wire *w, struct why_cursor c);     /* message.c */
void why_wire_multitransport(struct why_wire *w, struct why_cursor c);  /* message.c */
void why_wire_redirection(struct why_wire *w, struct why_cursor c);     /* redirection.c */
void why_wire_tsrequest(struct why_wire *w, struct why_cursor c);       /* tsrequest.c */
void why_wire_spnego(struct why_wire *w, struct why_cursor token);      /* spnego.c */
void why_wire_early_user_auth(struct why_wire *w, struct why_cursor c); /* tsrequest.c */
void why_wire_rdstls(struct why_wire *w, struct why_cursor c);          /* rdstls.c */
void why_wire_aad(struct why_wire *w, struct why_cursor c);             /* aad.c */

/* ntlm.c. NTLM message type (1, 2, 3) at |c|, a cursor that starts with the signature. */
extern const char why_ntlm_signature[8];
uint32_t why_ntlm_type(struct why_cursor c);

/* rdstls.c. Length of the RDSTLS PDU at |c| by its own fields; 0: not known yet, or |*invalid|. */
size_t why_rdstls_length(struct why_cursor c, bool *invalid);

#endif /* !defined(RDPWHY_WIRE_WIRE_H) */
