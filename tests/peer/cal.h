/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PEER_CAL_H
#define RDPWHY_PEER_CAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The licenses this server issues. A license depends on nothing but the hardware ID it is for and
 * its generation, so that the server recognises each one byte for byte without remembering any.
 * They are no X.509 licenses ([MS-RDPELE] 2.2.2.6.1) and valid nowhere else.
 */

#define CAL_SIZE  512
#define HWID_SIZE 20 /* [MS-RDPELE] 2.2.2.3.1 */

enum cal_state {
    CAL_OURS,   /* one of ours, as it was issued */
    CAL_DAMAGED /* anything else */
};

bool cal_make(uint8_t out[CAL_SIZE], uint8_t generation, const uint8_t hwid[HWID_SIZE]);

/* Judges what a client presents; |hwid| and |generation| are what a license of ours says. */
enum cal_state cal_judge(const uint8_t *data, size_t len, uint8_t *generation,
                         uint8_t hwid[HWID_SIZE]);

#endif /* !defined(RDPWHY_PEER_CAL_H) */
