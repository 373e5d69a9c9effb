/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>
#include <rdpwhy/store.h>

json_t *message_new(const char *record)
{
    return json_pack("{s:s}", "record", record);
}

bool message_is(const json_t *message, const char *record)
{
    const char *is = json_string_value(json_object_get(message, "record"));

    return is != NULL && strcmp(is, record) == 0;
}

bool message_put_bytes(json_t *message, const char *key, const struct why_license_data *data)
{
    static const char digits[] = "0123456789abcdef";
    char *hex;
    bool put;

    if (data->data == NULL)
        return true;
    hex = malloc(2 * data->len + 1);
    if (hex == NULL)
        return false;
    for (size_t i = 0; i < data->len; i++) {
        hex[2 * i] = digits[data->data[i] >> 4];
        hex[2 * i + 1] = digits[data->data[i] & 15];
    }
    put = json_object_set_new(message, key, json_stringn(hex, 2 * data->len)) == 0;
    free(hex);
    return put;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool message_get_bytes(const json_t *message, const char *key, struct why_license_data *data)
{
    const json_t *member = json_object_get(message, key);
    const char *hex = json_string_value(member);
    size_t len = json_string_length(member) / 2;

    *data = (struct why_license_data){NULL, 0};
    if (hex == NULL)
        return member == NULL;
    if (len > WHY_LICENSE_MAX)
        return false;
    data->data = malloc(len + 1);
    if (data->data == NULL)
        return false;
    for (size_t i = 0; i < len; i++) {
        int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

        if (high < 0 || low < 0) {
            free(data->data);
            data->data = NULL;
            return false;
        }
        data->data[i] = (uint8_t)(high << 4 | low);
    }
    data->len = len;
    return true;
}

json_t *message_of_job(const struct message_job *job)
{
    json_t *m = json_pack("{s:s, s:I, s:I, s:I, s:i, s:i, s:b, s:b}", "record", "job", "job",
                          (json_int_t)job->id, "dial_us", (json_int_t)job->dial_us, "timeout_us",
                          (json_int_t)job->timeout_us, "repeat", (int)job->repeat, "variation",
                          (int)job->variation, "alone", (int)job->alone, "socket", 1);

    if (m != NULL && !message_put_bytes(m, "license", &job->license)) {
        json_decref(m);
        return NULL;
    }
    return m;
}

bool message_read_job(const json_t *message, struct message_job *job)
{
    json_int_t id, dial, timeout;
    int repeat, variation, alone;
    /* Reading takes no references. */
    json_t *m = (json_t *)(uintptr_t)message;

    if (json_unpack(m, "{s:I, s:I, s:I, s:i, s:i, s:b}", "job", &id, "dial_us", &dial, "timeout_us",
                    &timeout, "repeat", &repeat, "variation", &variation, "alone", &alone) != 0)
        return false;
    *job = (struct message_job){
        .id = (uint64_t)id,
        .dial_us = (uint64_t)dial,
        .timeout_us = (uint64_t)timeout,
        .repeat = (unsigned)repeat,
        .variation = (enum why_variation)variation,
        .alone = alone != 0,
    };
    return message_get_bytes(message, "license", &job->license);
}

char *message_write_trace(const struct why_trace *trace, size_t first, size_t *len)
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

struct why_trace *message_read_trace(const char *text, size_t len)
{
    struct why_trace *trace = NULL;

    (void)why_trace_read_memory(text, len, &trace, NULL, 0);
    return trace;
}
