#!/usr/bin/env bash
# make_video.sh PORTRAIT VOICE OUT.mp4 - needs curl; ORATOR_URL and ORATOR_API_KEY in the environment.
set -euo pipefail
portrait=$1 voice=$2 out=$3
url=${ORATOR_URL:-http://127.0.0.1:8080}

ask() { curl -sS --retry 5 -H "Authorization: Bearer $ORATOR_API_KEY" "$@"; } # --retry heeds Retry-After
field() { sed -n "s/.*\"$1\": *\"\\([^\"]*\\)\".*/\\1/p" | head -n 1; }

# 1. submit: files go up as a form, and the server measures the voice
answer=$(ask "$url/v1/videos" -F model=kling-avatar-v2-standard -F "prompt=friendly presenter, warm smile" \
    -F "image=@$portrait" -F "audio=@$voice")
task=$(field task_id <<<"$answer")
[ -n "$task" ] || { echo "refused: $(field message <<<"$answer")" >&2; exit 1; }

# 2. wait: each question is answered when the job is over, or after 30 seconds
while :; do
    answer=$(ask "$url/v1/video/generations/$task?wait=30")
    case $(field status <<<"$answer") in
    completed) break ;;
    failed) echo "failed: $(field message <<<"$answer")" >&2; exit 1 ;;
    esac
done

# 3. download
ask -f -o "$out" "$url/v1/video/generations/$task/content"
echo "$out"
