/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_STORE_PATH_H
#define RDPWHY_STORE_PATH_H

#include <stdbool.h>
#include <stddef.h>

struct dirent;

#define STORE_SUFFIX    ".license.json"
#define STORE_TEMPORARY ".new-XXXXXX" /* of mkstemp; renamed once it is whole */

/* "|dir|/|name|", to be freed; NULL when out of memory. */
char *why_store_join(const char *dir, const char *name);

/* The file name of |server|'s license: its label in lower case (ASCII, as resolvers compare names)
 * with everything unusual as %XX. To be freed. */
char *why_store_file_name(const char *server);

/* Makes |dir| and its parents, the last with mode 0700. 0, or -1 with errno. */
int why_store_make_dir(const char *dir);

/* The status of a file that could not be made for the reason |error| (errno): WHY_ERR_USAGE where
 * the directory is not one to keep files in, WHY_ERR_IO where it would be on another day. */
int why_store_blame(int error);

/* The names in |dir| that |is_wanted|, sorted; |*count| of them, none where |dir| does not exist.
 * 0, or -1 with a message. */
int why_store_read_names(const char *dir, int (*is_wanted)(const struct dirent *entry),
                         struct dirent ***names, size_t *count, char *err, size_t errlen);
void why_store_free_names(struct dirent **names, size_t count);
bool why_store_has_suffix(const char *name, const char *suffix);

#endif /* !defined(RDPWHY_STORE_PATH_H) */
