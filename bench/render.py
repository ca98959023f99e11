#!/usr/bin/env python3
"""How fast is `orator render`, whole job, next to libx264 alone on the same frames?

    bench/render.py [--image FILE] [--seconds 10] [--model standard|pro] [--runs 3]

Prints medians: wall seconds, CPU seconds, peak memory of `orator render`; CPU seconds of libx264 alone at the
same preset and rate factor on the decoded frames; their ratio; and how long the server takes to start.
"""
import argparse
import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
TEXT = ("The morning train was late again, so we walked along the river and talked about the summer. "
        "My brother bought a map of the mountains, and by the time the bells rang we had planned the whole journey.")


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


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--image", default=str(ROOT / "tests" / "data" / "presenter.png"))
    p.add_argument("--seconds", type=float, default=10)
    p.add_argument("--model", default="standard")
    p.add_argument("--runs", type=int, default=3)
    p.add_argument("--orator", default=str(ROOT / "build" / "orator"))
    a = p.parse_args()
    crf = {"standard": "20", "pro": "18"}[a.model]

    with tempfile.TemporaryDirectory() as folder:
        voice, video, frames = (f"{folder}/{n}" for n in ("voice.wav", "video.mp4", "frames.yuv"))
        subprocess.run(["espeak-ng", "-v", "en-us", "-w", f"{folder}/long.wav", TEXT], check=True)
        subprocess.run(["ffmpeg", "-v", "error", "-stream_loop", "-1", "-i", f"{folder}/long.wav", "-t", str(a.seconds),
                        voice], check=True)
        ours = [timed([a.orator, "render", "--image", a.image, "--audio", voice, "--out", video, "--model", a.model])
                for _ in range(a.runs)]
        probe = subprocess.run(["ffprobe", "-v", "error", "-select_streams", "v", "-show_entries",
                                "stream=width,height,r_frame_rate,nb_frames", "-of", "csv=p=0", video], check=True,
                               capture_output=True, text=True).stdout
        width, height, rate, count = re.match(r"(\d+),(\d+),(\d+)/1,(\d+)", probe).groups()
        subprocess.run(["ffmpeg", "-v", "error", "-i", video, "-pix_fmt", "yuv420p", "-f", "rawvideo", frames], check=True)
        x264 = [timed(["ffmpeg", "-v", "error", "-f", "rawvideo", "-pix_fmt", "yuv420p", "-s", f"{width}x{height}", "-r",
                       rate, "-i", frames, "-c:v", "libx264", "-preset", "veryfast", "-crf", crf, "-threads", "2", "-f",
                       "null", "-"]) for _ in range(a.runs)]
        starts = [start_seconds(a.orator, f"{folder}/data") for _ in range(a.runs)]

    wall, cpu, peak = (statistics.median(column) for column in zip(*ours))
    alone = statistics.median(row[1] for row in x264)
    print(f"{width}x{height} at {rate}, {count} frames, {a.seconds:g} s of speech, {os.cpu_count()} processors")
    print(f"orator render   {wall:6.2f} s wall   {a.seconds / wall:5.1f} x real time   {cpu:6.2f} s CPU   {peak:4.0f} MiB peak")
    print(f"libx264 alone   {'':22s}{'':18s}{alone:6.2f} s CPU   ratio {cpu / alone:.2f}")
    print(f"server start    {statistics.median(starts):6.3f} s")


if __name__ == "__main__":
    main()
