/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TREE_H
#define RDPWHY_TREE_H

/*
 * Removes a directory of our own with all that is in it, |depth| levels deep at most: symbolic
 * links are removed, not followed. What cannot be removed stays.
 */
void why_tree_remove(const char *path, int depth);

#endif /* !defined(RDPWHY_TREE_H) */
