/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/plan.h>

#include <strings.h>

bool why_account_is_entra(const struct why_credentials *credentials)
{
    return credentials != NULL && strcasecmp(credentials->domain, "AzureAD") == 0;
}
