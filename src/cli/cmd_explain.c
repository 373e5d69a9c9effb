/* SPDX-License-Identifier: Apache-2.0 */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <rdpwhy/knowledge.h>
#include <rdpwhy/report.h>
#include <rdpwhy/status.h>

#include "color.h"
#include "help.h"
#include "options.h"
#include "output.h"

/* Which code spaces there are, and from where to where. */
static void say_ranges(const char *query)
{
    size_t count = 0;
    const struct why_code_table *tables = why_code_tables(&count);

    if (strncasecmp(query, "AADSTS", 6) == 0) {
        cli_sayf("explain: '%s' is not among the sign-in errors that rdpwhy knows; Microsoft lists "
                 "all of them: "
                 "https://login.microsoftonline.com/error?code=%.10s",
                 query, query + 6);
        return;
    }
    cli_sayf("explain: '%s' is in no table; the tables cover:", query);
    for (size_t i = 0; i < count; i++) {
        const struct why_code_table *t = &tables[i];
        char first[32], last[32];

        int64_t low = t->rows[0].value, high = low;

        for (size_t j = 1; j < t->count; j++) {
            low = t->rows[j].value < low ? t->rows[j].value : low;
            high = t->rows[j].value > high ? t->rows[j].value : high;
        }
        why_table_format(t, low, first, sizeof(first));
        why_table_format(t, high, last, sizeof(last));
        fprintf(stderr, "  %-20s%s to %s, %zu codes: %s\n", t->space, first, last, t->count,
                t->title);
    }
    fputs("  rules               see: rdpwhy list rules\n", stderr);
}

#define PASTE_MAX (1024 * 1024) /* of a text; what comes after it is not looked at */
#define CODES_MAX 64

/* Where everything asked goes. */
struct output {
    FILE *out;
    bool jsonl, color;
    bool say_unknown; /* what is not known is told once, not for each report */
    bool begun;
};

static int write_one(struct output *to, const struct why_explanation *explanation)
{
    if (to->begun && !to->jsonl)
        fputc('\n', to->out);
    to->begun = true;
    return to->jsonl ? why_explanation_jsonl(to->out, explanation)
                     : why_explanation_text(to->out, to->color, cli_columns(to->out), explanation);
}

static int exit_code_of(int status)
{
    if (status == WHY_OK)
        return CLI_EXIT_OK;
    if (status == WHY_ERR_NOTFOUND)
        return CLI_EXIT_NOT_HEALTHY;
    if (status == WHY_ERR_IO && errno == EPIPE)
        return CLI_EXIT_FAILED; /* its reader has gone: nothing to complain of */
    cli_say(status == WHY_ERR_IO && errno ? strerror(errno) : why_strstatus(status));
    return CLI_EXIT_FAILED;
}

/* ---- pasted text ----------------------------------------------------------------------------- */

/* Whether every meaning of |x| has been told: a log often gives a code's name and number. */
static bool is_told(const struct why_explanation *x, const struct why_code_row *const *told,
                    size_t count)
{
    for (size_t i = 0; i < x->count; i++) {
        size_t j = 0;

        while (j < count && told[j] != x->meanings[i].row)
            j++;
        if (j == count)
            return false;
    }
    return !x->is_pair && x->count > 0;
}

static int explain_found(struct output *to, const char *query, const struct why_code_row **told,
                         size_t *count)
{
    struct why_explanation x;
    int status = why_explain(query, &x);

    if (status == WHY_OK && !is_told(&x, told, *count)) {
        status = write_one(to, &x);
        for (size_t i = 0; i < x.count && *count < CODES_MAX; i++)
            told[(*count)++] = x.meanings[i].row;
    }
    why_explanation_clear(&x);
    return status;
}

/* All codes that |text| holds. */
static int explain_text(struct output *to, const char *text)
{
    char codes[CODES_MAX][WHY_QUERY_MAX];
    const struct why_code_row *told[CODES_MAX];
    size_t told_count = 0, known = 0, count = why_explain_find(text, codes, CODES_MAX);

    for (size_t i = 0; i < count; i++) {
        int status = explain_found(to, codes[i], told, &told_count);

        if (status != WHY_OK && status != WHY_ERR_NOTFOUND)
            return exit_code_of(status);
        known += status == WHY_OK;
        if (status == WHY_ERR_NOTFOUND && to->say_unknown)
            cli_sayf("explain: '%.500s' is in no table", codes[i]);
    }
    if (known == 0 && to->say_unknown)
        cli_say("explain: no known code in this text (a code is 0x904, or a number after a word "
                "such as 'code', or a name such as STATUS_LOGON_FAILURE)");
    return known > 0 ? CLI_EXIT_OK : CLI_EXIT_NOT_HEALTHY;
}

/* Standard input as one text. Returns WHY_OK, WHY_ERR_IO or WHY_ERR_NOMEM. */
static int read_input(char **text)
{
    size_t length;

    *text = malloc(PASTE_MAX + 1);
    if (*text == NULL)
        return WHY_ERR_NOMEM;
    errno = 0;
    length = fread(*text, 1, PASTE_MAX, stdin);
    for (size_t i = 0; i < length; i++) {
        if ((*text)[i] == '\0')
            (*text)[i] = ' ';
    }
    (*text)[length] = '\0';
    if (length == PASTE_MAX && getchar() != EOF)
        cli_say("explain: the text is longer than 1 MiB; what comes after that is not looked at");
    return ferror(stdin) ? WHY_ERR_IO : WHY_OK;
}

/* The operands as one text, as they were typed; NULL when out of memory. */
static char *join(const struct cli_options *options)
{
    size_t length = 1, at = 0;
    char *text;

    for (size_t i = 0; i < options->operand_count; i++)
        length += strlen(options->operands[i]) + 1;
    text = malloc(length);
    if (text == NULL)
        return NULL;
    text[0] = '\0';
    for (size_t i = 0; i < options->operand_count; i++)
        at += (size_t)snprintf(text + at, length - at, "%s%s", i > 0 ? " " : "",
                               options->operands[i]);
    return text;
}

static bool has_both_halves(const struct why_explanation *explanation)
{
    bool code = false, extended = false;

    for (size_t i = 0; i < explanation->count; i++) {
        code = code || explanation->meanings[i].part == WHY_PART_CODE;
        extended = extended || explanation->meanings[i].part == WHY_PART_EXTENDED;
    }
    return explanation->is_pair && code && extended;
}

/* Two operands that are a pair as mstsc prints it, on two lines: "0x904 0x7". */
static bool is_pair(const struct cli_options *options, char *query, size_t len)
{
    struct why_explanation explanation;
    bool pair;

    if (options->operand_count != 2)
        return false;
    (void)snprintf(query, len, "%s/%s", options->operands[0], options->operands[1]);
    pair = why_explain(query, &explanation) == WHY_OK && has_both_halves(&explanation);
    why_explanation_clear(&explanation);
    return pair;
}

/* A word of a sentence and not a code's name: "Error", "code:", "disconnected!" */
static bool is_prose(const char *word)
{
    static const char *const words[] = {"error", "code", "reason", "extended", "result", "status"};
    size_t length = strlen(word);

    if (length > 1 && strchr(":,.;!?)", word[length - 1]) != NULL)
        return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasecmp(word, words[i]) == 0)
            return true;
    }
    return false;
}

/* "connection", which is a part of many names and asks for none. */
static bool is_plain_word(const char *word)
{
    const char *c = word;
    struct why_explanation x;
    bool lower = false, named;

    for (; isalpha((unsigned char)*c); c++)
        lower = lower || islower((unsigned char)*c);
    if (*c != '\0' || !lower)
        return false;
    named = why_explain(word, &x) == WHY_OK && x.rule != WHY_RULE_COUNT;
    for (size_t i = 0; i < x.count; i++)
        named = named || strcasecmp(x.meanings[i].row->name, word) == 0;
    why_explanation_clear(&x);
    return !named;
}

/* Words of a dialog without quotes around them. */
static bool is_sentence(const struct cli_options *options)
{
    for (size_t i = 0; i < options->operand_count; i++) {
        if (is_prose(options->operands[i]))
            return options->operand_count > 1;
        if (options->operand_count > 2 && is_plain_word(options->operands[i]))
            return true;
    }
    return false;
}

/* The whole of what was pasted: read once, for however many reports. NULL where there is none. */
static int take_paste(const struct cli_options *options, char **text)
{
    char pair[CLI_ERROR_MAX];
    bool is_input = options->operand_count == 1 && strcmp(options->operands[0], "-") == 0;

    *text = NULL;
    if (!is_input && (!is_sentence(options) || is_pair(options, pair, sizeof(pair))))
        return WHY_OK;
    if (is_input)
        return read_input(text);
    *text = join(options);
    return *text != NULL ? WHY_OK : WHY_ERR_NOMEM;
}

/* ---- codes ----------------------------------------------------------------------------------- */

/* One query to one output. Returns an exit code. */
static int explain_one(struct output *to, const char *query)
{
    struct why_explanation explanation;
    int status;

    query += strspn(query, " \t\r\n");
    status = why_explain(query, &explanation);
    if (status == WHY_OK)
        status = write_one(to, &explanation);
    why_explanation_clear(&explanation);
    if (status == WHY_ERR_NOTFOUND && strpbrk(query, " \t\r\n:") != NULL)
        return explain_text(to, query);
    if (status == WHY_ERR_NOTFOUND && to->say_unknown)
        say_ranges(query);
    return exit_code_of(status);
}

/* Everything asked to one output. Returns an exit code. */
static int explain_to(struct output *to, const struct cli_options *options, const char *paste)
{
    char pair[CLI_ERROR_MAX];
    int code = CLI_EXIT_OK;

    if (paste != NULL)
        return explain_text(to, paste);
    if (is_pair(options, pair, sizeof(pair)))
        return explain_one(to, pair);
    for (size_t i = 0; i < options->operand_count && code != CLI_EXIT_FAILED; i++) {
        int one = explain_one(to, options->operands[i]);

        code = one > code ? one : code;
    }
    return code;
}

static int explain_report(const struct cli_options *options, const struct cli_report *report,
                          const char *paste, bool say_unknown)
{
    FILE *out = report->file != NULL ? fopen(report->file, "w") : stdout;
    struct output to = {
        .out = out,
        .jsonl = report->format != NULL && strcmp(report->format->name, "jsonl") == 0,
        .color = out != NULL && cli_wants_color(options->color, out),
        .say_unknown = say_unknown,
    };
    int code;

    if (out == NULL) {
        cli_sayf("--report: cannot write '%s': %s", report->file, strerror(errno));
        return CLI_EXIT_USAGE;
    }
    code = explain_to(&to, options, paste);
    if (out != stdout && fclose(out) != 0 && code != CLI_EXIT_FAILED) {
        cli_sayf("--report: cannot write '%s': %s", report->file, strerror(errno));
        return CLI_EXIT_FAILED;
    }
    return code;
}

/* Codes can be told as text and as JSON Lines; other formats are about probes. */
static int check_formats(const struct cli_options *options)
{
    for (size_t i = 0; i < options->report_count; i++) {
        const char *name = options->reports[i].format->name;

        if (strcmp(name, "text") != 0 && strcmp(name, "jsonl") != 0) {
            cli_sayf("explain: --report takes text or jsonl, not '%s'", name);
            return -1;
        }
    }
    return 0;
}

static int explain(const struct cli_options *options)
{
    const struct cli_report fallback = {NULL, NULL};
    char *paste = NULL;
    int code = CLI_EXIT_OK, status = take_paste(options, &paste);

    if (status != WHY_OK)
        cli_sayf("explain: standard input: %s",
                 status == WHY_ERR_IO && errno ? strerror(errno) : why_strstatus(status));
    else if (options->report_count == 0)
        code = explain_report(options, &fallback, paste, true);
    for (size_t i = 0; status == WHY_OK && i < options->report_count; i++) {
        int one = explain_report(options, &options->reports[i], paste, i == 0);

        code = one > code ? one : code;
    }
    free(paste);
    return status == WHY_OK ? code : CLI_EXIT_FAILED;
}

/* "-2146893039": the error codes of some logs are negative, and no option is a number. */
static bool is_negative(const char *argument)
{
    return argument[0] == '-' && isdigit((unsigned char)argument[1]) &&
           argument[1 + strspn(argument + 1, "0123456789")] == '\0';
}

/* |argv| with a space before negative numbers, so that they are no options. Owned by the caller. */
static char **as_operands(int argc, char **argv, char (**numbers)[WHY_QUERY_MAX])
{
    char **copy = malloc(((size_t)argc + 1) * sizeof(*copy));

    *numbers = malloc(((size_t)argc + 1) * sizeof(**numbers));
    if (copy == NULL || *numbers == NULL) {
        free(copy);
        return NULL;
    }
    for (int i = 0; i < argc; i++) {
        copy[i] = argv[i];
        if (!is_negative(argv[i]) || strlen(argv[i]) + 2 > WHY_QUERY_MAX)
            continue;
        (void)snprintf((*numbers)[i], WHY_QUERY_MAX, " %s", argv[i]);
        copy[i] = (*numbers)[i];
    }
    copy[argc] = NULL;
    return copy;
}

static int run(int argc, char **argv)
{
    struct cli_options options;
    int code = CLI_EXIT_OK;

    if (!cli_begin(&options, CLI_EXPLAIN, argc, argv, &code))
        return code;
    if (options.operand_count == 0) {
        cli_say("explain: no code (try: rdpwhy explain 0x904/0x7)");
        return CLI_EXIT_USAGE;
    }
    if (check_formats(&options) != 0)
        return CLI_EXIT_USAGE;
    return explain(&options);
}

int cmd_explain(int argc, char **argv)
{
    char(*numbers)[WHY_QUERY_MAX] = NULL;
    char **arguments = as_operands(argc, argv, &numbers);
    int code = CLI_EXIT_FAILED;

    if (arguments != NULL)
        code = run(argc, arguments);
    else
        cli_say(why_strstatus(WHY_ERR_NOMEM));
    free(arguments);
    free(numbers);
    return code;
}
