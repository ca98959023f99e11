/* Claims about the engine that is a program of the operator's. */
#include "claims.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "engine/blank.h"
#include "scratch.h"
#include "server/maker/maker.h"

static char folder[SCRATCH_SIZE], work[SCRATCH_SIZE + 8], program[SCRATCH_SIZE + 16];
static char video[SCRATCH_SIZE + 16], thumbnail[SCRATCH_SIZE + 16], blank[SCRATCH_SIZE + 16];
static struct maker_command *command;
static atomic_int stop;
static struct maker_result result;
static struct orator_error err;
static struct maker_progress last;
static int calls;

static int begin(void **state)
{
    (void)state;
    scratch_new(folder);
    snprintf(work, sizeof(work), "%s/engine", folder);
    snprintf(program, sizeof(program), "%s/program", folder);
    snprintf(video, sizeof(video), "%s/video.mp4", folder);
    snprintf(thumbnail, sizeof(thumbnail), "%s/video.jpg", folder);
    snprintf(blank, sizeof(blank), "%s/blank.mp4", folder);
    stop = 0;
    return engine_blank_video(blank, NULL) == ORATOR_OK &&
                   maker_command_open(&command, program, work, 2000, NULL, NULL) == ORATOR_OK
               ? 0
               : -1;
}

static int end(void **state)
{
    (void)state;
    maker_command_free(&command);
    folder_remove(folder);
    return 0;
}

static enum orator_status on_progress(void *ctx, const struct maker_progress *p,
                                      struct orator_error *e)
{
    (void)ctx, (void)e;
    last = *p;
    calls++;
    return ORATOR_OK;
}

/* Two seconds of silence. */
static struct bytes quiet_wav(void)
{
    enum { RATE = 8000, SIZE = 2 * RATE * 2 };
    static unsigned char wav[44 + SIZE] = "RIFF....WAVEfmt \x10\0\0\0\1\0\1\0@\x1f\0\0\x80>\0\0\2\0"
                                          "\x10\0data";
    wav[4] = (36 + SIZE) & 255, wav[5] = (36 + SIZE) >> 8, wav[6] = wav[7] = 0;
    wav[40] = SIZE & 255, wav[41] = SIZE >> 8;
    return (struct bytes){wav, sizeof(wav)};
}

static enum orator_status make(const char *script)
{
    char text[2000];
    int n = snprintf(text, sizeof(text), "#!/bin/sh\nBLANK=%s\n%s\n", blank, script);
    assert_int_equal(file_write(program, text, (size_t)n, NULL), ORATOR_OK);
    assert_int_equal(chmod(program, 0700), 0);
    struct bytes portrait = {(unsigned char *)(uintptr_t) "\x89PNG not really", 15},
                 voice = quiet_wav();
    struct task task = {.id = "task_7", .seed = 7, .options = {.fps = 30, .label = true}};
    char model[] = "kling-avatar-v2-pro", prompt[] = "say \"hi\"\n";
    task.model = model;
    task.prompt = prompt;
    err = (struct orator_error){0};
    calls = 0;
    struct maker m = maker_command(command);
    return m.make(m.self,
                  &(struct maker_job){.task = &task,
                                      .pro = true,
                                      .portrait = &portrait,
                                      .voice = &voice,
                                      .video_path = video,
                                      .thumbnail_path = thumbnail,
                                      .captions_path = thumbnail, /* never written */
                                      .progress = on_progress,
                                      .stop = &stop},
                  &result, &err);
}

static bool lies_there(const char *path) { return access(path, F_OK) == 0; }

static void a_program_makes_the_video(void **state)
{
    (void)state;
    assert_int_equal(make("cat > \"$(dirname \"$3\")/../told\"\n"
                          "test -s \"$1\" && test -s \"$2\" || exit 9\n"
                          "echo '{\"stage\":\"warming up\"}'\n"
                          "echo 'not json'\n"
                          "echo '{\"frames_done\":3,\"frames_total\":10}'\n"
                          "echo '{\"warning\":{\"message\":\"hands are cut off\"}}'\n"
                          "cp \"$BLANK\" \"$3\""),
                     ORATOR_OK);
    assert_int_equal(result.frames, BLANK_FRAMES);
    assert_int_equal(result.fps, BLANK_FPS);
    assert_int_equal(result.width_px, BLANK_SIDE_PX);
    assert_int_equal(result.duration_us, 1000000);
    assert_int_equal(result.voice_us, 2000000);
    assert_true(result.thumbnail && lies_there(thumbnail));
    assert_string_equal(result.warnings.list[0].text, "hands are cut off");
    assert_string_equal(result.warnings.list[1].code, "captions_not_made");
    assert_string_equal(result.warnings.list[2].code, "label_not_checked");
    assert_int_equal(result.warnings.count, 3);
    assert_false(result.captions);
    assert_string_equal(last.stage, "render");
    assert_int_equal(last.frames_done, 3);
    assert_int_equal(last.frames_total, 10);

    struct bytes b;
    assert_int_equal(file_read(&b, video, 1 << 20, NULL), ORATOR_OK);
    assert_int_equal(b.size, result.size_bytes);
    assert_non_null(memmem(b.data, b.size, "identifier=\"task_7\"", 19)); /* marked as ours */
    assert_null(memmem(b.data, b.size / 2, "trainedAlgorithmicMedia", 23));
    bytes_fini(&b);
    char told[SCRATCH_SIZE + 32];
    snprintf(told, sizeof(told), "%s/told", work);
    assert_int_equal(file_read(&b, told, 1 << 20, NULL), ORATOR_OK);
    static const char *const parts[] = {"\"version\":1",    "\"task_id\":\"task_7\"",
                                        "\"tier\":\"pro\"", "/portrait.png\"",
                                        "/voice.wav\"",     "\"prompt\":\"say \\\"hi\\\"\\n\"",
                                        "\"seed\":7",       "\"resolution\":null",
                                        "\"fps\":30",       "\"label\":true"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (!strstr((char *)b.data, parts[i]))
            fail_msg("%s is not in %s", parts[i], b.data);
    bytes_fini(&b);
    char own[SCRATCH_SIZE + 32];
    snprintf(own, sizeof(own), "%s/task_7", work);
    assert_false(lies_there(own)); /* neither portrait nor voice stay */
}

static void each_failure_has_its_word(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        enum orator_status want;
        const char *text;
    } rows[] = {
        {"echo '{\"error\":{\"code\":\"face_not_found\",\"message\":\"only a cat\"}}'; exit 1",
         ORATOR_FACE_NOT_FOUND, "only a cat"},
        {"echo '{\"error\":\"out of memory\"}'; exit 1", ORATOR_RENDER_FAILED, "out of memory"},
        {"echo '{\"error\":{\"code\":\"insufficient_balance\"}}'; exit 1", ORATOR_RENDER_FAILED,
         "no reason"},
        {"echo '{\"error\":{\"code\":\"face_not_found\"}'; exit 1", ORATOR_RENDER_FAILED,
         "exit status 1"}, /* no whole JSON */
        {"exit 65", ORATOR_DECODE_FAILED, "cannot use"},
        {"exit 75", ORATOR_RENDER_FAILED, "cannot work now"},
        {"echo secret >&2; exit 3", ORATOR_RENDER_FAILED, "exit status 3"},
        {"kill -9 $$", ORATOR_RENDER_FAILED, "signal 9"},
        {"exit 0", ORATOR_RENDER_FAILED, "no MP4"}, /* and nothing made */
        {"echo hello > \"$3\"", ORATOR_RENDER_FAILED, "no MP4"},
        {"head -c -600 \"$BLANK\" > \"$3\"", ORATOR_RENDER_FAILED, "cannot be used"},
        {"ffmpeg -v error -f lavfi -i testsrc=s=64x64:d=1 -c:v mpeg4 -y \"$3\"",
         ORATOR_RENDER_FAILED, "not H.264"},
        {"ffmpeg -v error -f lavfi -i sine=d=1 -y \"$3\"", ORATOR_RENDER_FAILED, "no pictures"},
        {"sleep 60", ORATOR_STAGE_TIMEOUT, "longer than 2 seconds"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        enum orator_status s = make(rows[i].script);
        if (s != rows[i].want || !strstr(err.text, rows[i].text) || strstr(err.text, "secret"))
            fail_msg("row %zu: %s, \"%s\"", i, orator_status_word(s), err.text);
        assert_false(lies_there(video));
    }
}

static void one_that_is_not_there_is_a_failure_of_ours(void **state)
{
    (void)state;
    struct maker_command *none;
    assert_int_equal(maker_command_open(&none, "/nowhere/at/all", work, 2000, NULL, NULL),
                     ORATOR_OK);
    struct maker_command *kept = command;
    command = none;
    assert_int_equal(make("exit 0"), ORATOR_RENDER_FAILED);
    assert_non_null(strstr(err.text, "could not be started"));
    assert_null(strstr(err.text, "nowhere"));
    command = kept;
    maker_command_free(&none);
}

static void a_stop_ends_the_program(void **state)
{
    (void)state;
    int64_t start_ms = clock_steady_ms();
    stop = 1;
    assert_int_equal(make("sleep 60"), ORATOR_CANCELED);
    assert_true(clock_steady_ms() - start_ms < 1500);
}

int main(void)
{
#define T(claim) cmocka_unit_test_setup_teardown(claim, begin, end)
    const struct CMUnitTest tests[] = {
        T(a_program_makes_the_video),
        T(each_failure_has_its_word),
        T(one_that_is_not_there_is_a_failure_of_ours),
        T(a_stop_ends_the_program),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
