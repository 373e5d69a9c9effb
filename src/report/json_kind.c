/* SPDX-License-Identifier: Apache-2.0 */
#include "json_kind.h"

#include <rdpwhy/kind.h>

void why_json_put_kind(struct why_json_builder *b, json_t *host, const struct why_server_kind *kind)
{
    json_t *server, *evidence;

    if (kind->kind == WHY_KIND_UNKNOWN)
        return;
    server = why_json_build_object(b);
    evidence = why_json_build_array(b);
    why_json_put_text(b, server, "kind", why_kind_name(kind->kind));
    why_json_put_text(b, server, "kind_basis", why_kind_basis(kind));
    for (size_t i = 0; i < kind->evidence_count; i++)
        why_json_add_text(b, evidence, kind->evidence[i]);
    why_json_put(b, server, "kind_evidence", evidence);
    why_json_put(b, host, "server", server);
}
