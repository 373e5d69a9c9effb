/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include <rdpwhy/status.h>

#include "store_file.h"

/* A license file of the store, which anybody may have written to. */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct why_license license;
    int status = why_store_file_parse(data, size, &license);

    REQUIRE(status == WHY_OK || status == WHY_ERR_MALFORMED);
    if (status == WHY_OK) {
        REQUIRE(license.server != NULL && license.data != NULL);
        REQUIRE(license.len > 0 && license.len <= WHY_LICENSE_MAX && 2 * license.len <= size);
        why_license_corrupt(license.data, license.len);
    }
    why_license_clear(&license);
    REQUIRE(license.server == NULL && license.data == NULL);
    return 0;
}
