/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_LICENSE_H
#define RDPWHY_SCAN_LICENSE_H

#include "message.h"
#include "task.h"

/* What a license mode brings along, and whether what it gets is kept. */

struct license_place {
    const char *store; /* directory; NULL: there is none */
    const struct library *library;
};

/*
 * Fetches the license that the task's license mode presents, into |task->license|, which stays
 * empty where the mode needs none. A mode that presents one needs a library that is known. Returns
 * WHY_OK, or another status with the reason to skip the attempt in |err|.
 */
int why_license_fetch(const struct license_place *place, struct task *task, char *err,
                      size_t errlen);

/*
 * Keeps |issued|, which |result|'s attempt was given, where its mode may. Returns WHY_OK, or
 * another status with a warning in |err|: nothing measured is lost for it. WHY_ERR_NOTFOUND: there
 * is no store; else as why_store_save.
 */
int why_license_keep(const struct license_place *place, const struct why_result *result,
                     const struct why_license_data *issued, char *err, size_t errlen);

#endif /* !defined(RDPWHY_SCAN_LICENSE_H) */
