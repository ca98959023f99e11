/* mcp_tools.h - what an assistant may call, and what its calls mean. Threads: one owner each. */
#pragma once

#include "app/mcp_maker.h"

/* {"tools": [...]} with a JSON schema each, from the tables of options. */
json_t *mcp_tools_list(const struct mcp_maker *);

/* One call. `job`: the object to answer with; `wait_s` > 0: not before job "id" is over or so many seconds
 * have gone. An unknown tool is NOT_FOUND; what is wrong with the arguments is theirs to be told. */
ORATOR_MUST_CHECK enum orator_status mcp_tools_call(const struct mcp_maker *, const char *name,
                                                    const json_t *arguments, json_t **job,
                                                    int *wait_s, struct orator_error *err);
bool mcp_tools_has(const struct mcp_maker *, const char *name);
