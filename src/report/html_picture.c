/* SPDX-License-Identifier: Apache-2.0 */
#include "html_picture.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rdpwhy/trace.h>

#define PREFIX    "data:image/png;base64,"
#define BYTES_MAX ((size_t)160 * 1024)

/* A run that somebody else saved may name any path: only a plain file that is a PNG is taken. */
static size_t read_png(const char *path, uint8_t *data, size_t size)
{
    static const uint8_t signature[] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    struct stat stat;
    size_t len = 0;
    ssize_t n = 1;

    if (fd < 0)
        return 0;
    if (fstat(fd, &stat) == 0 && S_ISREG(stat.st_mode)) {
        for (; n > 0 && len<size; len += n> 0 ? (size_t)n : 0)
            n = read(fd, data + len, size - len);
    }
    (void)close(fd);
    return n == 0 && len > sizeof(signature) && memcmp(data, signature, sizeof(signature)) == 0
               ? len
               : 0;
}

/* |text| holds 4 characters for every 3 bytes begun, and the end. */
static void put_base64(const uint8_t *data, size_t len, char *text)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    for (size_t i = 0; i < len; i += 3) {
        uint32_t group = (uint32_t)data[i] << 16 | (uint32_t)(i + 1 < len ? data[i + 1] : 0) << 8 |
                         (i + 2 < len ? data[i + 2] : 0);

        for (unsigned j = 0; j < 4; j++)
            *text++ = i + j <= len ? digits[group >> (18 - 6 * j) & 0x3f] : '=';
    }
    *text = '\0';
}

static char *small_of(const char *screenshot)
{
    size_t len = strlen(screenshot), size = len + sizeof(WHY_SMALL_ENDING);
    char *path = len > 4 && strcmp(screenshot + len - 4, ".png") == 0 ? malloc(size) : NULL;

    if (path != NULL)
        (void)snprintf(path, size, "%.*s" WHY_SMALL_ENDING, (int)(len - 4), screenshot);
    return path;
}

void why_html_picture(struct why_json_builder *b, json_t *attempt, const char *screenshot)
{
    char *path = screenshot != NULL ? small_of(screenshot) : NULL;
    uint8_t *data = path != NULL ? malloc(BYTES_MAX + 1) : NULL;
    size_t len = data != NULL ? read_png(path, data, BYTES_MAX + 1) : 0;
    size_t size = sizeof(PREFIX) + (len + 2) / 3 * 4;
    char *text = len > 0 && len <= BYTES_MAX ? malloc(size) : NULL;

    if (text != NULL) {
        memcpy(text, PREFIX, sizeof(PREFIX) - 1);
        put_base64(data, len, text + sizeof(PREFIX) - 1);
        why_json_put_text(b, attempt, "picture", text);
    }
    free(text);
    free(data);
    free(path);
}
