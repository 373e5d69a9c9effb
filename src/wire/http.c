/* SPDX-License-Identifier: Apache-2.0 */
#include "http.h"

#include <string.h>
#include <strings.h>

#include "cursor.h"

#define CHUNK_LINE_MAX 256u /* with its extensions */
#define CHUNK_DIGITS   8u

/* "HTTP/1.1 401 Unauthorized" */
static bool read_status(const struct why_http_head *head, unsigned *status)
{
    const char *line = head->line;

    if (head->line_len < 12 || line[8] != ' ' || (head->line_len > 12 && line[12] != ' '))
        return false;
    *status = 0;
    for (size_t i = 9; i < 12; i++) {
        if (line[i] < '0' || line[i] > '9')
            return false;
        *status = *status * 10 + (unsigned)(line[i] - '0');
    }
    return *status >= 100;
}

/* "RDG_OUT_DATA /remoteDesktopGateway/ HTTP/1.1" */
static bool is_request(const struct why_http_head *head)
{
    static const char version[] = " HTTP/1.";
    size_t n = sizeof(version) - 1;

    return head->line_len > n + 3 && memcmp(head->line + head->line_len - n - 1, version, n) == 0;
}

/* Whether |len| bytes may be the beginning of a head. */
static bool may_begin(const uint8_t *data, size_t len, bool response)
{
    static const char begins[] = "HTTP/1.";
    size_t n = len < sizeof(begins) - 1 ? len : sizeof(begins) - 1;

    if (response)
        return memcmp(data, begins, n) == 0;
    for (size_t i = 0; i < len && data[i] != '\r' && data[i] != '\n'; i++) {
        if (data[i] < ' ' || data[i] > '~')
            return false;
    }
    return true;
}

/* RFC 9112 5: "name: value", no space before the colon, nothing folded. */
static bool has_fields(const struct why_http_head *head)
{
    for (size_t at = 0; at < head->fields_len;) {
        const char *line = head->fields + at;
        const char *end = memchr(line, '\n', head->fields_len - at);
        size_t size = end != NULL ? (size_t)(end - line) : head->fields_len - at;
        const char *colon = memchr(line, ':', size);

        if (colon == NULL || colon == line || memchr(line, ' ', (size_t)(colon - line)) != NULL)
            return false;
        at += size + 1;
    }
    return true;
}

enum why_http_result why_http_read(const uint8_t *data, size_t len, bool response,
                                   struct why_http_head *head)
{
    struct why_cursor c = why_cur_init(data, len), line = c;

    *head = (struct why_http_head){.response = response};
    if (!may_begin(data, len, response))
        return WHY_HTTP_INVALID;
    if (!why_cur_find(&c, "\r\n\r\n", 4))
        return len < WHY_HTTP_HEAD_MAX ? WHY_HTTP_MORE : WHY_HTTP_INVALID;
    (void)why_cur_find(&line, "\r\n", 2);
    head->len = c.pos + 4;
    head->line = (const char *)data;
    head->line_len = line.pos;
    head->fields = (const char *)data + line.pos + 2;
    head->fields_len = c.pos > line.pos ? head->len - 2 - line.pos - 2 : 0;
    if (head->len > WHY_HTTP_HEAD_MAX)
        return WHY_HTTP_INVALID;
    if (!(response ? read_status(head, &head->status) : is_request(head)) || !has_fields(head))
        return WHY_HTTP_INVALID;
    return WHY_HTTP_OK;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t';
}

bool why_http_field(const struct why_http_head *head, const char *name, size_t *at,
                    const char **value, size_t *len)
{
    size_t n = strlen(name);

    while (*at < head->fields_len) {
        const char *line = head->fields + *at;
        const char *end = memchr(line, '\n', head->fields_len - *at);
        size_t size = end != NULL ? (size_t)(end - line) : head->fields_len - *at;

        *at += size + 1;
        if (size <= n || line[n] != ':' || strncasecmp(line, name, n) != 0)
            continue;
        *value = line + n + 1;
        *len = size - n - 1;
        while (*len > 0 && is_space(**value)) {
            ++*value;
            --*len;
        }
        while (*len > 0 && (is_space((*value)[*len - 1]) || (*value)[*len - 1] == '\r'))
            --*len;
        return true;
    }
    return false;
}

bool why_http_has_word(const struct why_http_head *head, const char *name, const char *word)
{
    size_t at = 0, len, n = strlen(word);
    const char *value;

    while (why_http_field(head, name, &at, &value, &len)) {
        while (len > 0) {
            const char *comma = memchr(value, ',', len);
            size_t size = comma != NULL ? (size_t)(comma - value) : len, used = size;

            while (used > 0 && is_space(value[used - 1]))
                used--;
            if (used == n && strncasecmp(value, word, n) == 0)
                return true;
            size += comma != NULL;
            value += size;
            len -= size;
            for (; len > 0 && is_space(*value); len--)
                value++;
        }
    }
    return false;
}

/* ---- bodies ---------------------------------------------------------------------------------- */

enum { IN_SIZE, IN_EXTENSION, IN_DATA, BEHIND_DATA, IN_TRAILER };

static bool read_length(const struct why_http_head *head, uint64_t *length)
{
    size_t at = 0, len;
    const char *value;

    if (!why_http_field(head, "Content-Length", &at, &value, &len) || len == 0 || len > 18)
        return false;
    *length = 0;
    for (size_t i = 0; i < len; i++) {
        if (value[i] < '0' || value[i] > '9')
            return false;
        *length = *length * 10 + (unsigned)(value[i] - '0');
    }
    return true;
}

/* RFC 9110 6.4.1 */
static bool has_no_body(const struct why_http_head *head)
{
    return head->response && (head->status < 200 || head->status == 204 || head->status == 304);
}

void why_http_body_begin(struct why_http_body *body, const struct why_http_head *head)
{
    memset(body, 0, sizeof(*body));
    if (has_no_body(head)) {
        body->ended = true;
    } else if (why_http_has_word(head, "Transfer-Encoding", "chunked")) {
        body->framing = WHY_HTTP_CHUNKED;
    } else if (read_length(head, &body->left)) {
        body->ended = body->left == 0;
    } else if (head->response) {
        body->framing = WHY_HTTP_CLOSE;
    } else {
        body->ended = true;
    }
}

static int hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static void end_size(struct why_http_body *b)
{
    b->broken = b->digits == 0;
    b->state = b->left > 0 ? IN_DATA : IN_TRAILER;
    b->trailing = 0;
}

static void size_byte(struct why_http_body *b, uint8_t c)
{
    int value = hex_value(c);

    if (value >= 0 && b->digits < CHUNK_DIGITS) {
        b->left = b->left * 16 + (unsigned)value;
        b->digits++;
    } else if (c == '\n') {
        end_size(b);
    } else if (c == '\r' || c == ';' || c == ' ' || c == '\t') {
        b->state = IN_EXTENSION;
        b->trailing = 0;
    } else {
        b->broken = true;
    }
}

/* Everything of chunks but what is in them. */
static void frame_byte(struct why_http_body *b, uint8_t c)
{
    switch (b->state) {
    case IN_SIZE:
        size_byte(b, c);
        break;
    case IN_EXTENSION:
        b->broken = ++b->trailing > CHUNK_LINE_MAX;
        if (c == '\n')
            end_size(b);
        break;
    case BEHIND_DATA:
        b->broken = c != '\r' && c != '\n';
        if (c == '\n') {
            b->state = IN_SIZE;
            b->digits = 0;
        }
        break;
    default: /* the trailer's lines; an empty one is the last */
        b->ended = c == '\n' && b->trailing == 0;
        b->broken = b->trailing > WHY_HTTP_HEAD_MAX;
        if (c == '\n')
            b->trailing = 0;
        else if (c != '\r')
            b->trailing++;
        break;
    }
}

size_t why_http_body_take(struct why_http_body *body, uint8_t *data, size_t len, uint8_t **content,
                          size_t *n)
{
    size_t used = 0;

    *content = data;
    *n = 0;
    while (used < len && body->framing == WHY_HTTP_CHUNKED && body->state != IN_DATA &&
           !body->ended && !body->broken)
        frame_byte(body, data[used++]);
    if (used == len || body->ended || body->broken)
        return used;
    *content = data + used;
    *n = len - used;
    if (body->framing == WHY_HTTP_CLOSE)
        return len;
    if (*n > body->left)
        *n = (size_t)body->left;
    body->left -= *n;
    if (body->left == 0) {
        body->ended = body->framing == WHY_HTTP_LENGTH;
        body->state = BEHIND_DATA;
    }
    return used + *n;
}
