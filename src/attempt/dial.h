/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_DIAL_H
#define RDPWHY_ATTEMPT_DIAL_H

#include <stdatomic.h>

#include "dial/dial.h"

#include "recorder.h"

/*
 * Name to connected socket, all of it recorded. Every address of the name is tried: the next one
 * starts when one has failed or has not answered for a quarter of a second (RFC 8305), and the
 * first to be up wins.
 *
 * |what| need not say where the events go. Returns a non-blocking socket, or -1 after an event that
 * says why. With |resolve_only| nothing is connected, and -1 follows the event RESOLVED.
 */
int why_attempt_dial(struct recorder *rec, const struct why_dial_request *what,
                     const atomic_bool *cancelled);

#endif /* !defined(RDPWHY_ATTEMPT_DIAL_H) */
