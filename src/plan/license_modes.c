/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>

static const struct why_license_mode_info modes[] = {
#define WHY_LICENSE_MODE(id, name, meaning, ...) [WHY_LICENSE_MODE_##id] = {__VA_ARGS__},
#include <rdpwhy/vocab.def>
};

const struct why_license_mode_info *why_license_mode_info(enum why_license_mode mode)
{
    return &modes[mode];
}
