/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SYSTEM_ERROR_H
#define RDPWHY_SYSTEM_ERROR_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/vocab.h>

/*
 * Errors of sockets (errno) and of name look-up (EAI_). Their numbers differ from one system to the
 * next: 61 is ECONNREFUSED on macOS and ENODATA on Linux. So files hold names, and memory this
 * system's numbers. A name that this system has no number for becomes a number that none of its
 * errors has, nor any other name of the table: it equals itself and nothing else. Names that the
 * table does not have all become one such number.
 */

/* glibc hides these two behind _GNU_SOURCE, yet getaddrinfo returns them; the numbers are part of
 * its binary interface. Not defined where the system does not have them. */
#if defined(EAI_NODATA)
#define WHY_EAI_NODATA EAI_NODATA
#elif defined(__GLIBC__)
#define WHY_EAI_NODATA (-5)
#endif
#if defined(EAI_ADDRFAMILY)
#define WHY_EAI_ADDRFAMILY EAI_ADDRFAMILY
#elif defined(__GLIBC__)
#define WHY_EAI_ADDRFAMILY (-9)
#endif

/* Whether the numbers of |space| are a system's own. Only such a space is meant below; of any other
 * the table is empty. */
bool why_system_error_space(enum why_code_space space);

/* Whether |value| stands for a name that this system does not have. */
bool why_system_error_is_elsewhere(int64_t value);

/* "ECONNREFUSED"; NULL where the table does not have it. Static. */
const char *why_system_error_name(enum why_code_space space, int64_t value);

/* "Connection refused": strerror() and gai_strerror() that any thread may call, in English. Static,
 * never NULL. */
const char *why_system_error_text(enum why_code_space space, int64_t value);

/* What a file holds: the name; "linux:133" of a number of this system that has none in the table;
 * "unknown". Static, or in |buf|, which has room for WHY_SYSTEM_ERROR_MAX. */
#define WHY_SYSTEM_ERROR_MAX 32
const char *why_system_error_write(enum why_code_space space, int64_t value, char *buf);

/* The number of what why_system_error_write wrote, on this system or another. */
int64_t why_system_error_read(enum why_code_space space, const char *name);

/* The number of what older versions wrote: a number, which is taken for Linux's. */
int64_t why_system_error_linux(enum why_code_space space, int64_t number);

/* The table's names: |index| below the count, else NULL. */
size_t why_system_error_count(enum why_code_space space);
const char *why_system_error_at(enum why_code_space space, size_t index);

#endif /* !defined(RDPWHY_SYSTEM_ERROR_H) */
