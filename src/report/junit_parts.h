/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_JUNIT_PARTS_H
#define RDPWHY_REPORT_JUNIT_PARTS_H

#include <stdio.h>

#include <rdpwhy/diagnosis.h>

/* What the JUnit XML of a run and that of a diff have in common. */

/* An attribute with the blank before it. */
void why_junit_attribute(FILE *out, const char *name, const char *value);

/* The case of one requirement of the host |label|: fails where it is not met. */
void why_junit_requirement(FILE *out, const char *label, const struct why_judgement *judgement);

#endif /* !defined(RDPWHY_REPORT_JUNIT_PARTS_H) */
