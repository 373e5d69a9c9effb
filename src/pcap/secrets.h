/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_SECRETS_H
#define RDPWHY_PCAP_SECRETS_H

#include <rdpwhy/pcap.h>

struct input;

/*
 * Secrets may come after the packets that need them: reads the whole file for them, which go to
 * |keys|, and for rdpwhy's own notes of an attempt, which go to |*notes| (NULL: none; to be freed
 * with why_trace_free), and goes back to its beginning. Leaves alone what cannot be read twice.
 * Returns WHY_OK or WHY_ERR_NOMEM: what is wrong with the file, the reader of packets will say.
 */
int why_secrets_scan(struct input *in, struct why_keys *keys, struct why_trace **notes);

#endif /* !defined(RDPWHY_PCAP_SECRETS_H) */
