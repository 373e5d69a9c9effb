/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KERBEROS_KERB_ERROR_H
#define RDPWHY_KERBEROS_KERB_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * KERB-ERROR-DATA ([MS-KILE] 2.2.1) in the e-data of a KRB-ERROR: the NTSTATUS in which domain
 * controllers say what one code of Kerberos stands for. False: there is none in |data|, which may
 * be anything. Pure.
 */
bool why_kerb_error_status(const uint8_t *data, size_t len, uint32_t *status);

#endif /* !defined(RDPWHY_KERBEROS_KERB_ERROR_H) */
