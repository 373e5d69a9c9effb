/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_VERDICT_ADDRESS_H
#define RDPWHY_VERDICT_ADDRESS_H

#include <stdbool.h>

#define BARE_ADDRESS_MAX 64

/* Whether |host| is an address and not a name; |buf|: without the zone of an IPv6 address
 * ("fe80::1%eth0"), which is of this computer alone. */
bool why_bare_address(const char *host, char buf[BARE_ADDRESS_MAX]);

#endif /* !defined(RDPWHY_VERDICT_ADDRESS_H) */
