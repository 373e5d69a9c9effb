/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_VERDICT_SERVER_KIND_H
#define RDPWHY_VERDICT_SERVER_KIND_H

#include <stdbool.h>
#include <stddef.h>

#include <rdpwhy/kind.h>

struct why_facts;
struct why_result;

/* NTLM and the Connection Confirm of this attempt are those of FreeRDP's libraries. */
bool why_is_freerdp(const struct why_facts *facts);

/*
 * Which software the server of |results|, all of one host, is. Pure. UNKNOWN where nothing tells
 * it, and where the signs contradict each other: then several servers answer, or something in
 * between.
 */
void why_server_kind_tell(struct why_result *const *results, size_t count,
                          struct why_server_kind *kind);

#endif /* !defined(RDPWHY_VERDICT_SERVER_KIND_H) */
