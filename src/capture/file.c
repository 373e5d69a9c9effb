/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/capture.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rdpwhy/status.h>

#define NAME_MAX_BYTES 200 /* of a file's name, without what makes it unique */
#define HOST_MAX       128 /* bytes of the host in it */
#define TRIES          10000u

static int say(char *err, size_t errlen, const char *what, const char *path, int status)
{
    (void)snprintf(err, errlen, "%s '%s': %s", what, path, strerror(errno));
    return status;
}

int why_capture_prepare(const char *dir, char *err, size_t errlen)
{
    struct stat info;

    if (mkdir(dir, 0700) != 0 && errno != EEXIST)
        return say(err, errlen, "cannot create the directory", dir, WHY_ERR_USAGE);
    if (stat(dir, &info) != 0)
        return say(err, errlen, "cannot use", dir, WHY_ERR_USAGE);
    if (!S_ISDIR(info.st_mode)) {
        errno = ENOTDIR;
        return say(err, errlen, "cannot use", dir, WHY_ERR_USAGE);
    }
    if (access(dir, W_OK | X_OK) != 0)
        return say(err, errlen, "cannot write to", dir, WHY_ERR_USAGE);
    return WHY_OK;
}

/* A host's name is the user's or the resolver's text: only harmless characters stay. */
static void file_name(const struct why_result *result, const char *which, char *buf, size_t len)
{
    char host[HOST_MAX + 1];
    size_t n = strnlen(result->target->host, HOST_MAX);

    for (size_t i = 0; i < n; i++) {
        char c = result->target->host[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     c == '-' || (c == '.' && i > 0);

        host[i] = c;
        if (!plain)
            host[i] = '_';
    }
    host[n] = '\0';
    (void)snprintf(buf, len, "%s_%u-%s-%s-%zu%s", host, (unsigned)result->target->port,
                   why_profile_name(result->step.profile),
                   why_license_mode_name(result->step.license_mode), result->ordinal, which);
}

/* A new file: one that is there already is somebody's evidence. */
static int create(const char *dir, const char *name, char **path)
{
    size_t len = strlen(dir) + strlen(name) + 32;
    int fd = -1;

    *path = malloc(len);
    if (*path == NULL)
        return -1;
    for (unsigned i = 1; i <= TRIES; i++) {
        char number[16] = "";

        if (i > 1)
            (void)snprintf(number, sizeof(number), "-%u", i);
        (void)snprintf(*path, len, "%s/%s%s.pcapng", dir, name, number);
        fd = open(*path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        if (fd >= 0 || errno != EEXIST)
            break;
    }
    return fd;
}

static int write_file(int fd, const struct why_result *result)
{
    FILE *out = fdopen(fd, "w");
    int status;

    if (out == NULL) {
        (void)close(fd);
        return WHY_ERR_IO;
    }
    errno = 0;
    status = why_capture_write(out, result);
    if (fclose(out) != 0 && status == WHY_OK)
        status = WHY_ERR_IO;
    return status;
}

static int save_one(const char *dir, const struct why_result *result, const char *which, char *err,
                    size_t errlen)
{
    char name[NAME_MAX_BYTES], *path = NULL;
    int status = WHY_OK, fd;

    if (result->verdict.outcome == WHY_OUTCOME_SKIPPED || result->trace == NULL)
        return WHY_OK;
    file_name(result, which, name, sizeof(name));
    fd = create(dir, name, &path);
    if (path == NULL)
        return WHY_ERR_NOMEM;
    if (fd < 0)
        status = WHY_ERR_IO;
    else
        status = write_file(fd, result);
    if (status == WHY_ERR_IO)
        (void)say(err, errlen, "cannot write", path, status);
    free(path);
    return status;
}

/* What went before |result|, first; each has a file. */
static int save_before(const char *dir, const struct why_result *result, char *err, size_t errlen)
{
    const struct why_result *before = result->first_try;
    char which[32];
    int status;

    if (before == NULL)
        return WHY_OK;
    status = save_before(dir, before, err, errlen);
    if (why_is_hop(result))
        (void)snprintf(which, sizeof(which), "-server-%u", why_trace_head(result->trace)->hop);
    else
        (void)snprintf(which, sizeof(which), "-first-try");
    return status == WHY_OK ? save_one(dir, before, which, err, errlen) : status;
}

int why_capture_save(const char *dir, const struct why_result *result, char *err, size_t errlen)
{
    int status = save_before(dir, result, err, errlen);

    if (status == WHY_OK)
        status = save_one(dir, result, "", err, errlen);
    return status == WHY_OK && result->tls_first != NULL
               ? save_one(dir, result->tls_first, "-tls-first", err, errlen)
               : status;
}
