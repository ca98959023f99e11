#include "server/maker/kling_words.h"

#include <jansson.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GOOD_FOR_S = 1800, LEEWAY_S = 5 };

/* base64url without padding; the length, 0: no room. */
static size_t encode(char *out, size_t room, const void *data, size_t size)
{
    size_t n = (size + 2) / 3 * 4;
    if (n + 1 > room)
        return 0;
    EVP_EncodeBlock((unsigned char *)out, data, (int)size);
    for (size_t i = 0; i < n; i++)
        out[i] = (char)(out[i] == '+' ? '-' : out[i] == '/' ? '_' : out[i]);
    while (n > 0 && out[n - 1] == '=')
        out[--n] = '\0';
    return n;
}

bool kling_sign(char out[KLING_TOKEN_SIZE], const char *access_key, const char *secret_key,
                int64_t now_s)
{
    static const char head[] = "{\"alg\":\"HS256\",\"typ\":\"JWT\"}";
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned mac_size;
    json_t *claims =
        json_pack("{s:s, s:I, s:I}", "iss", access_key, "exp", (json_int_t)(now_s + GOOD_FOR_S),
                  "nbf", (json_int_t)(now_s - LEEWAY_S));
    char *text = claims ? json_dumps(claims, JSON_COMPACT) : NULL;
    json_decref(claims);
    size_t n = encode(out, KLING_TOKEN_SIZE, head, sizeof(head) - 1), more = 0;
    if (text && n + 2 < KLING_TOKEN_SIZE) {
        out[n++] = '.';
        more = encode(out + n, KLING_TOKEN_SIZE - n, text, strlen(text));
        n += more;
    }
    free(text);
    if (!more || n + 2 > KLING_TOKEN_SIZE ||
        !HMAC(EVP_sha256(), secret_key, (int)strlen(secret_key), (unsigned char *)out, n, mac,
              &mac_size))
        return false;
    out[n++] = '.';
    return encode(out + n, KLING_TOKEN_SIZE - n, mac, mac_size) > 0;
}

/* Bare base64, as Kling wants files. */
static json_t *base64(const struct bytes *b)
{
    char *text = malloc((b->size + 2) / 3 * 4 + 1);
    if (!text)
        return NULL;
    int n = EVP_EncodeBlock((unsigned char *)text, b->data, (int)b->size);
    json_t *v = json_stringn_nocheck(text, (size_t)n);
    free(text);
    return v;
}

char *kling_submit_body(const struct maker_job *job, const struct bytes *voice,
                        const char *external_id)
{
    const struct task *t = job->task;
    json_t *root =
        json_pack("{s:o, s:o, s:s, s:s, s:{s:b}}", "image", base64(job->portrait), "sound_file",
                  base64(voice), "mode", job->pro ? "pro" : "std", "external_task_id", external_id,
                  "watermark_info", "enabled", t->options.label);
    if (root && t->prompt && *t->prompt)
        json_object_set_new(root, "prompt", json_string(t->prompt));
    char *text = root ? json_dumps(root, JSON_COMPACT) : NULL;
    json_decref(root);
    return text;
}

/* Its codes: 1000..1004 authentication, 11xx account, 12xx parameters, 13xx rules and limits, 5xxx faults. */
static void read_refusal(struct kling_answer *out, const char *message)
{
    out->state = KLING_REFUSED;
    out->status = ORATOR_RENDER_FAILED;
    if (out->code >= 1000 && out->code < 1100) {
        snprintf(out->text, sizeof(out->text),
                 "the engine behind this model refuses its operator's key");
    } else if (out->code >= 1100 && out->code < 1200) {
        snprintf(out->text, sizeof(out->text),
                 "the engine behind this model takes no more work from its operator");
    } else if (out->code == 1301) {
        out->status = ORATOR_INVALID_PARAMETER;
        snprintf(out->text, sizeof(out->text), "the engine's rules on content forbid this: %.120s",
                 message);
    } else if (out->code >= 1200 && out->code < 1300) {
        out->status = ORATOR_INVALID_PARAMETER;
        snprintf(out->text, sizeof(out->text), "the engine cannot use this: %.120s", message);
    } else if (out->code == 1304) {
        snprintf(out->text, sizeof(out->text),
                 "the engine behind this model refuses its operator's address");
    } else { /* 1302, 1303: too many; 5000..5002: a fault, maintenance, a timeout; anything else */
        out->state = KLING_BUSY;
        snprintf(out->text, sizeof(out->text), "the engine behind this model is busy");
    }
}

static const char *word(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));
    return text ? text : "";
}

void kling_read(struct kling_answer *out, int http_status, const struct bytes *body)
{
    json_t *root = json_loadb((const char *)body->data, body->size, 0, NULL);
    const json_t *code = json_object_get(root, "code"), *data = json_object_get(root, "data");
    *out =
        (struct kling_answer){.code = json_is_integer(code) ? (int)json_integer_value(code) : -1};
    if (out->code != 0) {
        if (out->code < 0 && (http_status == 401 || http_status == 403))
            out->code = 1000; /* said by something in front of it */
        read_refusal(out, word(root, "message"));
        goto done;
    }
    const char *state = word(data, "task_status"), *why = word(data, "task_status_msg");
    snprintf(out->task_id, sizeof(out->task_id), "%s", word(data, "task_id"));
    if (strcmp(state, "succeed") == 0) {
        const json_t *videos = json_object_get(json_object_get(data, "task_result"), "videos");
        const char *url = word(json_array_get(videos, 0), "url");
        out->state = KLING_DONE;
        snprintf(out->video_url, sizeof(out->video_url), "%s", url);
        if (!*url || strlen(url) >= sizeof(out->video_url)) {
            out->state = KLING_FAILED;
            out->status = ORATOR_RENDER_FAILED;
            snprintf(out->text, sizeof(out->text), "the engine says it is done and names no video");
        }
    } else if (strcmp(state, "failed") == 0) {
        out->state = KLING_FAILED;
        out->status = ORATOR_RENDER_FAILED;
        snprintf(out->text, sizeof(out->text), "the engine failed: %.150s",
                 *why ? why : "it gave no reason");
    } else if (!out->task_id[0]) {
        out->state = KLING_BUSY;
        out->code = -1;
    }
done:
    json_decref(root);
}
