#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
#include <libavutil/channel_layout.h>

#include "engine/media/media.h"

enum { TONE_HZ = 440, MINUTE_MS = 60000 };

struct file {
    uint8_t *data;
    size_t size;
};

static double tone(int64_t i, int rate, int hz)
{
    return 0.5 * sin(6.283185307179586 * hz * (double)i / rate);
}

/* ---- making sound files */

static void fill(AVFrame *f, int64_t at, int rate)
{
    int channels = f->ch_layout.nb_channels;
    bool planar = av_sample_fmt_is_planar(f->format);
    for (int c = 0; c < channels; c++)
        for (int i = 0; i < f->nb_samples; i++) {
            double v = tone(at + i, rate, TONE_HZ);
            int k = planar ? i : i * channels + c;
            uint8_t *plane = f->extended_data[planar ? c : 0];
            if (av_get_packed_sample_fmt(f->format) == AV_SAMPLE_FMT_FLT)
                ((float *)(void *)plane)[k] = (float)v;
            else if (av_get_packed_sample_fmt(f->format) == AV_SAMPLE_FMT_S32)
                ((int32_t *)(void *)plane)[k] = (int32_t)lrint(v * 2147483647);
            else
                ((int16_t *)(void *)plane)[k] = (int16_t)lrint(v * 32767);
        }
}

static void drain(AVCodecContext *c, AVFormatContext *mux, const AVFrame *f)
{
    AVPacket *p = av_packet_alloc();
    assert_int_equal(avcodec_send_frame(c, f), 0);
    while (avcodec_receive_packet(c, p) == 0) {
        av_packet_rescale_ts(p, c->time_base, mux->streams[0]->time_base);
        assert_int_equal(av_interleaved_write_frame(mux, p), 0);
    }
    av_packet_free(&p);
}

/* A tone through one of FFmpeg's encoders; no data if this FFmpeg has no such encoder. */
static struct file make(const char *muxer, const char *encoder, int rate, int channels, int ms)
{
    struct file file = {0};
    const AVCodec *codec = avcodec_find_encoder_by_name(encoder);
    if (!codec)
        return file;
    AVFormatContext *mux = NULL;
    assert_true(avformat_alloc_output_context2(&mux, NULL, muxer, NULL) >= 0);
    AVCodecContext *c = avcodec_alloc_context3(codec);
    c->sample_rate = rate;
    c->sample_fmt = codec->sample_fmts ? codec->sample_fmts[0] : AV_SAMPLE_FMT_S16;
    c->time_base = (AVRational){1, rate};
    c->bit_rate = 64000 * channels;
    av_channel_layout_default(&c->ch_layout, channels);
    c->flags |= AV_CODEC_FLAG_GLOBAL_HEADER;
    assert_int_equal(avcodec_open2(c, NULL, NULL), 0);
    AVStream *st = avformat_new_stream(mux, NULL);
    avcodec_parameters_from_context(st->codecpar, c);
    st->time_base = c->time_base;
    assert_int_equal(avio_open_dyn_buf(&mux->pb), 0);
    assert_true(avformat_write_header(mux, NULL) >= 0);
    AVFrame *f = av_frame_alloc();
    int64_t total = (int64_t)rate * ms / 1000;
    for (int64_t at = 0; at < total; at += f->nb_samples) {
        int64_t n = c->frame_size ? c->frame_size : 1024;
        av_frame_unref(f);
        f->nb_samples = (int)(n < total - at ? n : total - at);
        f->format = c->sample_fmt;
        f->sample_rate = rate;
        av_channel_layout_copy(&f->ch_layout, &c->ch_layout);
        assert_int_equal(av_frame_get_buffer(f, 0), 0);
        fill(f, at, rate);
        f->pts = at;
        drain(c, mux, f);
    }
    drain(c, mux, NULL);
    assert_int_equal(av_write_trailer(mux), 0);
    uint8_t *data = NULL;
    int size = avio_close_dyn_buf(mux->pb, &data);
    mux->pb = NULL;
    file.size = (size_t)size;
    file.data = malloc(file.size);
    memcpy(file.data, data, file.size);
    av_free(data);
    av_frame_free(&f);
    avcodec_free_context(&c);
    avformat_free_context(mux);
    return file;
}

static void le(uint8_t *p, int n, uint32_t v)
{
    for (int i = 0; i < n; i++)
        p[i] = (uint8_t)(v >> (8 * i));
}

/* 44 bytes of header, then samples of `bits` each; format 1 is PCM, 3 is float. */
static struct file wav(int format, int bits, int rate, int channels, int64_t frames)
{
    size_t body = (size_t)frames * (size_t)channels * (size_t)bits / 8;
    struct file f = {calloc(1, 44 + body), 44 + body};
    uint8_t *p = f.data;
    memcpy(p, "RIFF____WAVEfmt ", 16);
    le(p + 4, 4, (uint32_t)(36 + body));
    le(p + 16, 4, 16);
    le(p + 20, 2, (uint32_t)format);
    le(p + 22, 2, (uint32_t)channels);
    le(p + 24, 4, (uint32_t)rate);
    le(p + 28, 4, (uint32_t)(rate * channels * bits / 8));
    le(p + 32, 2, (uint32_t)(channels * bits / 8));
    le(p + 34, 2, (uint32_t)bits);
    memcpy(p + 36, "data", 4);
    le(p + 40, 4, (uint32_t)body);
    return f;
}

static struct file wav_tone(int rate, int channels, int ms)
{
    int64_t frames = (int64_t)rate * ms / 1000;
    struct file f = wav(1, 16, rate, channels, frames);
    for (int64_t i = 0; i < frames * channels; i++)
        le(f.data + 44 + 2 * i, 2,
           (uint32_t)(int32_t)lrint(32767 * tone(i / channels, rate, TONE_HZ)));
    return f;
}

static struct file text(const char *s)
{
    struct file f = {malloc(strlen(s) + 1), strlen(s)};
    memcpy(f.data, s, f.size);
    return f;
}

/* ---- looking at sounds */

static enum orator_status decode(struct sound *out, struct file f, int64_t max_ms)
{
    struct orator_error err = {0};
    enum orator_status s = sound_decode(out, f.data, f.size, max_ms, &err);
    if (s != ORATOR_OK) {
        assert_null(out->samples);
        assert_true(strlen(err.text) > 10);
        assert_int_equal(err.status, s);
    }
    return s;
}

static void assert_fails(struct file f, enum orator_status want)
{
    struct sound sound;
    enum orator_status s = decode(&sound, f, MINUTE_MS);
    if (s != want)
        fail_msg("%s, want %s", orator_status_word(s), orator_status_word(want));
    free(f.data);
}

/* Level of one frequency in the middle of a sound: its amplitude if it is there. */
static double level_at(const struct sound *s, int channel, double hz)
{
    int64_t from = s->frames / 4, to = from + s->frames / 2;
    double re = 0, im = 0;
    for (int64_t i = from; i < to; i++) {
        double a = 6.283185307179586 * hz * (double)i / s->rate_hz;
        re += (double)s->samples[i * s->channels + channel] * cos(a);
        im += (double)s->samples[i * s->channels + channel] * sin(a);
    }
    return 2 * hypot(re, im) / (double)(to - from);
}

static void assert_tone(const struct sound *s, int channel, double amplitude, double within)
{
    double seen = level_at(s, channel, TONE_HZ);
    if (fabs(seen - amplitude) > within)
        fail_msg("tone of %.3f, want %.3f", seen, amplitude);
    if (level_at(s, channel, TONE_HZ * 1.02) > 0.02)
        fail_msg("the tone has moved");
}

/* ---- claims */

static void any_rate_comes_out_at_48_khz_with_its_tone(void **state)
{
    (void)state;
    static const int rates[] = {8000, 11025, 16000, 22050, 32000, 44056, 44100, 48000, 96000};
    for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++)
        for (int channels = 1; channels <= 2; channels++) {
            struct file f = wav_tone(rates[i], channels, 2500);
            struct sound s;
            assert_int_equal(decode(&s, f, MINUTE_MS), ORATOR_OK);
            const int out_hz = rates[i] <= 24000 ? 24000 : 48000;
            assert_int_equal(s.rate_hz, out_hz);
            assert_int_equal(s.channels, channels);
            double exact = floor(rates[i] * 2.5) * out_hz / rates[i];
            assert_int_equal(s.frames, lrint(exact));
            assert_in_range(sound_length_us(&s), 2499950, 2500000);
            assert_tone(&s, channels - 1, 0.5, 0.01);
            for (int64_t k = 2000; k < s.frames - 2000; k++) /* and not a sample late */
                if (fabs((double)s.samples[k * channels] - tone(k, out_hz, TONE_HZ)) > 0.01)
                    fail_msg("%d Hz: sample %lld differs", rates[i], (long long)k);
            sound_fini(&s);
            free(f.data);
        }
}

/* AAC ends with a whole frame of 1024 samples; raw, it cannot say how its first is cut either. */
static void every_listed_format_is_taken(void **state)
{
    (void)state;
    static const struct {
        const char *muxer, *encoder;
        int rate, channels, slack_ms;
    } cases[] = {
        {"mp3", "libmp3lame", 44100, 2, 1}, {"mp3", "libmp3lame", 16000, 1, 1},
        {"ipod", "aac", 44100, 2, 24},      {"mp4", "aac", 16000, 1, 64},
        {"adts", "aac", 48000, 1, 70},      {"ogg", "libvorbis", 44100, 2, 1},
        {"ogg", "libopus", 48000, 1, 1},    {"flac", "flac", 44100, 2, 0},
        {"wav", "pcm_s24le", 48000, 1, 0},  {"wav", "pcm_alaw", 8000, 1, 0},
        {"ipod", "alac", 44100, 2, 0},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct file f =
            make(cases[i].muxer, cases[i].encoder, cases[i].rate, cases[i].channels, 3000);
        if (!f.data)
            continue;
        struct sound s;
        assert_int_equal(decode(&s, f, MINUTE_MS), ORATOR_OK);
        assert_int_equal(s.channels, cases[i].channels);
        if (llabs(sound_length_us(&s) - 3000000) > 1000 * cases[i].slack_ms)
            fail_msg("%s lasts %lld us", cases[i].encoder, (long long)sound_length_us(&s));
        assert_tone(&s, s.channels - 1, 0.5, 0.05); /* lossy ones change it */
        sound_fini(&s);
        free(f.data);
    }
}

static void tags_in_front_and_behind_do_not_matter(void **state)
{
    (void)state;
    struct file f = make("adts", "aac", 48000, 1, 2500);
    struct file tagged = {calloc(1, f.size + 20 + 128), f.size + 20 + 128};
    memcpy(tagged.data, "ID3\4\0\0\0\0\0\12", 10);
    memcpy(tagged.data + 20, f.data, f.size);
    memcpy(tagged.data + 20 + f.size, "TAG", 3);
    struct sound plain, same;
    assert_int_equal(decode(&plain, f, MINUTE_MS), ORATOR_OK);
    assert_int_equal(decode(&same, tagged, MINUTE_MS), ORATOR_OK);
    assert_int_equal(plain.frames, same.frames);
    sound_fini(&plain);
    sound_fini(&same);
    free(f.data);
    free(tagged.data);
}

/* As when two recordings were joined byte by byte. */
static void a_rate_that_changes_midway_is_followed(void **state)
{
    (void)state;
    struct file a = make("adts", "aac", 48000, 1, 3000), b = make("adts", "aac", 32000, 2, 3000);
    struct file both = {malloc(a.size + b.size), a.size + b.size};
    memcpy(both.data, a.data, a.size);
    memcpy(both.data + a.size, b.data, b.size);
    struct sound s;
    assert_int_equal(decode(&s, both, MINUTE_MS), ORATOR_OK);
    assert_int_equal(s.channels, 1);
    assert_in_range(s.frames, 6 * 48000, 6 * 48000 + 48 * 200);
    sound_fini(&s);
    free(a.data);
    free(b.data);
    free(both.data);
}

static void six_channels_become_two(void **state)
{
    (void)state;
    struct file f = wav_tone(48000, 6, 2100);
    struct sound s;
    assert_int_equal(decode(&s, f, MINUTE_MS), ORATOR_OK);
    assert_int_equal(s.channels, 2);
    assert_int_equal(s.frames, 48 * 2100);
    assert_true(level_at(&s, 0, TONE_HZ) > 0.3);
    sound_fini(&s);
    free(f.data);
}

static struct sound stereo(double left, double right, int64_t frames)
{
    struct sound s = {malloc((size_t)frames * 2 * sizeof(float)), frames, 2, 48000};
    for (int64_t i = 0; i < frames; i++) {
        s.samples[2 * i] = (float)(left * tone(i, 48000, TONE_HZ));
        s.samples[2 * i + 1] = (float)(right * tone(i, 48000, TONE_HZ));
    }
    return s;
}

static void a_voice_on_one_side_keeps_its_level(void **state)
{
    (void)state;
    static const struct {
        double left, right, want;
    } cases[] = {{1, 0, 0.5},     {0, 1, 0.5},     {1, 1, 0.5},
                 {1, 0.5, 0.375}, {1, 0.005, 0.5}, {0, 0, 0}};
    static const int rates[] = {48000, 16000, 44100};
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        for (size_t r = 0; r < 3; r++) {
            struct sound in = stereo(cases[i].left, cases[i].right, 96001), mono;
            assert_int_equal(sound_to_mono(&mono, &in, rates[r], NULL), ORATOR_OK);
            assert_int_equal(mono.channels, 1);
            assert_int_equal(mono.rate_hz, rates[r]);
            assert_in_range(mono.frames, 2 * rates[r], 2 * rates[r] + 1);
            assert_tone(&mono, 0, cases[i].want, 0.01);
            for (int64_t k = 1000; k < mono.frames - 1000; k++)
                if (fabs((double)mono.samples[k] - 2 * cases[i].want * tone(k, rates[r], TONE_HZ)) >
                    0.01)
                    fail_msg("sample %lld is out of place", (long long)k);
            sound_fini(&mono);
            sound_fini(&in);
        }
}

static void nothing_at_all_is_mono_too(void **state)
{
    (void)state;
    struct sound none = {.channels = 2, .rate_hz = 48000}, mono;
    assert_int_equal(sound_to_mono(&mono, &none, 16000, NULL), ORATOR_OK);
    assert_int_equal(mono.frames, 0);
    sound_fini(&mono);
    sound_fini(&(struct sound){0});
}

static void less_than_two_seconds_is_too_short(void **state)
{
    (void)state;
    assert_fails(wav_tone(44100, 1, 1900), ORATOR_AUDIO_TOO_SHORT);
    assert_fails(wav_tone(44100, 1, 1999), ORATOR_AUDIO_TOO_SHORT);
    struct file f = wav_tone(44100, 1, 2000);
    struct sound s;
    assert_int_equal(decode(&s, f, 2000), ORATOR_OK);
    sound_fini(&s);
    free(f.data);
}

/* 49 MB of 8-bit samples at 4 kHz would be three hours, and 4 GB at 48 kHz: it would take far
 * longer than this test may. */
static void decoding_stops_at_the_limit(void **state)
{
    (void)state;
    struct file f = wav(1, 8, 4000, 1, 49000000);
    struct sound s;
    assert_int_equal(decode(&s, f, 5000), ORATOR_AUDIO_TOO_LONG);
    free(f.data);
    f = wav_tone(44100, 2, 5001);
    assert_int_equal(decode(&s, f, 5000), ORATOR_AUDIO_TOO_LONG);
    free(f.data);
}

static void other_formats_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "ID3",
        "#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n",
        "ffconcat version 1.0\nfile /etc/passwd\n",
        "<svg xmlns=\"http://www.w3.org/2000/svg\"></svg>",
        "GIF89a\1\1\1\1\1\1\1\1\1\1\1\1",
        "\x1a\x45\xdf\xa3 a matroska file",
        "FORM1234AIFFCOMM",
        "\xff\xfe\x48\x69 text in UTF-16",
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
        assert_fails(text(texts[i]), ORATOR_UNSUPPORTED_AUDIO_FORMAT);
    assert_fails(wav(0x11, 4, 8000, 1, 8000 * 4), ORATOR_UNSUPPORTED_AUDIO_FORMAT);
    assert_fails(wav(1, 16, 1000, 1, 8000), ORATOR_UNSUPPORTED_AUDIO_FORMAT);
    struct file f = {calloc(1, SOUND_MAX_BYTES + 1), SOUND_MAX_BYTES + 1};
    assert_fails(f, ORATOR_AUDIO_TOO_LARGE);
}

static void a_file_that_holds_less_than_half_is_damaged(void **state)
{
    (void)state;
    static const struct {
        const char *muxer, *encoder;
        enum orator_status at_80_percent;
    } cases[] = {{"mp3", "libmp3lame", ORATOR_OK},
                 {"flac", "flac", ORATOR_OK},
                 {"ipod", "aac", ORATOR_DECODE_FAILED}}; /* its index was behind */
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct file f = make(cases[i].muxer, cases[i].encoder, 44100, 1, 8000), cut = f;
        if (!f.data)
            continue;
        struct sound s;
        cut.size = f.size * 4 / 10;
        assert_int_equal(decode(&s, cut, MINUTE_MS), ORATOR_DECODE_FAILED);
        cut.size = f.size * 8 / 10;
        assert_int_equal(decode(&s, cut, MINUTE_MS), cases[i].at_80_percent);
        if (cases[i].at_80_percent == ORATOR_OK)
            assert_in_range(s.frames, 6 * 48000, 7 * 48000);
        sound_fini(&s);
        free(f.data);
    }
}

static void a_wav_out_of_a_pipe_is_as_long_as_it_is(void **state)
{
    (void)state;
    struct file f = wav_tone(44100, 1, 2500);
    le(f.data + 4, 4, 0xffffffffu);
    le(f.data + 40, 4, 0xffffffffu);
    struct sound s;
    assert_int_equal(decode(&s, f, MINUTE_MS), ORATOR_OK);
    assert_int_equal(s.frames, 120000);
    sound_fini(&s);
    free(f.data);
}

static void a_hole_in_the_middle_is_damage(void **state)
{
    (void)state;
    struct file f = make("flac", "flac", 44100, 1, 4000);
    memset(f.data + f.size / 2, 0x55, 2000);
    assert_fails(f, ORATOR_DECODE_FAILED);
    f = make("ipod", "aac", 44100, 1, 4000);
    memset(f.data + f.size / 2, 0xff, 2000);
    assert_fails(f, ORATOR_DECODE_FAILED);
}

static void floats_that_are_no_numbers_become_silence(void **state)
{
    (void)state;
    struct file f = wav(3, 32, 48000, 1, 48000 * 3);
    for (size_t i = 0; i < 48000 * 3; i++) {
        float v = (float[]){NAN, INFINITY, -INFINITY, 1e30f, -1e30f, 0.25f}[i % 6];
        memcpy(f.data + 44 + 4 * i, &v, 4);
    }
    struct sound s;
    assert_int_equal(decode(&s, f, MINUTE_MS), ORATOR_OK);
    for (int64_t i = 0; i < s.frames; i++)
        assert_true(s.samples[i] >= -1.0f && s.samples[i] <= 1.0f);
    sound_fini(&s);
    free(f.data);
}

int main(void)
{
    av_log_set_level(AV_LOG_QUIET);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_rate_comes_out_at_48_khz_with_its_tone),
        cmocka_unit_test(every_listed_format_is_taken),
        cmocka_unit_test(tags_in_front_and_behind_do_not_matter),
        cmocka_unit_test(a_rate_that_changes_midway_is_followed),
        cmocka_unit_test(six_channels_become_two),
        cmocka_unit_test(a_voice_on_one_side_keeps_its_level),
        cmocka_unit_test(nothing_at_all_is_mono_too),
        cmocka_unit_test(less_than_two_seconds_is_too_short),
        cmocka_unit_test(decoding_stops_at_the_limit),
        cmocka_unit_test(other_formats_are_refused),
        cmocka_unit_test(a_file_that_holds_less_than_half_is_damaged),
        cmocka_unit_test(a_wav_out_of_a_pipe_is_as_long_as_it_is),
        cmocka_unit_test(a_hole_in_the_middle_is_damage),
        cmocka_unit_test(floats_that_are_no_numbers_become_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
