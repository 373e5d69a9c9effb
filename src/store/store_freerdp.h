/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_STORE_FREERDP_H
#define RDPWHY_STORE_FREERDP_H

#include <stddef.h>

struct why_license;

/*
 * The license that FreeRDP keeps below |dir| under the name |client|, for all servers: |*license|
 * is then |server|'s. Returns as why_store_file_read does.
 */
int why_store_freerdp_load(const char *dir, const char *server, const char *client,
                           struct why_license *license, char *err, size_t errlen);

#endif /* !defined(RDPWHY_STORE_FREERDP_H) */
