/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_HTML_PICTURE_H
#define RDPWHY_REPORT_HTML_PICTURE_H

#include "json_build.h"

/*
 * Adds to |attempt| the "picture", a data: URI: the small one beside the file |screenshot| (NULL:
 * none), where it is a PNG that a page can hold. The page says what it may show.
 */
void why_html_picture(struct why_json_builder *b, json_t *attempt, const char *screenshot);

#endif /* !defined(RDPWHY_REPORT_HTML_PICTURE_H) */
