/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PROGRESS_H
#define RDPWHY_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#include <rdpwhy/pdu.h>
#include <rdpwhy/trace.h>
#include <rdpwhy/vocab.h>

/*
 * How far a handshake has come, event by event. Pure. A live attempt asks it when to stop
 * (--until), the verdict asks it where the attempt ended: one definition for both.
 */
struct why_progress {
    uint32_t wanted; /* protocols the profile can go on with (why_profile_info) */
    struct why_dissector dissector;
    enum why_phase confirmed;    /* highest phase the server has confirmed; NONE at first */
    enum why_phase sent_through; /* furthest phase the client has sent PDUs of; NONE at first */
    bool auto_detect_seen, multitransport_seen;
    bool other_protocol; /* the server selected what the profile cannot go on with */
    bool proxied;        /* a proxy connects to the server */
    bool gateway;        /* an RD Gateway does */
    bool kerberos_begun; /* tickets were asked for */
    bool attached;       /* Attach User Confirm */
    bool demanded;       /* Demand Active, and no Deactivate All since; before Font Map */
    unsigned rounds;     /* capability exchanges that a Deactivate All has ended, before Font Map */
    const char *endless; /* what the server does again and again; NULL; static */
    enum why_phase endless_in; /* the phase that was due */
    unsigned finalized;        /* WHY_FINAL_ bits: what came of the server's part before Font Map */
    uint64_t
        confirmed_us[WHY_PHASE_COUNT]; /* when a phase was confirmed; 0 for those passed over */
    uint64_t sent_us[WHY_PHASE_COUNT]; /* when its first PDU was sent */
    bool was_confirmed[WHY_PHASE_COUNT], was_sent[WHY_PHASE_COUNT];
};

/* The server's part of the finalization ([MS-RDPBCGR] 1.3.1.1), Font Map aside. */
#define WHY_FINAL_SYNCHRONIZE 1u
#define WHY_FINAL_COOPERATE   2u
#define WHY_FINAL_GRANTED     4u
#define WHY_FINAL_ALL         7u

void why_progress_init(struct why_progress *p, uint32_t wanted);

/*
 * Takes the next event. |*pdu| receives what the event's bytes are (type UNKNOWN for events without
 * a PDU or record) and where they are sensitive, also those of half a PDU; |pdu| may be NULL.
 */
void why_progress_event(struct why_progress *p, const struct why_event *event, struct why_pdu *pdu);

/* The same, with every PDU and every message of a TLS record on its way given to |each|; NULL: to
 * nobody. */
void why_progress_each(struct why_progress *p, const struct why_event *event, struct why_pdu *pdu,
                       void (*each)(void *arg, const struct why_pdu *pdu), void *arg);

/* What the PDU of |event| will be: a look that changes nothing. */
void why_progress_peek(const struct why_progress *p, const struct why_event *event,
                       struct why_pdu *pdu);

/*
 * Names |*pdu|, decoded from |event|, where its bytes are encrypted and the event's text says what
 * they were: the recorder may have been told by the library that encrypted them.
 */
void why_progress_name(const struct why_event *event, struct why_pdu *pdu);

/* The first phase the server has not confirmed yet, of those this connection has. */
enum why_phase why_progress_due(const struct why_progress *p);

/*
 * Whether the server may send PDUs of |phase| while |due| is due: those in between end with a PDU
 * of the client's, or are optional, or this connection has them not.
 */
bool why_progress_may_follow(const struct why_progress *p, enum why_phase due,
                             enum why_phase phase);

/* True once |until| has been reached: confirmed, or passed over. */
bool why_progress_reached(const struct why_progress *p, enum why_phase until);

/* Whether this connection has |phase|, as far as is known. */
bool why_progress_has_phase(const struct why_progress *p, enum why_phase phase);

/* True when |pdu|, received, is the server's "no" in the protocol's own words. */
bool why_pdu_refuses(const struct why_pdu *pdu);

#endif /* !defined(RDPWHY_PROGRESS_H) */
