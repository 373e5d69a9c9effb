/* SPDX-License-Identifier: Apache-2.0 */
#include "junit_parts.h"

#include "escape.h"

void why_junit_attribute(FILE *out, const char *name, const char *value)
{
    fprintf(out, " %s=\"", name);
    why_escape(out, ESCAPE_XML, value);
    fputc('"', out);
}

void why_junit_requirement(FILE *out, const char *label, const struct why_judgement *judgement)
{
    fputs("    <testcase name=\"require ", out);
    why_escape(out, ESCAPE_XML, judgement->requirement);
    fputc('"', out);
    why_junit_attribute(out, "classname", label);
    fputs(" time=\"0\"", out);
    if (judgement->met) {
        fputs("/>\n", out);
        return;
    }
    fputs(">\n      <failure", out);
    why_junit_attribute(out, "message", judgement->fact);
    why_junit_attribute(out, "type", judgement->rule);
    fputs("/>\n    </testcase>\n", out);
}
