/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_PASSWORD_H
#define RDPWHY_CLI_PASSWORD_H

#include <stdbool.h>

#include <rdpwhy/plan.h>

#include "options.h"

#define CLI_SECRET_MAX 1024 /* bytes, with the NUL */

/* Who to log on as. Wiped by cli_secret_wipe, never copied. */
struct cli_secret {
    char user[CLI_SECRET_MAX], domain[CLI_SECRET_MAX], password[CLI_SECRET_MAX];
    struct why_credentials credentials; /* of the three above */
    bool given;
};

/*
 * Takes RDPWHY_PASSWORD out of the environment in any case, and where --user was given finds its
 * password: --password-file, RDPWHY_PASSWORD, or a prompt on the terminal. Returns WHY_OK, or
 * WHY_ERR_USAGE after a message.
 */
int cli_secret_get(struct cli_secret *secret, const struct cli_options *options);
/*
 * The same for the proxy: RDPWHY_PROXY_PASSWORD, or --proxy-password-file. Completes
 * |options|->proxy, which then points into |secret|.
 */
int cli_proxy_secret_get(struct cli_secret *secret, struct cli_options *options);
/*
 * The same for the gateway: RDPWHY_GATEWAY_PASSWORD, --gateway-password-file or a prompt, for
 * --gateway-user; else the account is |user|'s, where one was given. Completes |options|->gateway,
 * which then points into |secret| or |user|.
 */
int cli_gateway_secret_get(struct cli_secret *secret, struct cli_options *options,
                           const struct cli_secret *user);
void cli_secret_wipe(struct cli_secret *secret);

#endif /* !defined(RDPWHY_CLI_PASSWORD_H) */
