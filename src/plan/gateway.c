/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/gateway.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>

#include "target_text.h"

static const char *const transports[] = {
    [WHY_GATEWAY_TRANSPORT_AUTO] = "auto",
    [WHY_GATEWAY_TRANSPORT_WEBSOCKET] = "websocket",
    [WHY_GATEWAY_TRANSPORT_HTTP] = "http",
};

#define TRANSPORTS (sizeof(transports) / sizeof(transports[0]))

const char *why_gateway_transport_name(enum why_gateway_transport transport)
{
    return transports[transport];
}

int why_gateway_transport_find(const char *name)
{
    for (size_t i = 0; i < TRANSPORTS; i++) {
        if (strcmp(transports[i], name) == 0)
            return (int)i;
    }
    return -1;
}

static int wrong(char *err, size_t errlen, const char *problem)
{
    (void)snprintf(err, errlen, "%s", problem);
    return WHY_ERR_USAGE;
}

int why_gateway_parse(const char *text, struct why_gateway *gateway, char *err, size_t errlen)
{
    struct why_target_text place = {.port = 0};
    char message[512] = "";
    size_t len;

    *gateway = (struct why_gateway){.port = 0};
    if (strlen(text) >= WHY_HOST_SIZE)
        return wrong(err, errlen, "it is too long");
    if (why_target_parse(text, &place, message, sizeof(message)) != WHY_OK)
        return wrong(err, errlen, why_target_problem(message));
    if (place.prefix >= 0 || place.vm[0] != '\0')
        return wrong(err, errlen, "a gateway is one host");
    len = strlen(place.host) + 16;
    gateway->host = strdup(place.host);
    gateway->port = why_target_names_port(text) ? place.port : WHY_GATEWAY_DEFAULT_PORT;
    gateway->label = malloc(len);
    if (gateway->host == NULL || gateway->label == NULL) {
        why_gateway_clear(gateway);
        return WHY_ERR_NOMEM;
    }
    (void)snprintf(gateway->label, len, strchr(place.host, ':') ? "[%s]:%u" : "%s:%u", place.host,
                   (unsigned)gateway->port);
    return WHY_OK;
}

void why_gateway_clear(struct why_gateway *gateway)
{
    free(gateway->host);
    free(gateway->label);
    *gateway = (struct why_gateway){.port = 0};
}
