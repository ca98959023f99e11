/* call.h - one call of a route's handler, and what handlers share. Private to api/. */
#pragma once

#include <jansson.h>

#include "server/api/api.h"
#include "server/store/keys.h"

enum { CALL_NAME_SIZE = 64 };

struct call {
    const struct api_setup *api;
    const struct http_request *request;
    struct http_answer *answer;
    /* What stands for the first and the second {...} of the route's pattern; "" if nothing does. */
    char name[CALL_NAME_SIZE], second[CALL_NAME_SIZE];
    const struct api_key *key; /* who asks: key, account, scopes; NULL on a route that is open */
    struct idempotency idempotency; /* name NULL: the client sent no Idempotency-Key (repeat.h) */
    const struct outlook *outlook;  /* of a task that was just submitted; NULL: ask the store */
    const char
        *base_url; /* where there is no request to ask: how the client reaches us; else NULL */
};

/* The answer becomes this JSON; takes the value over. NULL is NO_MEMORY. */
ORATOR_MUST_CHECK enum orator_status call_answer_json(struct call *, json_t *value,
                                                      struct orator_error *err);
/* The same of JSON that is text already, malloc'ed. */
ORATOR_MUST_CHECK enum orator_status call_answer_text(struct call *, char *text, size_t size,
                                                      struct orator_error *err);
/* "https://api.example.com" without a slash at the end; "" if the client did not say whom it called. */
void call_base_url(const struct call *, char *out, size_t size);

/* auth.c: who asks, and whether the key has `scope`. Writes request->caller, and ->admitted, a struct
 * api_key. */
ORATOR_MUST_CHECK enum orator_status auth_check(const struct api_setup *, struct http_request *,
                                                unsigned scope, struct http_answer *,
                                                struct orator_error *err);

/* Handlers, one a row of routes.c. */
typedef enum orator_status call_handler(struct call *, struct orator_error *err);
call_handler generations_submit, generations_estimate, generations_get; /* generations.c */
call_handler generations_list, generations_cancel, generations_delete,
    generations_content;              /* jobs.c */
call_handler media_get;               /* media.c */
call_handler models_list, models_get; /* models.c */
call_handler errors_list, limits_get, health_get, ready_get, openapi_get, errors_page,
    llms_get;                          /* meta.c */
call_handler metrics_get;              /* metrics.c */
call_handler studio_page, studio_part; /* studio.c */
call_handler generations_events;       /* events.c */
call_handler endpoints_create, endpoints_list, endpoints_get_one, endpoints_rotate,
    endpoints_remove, endpoints_test, webhook_secret_get, deliveries_list, deliveries_get_one,
    deliveries_replay; /* hooks.c */
call_handler videos_create, videos_get, videos_list, videos_content,
    videos_delete;                                                   /* openai_door.c */
call_handler kling_create, kling_get, kling_list, kling_credentials; /* kling_door.c */
call_handler fal_submit, fal_get, fal_cancel;                        /* fal_door.c */
call_handler predictions_create, predictions_get, predictions_cancel,
    predictions_list;                             /* replicate_door.c */
call_handler speech_create;                       /* speech.c */
call_handler balance_get, usage_get, ledger_list; /* billing.c */
call_handler keys_create, keys_list, keys_get_one, keys_change, keys_revoke, keys_rotate,
    accounts_create, accounts_list, accounts_get_one, accounts_change, accounts_credit,
    accounts_debit;                                                             /* admin.c */
call_handler files_create, files_list, files_show, files_content, files_remove; /* files.c */
