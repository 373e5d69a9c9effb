/* SPDX-License-Identifier: Apache-2.0 */
#include "json_run.h"

#include "json_text.h"
#include "words.h"

void why_json_put_time_us(struct why_json_builder *b, json_t *object, const char *key, uint64_t us)
{
    char text[WHY_TIME_TEXT];

    if (us > 0 && why_time_text(why_time_of_us(us), text))
        why_json_put_text(b, object, key, text);
}

json_t *why_json_run_options(struct why_json_builder *b, const struct why_run_info *run)
{
    json_t *options = why_json_build_object(b);
    json_t *profiles = why_json_build_array(b);
    json_t *modes = why_json_build_array(b);

    for (size_t i = 0; i < run->profile_count; i++)
        why_json_add_text(b, profiles, why_profile_name(run->profiles[i]));
    for (size_t i = 0; i < run->license_mode_count; i++)
        why_json_add_text(b, modes, why_license_mode_name(run->license_modes[i]));
    why_json_put(b, options, "profiles", profiles);
    why_json_put(b, options, "license_modes", modes);
    why_json_put_text(b, options, "until", why_phase_name(run->until));
    why_json_put_int(b, options, "timeout_us", (int64_t)run->timeout_us);
    why_json_put_int(b, options, "connect_timeout_us", (int64_t)run->connect_timeout_us);
    if (run->source == NULL) /* offline nobody listened */
        why_json_put_int(b, options, "linger_us", (int64_t)run->linger_us);
    why_json_put_int(b, options, "jobs", run->jobs);
    why_json_put_int(b, options, "per_host", run->per_host);
    why_json_put_int(b, options, "repeat", run->repeat);
    why_json_put_bool(b, options, "credentials", run->credentials);
    return options;
}

json_t *why_json_spread(struct why_json_builder *b, const struct why_spread *spread)
{
    json_t *object = why_json_build_object(b);

    why_json_put_text(b, object, "profile", why_profile_name(spread->profile));
    why_json_put_text(b, object, "license_mode", why_license_mode_name(spread->license_mode));
    if (spread->phase < WHY_PHASE_COUNT)
        why_json_put_text(b, object, "phase", why_phase_name(spread->phase));
    why_json_put_int(b, object, "count", (int64_t)spread->count);
    why_json_put_int(b, object, "min_us", (int64_t)spread->min_us);
    why_json_put_int(b, object, "median_us", (int64_t)spread->median_us);
    why_json_put_int(b, object, "max_us", (int64_t)spread->max_us);
    return object;
}

void why_json_put_judgements(struct why_json_builder *b, json_t *object,
                             const struct why_judgement *judgements, size_t count)
{
    json_t *requirements = why_json_build_array(b);

    for (size_t i = 0; i < count; i++) {
        json_t *requirement = why_json_build_object(b);

        why_json_put_text(b, requirement, "requirement", judgements[i].requirement);
        why_json_put_bool(b, requirement, "met", judgements[i].met);
        why_json_put_text(b, requirement, "fact", judgements[i].fact);
        why_json_add(b, requirements, requirement);
    }
    why_json_put_filled(b, object, "requirements", requirements);
}

json_t *why_json_footprint(struct why_json_builder *b, const struct why_footprint *footprint)
{
    json_t *object = why_json_build_object(b);

    why_json_put_int(b, object, "connections", (int64_t)footprint->connections);
    why_json_put_int(b, object, "authentications", (int64_t)footprint->authentications);
    why_json_put_int(b, object, "licenses_requested", (int64_t)footprint->licenses_requested);
    why_json_put_int(b, object, "licenses_issued", (int64_t)footprint->licenses_issued);
    if (footprint->licenses_unknown > 0)
        why_json_put_int(b, object, "licenses_unknown", (int64_t)footprint->licenses_unknown);
    return object;
}
