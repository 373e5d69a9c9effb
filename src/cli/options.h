/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_CLI_OPTIONS_H
#define RDPWHY_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/gateway.h>
#include <rdpwhy/proxy.h>
#include <rdpwhy/vocab.h>

#include "fail_on.h"

struct why_report_format;

/*
 * The command line, declared once: the parser, --help, the man page and the completions loop over
 * the two tables below.
 */

enum cli_command {
    CLI_PROBE,
    CLI_DIFF,
    CLI_EXPLAIN,
    CLI_PCAP,
    CLI_REPLAY,
    CLI_SHOW,
    CLI_MERGE,
    CLI_HISTORY,
    CLI_LIST,
    CLI_LICENSE,
    CLI_HELP,
    CLI_COMMAND_COUNT
};

struct cli_command_info {
    const char *name;
    const char *operands; /* after the options: "TARGET..." */
    const char *summary;
};

/* Indexed by enum cli_command. */
extern const struct cli_command_info cli_commands[CLI_COMMAND_COUNT];

#define CLI_FOR(command) (1u << (command))
#define CLI_GLOBAL       CLI_FOR(CLI_COMMAND_COUNT) /* in place of a command */

/* What an argument may be; completions offer words for it. */
enum cli_argument {
    CLI_NO_ARGUMENT,
    CLI_ARG_PROFILES,
    CLI_ARG_LICENSES,
    CLI_ARG_PHASE,
    CLI_ARG_SECONDS,
    CLI_ARG_NUMBER,
    CLI_ARG_USER,
    CLI_ARG_FILE,
    CLI_ARG_FOLDER,
    CLI_ARG_WORD, /* any text */
    CLI_ARG_REPORT,
    CLI_ARG_REQUIREMENT,
    CLI_ARG_FAIL_ON,
    CLI_ARG_SECRET, /* none may be given: the option is there to be refused */
    CLI_ARG_COLOR
};

enum cli_category {
    CLI_CAT_WHAT,
    CLI_CAT_PACE,
    CLI_CAT_LOGON,
    CLI_CAT_CHECK,
    CLI_CAT_OUTPUT,
    CLI_CAT_OTHER
};
#define CLI_CATEGORY_COUNT 6
extern const char *const cli_categories[CLI_CATEGORY_COUNT];

struct cli_options;
struct cli_words;

struct cli_option {
    const char *name; /* long */
    char letter;      /* '\0': none */
    unsigned commands;
    enum cli_category category;
    enum cli_argument argument;
    const char *argument_name;
    const char *help;     /* one or two sentences, without a full stop at the end; NULL: the option
                             is not told of */
    const char *value;    /* what it is when not given, as it would be written; NULL: nothing */
    const char *fallback; /* the same in words where it depends on something; NULL */
    /* Takes the argument (NULL where there is none) as the row says. Returns WHY_OK, or
     * WHY_ERR_USAGE with what is wrong in |err|. */
    int (*set)(struct cli_options *options, const struct cli_option *row, const char *argument,
               char *err, size_t errlen);
    size_t at;                     /* of the member of struct cli_options that it goes to */
    size_t given;                  /* of the bool that tells that it was given; 0: nobody asks */
    unsigned min, max;             /* of a number; of seconds 0: they may be none */
    const struct cli_words *words; /* that the argument is of */
};

extern const struct cli_option cli_option_table[];
extern const size_t cli_option_count;
#define CLI_OPTIONS_MAX 128

#define CLI_TEXTS_MAX   64
#define CLI_REPORTS_MAX 16

/* The arguments of an option that may be given more than once. */
struct cli_texts {
    const char *items[CLI_TEXTS_MAX];
    size_t count;
};

enum cli_color { CLI_COLOR_AUTO, CLI_COLOR_ALWAYS, CLI_COLOR_NEVER };
enum cli_progress_when { CLI_PROGRESS_AUTO, CLI_PROGRESS_ALWAYS, CLI_PROGRESS_NEVER };

struct cli_report {
    const struct why_report_format *format;
    const char *file; /* NULL: standard output */
};

/* Constant after cli_options_parse. Texts are argv's. */
#define CLI_PORTS_MAX 64

struct cli_options {
    enum why_profile profiles[WHY_PROFILE_COUNT];
    size_t profile_count;
    enum why_license_mode license_modes[WHY_LICENSE_MODE_COUNT];
    size_t license_mode_count;
    enum why_phase until;
    uint64_t timeout_us, connect_timeout_us, linger_us, watch_us, second_try_us;
    unsigned jobs; /* 0: depends on the number of hosts */
    unsigned per_host, rate, repeat, pause_ms;
    const char *user;
    const char *cookie, *load_balance_info; /* NULL: not given */
    bool no_cookie;
    struct why_routing routing;  /* what the three come to */
    const char *vmconnect, *pcb; /* NULL: not given */
    bool follow, no_follow;
    bool udp, no_udp;
    const char *proxy_url;  /* NULL: no proxy */
    struct why_proxy proxy; /* what it says; its texts are owned (cli_options_clear) */
    const char *proxy_password_file, *proxy_resolve;
    struct why_gateway gateway; /* no host: none; its texts are owned */
    const char *gateway_user, *gateway_password_file;
    bool gateway_transport_given;
    bool force_logon;
    const char *password_file;
    const char *vantage; /* NULL: not known */
    struct why_shard shard;
    bool restricted_admin, remote_guard;
    const char *realm, *kdc, *kdc_proxy, *ccache; /* NULL: none was given */
    const char *license_store;                    /* NULL: the default one */
    bool only_ipv4, only_ipv6;
    struct cli_texts inputs;
    bool strict;              /* a line of an input that is no target is an error */
    struct cli_texts resumes; /* the reports of the run to go on with */
    struct cli_report reports[CLI_REPORTS_MAX];
    size_t report_count;
    const char *trace_file;
    const char *capture_dir;    /* NULL: no captures */
    const char *screenshot_dir; /* NULL: no screenshots */
    struct cli_texts key_files;
    const char *write_file;        /* NULL: no packets are written */
    uint16_t ports[CLI_PORTS_MAX]; /* of captures: RDP's, too */
    size_t port_count;
    const char *baseline, *save; /* NULL: none */
    bool allow_partial;
    struct cli_texts ca_files;
    struct cli_texts requirements, require_files;
    struct cli_fail_on fail_on;
    unsigned slower_percent;
    uint64_t slower_floor_us;
    unsigned skew_limit; /* seconds */
    unsigned days_limit;
    /* Whether these were given, and not only their defaults taken. */
    bool profiles_given, license_modes_given, until_given, timeout_given, connect_timeout_given,
        repeat_given, fail_on_given, watch_given;
    bool quiet;
    unsigned verbose; /* how often it was given */
    enum cli_color color;
    enum cli_progress_when progress;
    bool help;
    bool version;
    char *const *operands;
    size_t operand_count;
};

#define CLI_ERROR_MAX 512

/*
 * Parses |argv| (argv[0] is passed over) for |command|, or for CLI_COMMAND_COUNT what stands in
 * place of a command. Returns WHY_OK, or WHY_ERR_USAGE with a message in |err| that names the
 * option.
 */
int cli_options_parse(struct cli_options *options, enum cli_command command, int argc, char **argv,
                      char *err, size_t errlen);

void cli_options_clear(struct cli_options *options);

/*
 * The reports that |argv| asks for, in |options|->reports, whatever else in it is wrong: who
 * understands only one format is told of the mistake in it.
 */
void cli_options_reports(struct cli_options *options, enum cli_command command, int argc,
                         char **argv);

/* Whether redirections are followed: as asked for, else where there is an account to log on with.
 */
bool cli_options_follow(const struct cli_options *options);

/* With an account the question is whether its session begins, unless something else was asked for.
 */
void cli_options_choose_until(struct cli_options *options);

/* Whether hosts are asked for RDP over UDP: as asked for, else where sessions are watched. */
bool cli_options_udp(const struct cli_options *options);

/* The addresses that --ipv4 and --ipv6 leave: AF_INET, AF_INET6 or AF_UNSPEC. */
int cli_options_family(const struct cli_options *options);

#endif /* !defined(RDPWHY_CLI_OPTIONS_H) */
