/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_LICENSING_H
#define RDPWHY_LICENSING_H

#include <stdbool.h>
#include <stddef.h>

#include <rdpwhy/pdu.h>

struct why_result;

/*
 * What the license modes of one host tell when they are held against each other. A fact holds where
 * it holds for any profile; modes of different profiles are not compared.
 */
enum why_license_fact {
    WHY_LICENSE_FACT_STORED_FAILS,   /* fresh passes licensing, stored fails in it */
    WHY_LICENSE_FACT_ONLY_ADMIN,     /* admin passes, every other mode that was tried fails */
    WHY_LICENSE_FACT_CORRUPT_PASSES, /* a damaged license was presented and accepted as it is */
    WHY_LICENSE_FACT_FOREIGN_PASSES, /* so was another computer's license */
    WHY_LICENSE_FACT_ISSUED,         /* a new license was issued to a client that had none */
    WHY_LICENSE_FACT_NOT_ISSUED,     /* a client that had none was refused with a license error */
    WHY_LICENSE_FACT_UPGRADED,       /* the license that was presented was upgraded */
    WHY_LICENSE_FACT_REPLACED,       /* a new license was issued although one was presented */
    WHY_LICENSE_FACT_NOT_ASKED_FOR,  /* no client of any mode was asked for a license */
    WHY_LICENSE_FACT_COUNT
};

/* "stored-fails", …; static. */
const char *why_license_fact_name(enum why_license_fact fact);
/* The same in a sentence; static. */
const char *why_license_fact_meaning(enum why_license_fact fact);

/* Whether |fact| holds for the |count| results of one host. Pure. */
bool why_license_fact_holds(enum why_license_fact fact, struct why_result *const *results,
                            size_t count);

/* The server's license messages had ended, whatever came then. */
bool why_license_passed(const struct why_result *r);
/* Whether a message of |type| is among the license messages of |result|. */
bool why_license_has_message(const struct why_result *result, enum why_pdu_type type);
/* The server asked for a license. */
bool why_license_was_asked(const struct why_result *result);
/* The client presented one: LICENSE_INFO was sent. A server may answer before it comes to that. */
bool why_license_was_presented(const struct why_result *result);
/* The client asked for one, or got one: NEW_LICENSE_REQUEST was sent, or why_license_was_issued. */
bool why_license_was_requested(const struct why_result *result);
/* NEW_LICENSE or UPGRADE_LICENSE was received. */
bool why_license_was_issued(const struct why_result *result);
/*
 * Whether a license was issued is not known: the client had answered the server's challenge and no
 * end of licensing came; or somebody else's connection, of which licensing cannot be read.
 */
bool why_license_is_open(const struct why_result *result);

/* Whether |result| says anything of licensing: it came to an end, or a message of it was seen. */
bool why_license_was_reached(const struct why_result *result);

#endif /* !defined(RDPWHY_LICENSING_H) */
