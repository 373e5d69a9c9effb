/* SPDX-License-Identifier: Apache-2.0 */
#include "kerb_error.h"

#include <limits.h>

#include <openssl/asn1.h>

#include "der.h"

#define KERB_ERR_TYPE_EXTENDED 3
#define TYPE_TAG               1
#define VALUE_TAG              2
#define STATUS_SIZE            12   /* status, reserved, flags; little-endian */
#define SEVERITY_ERROR         0xc0 /* of an NTSTATUS' highest byte */

/* What |p| is at: { [1] INTEGER 3, [2] OCTET STRING }, in which an NTSTATUS says that something
 * failed. The type 3 is also that of a salt, which has no zeros in it. */
static bool read_entry(const unsigned char *p, long len, uint32_t *status)
{
    const unsigned char *end = p + len;
    long n = len;

    if (!why_der_enter(&p, &n, TYPE_TAG, V_ASN1_CONTEXT_SPECIFIC) ||
        !why_der_enter(&p, &n, V_ASN1_INTEGER, V_ASN1_UNIVERSAL) || n != 1 ||
        *p++ != KERB_ERR_TYPE_EXTENDED)
        return false;
    n = end - p;
    if (!why_der_enter(&p, &n, VALUE_TAG, V_ASN1_CONTEXT_SPECIFIC) ||
        !why_der_enter(&p, &n, V_ASN1_OCTET_STRING, V_ASN1_UNIVERSAL) || n != STATUS_SIZE ||
        (p[3] & SEVERITY_ERROR) != SEVERITY_ERROR || (p[4] | p[5] | p[6] | p[7]) != 0)
        return false;
    *status = (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
    return true;
}

/* Windows sends one; Samba puts it among what it has to say of pre-authentication. */
bool why_kerb_error_status(const uint8_t *data, size_t len, uint32_t *status)
{
    const unsigned char *p = data, *end;
    long n = len <= LONG_MAX ? (long)len : 0;

    if (!why_der_enter(&p, &n, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL))
        return false;
    if (read_entry(p, n, status))
        return true;
    for (end = p + n; p < end; p += n) {
        n = end - p;
        if (!why_der_enter(&p, &n, V_ASN1_SEQUENCE, V_ASN1_UNIVERSAL))
            return false;
        if (read_entry(p, n, status))
            return true;
    }
    return false;
}
