/* SPDX-License-Identifier: Apache-2.0 */
#include "target_range.h"

#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <rdpwhy/status.h>

/* host:port as reports show it: brackets around what has colons of its own. */
static char *make_label(const char *host, const struct why_target_text *text)
{
    size_t len = strlen(host) + sizeof("[]:65535" WHY_VM_QUERY) + sizeof(text->vm);
    char *label = malloc(len);

    if (label != NULL)
        snprintf(label, len, strchr(host, ':') == NULL ? "%s:%u%s%s" : "[%s]:%u%s%s", host,
                 text->port, text->vm[0] != '\0' ? WHY_VM_QUERY : "", text->vm);
    return label;
}

static const char *vm_in(const char *label)
{
    const char *query = label != NULL ? strstr(label, WHY_VM_QUERY) : NULL;

    return query != NULL ? query + sizeof(WHY_VM_QUERY) - 1 : NULL;
}

void why_range_begin(struct why_target_range *range, const struct why_target_text *text)
{
    bool ipv6 = strchr(text->host, ':') != NULL;
    int width = ipv6 ? 128 : 32;
    int bits = text->prefix < 0 ? 0 : width - text->prefix; /* at most 16: the parser sees to it */

    range->text = *text;
    range->next = 0;
    range->end = bits >= 0 && bits < 32 ? 1u << bits : 1;
    /* Without network and broadcast address; there are none below a prefix of 31 (RFC 3021). */
    if (!ipv6 && text->prefix >= 0 && text->prefix < 31) {
        range->next++;
        range->end--;
    }
}

/* Ranges have a prefix of at least 112 bits: only the last two bytes vary. */
static void ipv6_address(const struct why_target_range *range, char *buf, socklen_t len)
{
    struct in6_addr address;
    uint32_t size = 1u << (128 - range->text.prefix);
    uint32_t low;

    (void)inet_pton(AF_INET6, range->text.host, &address);
    low = ((uint32_t)address.s6_addr[14] << 8 | address.s6_addr[15]) & ~(size - 1);
    low += range->next;
    address.s6_addr[14] = (uint8_t)(low >> 8);
    address.s6_addr[15] = (uint8_t)low;
    (void)inet_ntop(AF_INET6, &address, buf, len);
}

static void ipv4_address(const struct why_target_range *range, char *buf, socklen_t len)
{
    struct in_addr address;
    uint32_t size = 1u << (32 - range->text.prefix);

    (void)inet_pton(AF_INET, range->text.host, &address);
    address.s_addr = htonl((ntohl(address.s_addr) & ~(size - 1)) + range->next);
    (void)inet_ntop(AF_INET, &address, buf, len);
}

int why_target_of_label(const char *label, struct why_target *target)
{
    const char *colon = strrchr(label, ':');
    size_t len = colon != NULL ? (size_t)(colon - label) : strlen(label);
    bool bracketed = len > 1 && label[0] == '[' && label[len - 1] == ']';

    *target =
        (struct why_target){.host = strndup(label + bracketed, len - 2 * (size_t)bracketed),
                            .port = colon != NULL ? (uint16_t)strtoul(colon + 1, NULL, 10) : 0,
                            .label = strdup(label)};
    target->vm = vm_in(target->label);
    if (target->host != NULL && target->label != NULL)
        return WHY_OK;
    free(target->host);
    free(target->label);
    *target = (struct why_target){.label = NULL};
    return WHY_ERR_NOMEM;
}

int why_target_set_address(struct why_target *target, const char *address)
{
    struct why_target other;
    int status = why_target_of_label(address, &other);

    if (status != WHY_OK)
        return status;
    free(target->host);
    target->host = other.host;
    target->port = other.port;
    free(other.label);
    return WHY_OK;
}

int why_range_next(struct why_target_range *range, struct why_target *target)
{
    char address[INET6_ADDRSTRLEN], canonical[WHY_HOST_SIZE];
    const char *host = range->text.host, *shown = host;

    if (range->next >= range->end)
        return WHY_ERR_NOTFOUND;
    if (range->text.prefix >= 0) {
        if (strchr(host, ':') != NULL)
            ipv6_address(range, address, sizeof(address));
        else
            ipv4_address(range, address, sizeof(address));
        host = shown = address;
    } else if (why_ipv6_canonical(host, canonical, sizeof(canonical))) {
        shown = canonical; /* one label for its many spellings, so that duplicates are found */
    }
    *target = (struct why_target){
        .host = strdup(host), .port = range->text.port, .label = make_label(shown, &range->text)};
    target->vm = vm_in(target->label);
    if (target->host == NULL || target->label == NULL) {
        free(target->host);
        free(target->label);
        return WHY_ERR_NOMEM;
    }
    range->next++;
    return WHY_OK;
}
