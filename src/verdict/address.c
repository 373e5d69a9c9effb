/* SPDX-License-Identifier: Apache-2.0 */
#include "address.h"

#include <arpa/inet.h>
#include <string.h>

bool why_bare_address(const char *host, char buf[BARE_ADDRESS_MAX])
{
    unsigned char binary[sizeof(struct in6_addr)];
    size_t len = strcspn(host, "%");

    if (len >= BARE_ADDRESS_MAX)
        return false;
    memcpy(buf, host, len);
    buf[len] = '\0';
    return inet_pton(AF_INET6, buf, binary) == 1 || inet_pton(AF_INET, host, binary) == 1;
}
