/* SPDX-License-Identifier: Apache-2.0 */
#include "server_kind.h"

#include <stdbool.h>
#include <string.h>

#include <rdpwhy/result.h>

/*
 * The signs by which servers are told apart, each with the public source that it is known from.
 *
 * Where a sign is copied by others (imitations answer a Connection Request with Windows' bytes), or
 * rests on one source, it makes a kind no more than likely.
 */

#define SOURCE_WINDOWS 0x1234 /* xrdp's, too: both as in [MS-RDPBCGR] 4.1.2 */
#define SOURCE_NONE    0x0000 /* FreeRDP libfreerdp/core/tpdu.c, IronRDP ironrdp-pdu/tpdu.rs */
#define SOURCE_VIRTUALBOX                                                                          \
    0x3412 /* nmap-service-probes; the bytes of 0x1234 the other way round                         \
            */

/* RDP_NEG_RSP flags, [MS-RDPBCGR] 2.2.1.2.1 */
#define FLAG_EXTENDED_DATA 0x01
#define FLAG_GFX           0x02
#define FLAG_RESERVED      0x04 /* "reserved", and set by Windows 8, Server 2012 and later */

/* NTLMSSP_TARGET_TYPE_DOMAIN and _SERVER, [MS-NLMP] 2.2.2.5: one of them is due in an answer to
 * REQUEST_TARGET. FreeRDP's and IronRDP's NTLM set neither. */
#define NTLM_TARGET_TYPES 0x00030000u

#define VMCONNECT_PORT   2179
#define SECONDS_A_DAY    86400
#define WINDOWS_CERT_MIN 180 /* days: Windows renews its own certificate every six months */
#define WINDOWS_CERT_MAX 186
#define SHADOW_CERT_DAYS (5 * 365) /* shadow_server.c: makecert -y 5 */

/* What a sign is worth. A certificate can be anybody's: it counts where nothing else does. */
enum strength { WEAK, LIKELY, CERTAIN, STRENGTH_COUNT };

struct sign {
    enum why_kind kind;
    enum strength strength;
    bool (*holds)(const struct why_facts *facts);   /* of one attempt */
    bool (*refuted)(const struct why_facts *facts); /* of any attempt: it means nothing; or NULL */
    const char *evidence;
};

/* ---- what attempts show ---------------------------------------------------------------------- */

static bool has_source(const struct why_facts *f, uint16_t source)
{
    return f->has_source && f->confirm_source == source;
}

static bool has_flag(const struct why_facts *f, uint8_t flag)
{
    return f->has_negotiation_data && (f->negotiation_flags & flag) != 0;
}

static bool has_ntlm_names(const struct why_facts *f)
{
    return f->has_ntlm && (f->ntlm.netbios_computer[0] != '\0' || f->ntlm.dns_computer[0] != '\0');
}

/* The capability sets of Demand Active begin with |types|. */
static bool begins_with(const struct why_facts *f, const uint16_t *types, size_t count)
{
    return f->capabilities.count >= count &&
           memcmp(f->capabilities.types, types, count * sizeof(*types)) == 0;
}

/* Share, General, Virtual Channel; then DrawGdiPlus and Font ([MS-RDPBCGR] 4.1.12), or, in captures
 * of Windows 10 and Server 2022, Color Table Cache and Pointer */
static bool is_windows_order(const struct why_facts *f)
{
    static const uint16_t before[] = {9, 1, 20, 22, 14}, now[] = {9, 1, 20, 10, 8};

    return has_source(f, SOURCE_WINDOWS) && (begins_with(f, before, 5) || begins_with(f, now, 5));
}

/* General, Bitmap, Order, Pointer, Input, Virtual Channel, Share, Font */
static bool is_freerdp_order(const struct why_facts *f)
{
    static const uint16_t order[] = {1, 2, 3, 8, 13, 20, 9, 14};

    return begins_with(f, order, 8) && has_source(f, SOURCE_NONE);
}

/* General, Bitmap, Order, Surface Commands, Pointer */
static bool is_ironrdp_order(const struct why_facts *f)
{
    static const uint16_t order[] = {1, 2, 3, 28, 8};

    return begins_with(f, order, 5);
}

static bool is_other_order(const struct why_facts *f)
{
    return f->capabilities.count > 0 && !is_windows_order(f);
}

static int64_t validity_days(const struct why_certificate *c)
{
    return (c->not_after - c->not_before) / SECONDS_A_DAY;
}

/* A self-signed certificate for a common name and nothing else. */
static bool is_plain_certificate(const struct why_facts *f)
{
    const struct why_certificate *c = &f->certificate;

    return f->has_certificate && c->self_signed && strncmp(c->subject, "CN=", 3) == 0 &&
           strchr(c->subject, ',') == NULL;
}

static bool has_subject(const struct why_facts *f, const char *subject)
{
    return f->has_certificate && strcmp(f->certificate.subject, subject) == 0;
}

/* ---- Windows --------------------------------------------------------------------------------- */

static bool is_windows_confirm(const struct why_facts *f)
{
    return has_source(f, SOURCE_WINDOWS) && has_flag(f, FLAG_RESERVED);
}

static bool is_windows_ntlm(const struct why_facts *f)
{
    return has_ntlm_names(f) && (f->ntlm.negotiate_flags & NTLM_TARGET_TYPES) != 0 &&
           has_source(f, SOURCE_WINDOWS);
}

static bool is_windows_both(const struct why_facts *f)
{
    return is_windows_confirm(f) && is_windows_ntlm(f);
}

/* What the listener makes for itself: 2048 bits, six months, a serial number of 16 bytes. */
static bool is_windows_certificate(const struct why_facts *f)
{
    const struct why_certificate *c = &f->certificate;
    int64_t days = is_plain_certificate(f) ? validity_days(c) : 0;

    return days >= WINDOWS_CERT_MIN && days <= WINDOWS_CERT_MAX && c->key_bits == 2048 &&
           strlen(c->serial) >= 30 && strlen(c->serial) <= 32 && !has_source(f, SOURCE_NONE);
}

/* ---- xrdp ------------------------------------------------------------------------------------ */

/* xrdp_mcs.c: 22 channels where all others say 34, which is 22 in hexadecimal */
static bool is_xrdp_mcs(const struct why_facts *f)
{
    return f->has_choices && f->choices.max_channels == 22 && f->choices.max_users == 3;
}

/* Windows that knows TLS 1.3 has more flags. */
static bool is_xrdp_confirm(const struct why_facts *f)
{
    return has_source(f, SOURCE_WINDOWS) && f->has_negotiation_data &&
           f->negotiation_flags == FLAG_EXTENDED_DATA && f->selected_protocol == WHY_PROTOCOL_SSL &&
           f->tls_version != NULL && why_tls_version_number(f->tls_version) >= 13 &&
           !is_other_order(f) && (f->requested_protocols & WHY_PROTOCOL_HYBRID) != 0;
}

/* keygen/Makefile.am */
static bool is_xrdp_certificate(const struct why_facts *f)
{
    return f->has_certificate && f->certificate.self_signed &&
           strncmp(f->certificate.subject, "CN=www.xrdp.org,O=xrdp,", 23) == 0;
}

/* ---- FreeRDP --------------------------------------------------------------------------------- */

bool why_is_freerdp(const struct why_facts *f)
{
    return has_ntlm_names(f) && (f->ntlm.negotiate_flags & NTLM_TARGET_TYPES) == 0 &&
           has_source(f, SOURCE_NONE);
}

static bool is_freerdp_confirm(const struct why_facts *f)
{
    return has_source(f, SOURCE_NONE) && has_flag(f, FLAG_GFX) && !has_flag(f, FLAG_RESERVED);
}

static bool is_shadow_certificate(const struct why_facts *f)
{
    return is_plain_certificate(f) && validity_days(&f->certificate) == SHADOW_CERT_DAYS &&
           strlen(f->certificate.serial) <= 16;
}

/* gnome-control-center, cc-tls-certificate.c */
static bool is_gnome_certificate(const struct why_facts *f)
{
    return has_subject(f, "CN=GNOME,C=US") && f->certificate.self_signed;
}

/* kcmkrdpserver.cpp: openssl req -x509 -days 1 -batch */
static bool is_krdp_certificate(const struct why_facts *f)
{
    return f->has_certificate && f->certificate.self_signed &&
           strstr(f->certificate.subject, "O=Internet Widgits Pty Ltd") != NULL &&
           validity_days(&f->certificate) == 1;
}

/* ---- others ---------------------------------------------------------------------------------- */

static bool is_virtualbox_confirm(const struct why_facts *f)
{
    return has_source(f, SOURCE_VIRTUALBOX);
}

/* It wants a Preconnection PDU and TLS first ([MS-RDPEPS]), and closes on anything else. */
static bool is_hyper_v_port(const struct why_facts *f)
{
    return f->port == VMCONNECT_PORT && f->bytes_sent > 0;
}

static bool is_confirmed(const struct why_facts *f)
{
    return f->has_source || f->other_protocol != NULL;
}

/* ironrdp-acceptor, connection.rs, and DomainParameters::target() */
static bool is_ironrdp_mcs(const struct why_facts *f)
{
    return f->has_choices && f->choices.connect_id == 1 && f->choices.max_users == 2 &&
           f->choices.max_pdu_size == 65535 && has_source(f, SOURCE_NONE);
}

/* sspi-rs, ntlm/messages/computations.rs: names that are all empty */
static bool is_ironrdp_ntlm(const struct why_facts *f)
{
    return f->has_ntlm && !has_ntlm_names(f) && f->ntlm.target[0] == '\0' &&
           (f->ntlm.negotiate_flags & NTLM_TARGET_TYPES) == 0 && has_source(f, SOURCE_NONE);
}

static bool is_lamco_certificate(const struct why_facts *f)
{
    return has_subject(f, "CN=lamco-rdp-server");
}

static const struct sign signs[] = {
    {WHY_KIND_WINDOWS, CERTAIN, is_windows_order, NULL,
     "the capability sets come in the order in which Windows sends them"},
    {WHY_KIND_WINDOWS, CERTAIN, is_windows_both, is_other_order,
     "Connection Confirm and NTLM both show what only Windows shows together"},
    {WHY_KIND_WINDOWS, LIKELY, is_windows_confirm, is_other_order,
     "its Connection Confirm has the reserved flag set, as that of Windows 8, Server 2012 and "
     "later"},
    {WHY_KIND_WINDOWS, LIKELY, is_windows_ntlm, is_other_order,
     "its NTLM names a computer as Windows does"},
    {WHY_KIND_WINDOWS, WEAK, is_windows_certificate, is_other_order,
     "its certificate is like the one that Windows makes for itself every six months"},
    {WHY_KIND_XRDP, CERTAIN, is_xrdp_mcs, NULL,
     "its MCS Connect Response allows 22 channels, as only xrdp does"},
    {WHY_KIND_XRDP, LIKELY, is_xrdp_confirm, NULL,
     "it selects TLS 1.3 without NLA and has the negotiation flags of xrdp"},
    {WHY_KIND_XRDP, WEAK, is_xrdp_certificate, NULL,
     "its certificate is the one that xrdp's installation makes"},
    {WHY_KIND_FREERDP, CERTAIN, is_freerdp_order, NULL,
     "the capability sets come in the order in which FreeRDP's library sends them"},
    {WHY_KIND_FREERDP, CERTAIN, why_is_freerdp, NULL,
     "Connection Confirm and NTLM both have the form of FreeRDP's libraries"},
    {WHY_KIND_FREERDP, LIKELY, is_freerdp_confirm, NULL,
     "its Connection Confirm has the form and the flags of FreeRDP's library"},
    {WHY_KIND_SHADOW, LIKELY, is_shadow_certificate, NULL,
     "its certificate is like the one that freerdp-shadow makes for itself, for five years"},
    {WHY_KIND_GNOME, LIKELY, is_gnome_certificate, NULL,
     "its certificate is the one that GNOME's settings make"},
    {WHY_KIND_KRDP, LIKELY, is_krdp_certificate, NULL,
     "its certificate is the one that Plasma's settings make, for one day"},
    {WHY_KIND_VIRTUALBOX, LIKELY, is_virtualbox_confirm, NULL,
     "its Connection Confirm has the source reference 0x3412, as VirtualBox's"},
    {WHY_KIND_HYPER_V, LIKELY, is_hyper_v_port, is_confirmed,
     "port 2179 is that of Hyper-V's consoles, and it did not answer a Connection Request"},
    {WHY_KIND_IRONRDP, CERTAIN, is_ironrdp_mcs, NULL,
     "its MCS Connect Response has the values of IronRDP's library"},
    {WHY_KIND_IRONRDP, CERTAIN, is_ironrdp_order, NULL,
     "the capability sets come in the order in which IronRDP's library sends them"},
    {WHY_KIND_IRONRDP, LIKELY, is_ironrdp_ntlm, NULL,
     "its NTLM names no computer, as that of IronRDP's"},
    {WHY_KIND_LAMCO, LIKELY, is_lamco_certificate, NULL, "its certificate is for lamco-rdp-server"},
};

#define SIGN_COUNT (sizeof(signs) / sizeof(signs[0]))

/* ---- weighing -------------------------------------------------------------------------------- */

static bool any(struct why_result *const *results, size_t count,
                bool (*holds)(const struct why_facts *facts))
{
    for (size_t i = 0; i < count; i++) {
        for (const struct why_result *r = why_before_hops(results[i]); r != NULL;
             r = r->first_try) {
            if (holds(&r->facts))
                return true;
        }
    }
    return false;
}

static bool is_family(enum why_kind kind)
{
    return why_kind_family(kind) == kind;
}

/* The one kind, among families or among the members of |family|, that a sign of |strength| speaks
 * for; UNKNOWN: none, WHY_KIND_COUNT: several. */
static enum why_kind only_kind(const bool *seen, enum strength strength, enum why_kind family)
{
    enum why_kind only = WHY_KIND_UNKNOWN;

    for (size_t i = 0; i < SIGN_COUNT; i++) {
        enum why_kind kind = signs[i].kind;

        if (!seen[i] || signs[i].strength != strength)
            continue;
        if (family == WHY_KIND_UNKNOWN ? !is_family(kind)
                                       : is_family(kind) || why_kind_family(kind) != family)
            continue;
        if (only != WHY_KIND_UNKNOWN && only != kind)
            return WHY_KIND_COUNT;
        only = kind;
    }
    return only;
}

/* The same at the greatest strength at which there is any. */
static enum why_kind strongest(const bool *seen, enum why_kind family, enum strength *strength)
{
    enum why_kind kind = WHY_KIND_UNKNOWN;

    for (int s = CERTAIN; s >= WEAK && kind == WHY_KIND_UNKNOWN; s--) {
        kind = only_kind(seen, (enum strength)s, family);
        *strength = (enum strength)s;
    }
    return kind == WHY_KIND_COUNT ? WHY_KIND_UNKNOWN : kind;
}

static void add_evidence(const bool *seen, enum why_kind of, struct why_server_kind *kind)
{
    for (int s = CERTAIN; s >= WEAK; s--) {
        for (size_t i = 0; i < SIGN_COUNT; i++) {
            if (seen[i] && signs[i].kind == of && signs[i].strength == (enum strength)s &&
                kind->evidence_count < WHY_KIND_EVIDENCE_MAX)
                kind->evidence[kind->evidence_count++] = signs[i].evidence;
        }
    }
}

void why_server_kind_tell(struct why_result *const *results, size_t count,
                          struct why_server_kind *kind)
{
    bool seen[SIGN_COUNT];
    enum strength strength = WEAK, member_strength = WEAK;
    enum why_kind family, member;

    memset(kind, 0, sizeof(*kind));
    for (size_t i = 0; i < SIGN_COUNT; i++)
        seen[i] = any(results, count, signs[i].holds) &&
                  (signs[i].refuted == NULL || !any(results, count, signs[i].refuted));
    family = strongest(seen, WHY_KIND_UNKNOWN, &strength);
    if (family == WHY_KIND_UNKNOWN)
        return;
    member = strongest(seen, family, &member_strength);
    kind->kind = member != WHY_KIND_UNKNOWN ? member : family;
    kind->certain =
        strength == CERTAIN && (member == WHY_KIND_UNKNOWN || member_strength == CERTAIN);
    if (member != WHY_KIND_UNKNOWN)
        add_evidence(seen, member, kind);
    add_evidence(seen, family, kind);
}
