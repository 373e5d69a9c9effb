/* SPDX-License-Identifier: Apache-2.0 */
#include "authorities.h"

#include <rdpwhy/status.h>
#include <rdpwhy/trust.h>

#include "cli.h"
#include "options.h"

int cli_authorities(const struct cli_options *options, struct why_authorities **trust)
{
    char err[CLI_ERROR_MAX] = "";
    int status = why_authorities_load(options->ca_files.items, options->ca_files.count, trust, err,
                                      sizeof(err));

    if (status != WHY_OK)
        cli_sayf("--ca: %s", *err != '\0' ? err : why_strstatus(status));
    return status;
}
