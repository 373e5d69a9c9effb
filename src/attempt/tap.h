/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_TAP_H
#define RDPWHY_ATTEMPT_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <freerdp/freerdp.h>
#include <freerdp/transport_io.h>

#include "attempt/attempt.h"

#include "conn.h"
#include "engine.h"
#include "recorder.h"

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
    rdpTransportIo io;    /* the library's own hooks, which ours call */
    bool dialled;         /* the one connection has been handed out */
    bool stopped;         /* we ended the attempt: stop, reached, violation */
    bool refused;         /* the PDU just recorded is not for the library */
    bool license_due;     /* a license has come, which the library is still to take */
    size_t traffic;       /* PDUs of the session itself, after Font Map */
    bool font_list_sent;  /* nothing more is to be sent for a session to begin */
    bool rejected;        /* the server has said no in the protocol's own words */
    bool asked;           /* whether real credentials may be used */
    bool may_log_on;      /* real credentials are allowed into this attempt */
    const char *no_logon; /* why they are not; static text */

    /* Bytes given to the library that are not a whole PDU yet. */
    uint8_t *part;
    size_t part_len, part_size;
    size_t part_lost; /* bytes behind them that could not be kept */

    /* An encrypted PDU of Standard RDP Security: the library decrypts in place, so the stream is
     * held until its next move and read again then. */
    wStream *held;
    uint8_t *held_copy;
    size_t held_len;
    uint64_t held_at_us;

    unsigned char *public_key; /* the server's, for CredSSP */
    size_t public_key_len;
};

/* Puts the hooks into |tap|'s context. False when the library will not have them. */
bool tap_install(struct tap *tap);

/* The library has returned: records what it was given last, if that is still held. */
void tap_settle(struct tap *tap);

/*
 * Reads on without the library, which has given up though all that the client has to send is sent:
 * until a refusal, the end, or |until_us| (monotonic), or until Font Map where that had not come
 * yet. What Standard RDP Security has encrypted stays so.
 */
void tap_read_on(struct tap *tap, uint64_t until_us);

/* After that: records what it left unread. */
void tap_finish(struct tap *tap);

/* Frees what |tap| holds, not the context. Before the context is freed: a held stream would keep
 * it waiting for ever. */
void tap_clear(struct tap *tap);

#endif /* !defined(RDPWHY_ATTEMPT_TAP_H) */
