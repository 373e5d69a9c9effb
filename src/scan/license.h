/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_LICENSE_H
#define RDPWHY_SCAN_LICENSE_H

#include "run.h"

/* What a license mode brings along, and whether what it gets is kept. */

/*
 * Fetches the license that |mode| presents to |target|. |*out| stays empty where the mode needs
 * none. A mode that presents one needs run->engine_known. Returns WHY_OK, or another status with
 * the reason to skip the attempt in |err|.
 */
int license_fetch(const struct run *run, const struct why_target *target,
                  enum why_license_mode mode, struct why_license_data *out, char *err,
                  size_t errlen);

/*
 * Keeps |issued|, which |result|'s attempt was given, where its mode may. Returns WHY_OK, or
 * another status with a warning in |err|: nothing measured is lost for it. WHY_ERR_NOTFOUND: there
 * is no store; else as why_store_save.
 */
int license_keep(const struct run *run, const struct why_result *result,
                 const struct why_license_data *issued, char *err, size_t errlen);

#endif /* !defined(RDPWHY_SCAN_LICENSE_H) */
