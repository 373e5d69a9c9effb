/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_TESTS_UNIT_H
#define RDPWHY_TESTS_UNIT_H

#include <CUnit/CUnit.h>

/*
 * Runs |suites| (ended by CU_SUITE_INFO_NULL) and returns main's exit code: 0 when every assertion
 * of at least one test held.
 */
int why_unit_main(CU_SuiteInfo *suites);

#endif /* !defined(RDPWHY_TESTS_UNIT_H) */
