/* SPDX-License-Identifier: Apache-2.0 */
#include "der.h"

#include <openssl/asn1.h>

#define FAILED     0x80 /* what ASN1_get_object returns */
#define INDEFINITE 0x01 /* a length that DER has not */

bool why_der_enter(const unsigned char **p, long *len, int tag, int class)
{
    long content = 0;
    int got_tag = 0, got_class = 0;
    int how = *len > 0 ? ASN1_get_object(p, &content, &got_tag, &got_class, *len) : FAILED;

    if ((how & (FAILED | INDEFINITE)) != 0 || got_tag != tag || got_class != class)
        return false;
    *len = content;
    return true;
}
