/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_RECOGNIZE_H
#define RDPWHY_PCAP_RECOGNIZE_H

#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/vocab.h>

/* Is it RDP? By the first bytes of a side, whatever the port. */

enum likeness {
    LIKE_NOTHING, /* it is not */
    LIKE_MAYBE,   /* too few bytes */
    LIKE_SO       /* a whole PDU of that kind */
};

enum likeness why_recognize_request(const uint8_t *data, size_t len); /* X.224 Connection Request */
enum likeness why_recognize_confirm(const uint8_t *data, size_t len); /* X.224 Connection Confirm */

/* The profile whose offer the Connection Request at |data| makes. */
enum why_profile why_recognize_profile(const uint8_t *data, size_t len);

#endif /* !defined(RDPWHY_PCAP_RECOGNIZE_H) */
