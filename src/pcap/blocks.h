/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_BLOCKS_H
#define RDPWHY_PCAP_BLOCKS_H

#include <stdio.h>

#include <rdpwhy/pcap.h>

/*
 * What a pcapng file says beside its packets, which libpcap passes over: TLS secrets go to |keys|,
 * rdpwhy's own notes of an attempt to |*notes| (NULL: none; to be freed with why_trace_free). Reads
 * |in| from where it is and goes back there; leaves alone what cannot be read twice. Returns
 * WHY_OK or WHY_ERR_NOMEM: what is wrong with the file, the reader of packets will say.
 */
int why_blocks_scan(FILE *in, struct why_keys *keys, struct why_trace **notes);

#endif /* !defined(RDPWHY_PCAP_BLOCKS_H) */
