#!/usr/bin/env bash
# verify.sh ID TIMESTAMP SIGNATURE <BODY - exit code 0 if a webhook is genuine; needs openssl, and ORATOR_WEBHOOK_SECRET
# (whsec_...) in the environment. For a server that runs scripts, such as CGI: the three are the headers webhook-id,
# webhook-timestamp and webhook-signature.
set -euo pipefail
id=$1 at=$2 signatures=$3
age=$(($(date +%s) - at))
[ "${age#-}" -le 300 ] || { echo "older than five minutes" >&2; exit 1; }
key=$(printf %s "${ORATOR_WEBHOOK_SECRET#whsec_}" | base64 -d | od -An -v -tx1 | tr -d ' \n')
good=v1,$({ printf '%s.%s.' "$id" "$at"; cat; } | openssl dgst -sha256 -mac HMAC -macopt "hexkey:$key" -binary | base64 -w0)
for signature in $signatures; do
    [ "$signature" != "$good" ] || exit 0
done
echo "the signature is not ours" >&2
exit 1
