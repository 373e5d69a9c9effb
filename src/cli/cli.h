/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_CLI_H
#define RDPWHY_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

/* Exit codes: part of the contract. */
enum cli_exit {
    CLI_EXIT_OK = 0,          /* all hosts healthy */
    CLI_EXIT_NOT_HEALTHY = 1, /* at least one host is not */
    CLI_EXIT_USAGE = 2,       /* wrong usage or input; nothing was sent */
    CLI_EXIT_WORSE = 3,       /* something has changed for the worse */
    CLI_EXIT_FAILED = 4,      /* the tool itself failed */
    CLI_EXIT_INTERRUPTED = 130
};

/* One line on standard error, after "rdpwhy: ". Control characters of what is quoted in it become
 * '?'. */
void cli_say(const char *text);

/* The same with a format; a macro, so that compilers check the format. */
#define cli_sayf(...)                                                                              \
    do {                                                                                           \
        char say_[1024];                                                                           \
        snprintf(say_, sizeof(say_), __VA_ARGS__);                                                 \
        cli_say(say_);                                                                             \
    } while (0)

/*
 * Whether who read standard output has gone (`| head`): the error of the write behind |error|, an
 * errno that may be 0, is nothing to complain of then. The exit code says it all the same.
 */
bool cli_reader_has_left(int error);

/* The commands: argv[0] is the command's name. Each returns the exit code. */
int cmd_probe(int argc, char **argv);
int cmd_diff(int argc, char **argv);
int cmd_license(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_pcap(int argc, char **argv);
int cmd_replay(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_merge(int argc, char **argv);
int cmd_history(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_help(int argc, char **argv);

#endif /* !defined(RDPWHY_CLI_CLI_H) */
