/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_UPDATES_H
#define RDPWHY_ATTEMPT_UPDATES_H

#include <freerdp/freerdp.h>

/*
 * Lets |context| take what servers draw, play and tell before and behind Font Map. libfreerdp gives
 * a connection up over what it has no callback for; nothing here does anything with it.
 */
void why_updates_ignore(rdpContext *context);

#endif /* !defined(RDPWHY_ATTEMPT_UPDATES_H) */
