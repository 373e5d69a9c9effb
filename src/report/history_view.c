/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/history.h>

#include <stdlib.h>

bool why_history_is_flapping(const struct why_history_host *host)
{
    return host->changes >= WHY_HISTORY_FLAPPING;
}

static void clear_host(struct why_history_host *host)
{
    free(host->target);
    free(host->vantage);
    free(host->rule);
    free(host->summary);
}

static void clear_certificate(struct why_history_certificate *certificate)
{
    free(certificate->sha256);
    free(certificate->subject);
    free(certificate->issuer);
    for (size_t i = 0; i < WHY_HISTORY_NAMED; i++)
        free(certificate->names[i]);
}

void why_history_view_clear(struct why_history_view *view)
{
    for (size_t i = 0; i < view->host_count; i++)
        clear_host(&view->hosts[i]);
    for (size_t i = 0; i < view->certificate_count; i++)
        clear_certificate(&view->certificates[i]);
    for (size_t i = 0; i < view->time_count; i++)
        free(view->times[i].vantage);
    for (size_t i = 0; i < view->pace_count; i++) {
        free(view->paces[i].target);
        free(view->paces[i].vantage);
    }
    free(view->hosts);
    free(view->certificates);
    free(view->times);
    free(view->paces);
    *view = (struct why_history_view){.now = view->now};
}
