/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>
#include <rdpwhy/store.h>

#include "base/rfc3339.h"
#include "base/text.h"

#include "help.h"
#include "one_host.h"
#include "options.h"

struct wanted {
    char *server;  /* only this one; NULL: all; owned */
    bool any_port; /* whatever its port: none was named */
};

struct listing {
    const struct wanted *wanted;
    size_t shown;
};

static bool is_wanted(const struct wanted *wanted, const char *server)
{
    size_t len;

    if (wanted->server == NULL || why_store_same_server(wanted->server, server))
        return true;
    len = (size_t)(strrchr(wanted->server, ':') - wanted->server);
    return wanted->any_port && strncasecmp(wanted->server, server, len) == 0 &&
           strrchr(server, ':') == server + len;
}

/* What a server wrote into its license request must not steer the terminal. */
static void put(const char *text)
{
    char *shown = why_text_shown(text);

    fputs(shown != NULL ? shown : "?", stdout);
    free(shown);
}

static void put_field(const char *name, const char *text)
{
    if (text == NULL)
        return;
    printf("  %-9s ", name);
    put(text);
    putchar('\n');
}

static void put_time(const char *name, uint64_t us)
{
    char text[WHY_RFC3339_SIZE];

    if (us != 0 && why_rfc3339_print((int64_t)(us / 1000000u), -1, text))
        put_field(name, text);
}

static void print_license(void *arg, const struct why_license *license)
{
    struct listing *listing = arg;
    char text[64];

    if (!is_wanted(listing->wanted, license->server))
        return;
    listing->shown++;
    put(license->server);
    putchar('\n');
    put_field("issuer", license->company);
    put_field("product", license->product);
    if (license->version != 0) {
        (void)snprintf(text, sizeof(text), "%u.%u", (unsigned)(license->version >> 16),
                       (unsigned)(license->version & 0xffff));
        put_field("version", text);
    }
    put_field("scope", license->scope);
    put_field("client", license->client);
    put_time("issued", license->issued_us);
    (void)snprintf(text, sizeof(text), "%zu bytes", license->len);
    put_field("size", text);
}

/* The bare license is all there is: whose it is and of what kind is known to the server alone. */
static void print_freerdp(void *arg, const struct why_freerdp_license *license)
{
    struct listing *listing = arg;
    const char *slash = strrchr(license->path, '/');
    char text[96];

    listing->shown++;
    put(license->path);
    putchar('\n');
    put_field("keeper", "FreeRDP, one license for every server without one from rdpwhy");
    (void)snprintf(text, sizeof(text), "the one whose name has the SHA-1 %.40s",
                   slash != NULL ? slash + 1 : license->path);
    put_field("client", text);
    put_time("written", license->written_us);
    (void)snprintf(text, sizeof(text), "%" PRIu64 " bytes%s", license->len,
                   license->len == 0 || license->len > WHY_LICENSE_MAX ? ": not a license" : "");
    put_field("size", text);
}

static void count_freerdp(void *arg, const struct why_freerdp_license *license)
{
    size_t *count = arg;

    (void)license;
    ++*count;
}

static void print_problem(void *arg, const char *message)
{
    (void)arg;
    cli_say(message);
}

static int list_licenses(const char *dir, const struct wanted *wanted)
{
    const char *server = wanted->server;
    struct listing listing = {.wanted = wanted};
    const struct why_store_visitor visitor = {print_license, print_problem, &listing};
    char err[CLI_ERROR_MAX] = "";
    int status = why_store_list(dir, &visitor, err, sizeof(err));

    /* A license of the server's own is presented before FreeRDP's. */
    if (status == WHY_OK && (server == NULL || listing.shown == 0))
        status = why_store_list_freerdp(dir, print_freerdp, &listing, err, sizeof(err));
    if (status != WHY_OK) {
        cli_say(*err ? err : why_strstatus(status));
        return CLI_EXIT_FAILED;
    }
    if (listing.shown == 0)
        printf("no licenses%s%s in %s\n", server ? " for " : "", server ? server : "", dir);
    return CLI_EXIT_OK;
}

struct clearing {
    const struct wanted *wanted;
    const char *dir;
    size_t count;
    int status;
    char err[CLI_ERROR_MAX];
};

/* The names were read before the first is told of: one may go. */
static void clear_license(void *arg, const struct why_license *license)
{
    struct clearing *clearing = arg;
    size_t count = 0;

    if (clearing->status != WHY_OK || !is_wanted(clearing->wanted, license->server))
        return;
    clearing->status = why_store_clear(clearing->dir, license->server, &count, clearing->err,
                                       sizeof(clearing->err));
    clearing->count += count;
}

static void pass_over(void *arg, const char *message)
{
    (void)arg, (void)message;
}

/* The file of the server's own name goes, whatever is in it; then those of its other ports. */
static void clear_wanted(struct clearing *clearing)
{
    const struct why_store_visitor visitor = {clear_license, pass_over, clearing};

    clearing->status = why_store_clear(clearing->dir, clearing->wanted->server, &clearing->count,
                                       clearing->err, sizeof(clearing->err));
    if (clearing->status == WHY_OK && clearing->wanted->any_port) {
        int listed = why_store_list(clearing->dir, &visitor, clearing->err, sizeof(clearing->err));

        clearing->status = clearing->status == WHY_OK ? listed : clearing->status;
    }
}

static int clear_licenses(const char *dir, const struct wanted *wanted)
{
    struct clearing clearing = {.wanted = wanted, .dir = dir};
    size_t others = 0;

    clear_wanted(&clearing);
    if (clearing.status == WHY_OK)
        clearing.status =
            why_store_list_freerdp(dir, count_freerdp, &others, clearing.err, sizeof(clearing.err));
    if (clearing.status != WHY_OK) {
        cli_say(*clearing.err ? clearing.err : why_strstatus(clearing.status));
        return CLI_EXIT_FAILED;
    }
    printf("%zu license%s removed from %s\n", clearing.count, clearing.count == 1 ? "" : "s", dir);
    if (wanted->server != NULL && clearing.count == 0)
        printf("there is none of %s%s\n", wanted->server,
               wanted->any_port ? " or another port" : "");
    if (others > 0)
        printf("%zu license(s) of FreeRDP were left alone: rdpwhy removes only its own\n", others);
    return wanted->server != NULL && clearing.count == 0 ? CLI_EXIT_NOT_HEALTHY : CLI_EXIT_OK;
}

static const struct {
    const char *name;
    int (*run)(const char *dir, const struct wanted *wanted);
} actions[] = {
    {"list", list_licenses},
    {"clear", clear_licenses},
};

static int run_action(const struct cli_options *options, const char *dir)
{
    struct wanted wanted = {.server = NULL};
    int code = CLI_EXIT_USAGE;

    if (options->operand_count == 2) {
        wanted.server = cli_one_host("license", options->operands[1], &wanted.any_port);
        if (wanted.server == NULL)
            return code;
    }
    for (size_t i = 0; i < sizeof(actions) / sizeof(actions[0]); i++) {
        if (strcmp(actions[i].name, options->operands[0]) == 0) {
            code = actions[i].run(dir, &wanted);
            free(wanted.server);
            return code;
        }
    }
    cli_sayf("license: unknown action '%s' (one of list, clear)", options->operands[0]);
    free(wanted.server);
    return code;
}

int cmd_license(int argc, char **argv)
{
    struct cli_options options;
    char *dir;
    int code;

    if (!cli_begin(&options, CLI_LICENSE, argc, argv, &code))
        return code;
    if (options.operand_count < 1 || options.operand_count > 2) {
        cli_say("license: use list or clear, and at most one host");
        return CLI_EXIT_USAGE;
    }
    dir = options.license_store != NULL ? strdup(options.license_store) : why_store_default();
    if (dir == NULL) {
        cli_say("license: no license store, because neither XDG_STATE_HOME nor HOME is set");
        return CLI_EXIT_USAGE;
    }
    code = run_action(&options, dir);
    free(dir);
    return code;
}
