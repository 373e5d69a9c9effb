/* SPDX-License-Identifier: Apache-2.0 */
#include "license.h"

#include <stdio.h>

#include <rdpwhy/status.h>
#include <rdpwhy/store.h>

static const char no_store[] = "there is no license store: neither XDG_STATE_HOME nor HOME is set";

int why_license_fetch(const struct license_place *place, struct task *task, char *err,
                      size_t errlen)
{
    const struct why_license_mode_info *mode = why_license_mode_info(task->step->license_mode);
    const struct why_target *target = &task->host->target;
    struct why_license license;
    int status;

    if (!mode->presents)
        return WHY_OK;
    if (place->store == NULL) {
        (void)snprintf(err, errlen, "%s", no_store);
        return WHY_ERR_NOTFOUND;
    }
    status = why_store_load(place->store, target->label, place->library->client_hash, &license, err,
                            errlen);
    if (status != WHY_OK)
        return status;
    if (license.len > WHY_LICENSE_PRESENTABLE) {
        (void)snprintf(err, errlen, "the license for %s has %zu bytes: too large for any message",
                       target->label, license.len);
        why_license_clear(&license);
        return WHY_ERR_MALFORMED;
    }
    if (mode->corrupts)
        why_license_corrupt(license.data, license.len);
    task->license = (struct why_license_data){license.data, license.len};
    license.data = NULL;
    why_license_clear(&license);
    return WHY_OK;
}

/* Text of the LICENSE_REQUEST that the license was issued after; NULL where it said nothing. */
static char *known(const char *text)
{
    return text[0] != '\0' ? (char *)(uintptr_t)text : NULL;
}

static int save(const char *dir, const struct why_license *license, char *err, size_t errlen)
{
    char why[400] = "";
    int status = dir != NULL ? why_store_save(dir, license, why, sizeof(why)) : WHY_ERR_NOTFOUND;
    const char *cause = dir == NULL ? no_store : *why != '\0' ? why : why_strstatus(status);

    if (status != WHY_OK)
        (void)snprintf(err, errlen, "the license that %s issued could not be stored: %s%s",
                       license->server, cause,
                       status == WHY_ERR_MALFORMED ? "; it is left alone" : "");
    return status;
}

int why_license_keep(const struct license_place *place, const struct why_result *result,
                     const struct why_license_data *issued, char *err, size_t errlen)
{
    const struct why_facts *f = &result->facts;
    const struct why_trace_head *head = why_trace_head(result->trace);
    struct why_license license = {
        .server = result->target->label,
        .client = place->library->client_name,
        .issued_us = head->started_us,
        .data = issued->data,
        .len = issued->len,
    };

    if (issued->data == NULL || !why_license_mode_info(result->step.license_mode)->keeps)
        return WHY_OK;
    if (f->has_license_request) {
        license.company = known(f->license_request.company);
        license.product = known(f->license_request.product);
        license.scope = known(f->license_request.scope);
        license.version = f->license_request.version;
    }
    return save(place->store, &license, err, errlen);
}
