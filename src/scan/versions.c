/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/scan.h>

#include "attempt/attempt.h"

struct why_versions why_scan_versions(void)
{
    return (struct why_versions){
        .library_built = why_engine_library_built(),
        .library_running = why_engine_library_running(),
        .openssl = why_engine_openssl(),
    };
}
