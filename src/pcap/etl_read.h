/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PCAP_ETL_READ_H
#define RDPWHY_PCAP_ETL_READ_H

#include <stdio.h>

#include <rdpwhy/pcap.h>

struct flows;

/* Whether |in| is an .etl file of Windows. Reads nothing of it for good; of what cannot be read
 * twice only the first byte is seen. */
bool why_etl_is_likely(FILE *in);

/*
 * The packets of an .etl file to |flows|, each once, though it was seen at several places of the
 * network stack (once.h). One pass over the buffers, whose headers are looked through before.
 * Returns WHY_OK, WHY_ERR_MALFORMED with a message, WHY_ERR_NOMEM, WHY_ERR_IO (a pipe that could
 * not be kept), or a callback's status.
 */
int why_etl_read(const struct why_pcap *pcap, FILE *in, struct flows *flows,
                 struct why_pcap_summary *summary, char *err, size_t errlen);

#endif /* !defined(RDPWHY_PCAP_ETL_READ_H) */
