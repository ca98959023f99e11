#!/usr/bin/env python3
"""How fast is `orator render`, whole job, next to libx264 alone on the same frames?

    bench/render.py [--image FILE] [--seconds 10] [--model standard --model pro] [--runs 3]

Prints for each model the least of all runs, as what else the machine does only ever adds: wall seconds, CPU
seconds, peak memory of `orator render`; CPU seconds of libx264 alone at the same preset, rate factor and threads
on the decoded frames; their ratio. Runs of both take turns, so that a machine that slows down slows both. Then
the CPU seconds of each stage of the job (bench/job.c). And how long the server takes to start.

libx264 alone is ffmpeg on raw frames, which also reads them: that is 5 to 10 % of it, in our favour. Its sound,
ours to encode, is not in it. The fixed cost of a job weighs more the shorter the voice is: say --seconds with any
figure that you quote.
"""
import argparse
import os
import pathlib
import re
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
TEXT = ("The morning train was late again, so we walked along the river and talked about the summer. "
        "My brother bought a map of the mountains, and by the time the bells rang we had planned the whole journey.")

DEADZONE = "deadzone-inter=8:deadzone-intra=6"  # as src/engine/media/video_write.c has it
ENCODER = {"standard": ("veryfast", "18"), "pro": ("veryfast", "18")}  # preset and rate factor, as src/engine/tier.c has them


def timed(command, **more):
    """(wall seconds, CPU seconds, peak MiB) of one child process."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **more)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.monotonic() - began
    if status:
        raise SystemExit(process.stderr.read().decode())
    process.stderr.close()
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def start_seconds(orator, data):
    began = time.monotonic()
    process = subprocess.Popen([orator, "serve", "--port", "0", "--data", data], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    line = process.stdout.readline()
    took = time.monotonic() - began
    process.terminate()
    process.wait()
    assert "listens on" in line, line
    return took


def stages(a, model, voice):
    """The line that bench_job prints, or why there is none."""
    program = pathlib.Path(a.orator).parent / "bench" / "bench_job"
    if not program.exists():
        return "no bench/bench_job beside the program"
    models = next(p for p in (program.parents[1] / "models", ROOT / "models") if p.exists())
    return subprocess.run([program, models, a.image, voice, model, str(a.runs)], check=True, capture_output=True,
                          text=True).stdout.strip()


def measure(a, model, voice, folder):
    video, frames = f"{folder}/video.mp4", f"{folder}/frames.yuv"
    render = [a.orator, "render", "--image", a.image, "--audio", voice, "--out", video, "--model", model, "--quiet"]
    timed(render)
    probe = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries",
                            "stream=width,height,r_frame_rate,nb_frames", "-of", "csv=p=0", video], check=True,
                           capture_output=True, text=True).stdout
    preset, crf = ENCODER[model]
    width, height, rate, count = re.match(r"(\d+),(\d+),(\d+)/1,(\d+)", probe).groups()
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-i", video, "-pix_fmt", "yuv420p", "-f", "rawvideo", frames],
                   check=True)
    encode = ["ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r", rate,
              "-i", frames, "-c:v", "libx264", "-preset", preset, "-crf", crf, "-x264-params", DEADZONE, "-threads", "4",
              "-f", "null", "-"]
    ours, x264 = zip(*[(timed(render), timed(encode)) for _ in range(a.runs)])
    wall, cpu, peak = (min(column) for column in zip(*ours))
    alone = min(row[1] for row in x264)
    print(f"{model}: {width}x{height} at {rate}, {count} frames, {a.seconds:g} s of speech, {os.cpu_count()} processors")
    print(f"orator render   {wall:6.2f} s wall   {a.seconds / wall:5.1f} x real time   {cpu:6.2f} s CPU   "
          f"{peak:4.0f} MiB peak")
    print(f"libx264 alone   {'':40s}{alone:6.2f} s CPU   ratio {cpu / alone:.2f}")
    print(f"stages, s CPU   {stages(a, model, voice)}", flush=True)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--image", default=str(ROOT / "tests" / "data" / "presenter.png"))
    p.add_argument("--seconds", type=float, default=10)
    p.add_argument("--model", action="append", choices=list(ENCODER))
    p.add_argument("--runs", type=int, default=3)
    p.add_argument("--orator", default=str(ROOT / "build" / "orator"))
    a = p.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        voice = f"{folder}/voice.wav"
        subprocess.run(["espeak-ng", "-v", "en-us", "-w", f"{folder}/long.wav", TEXT], check=True)
        subprocess.run(["ffmpeg", "-v", "error", "-stream_loop", "-1", "-i", f"{folder}/long.wav", "-t", str(a.seconds),
                        voice], check=True)
        for model in a.model or ENCODER:
            measure(a, model, voice, folder)
        starts = [start_seconds(a.orator, f"{folder}/data") for _ in range(a.runs)]
    print(f"server start    {min(starts):6.3f} s")


if __name__ == "__main__":
    main()
