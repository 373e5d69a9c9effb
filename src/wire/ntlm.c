/* SPDX-License-Identifier: Apache-2.0 */
#include "ntlm.h"

#include "text.h"
#include "wire.h"

const char why_ntlm_signature[8] = {'N', 'T', 'L', 'M', 'S', 'S', 'P', '\0'};

/* [MS-NLMP] 2.2.2.5 */
#define NEGOTIATE_UNICODE 0x00000001u
#define NEGOTIATE_VERSION 0x02000000u

/* [MS-NLMP] 2.2.2.1 AvId */
#define AV_EOL              0
#define AV_NB_COMPUTER_NAME 1
#define AV_NB_DOMAIN_NAME   2
#define AV_DNS_COMPUTER     3
#define AV_DNS_DOMAIN       4
#define AV_DNS_TREE         5
#define AV_TIMESTAMP        7

uint32_t why_ntlm_type(struct why_cursor c)
{
    uint32_t type;

    why_cur_skip(&c, sizeof(why_ntlm_signature));
    type = why_cur_u32le(&c);
    return type;
}

/* The payload of a fields structure (length, maximum, offset from the message's start); failed
 * where it is not inside the message. */
static struct why_cursor payload(struct why_cursor *c, struct why_cursor message)
{
    uint16_t length = why_cur_u16le(c);
    uint32_t offset;

    why_cur_skip(c, 2);
    offset = why_cur_u32le(c);
    if (length == 0)
        return why_cur_sub(c, 0);
    why_cur_skip(&message, offset);
    return why_cur_sub(&message, length);
}

static bool read_target_info(struct why_cursor c, struct why_ntlm_challenge *out)
{
    while (why_cur_left(&c) > 0) {
        uint16_t id = why_cur_u16le(&c);
        struct why_cursor value = why_cur_sub(&c, why_cur_u16le(&c));

        if (c.failed || id == AV_EOL)
            break;
        if (id == AV_NB_COMPUTER_NAME)
            why_text_utf16le(value, out->netbios_computer, WHY_TEXT_MAX);
        else if (id == AV_NB_DOMAIN_NAME)
            why_text_utf16le(value, out->netbios_domain, WHY_TEXT_MAX);
        else if (id == AV_DNS_COMPUTER)
            why_text_utf16le(value, out->dns_computer, WHY_TEXT_MAX);
        else if (id == AV_DNS_DOMAIN)
            why_text_utf16le(value, out->dns_domain, WHY_TEXT_MAX);
        else if (id == AV_DNS_TREE)
            why_text_utf16le(value, out->dns_forest, WHY_TEXT_MAX);
        else if (id == AV_TIMESTAMP && why_cur_left(&value) == 8) {
            out->timestamp = why_cur_u64le(&value);
            out->has_timestamp = true;
        }
    }
    return !c.failed;
}

static void read_version(struct why_cursor *c, struct why_ntlm_challenge *out)
{
    uint8_t major = why_cur_u8(c);
    uint8_t minor = why_cur_u8(c);
    uint16_t build = why_cur_u16le(c);

    why_cur_skip(c, 4); /* reserved, NTLMRevisionCurrent */
    if (c->failed)
        return;
    out->has_version = true;
    out->major = major;
    out->minor = minor;
    out->build = build;
}

/* [MS-NLMP] 2.2.1.2 */
bool why_ntlm_challenge_read(struct why_cursor c, struct why_ntlm_challenge *out)
{
    struct why_cursor message = c, name, info;

    why_cur_skip(&c, sizeof(why_ntlm_signature) + 4);
    name = payload(&c, message);
    out->negotiate_flags = why_cur_u32le(&c);
    why_cur_skip(&c, 8 + 8); /* ServerChallenge, Reserved */
    if (c.failed) {          /* too short to hold what it must */
        out->negotiate_flags = 0;
        return false;
    }
    if ((out->negotiate_flags & NEGOTIATE_UNICODE) != 0)
        why_text_utf16le(name, out->target, WHY_TEXT_MAX);
    else
        why_text_oem(name, out->target, WHY_TEXT_MAX);
    info = payload(&c, message);
    if ((out->negotiate_flags & NEGOTIATE_VERSION) != 0)
        read_version(&c, out);
    return read_target_info(info, out) && !name.failed && !info.failed && !c.failed;
}
