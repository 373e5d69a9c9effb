/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_BLOCKS_H
#define RDPWHY_PCAP_BLOCKS_H

#include <stdbool.h>

#include <rdpwhy/pcap.h>

#include "record/buffer.h"

/* What a pcapng file says beside its packets. |swapped|: not in this machine's byte order. */

/* rdpwhy's own notes among the comments of a Section Header Block, to |notes|. Returns WHY_OK or
 * WHY_ERR_NOMEM. */
int why_blocks_section(struct why_buffer *notes, const uint8_t *body, size_t len, bool swapped);
/* The TLS secrets of a Decryption Secrets Block. Returns the same. */
int why_blocks_secrets(struct why_keys *keys, const uint8_t *body, size_t len, bool swapped);

#endif /* !defined(RDPWHY_PCAP_BLOCKS_H) */
