/* SPDX-License-Identifier: Apache-2.0 */
#include "fuzz.h"

#include "wire/tsgu.h"

/* One packet of an RD Gateway, in memory of its size. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct why_tsgu p;
    size_t length = why_tsgu_length(data, size);

    REQUIRE(length == 0 || (length >= WHY_TSGU_HEADER && length <= WHY_TSGU_PACKET_MAX));
    why_tsgu_read(data, size, &p);
    REQUIRE(p.problem != NULL || (length == size && why_tsgu_name(p.type) != NULL));
    REQUIRE(p.data <= size && p.data_len <= size - p.data);
    REQUIRE(p.secret <= size && p.secret_len <= size - p.secret);
    REQUIRE(memchr(p.text, '\0', sizeof(p.text)) != NULL);
    REQUIRE(!why_tsgu_refuses(&p) || p.error != 0);
    return 0;
}
