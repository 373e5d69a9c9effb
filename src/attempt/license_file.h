/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_LICENSE_FILE_H
#define RDPWHY_ATTEMPT_LICENSE_FILE_H

#include <stdbool.h>

#include "attempt/request.h"

/*
 * libfreerdp reads and writes licenses as <ConfigPath>/licenses/<hash>.cal. This is how an attempt
 * gives it one and sees what it was given.
 */

/* The hash that libfreerdp makes of a client name: SHA-1, lower-case hexadecimal. */
void why_license_file_hash(const char *client_name, char out[41]);

/* Puts |license| where the library will look for it. False when it cannot be written. */
bool why_license_file_put(const char *store, const char *client_name,
                          const struct why_license_data *license);

/*
 * Reads what the library has written, unless it is |given|. False when there is nothing new.
 */
bool why_license_file_take(const char *store, const char *client_name,
                           const struct why_license_data *given, struct why_license_data *out);

#endif /* !defined(RDPWHY_ATTEMPT_LICENSE_FILE_H) */
