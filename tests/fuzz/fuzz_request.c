/* The body of a submit, as far as the media store. What is accepted is within the contract; what is
 * refused names its reason and has stored nothing. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "server/api/inputs.h"
#include "server/api/limits.h"
#include "server/api/submission.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/fuzz_request.XXXXXX";
static struct api_setup api = {.price_standard_micro = 1, .price_pro_micro = 2, .currency = "USD"};

static void remove_folder(void) { rmdir(folder); }

static void check(bool holds)
{
    if (!holds)
        abort();
}

static int count_blobs(void)
{
    int n = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e; (e = readdir(d));)
        n += e->d_name[0] != '.';
    closedir(d);
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct orator_error err = {0};
    struct submission in;
    struct inputs inputs = {0};
    if (!api.blobs) {
        check(mkdtemp(folder) && blobs_open(&api.blobs, folder, &err) == ORATOR_OK);
        atexit(remove_folder);
    }

    enum orator_status s = submission_parse(&in, data, size, NEED_ALL, &api, &err);
    if (s != ORATOR_OK) {
        check(err.status == s && err.text[0] && !in.root);
        return 0;
    }
    check(in.model && in.image_url && in.audio_url);
    check(in.declared_ms >= LIMIT_AUDIO_MIN_MS && in.declared_ms <= LIMIT_AUDIO_MAX_MS);
    check(in.seed <= LIMIT_SEED && (!in.prompt || strlen(in.prompt) <= 4 * TASK_PROMPT_MAX));
    const struct task_options *o = &in.options;
    check(o->fps == 0 || (o->fps >= LIMIT_FPS_MIN && o->fps <= LIMIT_FPS_MAX));
    check(!o->moves || (o->head >= 0 && o->head <= 2 && o->expression >= 0 && o->expression <= 2));
    check(o->face_box[2] == 0 || (o->face_box[2] >= 1 && o->face_box[3] >= 1));
    check(!in.external_task_id || in.external_task_id[0]);
    check(!in.metadata || in.metadata[0] == '{');
    check(!in.text || strlen(in.text) <= 4 * TASK_TEXT_MAX);

    s = inputs_store(&inputs, &in, &api, "acct", &err);
    bool network = !url_is_data(in.image_url) && !url_is_data(in.audio_url);
    if (s != ORATOR_OK)
        check(err.status == s && err.param[0]);
    if (s != ORATOR_OK || network)
        check(count_blobs() == 0);
    inputs_drop(&inputs);
    check(count_blobs() == 0);
    submission_fini(&in);
    return 0;
}
