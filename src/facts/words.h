/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_FACTS_WORDS_H
#define RDPWHY_FACTS_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/pdu.h>

struct why_code;
struct why_result;
struct why_step;
struct why_target;
struct why_certificate;
struct why_verdict;

/* What all reports say in the same words. Texts that are made up go to |buf| and are cut there. */

/* [MS-RDPELE] 2.2.2's name of a licensing PDU; words for any other. */
const char *why_license_message_name(enum why_pdu_type type);

/* A protocol, an encryption method or level: the name, or "0x40" where there is none. */
const char *why_words_protocol(uint32_t selected, char *buf, size_t len);
const char *why_words_method(uint32_t method, char *buf, size_t len);
const char *why_words_level(uint32_t level, char *buf, size_t len);

/* "10.0.20348"; "" where the server did not say. */
const char *why_words_os_version(const struct why_ntlm_challenge *ntlm, char *buf, size_t len);

/* The phase in which it ended: "licensing", "tls to active" where it is not known better, "" where
 * there is none. */
void why_words_phase(const struct why_verdict *verdict, char *buf, size_t len);

/* How it ended, with the code and its name: "error-info 0x7 ERRINFO_SERVER_DENIED_CONNECTION". */
void why_words_ending(const struct why_verdict *verdict, char *buf, size_t len);

/* A code's name, NULL where it has none. Errors of the system always have one: what files hold
 * (system_error.h), in |buf| of WHY_SYSTEM_ERROR_MAX. */
const char *why_words_code_name(const struct why_code *code, char *buf);

/* Whether the code has a number: not an error that only other systems have. */
bool why_words_code_has_value(const struct why_code *code);

/* "0x904" or "0x904, extended 0x7". */
void why_words_mstsc(const struct why_verdict *verdict, char *buf, size_t len);

/* The target as people are told of it: "srv1:3389", "srv1:3389 from fra" where several places saw
 * it. */
#define WHY_TARGET_WORDS 400
const char *why_words_target(const struct why_target *target, char buf[WHY_TARGET_WORDS]);

/* By its number in struct why_gateway_facts: "websocket", "http"; NULL: none was granted. */
const char *why_words_gateway_transport(unsigned transport);

/* The step's name in a table: "tls", "tls admin", "tls #2". */
void why_words_step(const struct why_step *step, char *buf, size_t len);

/* What the chain of |certificate| is worth: "trusted, issued under CN=Corp Root"; "" where it was
 * not judged. */
void why_words_trust(const struct why_certificate *certificate, char *buf, size_t len);

/* Of a capture: "packet 45 at 2026-11-22T08:00:00.123456Z, 1.2 s into FILE; client ADDRESS:PORT".
 * False: there is none. */
bool why_words_capture(const struct why_result *result, char *buf, size_t len);

/* Whole days that the certificate had left at the time of the attempt (why_whole_days); false where
 * there is none, or no time. */
bool why_certificate_days(const struct why_result *result, int64_t *days);

#endif /* !defined(RDPWHY_FACTS_WORDS_H) */
