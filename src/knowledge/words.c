/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/knowledge.h>

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

/* [MS-RDPBCGR] 2.2.1.1.1 and 2.2.1.2.1 */
static const struct why_flag protocols[] = {
    {0x01, "SSL"}, {0x02, "HYBRID"}, {0x04, "RDSTLS"}, {0x08, "HYBRID_EX"}, {0x10, "RDSAAD"},
};

/* [MS-RDPBCGR] 2.2.1.2.1 */
static const struct why_flag negotiation_flags[] = {
    {0x01, "EXTENDED_CLIENT_DATA_SUPPORTED"},
    {0x02, "DYNVC_GFX_PROTOCOL_SUPPORTED"},
    {0x04, "NEGRSP_FLAG_RESERVED"},
    {0x08, "RESTRICTED_ADMIN_MODE_SUPPORTED"},
    {0x10, "REDIRECTED_AUTHENTICATION_MODE_SUPPORTED"},
};

/* [MS-RDPBCGR] 2.2.1.4.6 */
static const struct why_flag multitransport_flags[] = {
    {0x001, "UDPFECR"},
    {0x004, "UDPFECL"},
    {0x100, "UDP_PREFERRED"},
    {0x200, "SOFTSYNC_TCP_TO_UDP"},
};

/* [MS-RDPBCGR] 2.2.13.1, RedirFlags; LB_ is left out */
static const struct why_flag redirection_flags[] = {
    {0x00000001, "TARGET_NET_ADDRESS"},
    {0x00000002, "LOAD_BALANCE_INFO"},
    {0x00000004, "USERNAME"},
    {0x00000008, "DOMAIN"},
    {0x00000010, "PASSWORD"},
    {0x00000020, "DONTSTOREUSERNAME"},
    {0x00000040, "SMARTCARD_LOGON"},
    {0x00000080, "NOREDIRECT"},
    {0x00000100, "TARGET_FQDN"},
    {0x00000200, "TARGET_NETBIOS_NAME"},
    {0x00000800, "TARGET_NET_ADDRESSES"},
    {0x00001000, "CLIENT_TSV_URL"},
    {0x00002000, "SERVER_TSV_CAPABLE"},
    {0x00004000, "PASSWORD_IS_PK_ENCRYPTED"},
    {0x00008000, "REDIRECTION_GUID"},
    {0x00010000, "TARGET_CERTIFICATE"},
};

/* [MS-RDPBCGR] 2.2.1.4.3, encryptionMethod */
static const struct why_flag encryption_methods[] = {
    {0x00, "none"}, {0x01, "40bit"}, {0x02, "128bit"}, {0x08, "56bit"}, {0x10, "fips"},
};

/* [MS-RDPBCGR] 2.2.1.4.3, encryptionLevel */
static const struct why_flag encryption_levels[] = {
    {0, "none"}, {1, "low"}, {2, "client-compatible"}, {3, "high"}, {4, "fips"},
};

/* [MS-RDPBCGR] 2.2.1.1.1 */
static const struct why_flag request_flags[] = {
    {0x01, "RESTRICTED_ADMIN_MODE_REQUIRED"},
    {0x02, "REDIRECTED_AUTHENTICATION_MODE_REQUIRED"},
    {0x08, "CORRELATION_INFO_PRESENT"},
};

static const char *name_of(const struct why_flag *rows, size_t count, uint32_t value)
{
    for (size_t i = 0; i < count; i++) {
        if (rows[i].bit == value)
            return rows[i].name;
    }
    return NULL;
}

const struct why_flag *why_protocol_flags(size_t *count)
{
    *count = COUNT(protocols);
    return protocols;
}

const char *why_protocol_name(uint32_t selected)
{
    return selected == 0 ? "RDP" : name_of(protocols, COUNT(protocols), selected);
}

const struct why_flag *why_redirection_flags(size_t *count)
{
    *count = COUNT(redirection_flags);
    return redirection_flags;
}

const struct why_flag *why_negotiation_flags(size_t *count)
{
    *count = COUNT(negotiation_flags);
    return negotiation_flags;
}

const struct why_flag *why_multitransport_flags(size_t *count)
{
    *count = COUNT(multitransport_flags);
    return multitransport_flags;
}

const struct why_flag *why_request_flags(size_t *count)
{
    *count = COUNT(request_flags);
    return request_flags;
}

const char *why_encryption_method_name(uint32_t method)
{
    return name_of(encryption_methods, COUNT(encryption_methods), method);
}

const char *why_encryption_level_name(uint32_t level)
{
    return name_of(encryption_levels, COUNT(encryption_levels), level);
}

const char *why_license_transition_name(uint32_t transition)
{
    const struct why_code_row *row =
        why_code_row_find(why_code_table_find("license-transition"), transition);

    return row == NULL ? NULL : row->name;
}
