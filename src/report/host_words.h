/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_HOST_WORDS_H
#define RDPWHY_REPORT_HOST_WORDS_H

struct why_host;

/* What the attempts of a host say together, in a word. Static texts, or the host's. */

/* "required", "yes" or "no": Network Level Authentication; NULL: no answer says. */
const char *why_host_nla(const struct why_host *host);
/* What the host's state means, of this host. */
const char *why_host_state_meaning(const struct why_host *host);
/* The highest TLS version that was agreed on; NULL: none. */
const char *why_host_tls(const struct why_host *host);

#endif /* !defined(RDPWHY_REPORT_HOST_WORDS_H) */
