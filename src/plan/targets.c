/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>

#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <rdpwhy/status.h>

#include "target_set.h"
#include "target_text.h"

#define LINE_SIZE 4096u

/* host:port as reports show it: brackets around what has colons of its own. */
static char *make_label(const char *host, uint16_t port)
{
    size_t len = strlen(host) + sizeof("[]:65535");
    char *label = malloc(len);

    if (label != NULL)
        snprintf(label, len, strchr(host, ':') == NULL ? "%s:%u" : "[%s]:%u", host, port);
    return label;
}

static int make_room(struct why_target_list *list)
{
    size_t capacity = list->capacity == 0 ? 16 : 2 * list->capacity;
    struct why_target *items;

    if (list->count < list->capacity)
        return WHY_OK;
    if (capacity > SIZE_MAX / sizeof(*items))
        return WHY_ERR_NOMEM;
    items = realloc(list->items, capacity * sizeof(*items));
    if (items == NULL)
        return WHY_ERR_NOMEM;
    list->items = items;
    list->capacity = capacity;
    return WHY_OK;
}

/* Appends |host|, whose label is written with |shown|, unless the list has it. */
static int append(struct why_target_list *list, const char *host, const char *shown, uint16_t port)
{
    struct why_target target = {.port = port};
    int status = WHY_ERR_NOMEM;

    target.host = strdup(host);
    target.label = make_label(shown, port);
    if (target.host == NULL || target.label == NULL || make_room(list) != WHY_OK)
        goto out;
    status = why_target_set_add(list, target.label);
    if (status == 0) {
        list->items[list->count++] = target;
        return WHY_OK;
    }
    if (status > 0) {
        list->duplicates++;
        status = WHY_OK;
    }

out:
    free(target.host);
    free(target.label);
    return status;
}

static int append_ipv4_range(struct why_target_list *list, const struct why_target_text *text)
{
    struct in_addr address;
    char host[INET_ADDRSTRLEN];
    uint32_t size = 1u << (32 - text->prefix);
    uint32_t base, first, end;

    if (inet_pton(AF_INET, text->host, &address) != 1)
        return WHY_ERR_USAGE;
    base = ntohl(address.s_addr) & ~(size - 1);
    /* Network and broadcast address; there are none below a prefix of 31 (RFC 3021). */
    first = text->prefix < 31 ? 1 : 0;
    end = text->prefix < 31 ? size - 1 : size;
    for (uint32_t i = first; i < end; i++) {
        int status;

        address.s_addr = htonl(base + i);
        inet_ntop(AF_INET, &address, host, sizeof(host));
        status = append(list, host, host, text->port);
        if (status != WHY_OK)
            return status;
    }
    return WHY_OK;
}

/* Ranges have a prefix of at least 112 bits: only the last two bytes vary. */
static int append_ipv6_range(struct why_target_list *list, const struct why_target_text *text)
{
    struct in6_addr address;
    char host[INET6_ADDRSTRLEN];
    uint32_t size = 1u << (128 - text->prefix);
    uint32_t base;

    if (inet_pton(AF_INET6, text->host, &address) != 1)
        return WHY_ERR_USAGE;
    base = ((uint32_t)address.s6_addr[14] << 8 | address.s6_addr[15]) & ~(size - 1);
    for (uint32_t i = 0; i < size; i++) {
        int status;

        address.s6_addr[14] = (uint8_t)((base + i) >> 8);
        address.s6_addr[15] = (uint8_t)(base + i);
        inet_ntop(AF_INET6, &address, host, sizeof(host));
        status = append(list, host, host, text->port);
        if (status != WHY_OK)
            return status;
    }
    return WHY_OK;
}

static int append_text(struct why_target_list *list, const struct why_target_text *text)
{
    char canonical[WHY_HOST_SIZE];

    if (text->prefix >= 0 && strchr(text->host, ':') != NULL)
        return append_ipv6_range(list, text);
    if (text->prefix >= 0)
        return append_ipv4_range(list, text);
    /* An IPv6 address has many spellings; the label has one, so that duplicates are found. */
    if (why_ipv6_canonical(text->host, canonical, sizeof(canonical)))
        return append(list, text->host, canonical, text->port);
    return append(list, text->host, text->host, text->port);
}

int why_targets_add(struct why_target_list *list, const char *text, char *err, size_t errlen)
{
    struct why_target_text parsed;
    int status = why_target_parse(text, &parsed, err, errlen);

    if (status == WHY_OK) {
        status = append_text(list, &parsed);
        if (status != WHY_OK && errlen > 0)
            snprintf(err, errlen, "%s", why_strstatus(status));
    }
    return status;
}

/*
 * Reads a line into |buf| without its end and NUL-terminates it. Returns WHY_OK, WHY_ERR_NOTFOUND
 * at the end of the file, WHY_ERR_IO, or WHY_ERR_USAGE with |*problem|: it is too long or holds a
 * NUL.
 */
static int read_line(FILE *in, char *buf, const char **problem)
{
    size_t len = 0;
    int c;

    while ((c = getc(in)) != EOF && c != '\n') {
        if (c == '\0') {
            *problem = "there is a NUL byte in it (is the file UTF-16? It must be UTF-8)";
            return WHY_ERR_USAGE;
        }
        if (len == LINE_SIZE) {
            *problem = "the line is longer than 4096 bytes";
            return WHY_ERR_USAGE;
        }
        buf[len++] = (char)c;
    }
    if (ferror(in)) {
        *problem = "the file could not be read";
        return WHY_ERR_IO;
    }
    buf[len] = '\0';
    return c == EOF && len == 0 ? WHY_ERR_NOTFOUND : WHY_OK;
}

static bool is_white(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* The target in |line| without a comment and white space around it; "" where there is none. */
static char *strip(char *line)
{
    size_t len;

    while (is_white(*line))
        line++;
    for (char *c = line; *c != '\0'; c++) {
        if (*c == '#' && (c == line || is_white(c[-1]))) {
            *c = '\0';
            break;
        }
    }
    len = strlen(line);
    while (len > 0 && is_white(line[len - 1]))
        line[--len] = '\0';
    return line;
}

int why_targets_read(struct why_target_list *list, FILE *in, const char *name, char *err,
                     size_t errlen)
{
    char line[LINE_SIZE + 1];
    char message[512];
    const char *problem = message;
    size_t number = 0;
    int status;

    for (;;) {
        char *text = line;

        number++;
        status = read_line(in, line, &problem);
        if (status != WHY_OK)
            break;
        /* The byte order mark that Windows editors put in front. */
        if (number == 1 && strncmp(line, "\xEF\xBB\xBF", 3) == 0)
            text += 3;
        text = strip(text);
        if (*text == '\0')
            continue;
        problem = message;
        status = why_targets_add(list, text, message, sizeof(message));
        if (status != WHY_OK)
            break;
    }
    if (status == WHY_ERR_NOTFOUND)
        return WHY_OK;
    if (errlen > 0)
        snprintf(err, errlen, "%s:%zu: %s", name, number, problem);
    return status;
}

void why_targets_clear(struct why_target_list *list)
{
    if (list == NULL)
        return;
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].host);
        free(list->items[i].label);
    }
    free(list->items);
    why_target_set_free(list->seen);
    *list = (struct why_target_list){0};
}
