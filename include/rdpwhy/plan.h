/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_PLAN_H
#define RDPWHY_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rdpwhy/vocab.h>

/* What to probe: targets times profiles times license modes, in a constant order. */

#define WHY_DEFAULT_PORT 3389

/* What becomes of a setting of an .rdp file; the value of its event in a trace. */
enum why_file_use {
    WHY_FILE_UNUSED,
    WHY_FILE_USED,     /* an attempt or the target depends on it */
    WHY_FILE_OVERRULED /* would be, if the command line did not say otherwise */
};

/* A setting of an .rdp file, "name:type:value". */
struct why_file_setting {
    char *text; /* owned; without its value where that is a secret */
    enum why_file_use use;
};

struct why_rdp_file {
    struct why_file_setting *items; /* owned */
    size_t count;
};

struct why_target {
    char *host; /* name or address, without brackets; owned */
    uint16_t port;
    char *label; /* "host:port", "[v6]:port" or "file:PATH", as reports show it; owned */
    /* The GUID of the virtual machine whose console is meant, within |label| or, of a file, that of
     * the source's options; NULL. */
    const char *vm;
    struct why_rdp_file *file; /* owned; NULL: the target is no file */
    const char *vantage;       /* where it is seen from; NULL: not told */
    bool among_others;         /* others saw it, too: people have to be told which */
};

/* The target of a label, "host:3389" or "[fe80::1]:3389". WHY_OK with texts for the caller to free,
 * or WHY_ERR_NOMEM, with none. */
int why_target_of_label(const char *label, struct why_target *target);

/* The path of the .rdp file that |text| names, as "file:PATH" or by its suffix; NULL: it is none.
 */
const char *why_target_file_path(const char *text);

/* Sets host and port, as those of an .rdp file are not in its label, to what "host:port" says.
 * WHY_OK, or WHY_ERR_NOMEM with |target| as it was. */
int why_target_set_address(struct why_target *target, const char *address);

/* Frees what |target| owns, and clears it. */
void why_target_clear(struct why_target *target);
/*
 * Host and port of |address|, as an .rdp file names it: a port there counts more than |port|, 0 is
 * the default one. WHY_OK, WHY_ERR_NOMEM, or WHY_ERR_USAGE with what is wrong in |err|.
 */
int why_target_of_address(const char *address, uint16_t port, struct why_target *target, char *err,
                          size_t errlen);
/* Takes NULL. */
void why_rdp_file_free(struct why_rdp_file *file);

/*
 * What the server is to get of the account, by the bit in RDP_NEG_REQ and RDP_NEG_RSP that asks for
 * it and offers it ([MS-RDPBCGR] 2.2.1.1.1, 2.2.1.2.1).
 */
enum why_delegation {
    WHY_DELEGATE_PASSWORD,   /* what proves it anew */
    WHY_DELEGATE_NOTHING,    /* Restricted Admin: the server logs on as itself elsewhere */
    WHY_DELEGATE_REDIRECTED, /* Remote Credential Guard: the client answers for it */
    WHY_DELEGATION_COUNT
};

/*
 * What an .rdp file asks for, as far as an attempt depends on it: all settings that are used, one
 * after another, on top of what why_file_offer_init says. Texts are those of the settings.
 */
struct why_file_offer {
    bool rdp, tls, nla, ext, aad;   /* the protocols enabled in libfreerdp */
    uint32_t requested;             /* requestedProtocols on the wire */
    enum why_delegation delegation; /* with CredSSP */
    bool console;                   /* an administrative session */
    bool unnegotiated;              /* "negotiate security layer:i:0" */
    bool names_machine;             /* a virtual machine of Hyper-V, by its GUID in |blob| */
    const char *blob;               /* of the preconnection PDU; NULL: none */
    const char *token;              /* for load balancers; NULL: none */
    const char *user;               /* NULL: none is named */
    const char *kdc_proxy;          /* as why_kdc_proxy_url takes it; NULL: none */
    int authentication_level;       /* of the server: 0 none, 1 required, 2 the user is asked */
};

#define WHY_HYPER_V_PORT 2179

struct why_file_offer why_file_offer_init(void);
void why_file_offer_see(struct why_file_offer *offer, const char *setting);
/* What the settings of |file| come to that are used. */
struct why_file_offer why_file_offer_of_file(const struct why_rdp_file *file);
/* TLS and CredSSP at once, with no negotiation before it ([MS-RDPBCGR] 5.4.2.2): as the file's own
 * client does it, */
bool why_file_is_direct(const struct why_file_offer *offer);
/* and where every client has to: to the console of a virtual machine. */
bool why_file_is_console(const struct why_file_offer *offer);
/* The value of |setting| where it is the one of this name and type ("enablecredsspsupport:i:");
 * else NULL. Names are compared without regard to case. */
const char *why_file_value(const char *setting, const char *name);

/* What a second try of a step does differently from the profile's default. */
enum why_variation {
    WHY_VARIATION_NONE,
    WHY_VARIATION_NO_SALTED_MAC, /* Standard RDP Security without salted MACs */
    WHY_VARIATION_WITH_COOKIE,   /* WHY_ROUTING_ACCOUNT in place of WHY_ROUTING_NONE */
    WHY_VARIATION_AGAIN,         /* nothing but the time: the first may have been chance */
    WHY_VARIATION_REDIRECTED,    /* where the server before sent the client, as it said */
    WHY_VARIATION_TLS_FIRST,     /* a TLS ClientHello and no Connection Request: what is there? */
    WHY_VARIATION_COUNT
};

/* "no-salted-mac", "again"; NULL for NONE. */
const char *why_variation_name(enum why_variation variation);

/*
 * By what load balancers and brokers choose the server ([MS-RDPBCGR] 2.2.1.1): the one line of text
 * in an X.224 Connection Request. All zeros is what mstsc sends of itself.
 */
enum why_routing_kind {
    WHY_ROUTING_ACCOUNT, /* "Cookie: mstshash=" and the first characters of the account */
    WHY_ROUTING_COOKIE,  /* "Cookie: mstshash=" and |text| */
    WHY_ROUTING_TOKEN,   /* |text| as it is: loadbalanceinfo of an .rdp file */
    WHY_ROUTING_NONE,
    WHY_ROUTING_KIND_COUNT
};

struct why_routing {
    enum why_routing_kind kind;
    const char *text;
};

/* Bytes; all of a Connection Request are at most 255 (X.224 13.2.1). */
#define WHY_ROUTING_MAX 200

/*
 * What goes in front of everything else ([MS-RDPEPS] 2.2.1): for Hyper-V's consoles and for brokers
 * that choose by it. All zeros: nothing.
 */
struct why_preconnection {
    const char *blob; /* the text of version 2; NULL: none */
    /* Of VMConnect: TLS and CredSSP follow at once, the negotiation is inside them
     * ([MS-RDPBCGR] 5.4.2.2). */
    bool direct;
};

/* UTF-16 code units of the text, with the zero at its end. */
#define WHY_BLOB_UNITS_MAX 512

/* Why |blob| cannot be sent, in words that go on behind it; NULL: it can. */
const char *why_blob_problem(const char *blob);
/* Whether |text| of |len| bytes is a GUID, "01234567-89ab-cdef-0123-456789abcdef". */
bool why_is_guid(const char *text, size_t len);

/* "account", "cookie", "token", "none". */
const char *why_routing_kind_name(enum why_routing_kind kind);
/* The kind of that name, or WHY_ROUTING_KIND_COUNT. */
enum why_routing_kind why_routing_kind_find(const char *name);
/* Why |routing| cannot be sent, in words that go on behind its text; NULL: it can. */
const char *why_routing_problem(const struct why_routing *routing);

struct why_step {
    enum why_profile profile;
    enum why_license_mode license_mode;
    unsigned repeat; /* 0 for the first time */
};

struct why_step_list {
    struct why_step *items; /* owned */
    size_t count;
};

/*
 * The steps for every host: profiles outermost, then license modes, then repeats.
 */
int why_steps_make(struct why_step_list *list, const enum why_profile *profiles,
                   size_t profile_count, const enum why_license_mode *modes, size_t mode_count,
                   unsigned repeat);
void why_steps_clear(struct why_step_list *list);

/* What it says of a server that it lets an offer in: of an ordinary one nothing. */
enum why_strength { WHY_STRENGTH_WEAK, WHY_STRENGTH_ORDINARY, WHY_STRENGTH_STRONG };

struct why_delegation_info {
    const char *name;       /* as Microsoft calls it */
    uint8_t asked, offered; /* the bits; 0: none is needed */
    const char *flag;       /* the latter's name */
};

/* The protocols that know of it. */
#define WHY_PROTOCOLS_CREDSSP (WHY_PROTOCOL_HYBRID | WHY_PROTOCOL_HYBRID_EX)

/* The row of |delegation|, never NULL. */
const struct why_delegation_info *why_delegation_info(enum why_delegation delegation);
/* The one that a client asks for with these flags of RDP_NEG_REQ. */
enum why_delegation why_delegation_asked(uint8_t flags);

/* What there is to know of a profile; vocab.def has the rows. */
struct why_profile_info {
    enum why_profile profile;
    bool rdp, tls, nla, ext, rdstls, aad; /* the protocols enabled in libfreerdp */
    bool as_mstsc;                        /* the whole offer of mstsc, of which the server selects;
                                             the other profiles leave it no choice */
    uint32_t requested;                   /* requestedProtocols on the wire */
    uint32_t wanted;                      /* protocols the profile can go on with, as a bit set;
                                             bit 31 stands for Standard RDP Security */
    uint16_t pins;                        /* the one TLS version allowed (wire number); 0: any */
    bool of_file;                         /* the offer is the .rdp file's, and at most that */
    bool says_nothing_of_tls;             /* TLS is not offered: that it is refused is no sign */
    enum why_package package;             /* the one that CredSSP offers */
    enum why_delegation delegation;       /* and what is then handed over */
    enum why_phase settled_in; /* reached: the server let the offer in. CredSSP and its like have
                                  begun where the server let the client begin with them; of TLS it
                                  is any phase behind it */
    enum why_strength strength;
    uint32_t match_mask, match; /* an offer of somebody else's client is taken for this one where
                                   its bits in the mask are |match|; mask 0: never */
};
#define WHY_WANT_RDP 0x80000000u

/* The row of |profile|, never NULL. */
const struct why_profile_info *why_profile_info(enum why_profile profile);

/* The profile that comes closest to a client that requested these protocols. */
enum why_profile why_profile_of_offer(uint32_t requested);

/* What there is to know of a license mode; vocab.def has the rows. */
struct why_license_mode_info {
    bool presents;            /* brings a license from the store */
    bool corrupts;            /* with flipped bytes */
    bool keeps;               /* what it is issued replaces the stored one */
    const char *foreign_name; /* the client name, which the hardware ID is made of; NULL: our own */
    bool console;             /* asks for an administrative session, which needs no license */
    bool counts_for_health;   /* that it fails is the server's doing */
    const char *came;         /* what the client did, in words: at first, */
    const char *presented;    /* once it presented a license, */
    const char *accepted;     /* and what that the server accepts that one means */
};

/* The row of |mode|, never NULL. */
const struct why_license_mode_info *why_license_mode_info(enum why_license_mode mode);

/*
 * Targets one by one, from the command line and from files. A text is host, host:port, [v6]:port,
 * rdp://host:port, host:port?vmid=GUID, a bare IPv6 address, an .rdp file (file:PATH, or a PATH
 * that ends in .rdp), or a CIDR range (at most 65,536 addresses; of an IPv4 range without its
 * network and broadcast address; with a port: 192.0.2.0/24:3390). A file has one a line; empty
 * lines and # comments are passed over. A target that was given out already is counted and not
 * given out again. Ranges are unfolded and files are read as they are needed, and of the targets
 * that were given out only a hash is kept. Ten million take 130 MB, and 200 MB while the set grows.
 */
struct why_source;

struct why_source_input {
    FILE *in;         /* stays the caller's */
    const char *name; /* for messages */
    bool waits; /* a pipe or a terminal, of which nothing has been read: it is never waited for */
};

/*
 * One of |count| parts of a list, |index| from 1; all zeros: the whole list. A target belongs to
 * the part that the hash of its label tells, which is the same on every machine and in every
 * version: in whatever order the list is, the parts are disjoint and together the whole.
 */
struct why_shard {
    unsigned index, count;
};

struct why_source_options {
    const char *const *operands;
    size_t operand_count;
    const struct why_source_input *inputs;
    size_t input_count;
    bool strict; /* a bad line is an error, else it is told and passed over */
    int family;  /* AF_INET or AF_INET6: addresses of the other are bad targets; AF_UNSPEC */
    void (*bad_line)(void *arg, const char *message);
    void *arg;
    const char *vm; /* a GUID: each target is the console of that virtual machine, unless it names
                       one itself, on Hyper-V's port, unless it names another; NULL */
    const char *vantage; /* of all targets; NULL */
    struct why_shard shard;
    /* Reads the .rdp file |path| into |target|, but for its label; returns as why_source_next.
     * NULL: such a text is a host. */
    int (*read_file)(const char *path, struct why_target *target, char *err, size_t errlen);
};

/* Everything in |options| lives as long as the source. NULL: out of memory. */
struct why_source *why_source_new(const struct why_source_options *options);
/* Takes NULL. */
void why_source_free(struct why_source *source);

/* Targets with this label are passed over from now on. WHY_OK or WHY_ERR_NOMEM. */
int why_source_skip(struct why_source *source, const char *label);

/*
 * The next target that was not given before. Two targets whose labels have the same 64-bit hash are
 * taken for one: with ten million targets once in 400,000 runs. Returns WHY_OK with
 * |target|'s strings for the caller to free; WHY_ERR_NOTFOUND at the end; WHY_ERR_AGAIN where an
 * input that |waits| has nothing yet; WHY_ERR_USAGE or WHY_ERR_IO with a message that names file
 * and line in |err|; or WHY_ERR_NOMEM.
 */
int why_source_next(struct why_source *source, struct why_target *target, char *err, size_t errlen);

/* The input that is read next, for poll(); -1: none. */
int why_source_fd(const struct why_source *source);

/*
 * Goes through all of it and back to the start, without telling of bad lines; its files must be
 * seekable. |*count| is how many targets there are to come. Returns as why_source_next does, or
 * WHY_OK at the end.
 */
int why_source_count(struct why_source *source, size_t *count, char *err, size_t errlen);

/* So far: targets given more than once, lines passed over, targets skipped, and those of other
 * shards. */
size_t why_source_duplicates(const struct why_source *source);
size_t why_source_bad_lines(const struct why_source *source);
size_t why_source_elsewhere(const struct why_source *source);
size_t why_source_skipped(const struct why_source *source);

struct why_proxy;

/*
 * Takes |url| apart: socks5://, socks5h://, socks4a:// or http://, then [USER@]HOST[:PORT]. The
 * texts of |*proxy| are the caller's to free (why_proxy_clear). Returns WHY_OK, WHY_ERR_NOMEM, or
 * WHY_ERR_USAGE with what is wrong in |err|; of a password it says where it belongs.
 */
int why_proxy_parse(const char *url, struct why_proxy *proxy, char *err, size_t errlen);
void why_proxy_clear(struct why_proxy *proxy);

/* As whom. */
struct why_credentials {
    const char *user;
    const char *domain;   /* "" where none was given */
    const char *password; /* NULL: none, but tickets */
    /* Kerberos; NULL: what krb5.conf and the name servers say. */
    const char *realm;
    const char *kdc;        /* "host" or "host:port" */
    const char *kdc_proxy;  /* an URL, in the place of |kdc| */
    bool kdc_proxy_of_file; /* which the .rdp file names, not the user */
    const char *ccache;     /* a cache with tickets, as MIT Kerberos names it; NULL: the password */
};

/* A KDC proxy ([MS-KKDCP]): https://HOST[:PORT][/PATH]. */
struct why_kdc_proxy {
    char host[256]; /* of an IPv6 address without its brackets */
    uint16_t port;  /* 443 where none is given */
    char path[256]; /* with its slash; /KdcProxy where none is given */
};

/* NULL, or why |url| is none: static text that goes after it. */
const char *why_kdc_proxy_parse(const char *url, struct why_kdc_proxy *proxy);
/* The URL of a KDC proxy that an .rdp file names by host alone (kdcproxyname), or by an URL. */
#define WHY_KDC_PROXY_URL_MAX 600
void why_kdc_proxy_url(const char *name, char *url, size_t len);
/* AzureAD\USER, an account of Entra ID: neither a server nor a domain can check its password. */
bool why_account_is_entra(const struct why_credentials *credentials);

#endif /* !defined(RDPWHY_PLAN_H) */
