#include "queue_bench.h"

#include <unistd.h>

#include "server/tasks/sweep.h"

static struct blobs *blobs;

static bool lies_there(const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/media/%s", folder, name);
    return access(path, F_OK) == 0;
}

static void put(const char *name)
{
    char path[256];
    snprintf(path, sizeof(path), "%s/media/%s", folder, name);
    assert_int_equal(file_write(path, "x", 1, NULL), ORATOR_OK);
}

static void what_no_task_names_goes_and_the_rest_stays(void **state)
{
    (void)state;
    struct orator_error err;
    struct task task;
    int64_t removed;
    bool found, kept;
    char media[SCRATCH_SIZE + 8], path[256];
    snprintf(media, sizeof(media), "%s/media", folder);
    assert_int_equal(blobs_open(&blobs, media, &err), ORATOR_OK);
    put("upload.png");
    put("video.mp4");
    put("thumbnail.jpg");
    put("captions.vtt");
    put("stray.mp4");
    put("stray.png");
    /* a name that the store itself would refuse, as a crash leaves it */
    snprintf(path, sizeof(path), "%s/media/half.mp4.part", folder);
    FILE *half = fopen(path, "w");
    assert_non_null(half);
    fclose(half);

    struct task_request uploads = request;
    uploads.image_url = "blob:upload.png";
    assert_int_equal(queue_submit(store, &request, &task, &err), ORATOR_OK);
    task_fini(&task);
    assert_int_equal(queue_claim(store, "w", &task, &found, &err), ORATOR_OK);
    assert_true(found);
    assert_int_equal(queue_finish(store, task.id, "w",
                                  &(struct task_outcome){.video_name = "video.mp4",
                                                         .thumbnail_name = "thumbnail.jpg",
                                                         .captions_name = "captions.vtt",
                                                         .duration_ms = 2000},
                                  &kept, &err),
                     ORATOR_OK);
    assert_true(kept);
    task_fini(&task);
    assert_int_equal(queue_submit(store, &uploads, &task, &err), ORATOR_OK);
    task_fini(&task);

    assert_int_equal(sweep_media(store, blobs, &removed, &err), ORATOR_OK);
    assert_int_equal(removed, 3);
    assert_true(lies_there("upload.png") && lies_there("video.mp4") &&
                lies_there("thumbnail.jpg") && lies_there("captions.vtt"));
    assert_false(lies_there("stray.mp4") || lies_there("stray.png") || lies_there("half.mp4.part"));
    assert_int_equal(sweep_media(store, blobs, &removed, &err), ORATOR_OK);
    assert_int_equal(removed, 0);
    blobs_close(&blobs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_no_task_names_goes_and_the_rest_stays, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
