/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_SCAN_LEDGER_H
#define RDPWHY_SCAN_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Who has logged on where. A run makes one real authentication per account and host, and none after
 * one that was not accepted: accounts lock. Until the account has been accepted once, only one
 * attempt at a time may use it; the others wait for what comes of it.
 */
struct ledger;

/* For hosts numbered 0 to |hosts| - 1; NULL when out of memory. */
struct ledger *ledger_new(size_t hosts);
void ledger_free(struct ledger *ledger);

/*
 * Takes the one authentication at |host|: NULL, or the reason why not (static text). Waits at most
 * |wait_us|. Every claim that was granted is settled or released.
 */
const char *ledger_claim(struct ledger *ledger, size_t host, uint64_t wait_us);
void ledger_settle(struct ledger *ledger, bool accepted);

/* Gives a claim back that was not used: the attempt ended before the account was sent. */
void ledger_release(struct ledger *ledger, size_t host);

/* True once an authentication was not accepted. */
bool ledger_is_rejected(struct ledger *ledger);

#endif /* !defined(RDPWHY_SCAN_LEDGER_H) */
