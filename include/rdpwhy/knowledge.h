/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_KNOWLEDGE_H
#define RDPWHY_KNOWLEDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <rdpwhy/kind.h>
#include <rdpwhy/vocab.h>

/* The tables: codes of every space and what mstsc shows. Text lives here, not in code. */

struct why_code_row {
    int64_t value;
    const char *name;    /* the constant's name in the source */
    const char *meaning; /* a few words of our own */
};

struct why_code_table {
    const char *space;  /* "error-info", "mstsc", … */
    const char *title;  /* "Set Error Info PDU" */
    const char *source; /* where the rows come from */
    bool hexadecimal;   /* how people write these codes */
    unsigned digits;    /* of hexadecimal, 0: as many as needed */
    const struct why_code_row *rows;
    size_t count;
};

struct why_code {
    enum why_code_space space;
    int64_t value;
    const char *name; /* from the knowledge tables; NULL: not known there; static */
};

/* What mstsc would show for this ending. */
struct why_mstsc {
    uint32_t code;
    bool has_extended;
    uint32_t extended;
    bool documented;  /* the server itself sent the code; else inferred by |rule| */
    const char *rule; /* which row inferred it; static */
};

/* All tables; |*count| is their number. */
const struct why_code_table *why_code_tables(size_t *count);

/* The table whose space has this name, or NULL. */
const struct why_code_table *why_code_table_find(const char *space);

/* The row of |value| in |table|, or NULL. */
const struct why_code_row *why_code_row_find(const struct why_code_table *table, int64_t value);

/* Name and meaning of a verdict's code; NULL where the tables do not know it. */
const struct why_code_row *why_code_lookup(enum why_code_space space, int64_t value);

/* "0x7", "40", …: the value as people write it in that space; "?" where it has none
 * (system_error.h). */
void why_code_format(enum why_code_space space, int64_t value, char *buf, size_t len);

/* Of how an attempt ended, what decides what mstsc shows. */
struct why_mstsc_case {
    enum why_outcome outcome;
    enum why_ending ending;
    enum why_phase phase;
    bool by_client;              /* the client closed the connection, or may have */
    const struct why_code *code; /* NULL: none was named */
};

/*
 * What mstsc shows after |seen|. Fills |*mstsc| and returns true, or returns false where the tables
 * have no row.
 */
bool why_mstsc_equivalent(const struct why_mstsc_case *seen, struct why_mstsc *mstsc);

/* One of the endings after which mstsc shows a given code. */
struct why_mstsc_source {
    const char *rule;
    enum why_phase first_phase, last_phase;
    bool documented;
    bool has_extended;
    uint32_t first_extended, last_extended;
};
/*
 * The |index|th ending after which mstsc shows |code| with the extended code |extended|
 * (WHY_EXTENDED_NONE or 0: without one; WHY_EXTENDED_ANY: with any or none). False past the last.
 */
#define WHY_EXTENDED_NONE UINT32_MAX
#define WHY_EXTENDED_ANY  (UINT32_MAX - 1)
bool why_mstsc_source(uint32_t code, uint32_t extended, size_t index,
                      struct why_mstsc_source *source);

/* RDP_NEG_REQ/RSP protocol bits as words ("SSL", "HYBRID", …); the |i|th bit word or NULL. */
struct why_flag {
    uint32_t bit;
    const char *name;
};
const struct why_flag *why_protocol_flags(size_t *count);
/* selectedProtocol as one word: "RDP", "SSL", "HYBRID", …; NULL when unknown. */
const char *why_protocol_name(uint32_t selected);
/* RDP_NEG_RSP flags ([MS-RDPBCGR] 2.2.1.2.1). */
const struct why_flag *why_negotiation_flags(size_t *count);

/* The same for the flags of Server Multitransport Channel Data ([MS-RDPBCGR] 2.2.1.4.6). */
const struct why_flag *why_multitransport_flags(size_t *count);
/* RedirFlags of a server redirection ([MS-RDPBCGR] 2.2.13.1), without LB_. */
const struct why_flag *why_redirection_flags(size_t *count);
/* RDP_NEG_REQ flags ([MS-RDPBCGR] 2.2.1.1.1). */
const struct why_flag *why_request_flags(size_t *count);
/* Encryption method and level of the server security data ([MS-RDPBCGR] 2.2.1.4.3). */
const char *why_encryption_method_name(uint32_t method);
const char *why_encryption_level_name(uint32_t level);
/* License state transitions ([MS-RDPBCGR] 2.2.1.12.1.3); NULL when unknown. */
const char *why_license_transition_name(uint32_t transition);
/* TLS cipher suites and versions are OpenSSL's and the wire's business, not here. */

/* The diagnosis rules as data: what each means, its causes, checks and remedies. */

enum why_severity { WHY_SEVERITY_INFO, WHY_SEVERITY_WARNING, WHY_SEVERITY_ERROR };

const char *why_severity_name(enum why_severity severity);

/* WHY_RULE_NAME_NOT_RESOLVED, …: the list with its order is rules.def. */
enum why_rule {
#define WHY_RULE(id, name, severity, remark, matcher) WHY_RULE_##id,
#include <rdpwhy/rules.def>
    WHY_RULE_COUNT
};

/* The conditions of rules.def, each with its bit, WHY_IF(NAME) and so on: 52 bits at most. */
enum why_condition {
#define WHY_CONDITION(id, name, words) WHY_CONDITION_##id,
#include <rdpwhy/rules.def>
    WHY_CONDITION_COUNT
};

/*
 * What a text of a rule presupposes. A finding shows the text only where the measurement supports
 * all of it; a rule's page shows all texts, each with its condition.
 */
#define WHY_IF(id) (UINT64_C(1) << WHY_CONDITION_##id)

/* "the target is a name", …: the words of one of the bits above; NULL for any other. */
const char *why_condition_text(uint64_t condition);

/* The kinds of server (kind.h, WHY_FOR_) that a text is meant for, as a part of |when|. */
#define WHY_FOR(kinds) ((uint64_t)(kinds) << 52)

struct why_rule_text {
    /* WHY_IF bits that must all hold, and WHY_FOR what the server must be one of; 0: always */
    uint64_t when;
    /* {target}, {host} and {port} stand for the target's, {code} for the code that was seen. */
    const char *text;
};

/* The two parts of |when|. */
uint64_t why_text_conditions(const struct why_rule_text *text);
unsigned why_text_kinds(const struct why_rule_text *text);
/* Whether a host shows the text where the measurement supports |conditions| of it. */
bool why_text_fits(const struct why_rule_text *text, uint64_t conditions, enum why_kind kind);
/*
 * "the server is xrdp": the words of a row of WHY_KINDS that lies within |*kinds|, which it is
 * taken out of; NULL: there is none left.
 */
const char *why_kinds_next(unsigned *kinds);

struct why_rule_info {
    const char *name; /* kebab-case */
    enum why_severity severity;
    const char *meaning;                  /* one line, a sentence without its full stop */
    const struct why_rule_text *causes;   /* by likelihood; ended by a NULL text */
    const struct why_rule_text *checks;   /* what tells the causes apart; the same */
    const struct why_rule_text *remedies; /* with their risk; the same */
};

/* Why Windows dropped a packet (PKTMON_DROP_REASON): "nothing listens on that port", or NULL. What
 * ends a segment that has been dealt with has no name. Static. */
const char *why_drop_name(uint32_t reason);

/* Whether |rule| says nothing of how an attempt ended: a remark on what was seen on the way. */
bool why_rule_is_remark(enum why_rule rule);

/* The row of |rule|, never NULL. */
const struct why_rule_info *why_rule_info(enum why_rule rule);

/* The rule of that name, or WHY_RULE_COUNT. */
enum why_rule why_rule_find(const char *name);

/*
 * The rule that a code the server sent leads to; WHY_RULE_COUNT where the code alone leads to none.
 */
enum why_rule why_rule_of_code(enum why_code_space space, int64_t value);

/* What the placeholders of a rule's texts stand for. */
struct why_rule_fields {
    const char *host;
    const char *target;  /* host and port as one word */
    const char *address; /* that was tried last; where none is known, the host */
    uint16_t port;
    const char *code;    /* that was seen, as `rdpwhy explain` takes it; "CODE" where none was */
    const char *gateway; /* its host and port; NULL: none, or any */
    /* Of a capture, when it happened, since 1970-01-01 UTC; 0: just now. */
    uint64_t from_us, to_us;
};

/*
 * Writes |text| with its placeholders filled in; at most |len| bytes, like snprintf returns what
 * would have been written.
 */
size_t why_rule_expand(const char *text, const struct why_rule_fields *of, char *buf, size_t len);

/* What a code, a name or a rule means, from the tables alone. */

enum why_part {
    WHY_PART_WHOLE,
    WHY_PART_CODE,     /* of a pair as mstsc prints it: the first half */
    WHY_PART_EXTENDED, /* the second half */
    WHY_PART_HOMONYM   /* the second half's number in another code space: not what is meant */
};

/* How the number asked for holds the row's. */
enum why_form {
    WHY_FORM_PLAIN,
    WHY_FORM_WIN32,        /* a Win32 error inside an HRESULT or NTSTATUS */
    WHY_FORM_FREERDP,      /* an error info below FreeRDP's class: 0x0001xxxx */
    WHY_FORM_GATEWAY_HALF, /* the lower half of the gateway's HRESULT */
    WHY_FORM_MIT_KRB5,     /* MIT Kerberos counts from -1765328384 */
    WHY_FORM_RANGE         /* no row of its own: the row is the first of its range */
};

struct why_meaning {
    const struct why_code_table *table;
    const struct why_code_row *row;
    enum why_part part;
    enum why_form form;
};

struct why_explanation {
    const char *query; /* the caller's */
    bool is_number;
    int64_t value;
    bool is_pair;
    uint32_t code, extended;
    char other_base[16];          /* "0x516" of "516": another code, written alike; "": none */
    enum why_rule rule;           /* its page is asked for; WHY_RULE_COUNT: no */
    struct why_meaning *meanings; /* the likeliest first; owned */
    size_t count;
};

/*
 * Explains |query|: a number (0x…, decimal, negative for 32-bit codes), two numbers as mstsc prints
 * them (0x904/0x7, or with a space or comma between), a rule's name, a code's name or a part of one
 * in any case. Returns WHY_OK, WHY_ERR_NOTFOUND where the tables have nothing, or WHY_ERR_NOMEM;
 * |out| may be cleared in any case.
 */
int why_explain(const char *query, struct why_explanation *out);
void why_explanation_clear(struct why_explanation *explanation);

/*
 * The codes in |text|, which is a dialog, a line of a log or anything else that was pasted:
 * hexadecimal numbers, numbers after a word such as "code", and full names of the tables. Each
 * once, in their order, as queries for why_explain; a main and an extended code that stand together
 * are one. Returns how many were written to |queries|, |max| at most.
 */
#define WHY_QUERY_MAX 64
size_t why_explain_find(const char *text, char (*queries)[WHY_QUERY_MAX], size_t max);

/* The rule that a row's code leads to by itself, or WHY_RULE_COUNT. */
enum why_rule why_meaning_rule(const struct why_code_table *table, const struct why_code_row *row);
/* The |index|th rule whose page helps with a row's code, the likeliest first, or WHY_RULE_COUNT. */
enum why_rule why_meaning_see(const struct why_code_table *table, const struct why_code_row *row,
                              size_t index);

/*
 * Whether a reference names the row's code (basis "documented"), or only people who met it do
 * ("reported").
 */
bool why_row_is_documented(const struct why_code_row *row);
/* Where the row's meaning comes from. */
const char *why_row_source(const struct why_code_table *table, const struct why_code_row *row);

/* What people have reported of a code, beside or in place of a reference. */
struct why_code_report {
    const char *space;
    int64_t value;
    const char *says;
    const char *source;
};
/* The |index|th of a row's code; NULL past the last. */
const struct why_code_report *why_code_report(const struct why_code_table *table,
                                              const struct why_code_row *row, size_t index);

/* What to run next for a code, with HOST in the server's place, and what it shows. */
struct why_next {
    const char *command, *shows;
};
const struct why_next *why_meaning_next(const struct why_code_table *table,
                                        const struct why_code_row *row);
/* A table's value as people write it: "0xC000006D", "40". */
void why_table_format(const struct why_code_table *table, int64_t value, char *buf, size_t len);

/*
 * What a client says of itself in the handshake, field by field, and what mstsc says there. A
 * server answers by it: what a client does not announce it must not be sent
 * ([MS-RDPBCGR] 2.2.1.3.2, 2.2.5.1). So the prober says what mstsc says, and this is where it is
 * written down.
 */

/* One field. The texts are static and never NULL but where it says so. */
struct why_client_row {
    const char *pdu;    /* the structure's name in the specification */
    const char *field;  /* the field's name there */
    const char *mstsc;  /* what mstsc of a current Windows 11 sends */
    const char *sends;  /* what rdpwhy sends; NULL: the same */
    const char *reason; /* why that differs; NULL where it does not */
    const char *source; /* where mstsc's value is from */
};

/* A |mstsc| or |sends| that starts with this stands for values that differ from run to run or from
 * machine to machine; what follows describes them. */
#define WHY_CLIENT_VARIES '~'

/* All rows in the order of the handshake; |*count| is their number. */
const struct why_client_row *why_client_rows(size_t *count);

/* The row of that field, or NULL. */
const struct why_client_row *why_client_row_find(const char *pdu, const char *field);

#endif /* !defined(RDPWHY_KNOWLEDGE_H) */
