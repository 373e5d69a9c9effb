/* SPDX-License-Identifier: Apache-2.0 */
#include "rules.h"

#include <string.h>
#include <strings.h>

#include <rdpwhy/trace.h>

/*
 * What proxies say beside an HTTP status of 500 and more, and what it comes to: the error types of
 * Proxy-Status (RFC 9209 2.3), squid's X-Squid-Error, and reason phrases of other proxies. Without
 * such words 500 and 503 are said by proxies that could not connect to the server (Apache,
 * tinyproxy) and by those that are in trouble themselves.
 */
static const struct {
    const char *words;
    enum why_rule rule;
} said[] = {
    {"error=dns_timeout", WHY_RULE_PROXY_CANNOT_REACH},
    {"error=dns_error", WHY_RULE_PROXY_CANNOT_REACH},
    {"error=destination_not_found", WHY_RULE_PROXY_CANNOT_REACH},
    {"error=destination_unavailable", WHY_RULE_PROXY_CANNOT_REACH},
    {"error=destination_ip_unroutable", WHY_RULE_PROXY_CANNOT_REACH},
    {"error=connection_refused", WHY_RULE_PROXY_CANNOT_REACH},
    {"error=connection_terminated", WHY_RULE_PROXY_CANNOT_REACH},
    {"error=connection_timeout", WHY_RULE_PROXY_CANNOT_REACH},
    {"error=destination_ip_prohibited", WHY_RULE_PROXY_FORBIDS},
    {"error=http_request_denied", WHY_RULE_PROXY_FORBIDS},
    {"error=connection_limit_reached", WHY_RULE_PROXY_FAILED},
    {"error=proxy_configuration_error", WHY_RULE_PROXY_FAILED},
    {"error=proxy_internal_error", WHY_RULE_PROXY_FAILED},
    {"error=proxy_internal_response", WHY_RULE_PROXY_FAILED},
    {"error=proxy_loop_detected", WHY_RULE_PROXY_FAILED},
    {"ERR_CONNECT_FAIL", WHY_RULE_PROXY_CANNOT_REACH},
    {"ERR_DNS_FAIL", WHY_RULE_PROXY_CANNOT_REACH},
    {"ERR_CANNOT_FORWARD", WHY_RULE_PROXY_FAILED},
    {"ERR_SHUTTING_DOWN", WHY_RULE_PROXY_FAILED},
    {"ERR_SOCKET_FAILURE", WHY_RULE_PROXY_FAILED},
    {"Unable to connect", WHY_RULE_PROXY_CANNOT_REACH}, /* tinyproxy */
    {"Connect failed", WHY_RULE_PROXY_CANNOT_REACH},    /* Privoxy */
};

static bool contains(const char *text, const char *words)
{
    size_t len = strlen(words);

    for (; *text != '\0'; text++) {
        if (strncasecmp(text, words, len) == 0)
            return true;
    }
    return false;
}

enum why_rule why_rule_of_proxys_words(const struct why_result *r)
{
    const char *text = NULL;

    if (r->verdict.code.space != WHY_SPACE_HTTP || r->verdict.code.value < 500)
        return WHY_RULE_COUNT;
    for (size_t i = 0; r->trace != NULL && i < why_trace_count(r->trace); i++) {
        if (why_trace_at(r->trace, i)->kind == WHY_EV_PROXY_HTTP)
            text = why_trace_at(r->trace, i)->text;
    }
    for (size_t i = 0; text != NULL && i < sizeof(said) / sizeof(said[0]); i++) {
        if (contains(text, said[i].words))
            return said[i].rule;
    }
    /* RFC 9110 15.6.4: with 503 it is overload or maintenance. */
    return text != NULL && r->verdict.code.value == 503 && contains(text, "Retry-After:")
               ? WHY_RULE_PROXY_FAILED
               : WHY_RULE_COUNT;
}

enum why_rule why_rule_of_proxy(const struct why_result *r)
{
    enum why_rule rule = why_rule_of_proxys_words(r);

    return rule != WHY_RULE_COUNT ? rule
                                  : why_rule_of_code(r->verdict.code.space, r->verdict.code.value);
}
