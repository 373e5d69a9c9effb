/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_TAP_H
#define RDPWHY_ATTEMPT_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <freerdp/freerdp.h>
#include <freerdp/transport_io.h>

#include "attempt/request.h"
#include "record/framer.h"

#include "conn.h"
#include "engine.h"
#include "logon.h"
#include "recorder.h"
#include "session.h"

#define TAP_PARTIAL_MAX (128u * 1024u) /* above any PDU the library would wait for */

/*
 * What sits between libfreerdp and the connection: its transport below, its PDU hooks above, its
 * state changes beside. Everything that passes is recorded, and the attempt is stopped from here as
 * soon as the fact it was made for is known.
 */
struct tap {
    rdpContext base; /* first: libfreerdp's context is the head of ours */

    struct why_engine *engine;
    const struct why_attempt *attempt;
    struct recorder *rec;
    struct conn *conn;
    struct watched *watched;
    rdpTransportIo io;   /* the library's own hooks, which ours call */
    bool dialled;        /* the one connection has been handed out */
    bool stopped;        /* we ended the attempt: stop, reached, violation */
    bool looks_up;       /* the library looks for CredSSP's packages: it holds the engine's lock */
    bool refused;        /* the PDU just recorded is not for the library */
    bool license_due;    /* a license has come, which the library is still to take */
    size_t traffic;      /* PDUs of the session itself, after Font Map */
    bool font_list_sent; /* nothing more is to be sent for a session to begin */
    bool rejected;       /* the server has said no in the protocol's own words */
    struct logon logon;
    struct session session;
    size_t news; /* what is told of a session that is watched, after Font Map */

    struct why_buffer partial; /* bytes given to the library that are not a whole PDU yet */
    size_t partial_lost;       /* bytes behind them that could not be kept */

    /* An encrypted PDU of Standard RDP Security: the library decrypts in place, so the stream is
     * held until its next move and read again then. */
    struct {
        wStream *stream;        /* NULL: none */
        struct why_event event; /* as it came */
        uint8_t *copy;          /* its bytes */
        uint64_t at_us;
    } pending_decrypt;

    unsigned char *public_key; /* the server's, for CredSSP */
    size_t public_key_len;
};

/* Puts the hooks into |tap|'s context. False when the library will not have them. */
bool why_tap_install(struct tap *tap);

/* Records the pending PDU, if there is one: the library has returned, or gone on to another. */
void why_tap_flush(struct tap *tap);

/* Records a PDU that passed at |at_us| (monotonic): its direction, bytes and flags. */
void why_tap_record_pdu(struct tap *tap, const struct why_event *event, uint64_t at_us);

/* A look ahead that changes nothing: is it one of a server's last words? */
bool why_tap_is_last_word(const struct tap *tap, const struct why_event *event);

/* The server's part of the handshake has come. */
bool why_tap_has_font_map(const struct tap *tap);

/* How |tap->partial| is cut into PDUs. */
struct why_framer why_tap_framer(const struct tap *tap);

/*
 * Takes bytes that are not a whole PDU yet; ends the attempt where they cannot become one: the
 * library would wait for the rest of it until the deadline. Behind what cannot be kept nothing is:
 * only what comes without a gap can be judged.
 */
void why_tap_keep_partial(struct tap *tap, const uint8_t *data, size_t len);

/* ---- unread.c: what is read after the library has given up ----------------------------------- */

/*
 * Reads on without the library, which has given up though all that the client has to send is sent:
 * until a refusal, the end, or |until_us| (monotonic), or until Font Map where that had not come
 * yet. What Standard RDP Security has encrypted stays so.
 */
void why_tap_read_on(struct tap *tap, uint64_t until_us);

/* After that: records what it left unread. */
void why_tap_finish(struct tap *tap);

/* The library has found CredSSP's packages, or has given up: another attempt may look. */
void why_tap_end_lookup(struct tap *tap);

/* Frees what |tap| holds, not the context. Before the context is freed: a pending stream would keep
 * it waiting for ever. */
void why_tap_clear(struct tap *tap);

#endif /* !defined(RDPWHY_ATTEMPT_TAP_H) */
