/* SPDX-License-Identifier: Apache-2.0 */
#include "store_file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <jansson.h>

#include <rdpwhy/status.h>

#include "base/hex.h"
#include "base/text.h"

#include "store_path.h"

#define SCHEMA   "rdpwhy-license/1"
#define FILE_MAX (4u * WHY_LICENSE_MAX) /* hexadecimal doubles a license; names are short */

/* Without waiting: somebody may have put a FIFO there. */
static FILE *open_file(const char *path)
{
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    FILE *in = fd >= 0 ? fdopen(fd, "rb") : NULL;

    if (in == NULL && fd >= 0)
        (void)close(fd);
    return in;
}

int why_store_file_slurp(const char *path, size_t max, uint8_t **data, size_t *len, char *err,
                         size_t errlen)
{
    FILE *in = open_file(path);
    struct stat st;
    int status = WHY_ERR_IO;

    *data = NULL;
    *len = 0;
    if (in == NULL) {
        (void)snprintf(err, errlen, "%s: %s", path, strerror(errno));
        return errno == ENOENT || errno == ENOTDIR ? WHY_ERR_NOTFOUND : WHY_ERR_IO;
    }
    if (fstat(fileno(in), &st) != 0 || !S_ISREG(st.st_mode)) {
        (void)snprintf(err, errlen, "%s: not a regular file", path);
        status = WHY_ERR_MALFORMED;
        goto out;
    }
    if (st.st_size <= 0 || (uintmax_t)st.st_size > max) {
        (void)snprintf(err, errlen, "%s: %jd bytes, a license has 1 to %zu", path,
                       (intmax_t)st.st_size, max);
        status = WHY_ERR_MALFORMED;
        goto out;
    }
    *data = malloc((size_t)st.st_size);
    if (*data == NULL) {
        status = WHY_ERR_NOMEM;
        goto out;
    }
    *len = fread(*data, 1, (size_t)st.st_size, in);
    status = *len == (size_t)st.st_size ? WHY_OK : WHY_ERR_IO;
    if (status != WHY_OK)
        (void)snprintf(err, errlen, "%s: cannot be read completely", path);
out:
    if (status != WHY_OK) {
        free(*data);
        *data = NULL;
    }
    (void)fclose(in);
    return status;
}

static int from_hex(const char *text, uint8_t **data, size_t *len)
{
    size_t n = text != NULL ? strlen(text) : 0;

    if (n == 0 || n / 2 > WHY_LICENSE_MAX)
        return WHY_ERR_MALFORMED;
    *data = malloc(n / 2 + 1);
    if (*data == NULL)
        return WHY_ERR_NOMEM;
    *len = n / 2;
    return why_hex_parse(text, n, *data) ? WHY_OK : WHY_ERR_MALFORMED;
}

static char *member_text(const json_t *root, const char *name)
{
    const char *text = json_string_value(json_object_get(root, name));

    return text != NULL ? strdup(text) : NULL;
}

static int parse(const json_t *root, struct why_license *license)
{
    const char *schema = json_string_value(json_object_get(root, "schema"));
    json_int_t issued = json_integer_value(json_object_get(root, "issued_us"));
    json_int_t version = json_integer_value(json_object_get(root, "version"));

    if (schema == NULL || strcmp(schema, SCHEMA) != 0)
        return WHY_ERR_MALFORMED;
    license->server = member_text(root, "server");
    license->company = member_text(root, "company");
    license->product = member_text(root, "product");
    license->scope = member_text(root, "scope");
    license->client = member_text(root, "client");
    license->version = version > 0 && version <= (json_int_t)UINT32_MAX ? (uint32_t)version : 0;
    license->issued_us = issued > 0 ? (uint64_t)issued : 0;
    if (license->server == NULL)
        return WHY_ERR_MALFORMED;
    return from_hex(json_string_value(json_object_get(root, "license")), &license->data,
                    &license->len);
}

int why_store_file_parse(const uint8_t *text, size_t len, struct why_license *license)
{
    json_t *root = json_loadb((const char *)text, len, JSON_REJECT_DUPLICATES, NULL);
    int status;

    memset(license, 0, sizeof(*license));
    status = root != NULL ? parse(root, license) : WHY_ERR_MALFORMED;
    json_decref(root);
    if (status != WHY_OK)
        why_license_clear(license);
    return status;
}

int why_store_file_read(const char *path, struct why_license *license, char *err, size_t errlen)
{
    uint8_t *text = NULL;
    size_t len = 0;
    int status = why_store_file_slurp(path, FILE_MAX, &text, &len, err, errlen);

    memset(license, 0, sizeof(*license));
    if (status != WHY_OK)
        return status;
    status = why_store_file_parse(text, len, license);
    free(text);
    if (status != WHY_OK)
        (void)snprintf(err, errlen, "%s: not a license file of rdpwhy, or damaged", path);
    return status;
}

/* Names that a server gave need not be UTF-8. */
static int put_shown(json_t *root, const char *name, const char *text)
{
    char *shown = text != NULL ? why_text_shown(text) : NULL;
    int bad = text != NULL && json_object_set_new(root, name, json_string(shown)) != 0;

    free(shown);
    return bad;
}

static json_t *build(const struct why_license *license)
{
    char *hex = malloc(2 * license->len + 1);
    json_t *root = hex != NULL ? json_object() : NULL;
    int bad = root == NULL;

    if (!bad) {
        (void)why_hex_print(hex, license->data, license->len);
        bad |= json_object_set_new(root, "schema", json_string(SCHEMA));
        bad |= json_object_set_new(root, "server", json_string(license->server));
        bad |= put_shown(root, "company", license->company);
        bad |= put_shown(root, "product", license->product);
        if (license->version != 0)
            bad |= json_object_set_new(root, "version", json_integer(license->version));
        bad |= put_shown(root, "scope", license->scope);
        if (license->client != NULL)
            bad |= json_object_set_new(root, "client", json_string(license->client));
        if (license->issued_us != 0)
            bad |= json_object_set_new(root, "issued_us",
                                       json_integer((json_int_t)license->issued_us));
        bad |= json_object_set_new(root, "license", json_string(hex));
    }
    free(hex);
    if (bad) {
        json_decref(root);
        return NULL;
    }
    return root;
}

static int write_and_sync(int fd, const char *text)
{
    FILE *out = fdopen(fd, "w");
    int ok;

    if (out == NULL) {
        (void)close(fd);
        return -1;
    }
    ok = fputs(text, out) >= 0 && fputc('\n', out) != EOF && fflush(out) == 0 && fsync(fd) == 0;
    return fclose(out) == 0 && ok ? 0 : -1;
}

int why_store_file_write(const char *dir, const char *path, const struct why_license *license,
                         char *err, size_t errlen)
{
    json_t *root = build(license);
    char *text = root != NULL ? json_dumps(root, JSON_INDENT(1) | JSON_PRESERVE_ORDER) : NULL;
    char *temporary = why_store_join(dir, STORE_TEMPORARY);
    int status = WHY_ERR_NOMEM, fd;

    json_decref(root);
    if (text == NULL || temporary == NULL)
        goto out;
    fd = mkstemp(temporary); /* mode 0600 */
    if (fd < 0) {
        status = why_store_blame(errno);
        (void)snprintf(err, errlen, "%s: %s", dir, strerror(errno));
        goto out;
    }
    status = WHY_ERR_IO;
    if (write_and_sync(fd, text) != 0 || rename(temporary, path) != 0) {
        (void)snprintf(err, errlen, "%s: %s", path, strerror(errno));
        (void)unlink(temporary);
        goto out;
    }
    status = WHY_OK;
out:
    free(text);
    free(temporary);
    return status;
}
