/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <rdpwhy/scan.h>

#include "help.h"
#include "options.h"

static int (*const runs[CLI_COMMAND_COUNT])(int argc, char **argv) = {
    [CLI_PROBE] = cmd_probe,     [CLI_DIFF] = cmd_diff,   [CLI_LICENSE] = cmd_license,
    [CLI_EXPLAIN] = cmd_explain, [CLI_PCAP] = cmd_pcap,   [CLI_REPLAY] = cmd_replay,
    [CLI_SHOW] = cmd_show,       [CLI_MERGE] = cmd_merge, [CLI_LIST] = cmd_list,
    [CLI_HISTORY] = cmd_history, [CLI_HELP] = cmd_help,
};

/*
 * Makes sure that descriptors 0 to 2 are taken: else the first socket would become standard output
 * when the caller closed it. Opened for the wrong direction, so that using one of them is an error
 * and not silence.
 */
static int occupy_standard_descriptors(void)
{
    for (int fd = 0; fd <= 2; fd++) {
        if (fcntl(fd, F_GETFD) != -1 || errno != EBADF)
            continue;
        if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
            return -1;
    }
    return 0;
}

static int print_version(void)
{
    struct why_versions versions = why_scan_versions();

    printf("rdpwhy %s\n", RDPWHY_VERSION);
    printf("libfreerdp %s (built with %s)\n", versions.library_running, versions.library_built);
    printf("%s\n", versions.openssl);
    return CLI_EXIT_OK;
}

/*
 * Whether a word that is no command is to be probed; else what it may have been meant to be is
 * said. Names of hosts that are one slip away from a command's have to be written behind `probe`,
 * unless they have a point, a colon, a slash or a digit, which no command has.
 */
static bool may_be_target(const char *word)
{
    enum cli_command near = cli_command_near(word);
    const char *place = strpbrk(word, "0123456789.:/");

    for (const char *at = word; *at; at++) {
        if (!isgraph((unsigned char)*at)) {
            cli_sayf("unknown command '%s' (try: rdpwhy --help)", word);
            return false;
        }
    }
    if (near == CLI_COMMAND_COUNT || place != NULL)
        return true;
    cli_sayf("'%s' is no command; did you mean '%s'? (a host of that name: rdpwhy probe %s)", word,
             cli_commands[near].name, word);
    return false;
}

/* "-v HOST": the options are none that may stand before a command, and there is no command. */
static bool is_bare_probe(int argc, char **argv)
{
    bool operand = false;

    for (int i = 1; i < argc; i++) {
        if (cli_command_find(argv[i]) != CLI_COMMAND_COUNT)
            return false;
        operand = operand || argv[i][0] != '-';
    }
    return operand;
}

static int run(int argc, char **argv)
{
    struct cli_options options;
    char err[CLI_ERROR_MAX];
    enum cli_command command;
    char **operands;

    if (cli_options_parse(&options, CLI_COMMAND_COUNT, argc, argv, err, sizeof(err)) != 0) {
        if (is_bare_probe(argc, argv))
            return cmd_probe(argc, argv);
        cli_say(err);
        return CLI_EXIT_USAGE;
    }
    if (options.version)
        return print_version();
    if (options.help) {
        cli_help(stdout, CLI_COMMAND_COUNT);
        return CLI_EXIT_OK;
    }
    if (options.operand_count == 0) {
        cli_help(stderr, CLI_COMMAND_COUNT);
        return CLI_EXIT_USAGE;
    }
    operands = argv + (argc - (int)options.operand_count);
    command = cli_command_find(operands[0]);
    if (command != CLI_COMMAND_COUNT)
        return runs[command]((int)options.operand_count, operands);
    if (!may_be_target(operands[0]))
        return CLI_EXIT_USAGE;
    /* As if "probe" stood before it: argv[0] is passed over. */
    return cmd_probe((int)options.operand_count + 1, operands - 1);
}

/* What could not be written must not look like success. */
static int finish(int code)
{
    bool failed = ferror(stdout) != 0;
    bool left = failed && cli_reader_has_left(0);

    errno = 0;
    if (fclose(stdout) != 0)
        failed = true;
    if (!failed || code == CLI_EXIT_FAILED)
        return code;
    if (!left && errno != EPIPE)
        cli_sayf("standard output: %s", errno ? strerror(errno) : "could not be written");
    return CLI_EXIT_FAILED;
}

int main(int argc, char **argv)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};

    /* A closed pipe and a file as large as the user's limit shall be errors of the write, with a
     * message. */
    sigaction(SIGPIPE, &ignore, NULL);
    sigaction(SIGXFSZ, &ignore, NULL);
    if (occupy_standard_descriptors() != 0)
        return CLI_EXIT_FAILED;
    return finish(run(argc, argv));
}
