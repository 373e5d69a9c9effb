/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_STORE_PATH_H
#define RDPWHY_STORE_PATH_H

#include <stddef.h>

#define STORE_SUFFIX ".license.json"

/* "|dir|/|name|", to be freed; NULL when out of memory. */
char *store_join(const char *dir, const char *name);

/* The file name of |server|'s license: its label with everything unusual as %XX. To be freed. */
char *store_file_name(const char *server);

/* Makes |dir| and its parents, the last with mode 0700. 0, or -1 with errno. */
int store_make_dir(const char *dir);

#endif /* !defined(RDPWHY_STORE_PATH_H) */
