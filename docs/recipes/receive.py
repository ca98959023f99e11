#!/usr/bin/env python3
"""receive.py PORT - hears of the end of videos; ORATOR_WEBHOOK_SECRET (whsec_...) in the environment."""
import base64
import hashlib
import hmac
import http.server
import json
import os
import sys
import time

SECRET = base64.b64decode(os.environ["ORATOR_WEBHOOK_SECRET"].removeprefix("whsec_"))
seen = set()  # keep it in your database


def is_genuine(headers, body):
    """Standard Webhooks: signed by us, and not older than five minutes."""
    try:
        if abs(time.time() - int(headers["webhook-timestamp"])) > 300:
            return False
    except (TypeError, ValueError):
        return False
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    good = base64.b64encode(hmac.new(SECRET, signed, hashlib.sha256).digest()).decode()
    return any(hmac.compare_digest(f"v1,{good}", s) for s in (headers["webhook-signature"] or "").split())


class Receiver(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        genuine = is_genuine(self.headers, body)
        self.send_response(204 if genuine else 400)
        self.end_headers()
        if genuine and self.headers["webhook-id"] not in seen:  # a delivery may come twice
            seen.add(self.headers["webhook-id"])
            event = json.loads(body)
            print(event["type"], event["data"]["id"], flush=True)

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Receiver).serve_forever()
