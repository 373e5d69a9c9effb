/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <rdpwhy/status.h>
#include <rdpwhy/trace.h>

#include "help.h"
#include "offline.h"
#include "options.h"

static int replay(struct offline *offline, FILE *in, const char *name)
{
    size_t line = 0;

    for (;;) {
        char err[256] = "";
        struct why_trace *trace = NULL;
        int status = why_trace_read(in, &trace, &line, err, sizeof(err));

        if (status == WHY_ERR_NOTFOUND)
            return WHY_OK;
        if (status != WHY_OK) {
            cli_sayf("replay: %s: %s", name, err);
            return status == WHY_ERR_NOMEM ? status : WHY_ERR_MALFORMED;
        }
        status = offline_trace(offline, trace);
        if (status != WHY_OK)
            return status;
    }
}

static int replay_file(struct offline *offline, const char *name)
{
    bool standard = strcmp(name, "-") == 0;
    FILE *in = standard ? stdin : fopen(name, "r");
    int status;

    if (in == NULL) {
        cli_sayf("replay: cannot read '%s': %s", name, strerror(errno));
        return WHY_ERR_USAGE;
    }
    status = replay(offline, in, standard ? "standard input" : name);
    if (!standard)
        (void)fclose(in);
    return status;
}

int cmd_replay(int argc, char **argv)
{
    struct cli_options options;
    struct offline offline;
    int code, status;

    if (!cli_begin(&options, CLI_REPLAY, argc, argv, &code))
        return code;
    if (options.operand_count == 0) {
        cli_say("replay: no file (try: rdpwhy replay FILE, with a file from probe --trace)");
        return CLI_EXIT_USAGE;
    }
    status = offline_begin(&offline, &options, "traces");
    for (size_t i = 0; status == WHY_OK && i < options.operand_count; i++)
        status = replay_file(&offline, options.operands[i]);
    return offline_end(&offline, status);
}
