/* SPDX-License-Identifier: Apache-2.0 */
#include "rows.h"

#include <string.h>

#include <rdpwhy/result.h>

/* clang-format off */
const struct row why_rows[] = {
    {{"host-state", "The host's state; worse: further from healthy"},
     true, why_row_state, FACT_COUNT, NULL},
    {{"accepted", "A profile that the configuration refused is accepted, or the reverse; worse: a weak one is accepted, a strong one no longer"},
     false, why_row_accepted, FACT_COUNT, NULL},
    {{"outcome", "The outcome of the attempt; worse: it ends earlier than before"},
     false, why_row_outcome, FACT_COUNT, NULL},
    {{"phase", "The phase in which the attempt ends, with the same outcome; worse: an earlier one"},
     false, why_row_phase, FACT_COUNT, NULL},
    {{"ending", "How the attempt ends, in the same phase"},
     false, why_row_ending, FACT_COUNT, NULL},
    {{"code", "The code, if the attempt ends in the same way"},
     false, why_row_code, FACT_COUNT, NULL},
    {{"variation", "What rdpwhy has to change for the attempt to continue; worse: it has to change something"},
     false, why_row_variation, FACT_COUNT, NULL},

    {{"nla-required", "Whether Network Level Authentication is required; worse: no longer"},
     true, why_row_nla_required, FACT_COUNT, NULL},
    {{"protocol", "The security protocol that the server selects when it has the choice; worse: a "
      "weaker one"},
     false, why_row_selected, FACT_selected, why_rank_protocol},
    {{"tls-version", "The TLS version; worse: an older one"},
     false, why_row_fact, FACT_tls_version, why_tls_version_number},
    {{"tls-cipher", "The TLS cipher suite; worse: of a weaker class (weak, without forward secrecy "
      "or authenticated encryption, strong)"},
     false, why_row_cipher, FACT_tls_cipher, why_rank_cipher},
    {{"encryption-method", "The method of Standard RDP Security; worse: a weaker one"},
     false, why_row_encryption, FACT_security_method, why_rank_method},
    {{"encryption-level", "The level of Standard RDP Security; worse: a weaker one"},
     false, why_row_encryption, FACT_security_level, why_rank_level},
    {{"credssp-version", "The server's CredSSP version; worse: an older one"},
     false, why_row_credssp, FACT_COUNT, NULL},

    {{"certificate", "The certificate: it was replaced"},
     false, why_row_certificate, FACT_certificate_sha256, NULL},
    {{"certificate-expired", "Whether the certificate is valid at the time of the attempt; worse: "
      "no longer"},
     false, why_row_certificate_expired, FACT_COUNT, NULL},
    {{"certificate-days", "The days until the certificate expires; worse: fewer than the limit"},
     false, why_row_certificate_days, FACT_certificate_not_after, NULL},
    {{"certificate-name", "Whether the certificate is for the target's name; worse: no longer"},
     false, why_row_certificate_name, FACT_COUNT, NULL},
    {{"certificate-issuer", "Whether the certificate is signed by a key other than its own; worse: now self-signed"},
     false, why_row_certificate_trust, FACT_COUNT, NULL},
    {{"certificate-trust", "Whether the certificate's chain leads to an authority that the probing computer trusts; worse: no longer"},
     false, why_row_fact, FACT_certificate_trust, why_rank_trust},
    {{"certificate-key", "The certificate's key; worse: a weaker one"},
     false, why_row_fact, FACT_certificate_key, why_key_strength},

    {{"license", "The result of licensing for a client without a license, or an administrator"},
     false, why_row_license, FACT_license_result, NULL},
    {{"server-kind", "Which software the server is"}, true, why_row_kind, FACT_COUNT, NULL},
    {{"server-build", "The server's operating system version"},
     false, why_row_fact, FACT_os_version, NULL},
    {{"server-name", "The server's own name"},
     false, why_row_fact, FACT_dns_computer, NULL},
    {{"server-netbios-name", "The server's own NetBIOS name"},
     false, why_row_fact, FACT_netbios_computer, NULL},
    {{"server-domain", "The server's domain"},
     false, why_row_fact, FACT_dns_domain, NULL},
    {{"server-version", "The server's RDP version"},
     false, why_row_fact, FACT_server_version, NULL},
    {{"session", "What became of a session that was watched (--until session); worse: further from one that an account is logged on to"},
     false, why_row_fact, FACT_session_state, why_rank_session},
    {{"udp", "Whether RDP over UDP is answered; worse: no longer"},
     true, why_row_udp, FACT_COUNT, NULL},
    {{"clock-skew", "The server's clock compared with this computer's; worse: beyond the limit"},
     true, why_row_clock_skew, FACT_COUNT, NULL},
    {{"phase-time", "The median time of a phase over the repeats of both runs; worse: longer by more than both --slower-factor and --slower-floor"},
     false, why_row_phase_time, FACT_COUNT, NULL},

    {{"appeared", "A host that is only in the current run"}, true, NULL, FACT_COUNT, NULL},
    {{"gone", "A host that is only in the baseline"}, true, NULL, FACT_COUNT, NULL},
};
/* clang-format on */
const size_t why_row_count = sizeof(why_rows) / sizeof(why_rows[0]);
