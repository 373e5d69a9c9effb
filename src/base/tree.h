/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TREE_H
#define RDPWHY_TREE_H

/* Makes a private directory below TMPDIR. Returns its path, the caller's to free; NULL: it cannot.
 */
char *why_tree_make(void);

/*
 * Removes a directory of our own with all that is in it, |depth| levels deep at most: symbolic
 * links are removed, not followed. What cannot be removed stays.
 */
void why_tree_remove(const char *path, int depth);

#endif /* !defined(RDPWHY_TREE_H) */
