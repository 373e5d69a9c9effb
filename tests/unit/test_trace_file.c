/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

#include "unit.h"

#define HEAD                                                                                       \
    "{\"schema\":\"rdpwhy/1\",\"record\":\"trace\",\"host\":\"srv1\",\"port\":3389,"               \
    "\"profile\":\"tls\",\"license_mode\":\"fresh\",\"until\":\"active\","                         \
    "\"started\":\"2026-11-22T08:00:00.123456Z\",\"credentials\":false,"                           \
    "\"bytes_sent\":334,\"bytes_received\":19,\"events\":"
#define EVENT "{\"schema\":\"rdpwhy/1\",\"record\":\"event\","

static FILE *file_of(const char *bytes, size_t len)
{
    FILE *file = tmpfile();

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes, 1, len, file), len);
    rewind(file);
    return file;
}

/* What why_trace_write makes of |trace|; to be freed. */
static char *written(const struct why_trace *trace)
{
    FILE *file = tmpfile();
    long size;
    char *text;

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(why_trace_write(file, trace), WHY_OK);
    size = ftell(file);
    rewind(file);
    text = calloc(1, (size_t)size + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_EQUAL(fread(text, 1, (size_t)size, file), (size_t)size);
    fclose(file);
    return text;
}

static struct why_trace *example(void)
{
    static char host[] = "srv1", library[] = "FreeRDP 3.10.3";
    static const struct why_event events[] = {
        {.t_us = 0, .kind = WHY_EV_DIAL, .text = "192.0.2.7 3389"},
        {.t_us = 180, .kind = WHY_EV_CONNECTED, .text = "192.0.2.7 3389"},
        {.t_us = 200,
         .kind = WHY_EV_PDU,
         .dir = WHY_DIR_SENT,
         .bytes = (const uint8_t *)"\x03\x00\xff",
         .len = 3,
         .wire_len = 19},
        {.t_us = 300, .kind = WHY_EV_TLS_ALERT, .dir = WHY_DIR_RECEIVED, .value = 552},
        {.t_us = 300, .kind = WHY_EV_CERTIFICATE, .bytes = (const uint8_t *)"0", .len = 1},
        {.t_us = 300,
         .kind = WHY_EV_PDU,
         .dir = WHY_DIR_RECEIVED,
         .flags = WHY_EVENT_DECRYPTED,
         .bytes = (const uint8_t *)"\x01",
         .len = 1},
        {.t_us = 400, .kind = WHY_EV_RESOLVE_FAILED, .value = EAI_NONAME, .text = "a\xff\\x41\"\n"},
        {.t_us = 401, .kind = WHY_EV_AUTHENTICATION, .text = "CORP\\joe"},
    };
    struct why_trace_head head = {.host = host,
                                  .port = 3389,
                                  .profile = WHY_PROFILE_TLS,
                                  .license_mode = WHY_LICENSE_MODE_FRESH,
                                  .until = WHY_PHASE_ACTIVE,
                                  .started_us = 1795334400123456u,
                                  .library = library};
    struct why_trace *trace = why_trace_new(&head);

    CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++)
        CU_ASSERT_EQUAL(why_trace_append(trace, &events[i]), WHY_OK);
    why_trace_count_bytes(trace, WHY_DIR_SENT, 334);
    why_trace_count_bytes(trace, WHY_DIR_RECEIVED, 19);
    return trace;
}

static void test_exact_text(void)
{
    struct why_trace *trace = example();
    char *text = written(trace);

    CU_ASSERT_STRING_EQUAL(
        text, "{\"schema\":\"rdpwhy/1\",\"record\":\"trace\",\"host\":\"srv1\",\"port\":3389,"
              "\"profile\":\"tls\",\"license_mode\":\"fresh\",\"until\":\"active\","
              "\"started\":\"2026-11-22T08:00:00.123456Z\",\"credentials\":false,"
              "\"library\":\"FreeRDP "
              "3.10.3\",\"bytes_sent\":334,\"bytes_received\":19,\"events\":8}\n" EVENT
              "\"t_us\":0,\"kind\":\"dial\",\"text\":\"192.0.2.7 3389\"}\n" EVENT
              "\"t_us\":180,\"kind\":\"connected\",\"text\":\"192.0.2.7 3389\"}\n" EVENT
              "\"t_us\":200,\"kind\":\"pdu\",\"dir\":\"sent\",\"bytes\":\"0300ff\","
              "\"wire_len\":19}\n" EVENT
              "\"t_us\":300,\"kind\":\"tls-alert\",\"dir\":\"received\",\"value\":552}\n" EVENT
              "\"t_us\":300,\"kind\":\"certificate\",\"value\":0,\"bytes\":\"30\"}\n" EVENT
              "\"t_us\":300,\"kind\":\"pdu\",\"dir\":\"received\",\"decrypted\":true,"
              "\"bytes\":\"01\"}\n" EVENT
              "\"t_us\":400,\"kind\":\"resolve-failed\",\"value\":\"EAI_NONAME\","
              "\"text\":\"a\\\\xff\\\\x5cx41\\\"\\n\"}\n" EVENT
              "\"t_us\":401,\"kind\":\"authentication\",\"text\":\"CORP\\\\joe\"}\n");
    free(text);
    why_trace_free(trace);
}

static void compare_events(const struct why_event *a, const struct why_event *b)
{
    CU_ASSERT_EQUAL(a->t_us, b->t_us);
    CU_ASSERT_EQUAL(a->kind, b->kind);
    CU_ASSERT_EQUAL(a->dir, b->dir);
    CU_ASSERT_EQUAL(a->flags, b->flags);
    CU_ASSERT_EQUAL(a->value, b->value);
    CU_ASSERT_EQUAL(a->wire_len, b->wire_len);
    CU_ASSERT_EQUAL_FATAL(a->text == NULL, b->text == NULL);
    if (a->text != NULL)
        CU_ASSERT_STRING_EQUAL(a->text, b->text);
    CU_ASSERT_EQUAL_FATAL(a->len, b->len);
    if (a->len > 0)
        CU_ASSERT_EQUAL(memcmp(a->bytes, b->bytes, a->len), 0);
}

static void test_round_trip_of_two(void)
{
    struct why_trace *trace = example();
    struct why_trace *back;
    FILE *file = tmpfile();
    size_t line = 0;
    char err[256];

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(why_trace_write(file, trace), WHY_OK);
    CU_ASSERT_EQUAL(fputs("\n", file) >= 0, 1);
    CU_ASSERT_EQUAL(why_trace_write(file, trace), WHY_OK);
    rewind(file);
    for (int i = 0; i < 2; i++) {
        CU_ASSERT_EQUAL_FATAL(why_trace_read(file, &back, &line, err, sizeof(err)), WHY_OK);
        CU_ASSERT_STRING_EQUAL(why_trace_head(back)->host, "srv1");
        CU_ASSERT_EQUAL(why_trace_head(back)->port, 3389);
        CU_ASSERT_EQUAL(why_trace_head(back)->profile, WHY_PROFILE_TLS);
        CU_ASSERT_EQUAL(why_trace_head(back)->until, WHY_PHASE_ACTIVE);
        CU_ASSERT_EQUAL(why_trace_head(back)->started_us, 1795334400123456u);
        CU_ASSERT_PTR_NULL(why_trace_head(back)->variation);
        CU_ASSERT_STRING_EQUAL(why_trace_head(back)->library, "FreeRDP 3.10.3");
        CU_ASSERT_EQUAL(why_trace_bytes(back, WHY_DIR_SENT), 334);
        CU_ASSERT_EQUAL(why_trace_bytes(back, WHY_DIR_RECEIVED), 19);
        CU_ASSERT_EQUAL_FATAL(why_trace_count(back), why_trace_count(trace));
        for (size_t k = 0; k < why_trace_count(back); k++)
            compare_events(why_trace_at(back, k), why_trace_at(trace, k));
        why_trace_free(back);
    }
    CU_ASSERT_EQUAL(line, 19);
    CU_ASSERT_EQUAL(why_trace_read(file, &back, &line, err, sizeof(err)), WHY_ERR_NOTFOUND);
    CU_ASSERT_PTR_NULL(back);
    fclose(file);
    why_trace_free(trace);
}

static void test_texts_round_trip(void)
{
    static const char *const texts[] = {
        "",
        "\\",
        "\\x",
        "\\x4",
        "\\x41",
        "\\xff",
        "\\\xff",
        "\\x\xff",
        "\\x4\xff",
        "\xff\\x41",
        "\xC3\xA4",
        "\xC3",
        "\xC3(",
        "\xED\xA0\x80",
        "\xF4\x90\x80\x80",
        "\xC0\x80",
        "\xE0\x80\x80",
        "\xE2\x82\xAC",
        "\xF0\x9F\x98\x80",
        "\xF0\x9F\x98",
        "\x01\x1f\x7f",
        "\"/\b",
        "\xEF\xBF\xBF",
        "\xEE\x80\x80",
    };
    size_t count = sizeof(texts) / sizeof(texts[0]);
    struct why_trace_head head = {.port = 1};
    struct why_trace *trace = why_trace_new(&head), *back;
    char err[256] = "";
    size_t line = 0;
    FILE *file;
    char *text;

    for (size_t i = 0; i < count; i++)
        why_trace_append(trace, &(struct why_event){.kind = WHY_EV_STOP, .text = texts[i]});
    text = written(trace);
    file = file_of(text, strlen(text));
    CU_ASSERT_EQUAL_FATAL(why_trace_read(file, &back, &line, err, sizeof(err)), WHY_OK);
    for (size_t i = 0; i < count; i++)
        CU_ASSERT_STRING_EQUAL(why_trace_at(back, i)->text, texts[i]);
    fclose(file);
    free(text);
    why_trace_free(back);
    why_trace_free(trace);
}

static void test_wrong_files(void)
{
    static const struct {
        const char *text, *message;
    } rows[] = {
        {"x\n", "line 1: not JSON: "},
        {"\n{\n", "line 2: not JSON: "},
        {"[]\n", "line 1: not JSON: it is not an object"},
        {"{}\n", "line 1: schema: is not \"rdpwhy/1\""},
        {"{\"schema\":\"rdpwhy/2\"}\n", "line 1: schema: is not \"rdpwhy/1\""},
        {EVENT "\"t_us\":0,\"kind\":\"fin\"}\n",
         "line 1: record: is not \"trace\": the head of a trace is missing"},
        {"{\"schema\":\"rdpwhy/1\",\"record\":\"trace\"}\n", "line 1: host: is missing"},
        {HEAD "1}\n", "line 2: the file ends before the trace does"},
        {HEAD "1}\n" HEAD "0}\n",
         "line 2: record: is not \"event\": the trace before it is not complete"},
        {HEAD "-1}\n", "line 1: events: is out of range"},
        {HEAD "100001}\n", "line 1: events: is out of range"},
        {HEAD "\"1\"}\n", "line 1: events: is not an integer"},
        {HEAD "0,\"port\":1}\n", "line 1: not JSON: "},
        {HEAD "0,\"variation\":1}\n", "line 1: variation: is not a string"},
        {HEAD "0,\"library\":\"\\\\x00\"}\n", "line 1: library: contains \\x00"},
        {HEAD "0,\"library\":\"\\u0000\"}\n", "line 1: not JSON: "},
        {HEAD "1}\n" EVENT "\"kind\":\"fin\"}\n", "line 2: t_us: is missing"},
        {HEAD "1}\n" EVENT "\"t_us\":-1,\"kind\":\"fin\"}\n", "line 2: t_us: is out of range"},
        {HEAD "1}\n" EVENT "\"t_us\":1.5,\"kind\":\"fin\"}\n", "line 2: t_us: is not an integer"},
        {HEAD "1}\n" EVENT "\"t_us\":0}\n", "line 2: kind: is missing"},
        {HEAD "1}\n" EVENT "\"t_us\":0,\"kind\":1}\n", "line 2: kind: is not a string"},
        {HEAD "1}\n" EVENT "\"t_us\":0,\"kind\":\"FIN\"}\n", "line 2: kind: is an unknown word"},
        {HEAD "1}\n" EVENT "\"t_us\":0,\"kind\":\"pdu\"}\n", "line 2: dir: is missing"},
        {HEAD "1}\n" EVENT "\"t_us\":0,\"kind\":\"pdu\",\"dir\":\"up\"}\n",
         "line 2: dir: is neither \"sent\" nor \"received\""},
        {HEAD "1}\n" EVENT "\"t_us\":0,\"kind\":\"pdu\",\"dir\":0}\n",
         "line 2: dir: is neither \"sent\" nor \"received\""},
        {HEAD "1}\n" EVENT "\"t_us\":0,\"kind\":\"fin\",\"bytes\":\"0\"}\n",
         "line 2: bytes: has an odd number of hexadecimal digits"},
        {HEAD "1}\n" EVENT "\"t_us\":0,\"kind\":\"fin\",\"bytes\":\"0g\"}\n",
         "line 2: bytes: has a character that is not a hexadecimal digit"},
        {HEAD "1}\n" EVENT "\"t_us\":0,\"kind\":\"fin\",\"bytes\":[]}\n",
         "line 2: bytes: is not a string"},
        {HEAD "1}\n" EVENT "\"t_us\":0,\"kind\":\"fin\",\"bytes\":\"0011\",\"wire_len\":1}\n",
         "line 2: wire_len: is less than the number of bytes"},
        {HEAD "1}\n" EVENT "\"t_us\":0,\"kind\":\"fin\",\"value\":\"1\"}\n",
         "line 2: value: is not an integer"},
        {HEAD "1}\n" EVENT "\"t_us\":0,\"kind\":\"fin\",\"value\":99999999999999999999}\n",
         "line 2: not JSON: "},
        {HEAD "1}\n" EVENT "\"t_us\":0,\"kind\":\"fin\",\"decrypted\":1}\n",
         "line 2: decrypted: is neither true nor false"},
        {HEAD "2}\n" EVENT "\"t_us\":5,\"kind\":\"dial\"}\n" EVENT "\"t_us\":4,\"kind\":\"fin\"}\n",
         "line 3: t_us: is before the previous event's"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        FILE *file = file_of(rows[i].text, strlen(rows[i].text));
        struct why_trace *trace;
        size_t line = 0;
        char err[256] = "";

        CU_ASSERT_EQUAL(why_trace_read(file, &trace, &line, err, sizeof(err)), WHY_ERR_MALFORMED);
        CU_ASSERT_EQUAL(strncmp(err, rows[i].message, strlen(rows[i].message)), 0);
        CU_ASSERT_PTR_NULL(trace);
        fclose(file);
    }
}

static void test_head_members(void)
{
    static const struct {
        const char *old, *new, *message;
    } rows[] = {
        {"\"srv1\"", "7", "line 1: host: is not a string"},
        {"3389", "65536", "line 1: port: is out of range"},
        {"\"tls\"", "\"TLS\"", "line 1: profile: is an unknown word"},
        {"\"fresh\"", "true", "line 1: license_mode: is not a string"},
        {"\"until\"", "\"before\"", "line 1: until: is missing"},
        {"\"2026-11", "\"2026/11", "line 1: started: is not a time in UTC with microseconds"},
        {"\"2026-11", "\"2026-13", "line 1: started: is not an existing date or time"},
        {".123456Z", "Z", "line 1: started: is not a time in UTC with microseconds"},
        {"false", "\"no\"", "line 1: credentials: is neither true nor false"},
        {"334", "-1", "line 1: bytes_sent: is out of range"},
    };
    static const char head[] = HEAD "0}\n";

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        const char *at = strstr(head, rows[i].old);
        char text[1024];
        char err[256] = "";
        struct why_trace *trace;
        size_t line = 0;
        FILE *file;

        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - head), head, rows[i].new,
                 at + strlen(rows[i].old));
        file = file_of(text, strlen(text));
        CU_ASSERT_EQUAL(why_trace_read(file, &trace, &line, err, sizeof(err)), WHY_ERR_MALFORMED);
        CU_ASSERT_STRING_EQUAL(err, rows[i].message);
        fclose(file);
    }
}

static void test_members_to_come_are_passed_over(void)
{
    static const char text[] =
        HEAD "1,\"new\":[1]}\n" EVENT "\"t_us\":0,\"kind\":\"fin\",\"new\":{}}";
    FILE *file = file_of(text, strlen(text));
    struct why_trace *trace;
    size_t line = 0;
    char err[256];

    CU_ASSERT_EQUAL_FATAL(why_trace_read(file, &trace, &line, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(why_trace_at(trace, 0)->kind, WHY_EV_FIN);
    why_trace_free(trace);
    fclose(file);
}

/* Every byte of a good file changed and every length cut off: an answer, never a crash. */
static void test_damaged_files(void)
{
    struct why_trace *good = example(), *trace;
    char *text = written(good);
    size_t len = strlen(text);
    char err[64];

    for (size_t i = 0; i < len; i++) {
        static const char changes[] = {'\0', '"', '\\', '\xff', '9', '\n'};

        for (size_t k = 0; k <= sizeof(changes); k++) {
            char saved = text[i];
            size_t line = 0;
            FILE *file;

            if (k < sizeof(changes))
                text[i] = changes[k];
            file = file_of(text, k < sizeof(changes) ? len : i);
            if (why_trace_read(file, &trace, &line, err, sizeof(err)) == WHY_OK)
                why_trace_free(trace);
            fclose(file);
            text[i] = saved;
        }
    }
    CU_PASS("no crash");
    free(text);
    why_trace_free(good);
}

static void test_write_error(void)
{
    struct why_trace *trace = example();
    FILE *file = fopen("/dev/null", "r");

    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(why_trace_write(file, trace), WHY_ERR_IO);
    fclose(file);
    why_trace_free(trace);
}

/* What is kept for the packets' sake holds secrets: only a pipe between processes gets it. */
static void test_packets_are_left_out(void)
{
    static const struct why_event kept[] = {
        {.t_us = 1, .kind = WHY_EV_LOCAL, .text = "192.0.2.1:50000"},
        {.t_us = 2, .kind = WHY_EV_KEYLOG, .text = "CLIENT_RANDOM 00 secret"},
        {.t_us = 3, .kind = WHY_EV_RAW, .bytes = (const uint8_t *)"raw", .len = 3, .wire_len = 3},
        {.t_us = 4, .kind = WHY_EV_CLOSE},
        {.t_us = 5, .kind = WHY_EV_RAW_CLOSE, .value = 1},
    };
    struct why_trace_head head = {.port = 3389};
    struct why_trace *trace = why_trace_new(&head), *back = NULL;
    FILE *file = tmpfile();
    char err[256];
    size_t line = 0;

    CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++)
        CU_ASSERT_EQUAL(why_trace_append(trace, &kept[i]), WHY_OK);
    CU_ASSERT_EQUAL(why_trace_end_us(trace), 4);
    CU_ASSERT_EQUAL(why_trace_write(file, trace), WHY_OK);
    CU_ASSERT_EQUAL(why_trace_write_all(file, trace), WHY_OK);
    rewind(file);
    CU_ASSERT_EQUAL(why_trace_read(file, &back, &line, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(why_trace_count(back), 1);
    why_trace_free(back);
    CU_ASSERT_EQUAL(why_trace_read(file, &back, &line, err, sizeof(err)), WHY_OK);
    CU_ASSERT_EQUAL(why_trace_count(back), 5);
    why_trace_free(back);
    fclose(file);
    why_trace_free(trace);
}

/* Flags come back as they were; each is one member. */
static void test_flags(void)
{
    static const struct {
        unsigned flag;
        enum why_event_kind kind;
        const char *member;
    } rows[] = {
        {WHY_EVENT_DECRYPTED, WHY_EV_PDU, ",\"decrypted\":true"},
        {WHY_EVENT_WRITING, WHY_EV_NET_ERROR, ",\"writing\":true"},
        {WHY_EVENT_BY_RESET, WHY_EV_CLOSE, ",\"by_reset\":true"},
        {WHY_EVENT_IN_DOUBT, WHY_EV_CLOSE, ",\"in_doubt\":true"},
        {WHY_EVENT_CUT_OFF, WHY_EV_STOP, ",\"cut_off\":true"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_trace_head head = {.port = 3389};
        struct why_trace *trace = why_trace_new(&head), *back = NULL;
        char *text, err[256];

        CU_ASSERT_PTR_NOT_NULL_FATAL(trace);
        CU_ASSERT_EQUAL(why_trace_append(trace, &(struct why_event){.kind = rows[i].kind,
                                                                    .flags = rows[i].flag}),
                        WHY_OK);
        text = written(trace);
        CU_ASSERT_PTR_NOT_NULL(strstr(text, rows[i].member));
        CU_ASSERT_EQUAL_FATAL(why_trace_read_memory(text, strlen(text), &back, err, sizeof(err)),
                              WHY_OK);
        CU_ASSERT_EQUAL(why_trace_at(back, 0)->flags, rows[i].flag);
        free(text);
        why_trace_free(back);
        why_trace_free(trace);
    }
}

/* What older versions wrote where flags are now. */
static void test_older_files(void)
{
    static const struct {
        const char *event;
        unsigned flags;
        int64_t value;
        const char *text;
    } rows[] = {
        {"\"kind\":\"net-error\",\"value\":\"EPIPE\",\"text\":\"write\"", WHY_EVENT_WRITING, EPIPE,
         "Broken pipe"},
        {"\"kind\":\"net-error\",\"value\":32,\"text\":\"write\"", WHY_EVENT_WRITING, EPIPE,
         "Broken pipe"},
        {"\"kind\":\"net-error\",\"value\":\"EPIPE\",\"text\":\"writer\"", 0, EPIPE, "writer"},
        {"\"kind\":\"net-error\",\"value\":\"EPIPE\"", 0, EPIPE, NULL},
        {"\"kind\":\"close\"", 0, 0, NULL},
        {"\"kind\":\"close\",\"value\":1", WHY_EVENT_BY_RESET, 0, NULL},
        {"\"kind\":\"close\",\"value\":2,\"text\":\"x\"", WHY_EVENT_IN_DOUBT, 0, "x"},
        {"\"kind\":\"close\",\"value\":3", WHY_EVENT_IN_DOUBT | WHY_EVENT_BY_RESET, 0, NULL},
        {"\"kind\":\"stop\",\"value\":1,\"text\":\"x\"", WHY_EVENT_CUT_OFF, 0, "x"},
        {"\"kind\":\"stop\",\"text\":\"write\"", 0, 0, "write"},
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct why_trace *trace = NULL;
        const struct why_event *event;
        char text[1024], err[256];

        (void)snprintf(text, sizeof(text), HEAD "1}\n" EVENT "\"t_us\":0,%s}\n", rows[i].event);
        CU_ASSERT_EQUAL_FATAL(why_trace_read_memory(text, strlen(text), &trace, err, sizeof(err)),
                              WHY_OK);
        event = why_trace_at(trace, 0);
        CU_ASSERT_EQUAL(event->flags, rows[i].flags);
        CU_ASSERT_EQUAL(event->value, rows[i].value);
        CU_ASSERT_EQUAL(event->text == NULL, rows[i].text == NULL);
        if (rows[i].text != NULL && event->text != NULL)
            CU_ASSERT_STRING_EQUAL(event->text, rows[i].text);
        why_trace_free(trace);
    }
}

static CU_TestInfo tests[] = {
    {"exact text", test_exact_text},
    {"two traces in a file and back", test_round_trip_of_two},
    {"texts that are not UTF-8", test_texts_round_trip},
    {"wrong files", test_wrong_files},
    {"wrong members of the head", test_head_members},
    {"unknown members are passed over", test_members_to_come_are_passed_over},
    {"damaged files", test_damaged_files},
    {"a file that cannot be written", test_write_error},
    {"packets are left out", test_packets_are_left_out},
    {"flags", test_flags},
    {"files of older versions", test_older_files},
    CU_TEST_INFO_NULL,
};

static CU_SuiteInfo suites[] = {
    {.pName = "trace files", .pTests = tests},
    CU_SUITE_INFO_NULL,
};

int main(void)
{
    return why_unit_main(suites);
}
