/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_LIBRARY_H
#define RDPWHY_ATTEMPT_LIBRARY_H

#include <rdpwhy/vocab.h>

/* libfreerdp and OpenSSL, as one process uses them. */

struct why_engine; /* libfreerdp and OpenSSL, set up once; constant afterwards, thread-safe */

/*
 * Sets the libraries up for at most |attempts| at a time (not 0): before any thread is started,
 * once a process. Returns WHY_OK, WHY_ERR_NOMEM, WHY_ERR_IO (no scratch directory) or
 * WHY_ERR_LIBRARY, with a message in |err|.
 */
int why_engine_new(struct why_engine **out, unsigned attempts, char *err, size_t errlen);
void why_engine_free(struct why_engine *engine);

/*
 * Versions, static text: libfreerdp as built against and as running ("3.10.3"), OpenSSL as running
 * with its name ("OpenSSL 3.0.17 1 Jul 2025").
 */
const char *why_engine_library_built(void);
const char *why_engine_library_running(void);
const char *why_engine_openssl(void);

/*
 * NULL where the installed libraries can do |profile|; else why not (static text).
 */
const char *why_engine_cannot(const struct why_engine *engine, enum why_profile profile);

/* The name of the file in which libfreerdp keeps a license: a hash of the client name. */
const char *why_engine_client_hash(const struct why_engine *engine);
/* The client name itself. */
const char *why_engine_client_name(const struct why_engine *engine);

#endif /* !defined(RDPWHY_ATTEMPT_LIBRARY_H) */
