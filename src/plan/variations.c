/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>

const char *why_variation_name(enum why_variation variation)
{
    static const char *const names[WHY_VARIATION_COUNT] = {
        [WHY_VARIATION_NO_SALTED_MAC] = "no-salted-mac",
        [WHY_VARIATION_WITH_COOKIE] = "with-cookie",
        [WHY_VARIATION_AGAIN] = "again",
        [WHY_VARIATION_REDIRECTED] = "redirected",
        [WHY_VARIATION_TLS_FIRST] = "tls-first",
    };

    return (size_t)variation < WHY_VARIATION_COUNT ? names[variation] : NULL;
}
