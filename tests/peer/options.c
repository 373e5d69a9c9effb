/* SPDX-License-Identifier: Apache-2.0 */
#include "peer.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    OPT_BIND = 256,
    OPT_PORT,
    OPT_FAULT,
    OPT_SCENARIO,
    OPT_LIST_SCENARIOS,
    OPT_MUTATE,
    OPT_ALL,
    OPT_LIST,
    OPT_CERT,
    OPT_KEY,
    OPT_CERTS,
    OPT_USER,
    OPT_PASSWORD_FILE,
    OPT_QUIET,
    OPT_LOG,
    OPT_UNTIL,
    OPT_DUMP_CLIENT,
    OPT_HELP
};

static const struct option long_options[] = {
    {"bind", required_argument, NULL, OPT_BIND},
    {"port", required_argument, NULL, OPT_PORT},
    {"fault", required_argument, NULL, OPT_FAULT},
    {"scenario", required_argument, NULL, OPT_SCENARIO},
    {"mutate", required_argument, NULL, OPT_MUTATE},
    {"list-scenarios", no_argument, NULL, OPT_LIST_SCENARIOS},
    {"all", no_argument, NULL, OPT_ALL},
    {"list", no_argument, NULL, OPT_LIST},
    {"cert", required_argument, NULL, OPT_CERT},
    {"key", required_argument, NULL, OPT_KEY},
    {"certificates", required_argument, NULL, OPT_CERTS},
    {"user", required_argument, NULL, OPT_USER},
    {"password-file", required_argument, NULL, OPT_PASSWORD_FILE},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"log", required_argument, NULL, OPT_LOG},
    {"until-stdin-closes", no_argument, NULL, OPT_UNTIL},
    {"dump-client", no_argument, NULL, OPT_DUMP_CLIENT},
    {"help", no_argument, NULL, OPT_HELP},
    {NULL, 0, NULL, 0},
};

static void usage(FILE *out)
{
    fputs("rdpwhy-peer: a simulated RDP server that ends handshakes on purpose (for tests)\n"
          "  --fault NAME | --all | --list\n"
          "  --scenario NAME | --list-scenarios  one host that treats each offer differently\n"
          "  --mutate SEED          with --fault: change one PDU of each connection at random and\n"
          "                         say which; 127.0.0.2 is SEED + 1, and so on\n"
          "  --bind ADDRESS         numeric; default 127.0.0.1\n"
          "  --port PORT            with --all the first of many; default 0: the kernel chooses\n"
          "  --cert FILE --key FILE instead of the default key pair\n"
          "  --certificates FOLDER  the test certificates\n"
          "  --user NAME --password-file FILE  the account CredSSP accepts; default foo, bar\n"
          "  --until-stdin-closes   end when stdin does\n"
          "  --dump-client          the client's PDUs in hexadecimal, a line each, on stdout\n"
          "  --log 0..5             libfreerdp's log, on stderr; default 0\n"
          "  --quiet                say nothing on stderr but errors\n",
          out);
}

static int number(const char *text, unsigned max, unsigned *value)
{
    char *end;
    const unsigned long n = strtoul(text, &end, 10);
    if (*text < '0' || *text > '9' || *end != '\0' || n > max) {
        fprintf(stderr, "rdpwhy-peer: %s: not a number from 0 to %u\n", text, max);
        return -1;
    }
    *value = (unsigned)n;
    return 0;
}

static int check(const struct peer_options *o, bool all)
{
    if ((o->fault != NULL) + (o->scenario != NULL) + all + o->list + o->list_scenarios != 1) {
        fprintf(stderr, "rdpwhy-peer: one of --fault, --scenario, --all, --list and "
                        "--list-scenarios is needed\n");
        return -1;
    }
    if (o->mutate && o->fault == NULL) {
        fprintf(stderr, "rdpwhy-peer: --mutate needs --fault\n");
        return -1;
    }
    if ((o->certificate == NULL) != (o->key == NULL)) {
        fprintf(stderr, "rdpwhy-peer: --cert and --key go together\n");
        return -1;
    }
    return 0;
}

int peer_options_parse(struct peer_options *o, int argc, char **argv)
{
    bool all = false;
    unsigned value = 0;
    int c;
    *o = (struct peer_options){
        .bind = "127.0.0.1", .certificates = PEER_CERTIFICATES, .user = "foo"};
    while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        switch (c) {
        case OPT_BIND:
            o->bind = optarg;
            break;
        case OPT_PORT:
            if (number(optarg, 65535, &value) != 0) {
                return -1;
            }
            o->port = (uint16_t)value;
            break;
        case OPT_FAULT:
            o->fault = optarg;
            break;
        case OPT_SCENARIO:
            o->scenario = optarg;
            break;
        case OPT_MUTATE:
            if (number(optarg, UINT32_MAX, &o->seed) != 0) {
                return -1;
            }
            o->mutate = true;
            break;
        case OPT_LIST_SCENARIOS:
            o->list_scenarios = true;
            break;
        case OPT_ALL:
            all = true;
            break;
        case OPT_LIST:
            o->list = true;
            break;
        case OPT_CERT:
            o->certificate = optarg;
            break;
        case OPT_KEY:
            o->key = optarg;
            break;
        case OPT_CERTS:
            o->certificates = optarg;
            break;
        case OPT_USER:
            o->user = optarg;
            break;
        case OPT_PASSWORD_FILE:
            o->password_file = optarg;
            break;
        case OPT_QUIET:
            o->quiet = true;
            break;
        case OPT_LOG:
            if (number(optarg, 5, &o->log_level) != 0) {
                return -1;
            }
            break;
        case OPT_UNTIL:
            o->until_stdin_closes = true;
            break;
        case OPT_DUMP_CLIENT:
            o->dump_client = true;
            break;
        case OPT_HELP:
            usage(stdout);
            return 1;
        default:
            usage(stderr);
            return -1;
        }
    }
    if (optind != argc) {
        usage(stderr);
        return -1;
    }
    return check(o, all);
}
