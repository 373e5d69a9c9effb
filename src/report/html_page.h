/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RDPWHY_REPORT_HTML_PAGE_H
#define RDPWHY_REPORT_HTML_PAGE_H

#include <stddef.h>

/* The files in html/, byte for byte; html/embed.cmake makes the arrays at build time. */
struct html_part {
    const unsigned char *bytes;
    size_t size;
    const char *sha256; /* in Base64, as a Content Security Policy wants it */
};

extern const struct html_part why_html_page;   /* page.html, with {{marks}} for the others */
extern const struct html_part why_html_style;  /* page.css */
extern const struct html_part why_html_script; /* page.js */

#endif /* !defined(RDPWHY_REPORT_HTML_PAGE_H) */
