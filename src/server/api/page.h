/* page.h - lists that are read page by page: limit, after and order in, first_id, last_id and has_more out.
 * Private to api/.
 *
 *     struct page page;
 *     TRY(page_read(&page, call, err));
 *     ... one more row than page.limit is read, so that it is known whether there are more ...
 *     call_answer_json(call, page_json(data, more), err);
 */
#pragma once

#include "server/api/call.h"

enum { PAGE_USUAL = 20, PAGE_MAX = 100 };

struct page {
    int limit;         /* 1 .. PAGE_MAX */
    const char *after; /* an id; NULL: from the start */
    bool oldest_first; /* order=asc; newest first otherwise */
};

/* INVALID_PARAMETER names limit or order. */
ORATOR_MUST_CHECK enum orator_status page_read(struct page *out, const struct call *,
                                               struct orator_error *err);
/* OpenAI's list; `data` is an array of objects with an id, taken over. NULL: no memory. */
json_t *page_json(json_t *data, bool more);
