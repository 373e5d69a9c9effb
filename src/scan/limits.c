/* SPDX-License-Identifier: Apache-2.0 */
#include "limits.h"

#include <rdpwhy/scan.h>

#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

/* Half of the machine's memory, and of it what the processes take before the first attempt. */
#define MEMORY_OF_OUR_OWN  UINT64_C(60000000)
#define MEMORY_PER_ATTEMPT UINT64_C(3200000) /* libfreerdp's context took 2.7 MB */
/* With decoders, a desktop of 1024x768 and its codecs' buffers it took 12.5 MB. */
#define MEMORY_PER_SESSION UINT64_C(16000000)

#define FILES_OF_WORKER   32u
#define FILES_PER_ATTEMPT 12u /* libfreerdp's context took 9 */
#define FILES_OF_OUR_OWN  96u /* workers' channels, reports, sockets that wait for a worker */

/* Enough for 800 silent hosts a second, and still few enough for the tables of the firewalls on the
 * way. */
#define DIALS_MAX   4096u
#define DIALS_LEAST 16u

/* Enough for everything here; some systems set a limit that is no number of files to try. */
#define FILES_ENOUGH 65536u

static unsigned fit_into_memory(uint64_t each)
{
    long pages = sysconf(_SC_PHYS_PAGES), size = sysconf(_SC_PAGESIZE);
    uint64_t bytes;

    if (pages <= 0 || size <= 0)
        return UINT16_MAX;
    bytes = (uint64_t)pages * (uint64_t)size / 2;
    if (bytes < MEMORY_OF_OUR_OWN + each)
        return 1;
    bytes = (bytes - MEMORY_OF_OUR_OWN) / each;
    return bytes < UINT16_MAX ? (unsigned)bytes : UINT16_MAX;
}

static void raise_files(void)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur >= FILES_ENOUGH)
        return;
    files.rlim_cur = files.rlim_max < FILES_ENOUGH ? files.rlim_max : FILES_ENOUGH;
    (void)setrlimit(RLIMIT_NOFILE, &files);
}

/* Open files of a process, of which |own| are for other things. */
static size_t files_left(size_t own)
{
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) != 0 || files.rlim_cur == RLIM_INFINITY ||
        files.rlim_cur > FILES_ENOUGH)
        return FILES_ENOUGH - own;
    return files.rlim_cur < own ? 0 : (size_t)files.rlim_cur - own;
}

unsigned why_limits_attempts_of_worker(void)
{
    size_t attempts = files_left(FILES_OF_WORKER) / FILES_PER_ATTEMPT;

    return attempts > 0 ? (unsigned)attempts : 1;
}

size_t why_limits_dials(void)
{
    size_t dials = files_left(FILES_OF_OUR_OWN);

    if (dials < DIALS_LEAST)
        return DIALS_LEAST;
    return dials < DIALS_MAX ? dials : DIALS_MAX;
}

unsigned why_scan_jobs_max(enum why_phase until)
{
    unsigned memory, files;

    raise_files();
    memory = fit_into_memory(until == WHY_PHASE_SESSION ? MEMORY_PER_SESSION : MEMORY_PER_ATTEMPT);
    files = LIMITS_WORKERS_MAX * why_limits_attempts_of_worker();
    return memory < files ? memory : files;
}
