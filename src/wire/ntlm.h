/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_WIRE_NTLM_H
#define RDPWHY_WIRE_NTLM_H

#include <stdbool.h>

#include <rdpwhy/pdu.h>

#include "cursor.h"

/* The CHALLENGE at |c|, from its signature on. False where the message contradicts [MS-NLMP]
 * 2.2.1.2; what could be read is filled. */
bool why_ntlm_challenge_read(struct why_cursor c, struct why_ntlm_challenge *out);

#endif /* !defined(RDPWHY_WIRE_NTLM_H) */
