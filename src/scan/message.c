/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>
#include <rdpwhy/store.h>

#include "base/hex.h"

json_t *why_message_new(const char *record)
{
    return json_pack("{s:s}", "record", record);
}

json_t *why_message_about(const char *record, uint64_t job)
{
    return json_pack("{s:s, s:I}", "record", record, "job", (json_int_t)job);
}

bool why_message_is(const json_t *message, const char *record)
{
    const char *is = json_string_value(json_object_get(message, "record"));

    return is != NULL && strcmp(is, record) == 0;
}

uint64_t why_message_job(const json_t *message)
{
    return (uint64_t)json_integer_value(json_object_get(message, "job"));
}

char *why_message_text(const json_t *message, const char *key)
{
    const char *text = json_string_value(json_object_get(message, key));

    return strdup(text != NULL ? text : "");
}

void why_message_read_library(const json_t *message, struct library *library)
{
    const json_t *cannot = json_object_get(message, "cannot");

    library->client_name = why_message_text(message, "client_name");
    library->client_hash = why_message_text(message, "client_hash");
    for (int i = 0; i < WHY_PROFILE_COUNT; i++) {
        const char *profile = why_profile_name((enum why_profile)i);

        if (json_object_get(cannot, profile) != NULL)
            library->cannot[i] = why_message_text(cannot, profile);
    }
    library->known = true;
}

void why_library_clear(struct library *library)
{
    free(library->client_name);
    free(library->client_hash);
    for (size_t i = 0; i < WHY_PROFILE_COUNT; i++)
        free(library->cannot[i]);
}

bool why_message_put_bytes(json_t *message, const char *key, const struct why_license_data *data)
{
    char *hex;
    bool put;

    if (data->data == NULL)
        return true;
    hex = malloc(2 * data->len + 1);
    if (hex == NULL)
        return false;
    (void)why_hex_print(hex, data->data, data->len);
    put = json_object_set_new(message, key, json_string(hex)) == 0;
    free(hex);
    return put;
}

bool why_message_get_bytes(const json_t *message, const char *key, struct why_license_data *data)
{
    const json_t *member = json_object_get(message, key);
    const char *hex = json_string_value(member);
    size_t len = json_string_length(member);

    *data = (struct why_license_data){NULL, 0};
    if (hex == NULL)
        return member == NULL;
    if (len / 2 > WHY_LICENSE_MAX)
        return false;
    data->data = malloc(len / 2 + 1);
    if (data->data == NULL || !why_hex_parse(hex, len, data->data)) {
        free(data->data);
        data->data = NULL;
        return false;
    }
    data->len = len / 2;
    return true;
}

json_t *why_message_of_job(const struct message_job *job)
{
    json_t *m = json_pack("{s:s, s:I, s:I, s:I, s:i, s:i, s:b, s:b}", "record", "job", "job",
                          (json_int_t)job->id, "dial_us", (json_int_t)job->dial_us, "timeout_us",
                          (json_int_t)job->timeout_us, "repeat", (int)job->repeat, "variation",
                          (int)job->variation, "isolated", (int)job->isolated, "socket", 1);

    if (m != NULL && job->udp)
        (void)json_object_set_new(m, "udp", json_true());
    if (m != NULL && job->hop > 0)
        (void)json_object_set_new(m, "hop", json_integer(job->hop));
    if (m != NULL && job->vm[0] != '\0')
        (void)json_object_set_new(m, "vm", json_string(job->vm));
    if (m != NULL && (!why_message_put_bytes(m, "license", &job->license) ||
                      !why_message_put_bytes(m, "redirection", &job->redirection))) {
        json_decref(m);
        return NULL;
    }
    return m;
}

bool why_message_read_job(const json_t *message, struct message_job *job)
{
    json_int_t id, dial, timeout;
    int repeat, variation, isolated;
    /* Reading takes no references. */
    json_t *m = (json_t *)(uintptr_t)message;
    const char *vm = json_string_value(json_object_get(m, "vm"));

    if (json_unpack(m, "{s:I, s:I, s:I, s:i, s:i, s:b}", "job", &id, "dial_us", &dial, "timeout_us",
                    &timeout, "repeat", &repeat, "variation", &variation, "isolated",
                    &isolated) != 0)
        return false;
    *job = (struct message_job){
        .id = (uint64_t)id,
        .dial_us = (uint64_t)dial,
        .timeout_us = (uint64_t)timeout,
        .repeat = (unsigned)repeat,
        .variation = (enum why_variation)variation,
        .udp = json_is_true(json_object_get(m, "udp")),
        .hop = (unsigned)json_integer_value(json_object_get(m, "hop")),
        .isolated = isolated != 0,
    };
    (void)snprintf(job->vm, sizeof(job->vm), "%s", vm != NULL ? vm : "");
    return job->hop <= WHY_HOPS_MAX && why_message_get_bytes(message, "license", &job->license) &&
           why_message_get_bytes(message, "redirection", &job->redirection);
}

char *why_message_write_trace(const struct why_trace *trace, size_t first, size_t *len)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, len);
    int status;

    if (out == NULL)
        return NULL;
    status = why_trace_write_from(out, trace, first);
    if (fclose(out) != 0 || status != WHY_OK) {
        free(text);
        return NULL;
    }
    return text;
}

struct why_trace *why_message_read_trace(const char *text, size_t len)
{
    struct why_trace *trace = NULL;

    (void)why_trace_read_memory(text, len, &trace, NULL, 0);
    return trace;
}
