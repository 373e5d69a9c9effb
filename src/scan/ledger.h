/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_LEDGER_H
#define RDPWHY_SCAN_LEDGER_H

#include <stdbool.h>

enum ledger_account {
    LEDGER_USER,       /* the one that the run was given */
    LEDGER_GATEWAY,    /* the RD Gateway's: however often, once it was accepted */
    LEDGER_REDIRECTED, /* those that redirections bring along, as if they were one */
    LEDGER_ACCOUNTS
};

/*
 * Whether the account may be used. A run makes one real authentication per account and host, and
 * none after one that was not accepted: accounts lock. Until the account has been accepted once,
 * only one attempt at a time may use it; the others wait for what comes of it. All zeros at first.
 */
struct ledger {
    bool accepted, rejected;
    bool pending; /* the account's first use is under way */
};

enum ledger_answer { LEDGER_YES, LEDGER_NO, LEDGER_WAIT };

/*
 * Takes the one authentication at a host, whose |*used| this is: false at first. NO comes with the
 * reason (static text); WAIT may be asked again after a claim was settled or released. Every claim
 * that was granted is settled or released.
 */
enum ledger_answer why_ledger_claim(struct ledger *ledger, bool *used, const char **why_not);
void why_ledger_settle(struct ledger *ledger, bool accepted);

/* The account was sent, and nobody looked at it: neither accepted nor rejected. */
void why_ledger_leave(struct ledger *ledger);

/* Gives a claim back that was not used: the attempt ended before the account was sent. */
void why_ledger_release(struct ledger *ledger, bool *used);

/*
 * Nobody will know what came of a claim: its attempt is lost. The host counts as used, and where
 * the account was never accepted, this counts as a rejection: it may have been one.
 */
void why_ledger_lose(struct ledger *ledger);

/* The reasons for NO when waiting has taken too long, and after a rejection. */
extern const char why_ledger_not_settled[];
extern const char why_ledger_not_accepted[];

#endif /* !defined(RDPWHY_SCAN_LEDGER_H) */
