#include "server/api/page.h"

#include <string.h>

#include "base/text.h"

enum orator_status page_read(struct page *out, const struct call *call, struct orator_error *err)
{
    int64_t limit = PAGE_USUAL;
    const char *asked = http_query(call->request, "limit");
    const char *order = http_query(call->request, "order");
    if (asked && !text_to_i64(asked, 1, PAGE_MAX, &limit))
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "limit",
                                 "limit is \"%.40s\", it must be a number from 1 to %d", asked,
                                 PAGE_MAX);
    if (order && strcmp(order, "asc") != 0 && strcmp(order, "desc") != 0)
        return orator_fail_param(err, ORATOR_INVALID_PARAMETER, "order",
                                 "order is \"%.40s\", it must be asc or desc", order);
    *out = (struct page){.limit = (int)limit,
                         .after = http_query(call->request, "after"),
                         .oldest_first = order && strcmp(order, "asc") == 0};
    return ORATOR_OK;
}

json_t *page_json(json_t *data, bool more)
{
    size_t n = json_array_size(data);
    json_t *first = n > 0 ? json_object_get(json_array_get(data, 0), "id") : NULL;
    json_t *last = n > 0 ? json_object_get(json_array_get(data, n - 1), "id") : NULL;
    json_t *list = json_pack("{s:s, s:O?, s:O?, s:b}", "object", "list", "first_id", first,
                             "last_id", last, "has_more", more);
    if (!list || json_object_set_new(list, "data", data) != 0) {
        json_decref(list);
        return NULL;
    }
    return list;
}
