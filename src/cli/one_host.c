/* SPDX-License-Identifier: Apache-2.0 */
#include "one_host.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <rdpwhy/plan.h>
#include <rdpwhy/status.h>

#include "cli.h"
#include "options.h"

/* Whether |text| names the port of the host that it is, |label|. */
static bool has_port(const char *text, const char *label)
{
    const char *port = strrchr(label, ':');
    size_t len = strlen(text), tail = strlen(port);

    return len > tail && strcmp(text + len - tail, port) == 0;
}

/* As reports name an .rdp file: it need not be there any more. */
static char *file_label(const char *path)
{
    size_t size = strlen(path) + sizeof("file:");
    char *label = malloc(size);

    if (label == NULL)
        cli_say(why_strstatus(WHY_ERR_NOMEM));
    else
        (void)snprintf(label, size, "file:%s", path);
    return label;
}

char *cli_one_host(const char *command, const char *text, bool *any_port)
{
    struct why_source_options one = {.operands = &text, .operand_count = 1};
    struct why_source *source;
    struct why_target target = {.label = NULL};
    char err[CLI_ERROR_MAX] = "";
    const char *path = why_target_file_path(text);
    size_t count = 0;
    int status;

    if (path != NULL) {
        *any_port = false;
        return file_label(path);
    }
    source = why_source_new(&one);
    status = source != NULL ? why_source_count(source, &count, err, sizeof(err)) : WHY_ERR_NOMEM;
    if (status == WHY_OK && count == 1)
        status = why_source_next(source, &target, err, sizeof(err));
    if (target.label != NULL)
        *any_port = !has_port(text, target.label);
    else if (status == WHY_ERR_NOMEM)
        cli_say(why_strstatus(status));
    else if (*err != '\0')
        cli_say(err);
    else
        cli_sayf("%s: '%s' is more than one host", command, text);
    why_source_free(source);
    free(target.host);
    return target.label;
}

bool cli_is_host(const char *label, const char *wanted, bool any_port)
{
    size_t len = (size_t)(strrchr(wanted, ':') - wanted);

    if (strcasecmp(label, wanted) == 0)
        return true;
    return any_port && strncasecmp(label, wanted, len) == 0 && strrchr(label, ':') == label + len;
}
