/* SPDX-License-Identifier: Apache-2.0 */
#include "memory.h"

#include <stdlib.h>

#include <rdpwhy/status.h>

int why_memory_open(struct memory *memory)
{
    *memory = (struct memory){.out = NULL};
    memory->out = open_memstream(&memory->text, &memory->len);
    return memory->out ? WHY_OK : WHY_ERR_NOMEM;
}

int why_memory_close(struct memory *memory, FILE *to)
{
    int failed, status = WHY_OK;

    if (!memory->out)
        return WHY_OK;
    failed = ferror(memory->out);
    failed = fclose(memory->out) != 0 || failed;
    if (failed)
        status = WHY_ERR_NOMEM;
    else if (to && (fwrite(memory->text, 1, memory->len, to) != memory->len || fflush(to) != 0))
        status = WHY_ERR_IO;
    free(memory->text);
    *memory = (struct memory){.out = NULL};
    return status;
}
