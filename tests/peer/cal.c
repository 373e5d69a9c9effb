/* SPDX-License-Identifier: Apache-2.0 */
#include "cal.h"

#include <openssl/evp.h>
#include <string.h>

static const char title[] = "rdpwhy test license, not valid anywhere";

#define AT_GENERATION sizeof(title)
#define AT_HWID       (AT_GENERATION + 1)
#define AT_REST       (AT_HWID + HWID_SIZE)

bool cal_make(uint8_t out[CAL_SIZE], uint8_t generation, const uint8_t hwid[HWID_SIZE])
{
    memcpy(out, title, sizeof(title));
    out[AT_GENERATION] = generation;
    memcpy(out + AT_HWID, hwid, HWID_SIZE);
    /* In the place of a signature: each block is the digest of all before it. */
    for (size_t at = AT_REST; at < CAL_SIZE;) {
        uint8_t sha[32];
        const size_t len = CAL_SIZE - at < sizeof(sha) ? CAL_SIZE - at : sizeof(sha);
        if (EVP_Digest(out, at, sha, NULL, EVP_sha256(), NULL) != 1) {
            return false;
        }
        memcpy(out + at, sha, len);
        at += len;
    }
    return true;
}

enum cal_state cal_judge(const uint8_t *data, size_t len, uint8_t *generation,
                         uint8_t hwid[HWID_SIZE])
{
    uint8_t ours[CAL_SIZE];
    if (len != CAL_SIZE || !cal_make(ours, data[AT_GENERATION], data + AT_HWID) ||
        memcmp(ours, data, CAL_SIZE) != 0) {
        return CAL_DAMAGED;
    }
    *generation = data[AT_GENERATION];
    memcpy(hwid, data + AT_HWID, HWID_SIZE);
    return CAL_OURS;
}
