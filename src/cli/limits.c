/* SPDX-License-Identifier: Apache-2.0 */
#include "limits.h"

#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

/* Of one attempt: libfreerdp's context took 9 descriptors and 2.7 MB (measured with 3.10), and a
 * trace keeps up to 8 MiB but hardly ever more than one. */
#define FILES_PER_ATTEMPT  12
#define FILES_OF_OUR_OWN   64
#define MEMORY_PER_ATTEMPT UINT64_C(4000000)

static unsigned limit_by_files(unsigned jobs)
{
    rlim_t need = (rlim_t)jobs * FILES_PER_ATTEMPT + FILES_OF_OUR_OWN;
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= need)
        return jobs;
    files.rlim_cur = files.rlim_max < need ? files.rlim_max : need;
    if (setrlimit(RLIMIT_NOFILE, &files) != 0 && getrlimit(RLIMIT_NOFILE, &files) != 0)
        return jobs;
    if (files.rlim_cur >= need)
        return jobs;
    if (files.rlim_cur < FILES_OF_OUR_OWN + FILES_PER_ATTEMPT)
        return 1;
    return (unsigned)((files.rlim_cur - FILES_OF_OUR_OWN) / FILES_PER_ATTEMPT);
}

/* At most half of the machine's memory. */
static unsigned limit_by_memory(unsigned jobs)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    uint64_t fit;

    if (pages <= 0 || size <= 0)
        return jobs;
    fit = (uint64_t)pages * (uint64_t)size / 2 / MEMORY_PER_ATTEMPT;
    if (fit < 1)
        return 1;
    return fit < jobs ? (unsigned)fit : jobs;
}

unsigned cli_limit_jobs(unsigned jobs)
{
    return limit_by_files(limit_by_memory(jobs));
}
