#include "claims.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "engine/captions.h"

static struct phrase list[] = {{500, 2500}, {3100, 5100}, {6000, 9000}};
static const struct phrases spoken = {list, 3, 9500};

static char *made(const char *text)
{
    char *vtt;
    assert_int_equal(
        captions_format(&vtt, &(struct captions_source){.phrases = &spoken, .text = text}, NULL),
        ORATOR_OK);
    assert_true(strncmp(vtt, "WEBVTT\n\n", 8) == 0);
    return vtt;
}

static long ms_of(const char *at)
{
    int h, m, s, ms;
    assert_int_equal(sscanf(at, "%d:%d:%d.%d", &h, &m, &s, &ms), 4);
    return ((h * 60L + m) * 60 + s) * 1000 + ms;
}

/* Cues in order, apart, each of some length, inside the recording, with lines that fit. */
static int check_cues(const char *vtt, long length_ms)
{
    int cues = 0;
    long last = 0;
    for (const char *at = strstr(vtt, " --> "); at; at = strstr(at + 1, " --> ")) {
        long start = ms_of(at - 12), end = ms_of(at + 5);
        assert_true(start >= last && end > start && end <= length_ms);
        last = end;
        cues++;
        const char *line = strchr(at, '\n') + 1;
        int lines = 0;
        for (; *line && *line != '\n'; line = strchr(line, '\n') + 1)
            lines++;
        assert_in_range(lines, 1, CAPTION_LINES);
    }
    return cues;
}

static void speech_without_a_text_is_marked(void **state)
{
    (void)state;
    char *vtt = made(NULL);
    assert_string_equal(vtt, "WEBVTT\n\n00:00:00.500 --> 00:00:05.100\n[speech]\n\n"
                             "00:00:06.000 --> 00:00:09.000\n[speech]\n\n");
    free(vtt);
}

static void sentences_end_where_the_voice_pauses(void **state)
{
    (void)state;
    char *vtt = made("The first words are short ones. And these are the second ones. "
                     "Then follows a third sentence that is as long as it takes.");
    assert_string_equal(
        vtt, "WEBVTT\n\n00:00:00.500 --> 00:00:02.500\nThe first words are short ones.\n\n"
             "00:00:03.100 --> 00:00:05.100\nAnd these are the second ones.\n\n"
             "00:00:06.000 --> 00:00:09.000\nThen follows a third sentence\n"
             "that is as long as it takes.\n\n");
    free(vtt);
}

static void long_sentences_are_cut_and_short_ones_joined(void **state)
{
    (void)state;
    char text[1200] = "No. Not yet. ";
    for (int i = 0; i < 60; i++)
        strcat(text, i % 13 == 12 ? "clauses, " : "words again ");
    char *vtt = made(text);
    assert_in_range(check_cues(vtt, spoken.length_ms), 9, 16);
    assert_non_null(strstr(vtt, "No. Not yet."));
    for (const char *line = vtt; *line; line = strchr(line, '\n') + 1)
        assert_true(strcspn(line, "\n") <= CAPTION_LINE_COLUMNS + 12);
    free(vtt);
}

static void chinese_is_cut_without_spaces(void **state)
{
    (void)state;
    char *vtt = made("今天天气很好，我们去公园散步。你想一起来吗？"
                     "如果你有时间，请在下午三点之前给我打电话，我们在门口见面。");
    assert_in_range(check_cues(vtt, spoken.length_ms), 2, 4);
    assert_non_null(strstr(vtt, "今天天气很好，我们去公园散步。"));
    free(vtt);
}

static void marks_cannot_break_the_file(void **state)
{
    (void)state;
    char *vtt = made("a --> b <i>& c\n\nNOTE\nd\x01 \xFF\xC3 \xE4\xBD");
    assert_int_equal(check_cues(vtt, spoken.length_ms), 1);
    assert_non_null(strstr(vtt, "a --&gt; b &lt;i&gt;&amp; c NOTE d? ?? ??"));
    free(vtt);
}

static void known_times_are_kept(void **state)
{
    (void)state;
    static const struct caption_word words[] = {{"Good", 510, 700},
                                                {"morning.", 700, 1200},
                                                {"How", 1500, 1700},
                                                {"are", 1700, 1800},
                                                {"you?", 1800, 2222}};
    char *vtt;
    struct captions_source from = {&spoken, NULL, words, 5};
    assert_int_equal(captions_format(&vtt, &from, NULL), ORATOR_OK);
    assert_string_equal(vtt, "WEBVTT\n\n00:00:00.510 --> 00:00:01.200\nGood morning.\n\n"
                             "00:00:01.500 --> 00:00:02.222\nHow are you?\n\n");
    free(vtt);
}

static void a_text_without_speech_or_of_nothing_is_survived(void **state)
{
    (void)state;
    static const struct phrases silent = {NULL, 0, 3000};
    char *vtt;
    struct captions_source from = {&silent, "Nobody says this.", NULL, 0};
    assert_int_equal(captions_format(&vtt, &from, NULL), ORATOR_OK);
    free(vtt);
    from.text = " \n ";
    assert_int_equal(captions_format(&vtt, &from, NULL), ORATOR_OK);
    assert_string_equal(vtt, "WEBVTT\n\n");
    free(vtt);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(speech_without_a_text_is_marked),
        cmocka_unit_test(sentences_end_where_the_voice_pauses),
        cmocka_unit_test(long_sentences_are_cut_and_short_ones_joined),
        cmocka_unit_test(chinese_is_cut_without_spaces),
        cmocka_unit_test(marks_cannot_break_the_file),
        cmocka_unit_test(known_times_are_kept),
        cmocka_unit_test(a_text_without_speech_or_of_nothing_is_survived),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
