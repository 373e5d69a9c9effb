/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/store.h>

#include <stdlib.h>
#include <string.h>

void why_license_clear(struct why_license *license)
{
    if (license == NULL)
        return;
    free(license->server);
    free(license->company);
    free(license->product);
    free(license->scope);
    free(license->client);
    free(license->data);
    memset(license, 0, sizeof(*license));
}

void why_license_corrupt(uint8_t *data, size_t len)
{
    /* Every 16th byte, the first and the last: whatever a server checks first is hit. */
    for (size_t i = 0; i < len; i += 16)
        data[i] ^= 0x5a;
    if (len > 0)
        data[len - 1] ^= 0xa5;
}
