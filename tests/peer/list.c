/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char *const security_names[] = {"rdp", "tls", "nla", "nla-ext", "any"};
static const char *const credential_names[] = {"none", "right", "wrong"};

const struct peer_fault *peer_fault_find(const char *name)
{
    for (size_t i = 0; i < peer_fault_count; i++) {
        if (strcmp(peer_faults[i].name, name) == 0) {
            return &peer_faults[i];
        }
    }
    return NULL;
}

static void print_code(const struct peer_expect *e)
{
    if (e->space == WHY_SPACE_COUNT) {
        printf("\t-\t-");
    } else {
        printf("\t%s\t%" PRId64, why_code_space_name(e->space), e->code);
    }
    if (e->has_mstsc) {
        printf("\t0x%" PRIX32 "\t0x%" PRIX32 "\tdocumented", e->mstsc, e->extended);
    } else {
        printf("\t-\t-\t-");
    }
}

static void print_license(const struct peer_fault *f)
{
    const struct peer_license_expect *e = &f->license;
    printf("\t%s\t%s", e->step != NULL ? e->step : "-", e->messages != NULL ? e->messages : "-");
    if (e->transition != 0) {
        printf("\t%" PRIu32, e->transition);
    } else {
        printf("\t-");
    }
    printf("\t%s", f->stored ? why_license_mode_name(WHY_LICENSE_MODE_FRESH) : "-");
}

static void print_words(const struct peer_words *w)
{
    printf("\t%s\t%s\n", w->remark != NULL ? w->remark : "-",
           w->no_findings != NULL ? w->no_findings : "-");
}

int peer_list(void)
{
    printf("name\tdescription\tengine\tsecurity\tprofile\tlicense_mode\tuntil\tcredentials\t"
           "outcome\tphase\tending\tclosed_by\tcode_space\tcode\tmstsc_code\tmstsc_extended\t"
           "mstsc_basis\tstep\tmessages\ttransition\tprepare\tremark\tno_findings\n");
    for (size_t i = 0; i < peer_fault_count; i++) {
        const struct peer_fault *f = &peer_faults[i];
        printf("%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s", f->name, f->what,
               f->engine == PEER_SERVER ? "server" : "responder", security_names[f->security],
               why_profile_name(f->profile), why_license_mode_name(f->license_mode),
               f->until != NULL ? f->until : "-", credential_names[f->credentials],
               why_outcome_name(f->expect.outcome), why_phase_name(f->expect.phase),
               why_ending_name(f->expect.ending), why_closer_name(f->expect.closed_by));
        print_code(&f->expect);
        print_license(f);
        print_words(&f->words);
    }
    return fflush(stdout);
}
