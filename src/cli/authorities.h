/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_AUTHORITIES_H
#define RDPWHY_CLI_AUTHORITIES_H

struct cli_options;
struct why_authorities;

/*
 * What certificates are judged against (trust.h): this computer's authorities and --ca's. Returns
 * WHY_OK, or a status after a message.
 */
int cli_authorities(const struct cli_options *options, struct why_authorities **trust);

#endif /* !defined(RDPWHY_CLI_AUTHORITIES_H) */
