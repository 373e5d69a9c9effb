/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/result.h>

/*
 * libfreerdp salts its MACs from the Client Info PDU on. Some servers drop the connection right
 * there (xrdp 0.9.21 with a Disconnect Provider Ultimatum); without salt they go on.
 */
static bool salted_mac_suspected(const struct why_result *r)
{
    const struct why_verdict *v = &r->verdict;

    return r->facts.has_server_security && r->facts.encryption_method != 0 &&
           (v->phase == WHY_PHASE_SECURITY_COMMENCEMENT || v->phase == WHY_PHASE_SECURE_SETTINGS) &&
           v->sent_through == WHY_PHASE_SECURE_SETTINGS && v->has_closer &&
           v->closed_by == WHY_CLOSED_BY_SERVER;
}

/* Some load balancers close what has neither a cookie nor a token. Our own request had none because
 * that was asked for. */
static bool cookie_suspected(const struct why_result *r)
{
    const struct why_verdict *v = &r->verdict;

    return r->facts.has_request && !r->facts.has_cookie && !r->facts.has_token &&
           v->phase == WHY_PHASE_NEGOTIATION && r->facts.bytes_received == 0 &&
           (v->ending == WHY_END_FIN || v->ending == WHY_END_RESET);
}

enum why_variation why_variation_due(const struct why_result *result)
{
    if (why_trace_head(result->trace)->variation != NULL)
        return WHY_VARIATION_NONE;
    if (salted_mac_suspected(result))
        return WHY_VARIATION_NO_SALTED_MAC;
    return cookie_suspected(result) ? WHY_VARIATION_WITH_COOKIE : WHY_VARIATION_NONE;
}
