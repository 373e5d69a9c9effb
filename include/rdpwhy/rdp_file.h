/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_RDP_FILE_H
#define RDPWHY_RDP_FILE_H

#include <stddef.h>

struct why_target;

/*
 * Reads the .rdp file |path|, UTF-8 or UTF-16 with or without a byte order mark, with libfreerdp's
 * parser: fills host, port and file of |target|, whose label is left to the caller. Passwords and
 * tokens for gateways do not leave the file. Returns WHY_OK, WHY_ERR_NOMEM, or WHY_ERR_USAGE with a
 * message in |err| that names the file, and line and what is wrong where it is a line.
 */
int why_rdp_file_read(const char *path, struct why_target *target, char *err, size_t errlen);

#endif /* !defined(RDPWHY_RDP_FILE_H) */
