/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CAPTURE_H
#define RDPWHY_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include <rdpwhy/result.h>

/*
 * The packets of an attempt as a pcapng file that opens decrypted, made from what the attempt's own
 * transport saw (why_attempt.capture): nobody needs privileges. Addresses, ports, times, bytes and
 * the way the connection ended are real. Sequence numbers start at 0, bytes are cut into segments
 * of an Ethernet's size, and acknowledgements without data are left out: a socket shows none of it.
 */

/*
 * Makes |dir| (0700) where it is not there, and sees whether files can be made in it. Returns
 * WHY_OK, or WHY_ERR_USAGE with a message.
 */
int why_capture_prepare(const char *dir, char *err, size_t errlen);

/*
 * Writes the attempt, and its first try where it has one, to files of their own (0600) below |dir|:
 * HOST_PORT-PROFILE-MODE-ORDINAL.pcapng. Nothing is overwritten: a number is added to a name that
 * is taken. A step that was skipped has none. Returns WHY_OK, WHY_ERR_NOMEM, or WHY_ERR_IO with a
 * message.
 */
int why_capture_save(const char *dir, const struct why_result *result, char *err, size_t errlen);

/* The same to |out|, one file: section, interface, TLS secrets, packets. */
int why_capture_write(FILE *out, const struct why_result *result);

/* Whether the packets hold a logon: the NTLM exchange and, in the Client Info, the password. */
bool why_capture_holds_logon(const struct why_result *result);

/*
 * What tshark must be told to show the RDP messages in the attempt's file, "tcp.port==3389,tls" for
 * its -d (Decode As in Wireshark), in |buf|; "" where it needs to be told nothing.
 */
void why_capture_decode_as(const struct why_result *result, char *buf, size_t len);

#endif /* !defined(RDPWHY_CAPTURE_H) */
