/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ETL_PROVIDERS_H
#define RDPWHY_ETL_PROVIDERS_H

#include <stdint.h>

/* Who writes events that are read here, or that it helps to name. */
enum etl_provider {
    ETL_NDIS,
    ETL_PKTMON,
    ETL_TCPIP,
    ETL_WFP,
    ETL_SCHANNEL,
    ETL_RDPCORETS,
    ETL_CONNECTION_MANAGER,
    ETL_SESSION_MANAGER,
    ETL_CLIENT,
    ETL_OTHER
};

/* |guid|: 16 bytes as they lie in a file. */
enum etl_provider why_etl_provider(const uint8_t *guid);
/* Static; NULL for ETL_OTHER. */
const char *why_etl_provider_name(enum etl_provider provider);

#endif /* !defined(RDPWHY_ETL_PROVIDERS_H) */
