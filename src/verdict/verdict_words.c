/* SPDX-License-Identifier: Apache-2.0 */
#include <rdpwhy/result.h>

#include <stdio.h>

bool why_verdict_is_range(const struct why_verdict *verdict)
{
    return verdict->phase >= 0 && verdict->phase_to > verdict->phase;
}

const char *why_basis_name(enum why_basis basis)
{
    switch (basis) {
    case WHY_BASIS_INFERRED:
        return "inferred";
    case WHY_BASIS_OPEN:
        return "open";
    default:
        return "seen";
    }
}

const char *why_mstsc_basis(const struct why_verdict *verdict)
{
    if (verdict->has_mstsc)
        return verdict->mstsc.documented ? "documented" : "inferred";
    return verdict->outcome == WHY_OUTCOME_COMPLETED || verdict->outcome == WHY_OUTCOME_STOPPED
               ? NULL
               : "unknown";
}

void why_verdict_line(const struct why_verdict *v, char *buf, size_t len)
{
    char code[32] = "", where[64] = "";

    if (v->has_code)
        why_code_format(v->code.space, v->code.value, code, sizeof(code));
    if (why_verdict_is_range(v))
        (void)snprintf(where, sizeof(where), " between %s and %s", why_phase_name(v->phase),
                       why_phase_name(v->phase_to));
    else if (v->phase >= 0)
        (void)snprintf(where, sizeof(where), " in %s", why_phase_name(v->phase));
    (void)snprintf(buf, len, "%s%s: %s%s%s%s%s", why_outcome_name(v->outcome), where,
                   why_ending_name(v->ending), v->has_code ? " " : "", code,
                   v->has_code && v->code.name != NULL ? " " : "",
                   v->has_code && v->code.name != NULL ? v->code.name : "");
}
