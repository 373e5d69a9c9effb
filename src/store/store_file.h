/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_STORE_FILE_H
#define RDPWHY_STORE_FILE_H

#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/store.h>

/*
 * One license as a JSON file. Reading returns WHY_OK, WHY_ERR_NOTFOUND, WHY_ERR_MALFORMED,
 * WHY_ERR_IO or WHY_ERR_NOMEM, with a message that names the file. Writing returns WHY_OK,
 * WHY_ERR_USAGE where |dir| cannot be written to, WHY_ERR_IO or WHY_ERR_NOMEM.
 */
int why_store_file_read(const char *path, struct why_license *license, char *err, size_t errlen);
int why_store_file_write(const char *dir, const char *path, const struct why_license *license,
                         char *err, size_t errlen);

/* The same from the file's bytes: WHY_OK, WHY_ERR_MALFORMED or WHY_ERR_NOMEM, without a message;
 * then
 * |*license| is empty. */
int why_store_file_parse(const uint8_t *text, size_t len, struct why_license *license);

/* Reads a whole file of at most |max| bytes. Statuses as above. */
int why_store_file_slurp(const char *path, size_t max, uint8_t **data, size_t *len, char *err,
                         size_t errlen);

#endif /* !defined(RDPWHY_STORE_FILE_H) */
