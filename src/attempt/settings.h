/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_ATTEMPT_SETTINGS_H
#define RDPWHY_ATTEMPT_SETTINGS_H

#include <freerdp/settings.h>

#include "attempt/request.h"

#include "engine.h"

/*
 * The engine's template with the attempt's profile, target and private license store in it; for
 * freerdp_context_new_ex, which takes it over. NULL when out of memory.
 */
rdpSettings *why_settings_for(const struct why_engine *engine, const struct why_attempt *attempt,
                              const char *store);

/* The client name of an attempt: the hardware ID and the license file's name come from it. */
const char *why_settings_client_name(const struct why_engine *engine,
                                     const struct why_attempt *attempt);

#endif /* !defined(RDPWHY_ATTEMPT_SETTINGS_H) */
