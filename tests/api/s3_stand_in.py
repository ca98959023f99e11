"""An object store of the tests: S3's dialect on loopback, in memory. Signatures are verified by an implementation of
their own, and it fails on command: `store.fail(...)`."""
import datetime
import hashlib
import hmac
import http.server
import re
import threading
import time
import urllib.parse
import uuid
from xml.sax.saxutils import escape

ACCESS_KEY, SECRET_KEY, REGION, BUCKET = "stand-in-key", "stand/in+secret==", "eu-test-1", "videos"
PAGE = 3  # objects a page of a list, so that lists have pages


def quote(text):
    return urllib.parse.quote(text, safe="-_.~")


def now():
    return datetime.datetime.now(datetime.timezone.utc)


class Refused(Exception):
    def __init__(self, status, code, message=""):
        super().__init__(code)
        self.status, self.code, self.message = status, code, message


def signature(method, path, fields, headers, names, payload, when, scope):
    """Of a request, from what came over the wire: `fields` are decoded pairs, `path` is as sent."""
    query = "&".join(f"{k}={v}" for k, v in sorted((quote(k), quote(v)) for k, v in fields))
    canonical = "\n".join([method, path, query, *[f"{n}:{' '.join(headers.get(n, '').split())}" for n in names], "",
                           ";".join(names), payload])
    to_sign = "\n".join(["AWS4-HMAC-SHA256", when, "/".join(scope), hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + SECRET_KEY).encode()
    for part in scope:
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()


class Store:
    def __init__(self):
        self.objects, self.uploads, self.requests, self.rules = {}, {}, [], []
        self.lock = threading.Lock()
        self.clock_s = 0  # how far this store's clock is ahead
        outer = self

        class Handler(Requests):
            store = outer

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()

    def fail(self, how, method="*", times=1, match="", **more):
        """The next `times` requests of this method whose path and query hold `match` go wrong: how is "status" (with
        status, code), "slow" (with seconds), "cut" (no answer), "half" (cut within the body of a GET)."""
        with self.lock:
            self.rules.append({"how": how, "method": method, "left": times, "match": match, **more})

    def heal(self):
        with self.lock:
            self.rules.clear()

    def rule_for(self, method, target):
        with self.lock:
            for r in self.rules:
                if r["left"] > 0 and r["method"] in ("*", method) and r["match"] in target:
                    r["left"] -= 1
                    return r
        return None

    def environment(self, **more):
        """Settings of a server that keeps its media here."""
        return {"ORATOR_MEDIA_STORE": self.url, "ORATOR_MEDIA_BUCKET": BUCKET, "ORATOR_MEDIA_REGION": REGION,
                "ORATOR_MEDIA_ACCESS_KEY": ACCESS_KEY, "ORATOR_MEDIA_SECRET_KEY": SECRET_KEY, **more}


class Requests(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store = None

    def log_message(self, *_):
        pass

    def handle_any(self):
        store = self.store
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        with store.lock:
            store.requests.append((self.command, self.path))
        rule = store.rule_for(self.command, self.path)
        self.half = False
        if rule and rule["how"] == "slow":
            time.sleep(rule["seconds"])
        if rule and rule["how"] == "cut":
            self.close_connection = True
            return
        self.half = bool(rule and rule["how"] == "half")
        try:
            if rule and rule["how"] == "status":
                raise Refused(rule["status"], rule.get("code", "InternalError"))
            self.serve(body)
        except Refused as e:
            self.answer(e.status, f"<Error><Code>{e.code}</Code><Message>{escape(e.message)}</Message></Error>".encode())

    do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = handle_any

    def answer(self, status, body=b"", **headers):
        self.send_response_only(status)
        when = now() + datetime.timedelta(seconds=self.store.clock_s)
        self.send_header("Date", when.strftime("%a, %d %b %Y %H:%M:%S GMT"))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers and status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "HEAD" or status == 204:
            return
        if self.half:
            self.wfile.write(body[:len(body) // 2])
            self.wfile.flush()
            self.close_connection = True
            return
        self.wfile.write(body)

    # --- who asks ---

    def verify(self, path, fields, body):
        headers = {k.lower(): v for k, v in self.headers.items()}
        query = dict(fields)
        if "X-Amz-Signature" in query:
            if "authorization" in headers:
                raise Refused(400, "InvalidArgument", "Only one auth mechanism allowed")
            credential, names = query["X-Amz-Credential"], query["X-Amz-SignedHeaders"].split(";")
            when, given, payload = query["X-Amz-Date"], query["X-Amz-Signature"], "UNSIGNED-PAYLOAD"
            fields = [f for f in fields if f[0] != "X-Amz-Signature"]
            open_s = int(query["X-Amz-Expires"])
        else:
            m = re.fullmatch(r"AWS4-HMAC-SHA256 Credential=([^,]+), SignedHeaders=([^,]+), Signature=([0-9a-f]{64})",
                             headers.get("authorization", ""))
            if not m:
                raise Refused(403, "AccessDenied", "not signed")
            credential, names, given = m[1], m[2].split(";"), m[3]
            when, payload, open_s = headers.get("x-amz-date", ""), headers.get("x-amz-content-sha256", ""), 900
            for name in headers:
                if name.startswith("x-amz-") and name not in names:
                    raise Refused(403, "AccessDenied", f"{name} is not signed")
            if payload != hashlib.sha256(body).hexdigest():
                raise Refused(400, "XAmzContentSHA256Mismatch")
        key, *scope = credential.split("/")
        if key != ACCESS_KEY:
            raise Refused(403, "InvalidAccessKeyId")
        if len(scope) != 4 or scope[0] != when[:8] or scope[2:] != ["s3", "aws4_request"]:
            raise Refused(400, "AuthorizationHeaderMalformed")
        if scope[1] != REGION:
            raise Refused(400, "AuthorizationHeaderMalformed", f"expecting {REGION}")
        if "host" not in names or names != sorted(names):
            raise Refused(403, "SignatureDoesNotMatch")
        wanted = signature(self.command, path, fields, headers, names, payload, when, scope)
        if not hmac.compare_digest(wanted, given):
            raise Refused(403, "SignatureDoesNotMatch")
        signed = datetime.datetime.strptime(when, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc)
        age_s = (now() - signed).total_seconds() + self.store.clock_s
        if age_s < -900 or age_s > open_s:
            raise Refused(403, "AccessDenied" if "X-Amz-Signature" in query else "RequestTimeTooSkewed")

    # --- what is asked ---

    def serve(self, body):
        path, _, raw = self.path.partition("?")
        fields = urllib.parse.parse_qsl(raw, keep_blank_values=True, strict_parsing=bool(raw))
        self.verify(path, fields, body)
        q, store = dict(fields), self.store
        _, bucket, *rest = urllib.parse.unquote(path).split("/", 2)
        name = rest[0] if rest else ""
        if bucket != BUCKET:
            raise Refused(404, "NoSuchBucket")
        with store.lock:
            if not name:
                return self.serve_bucket(q)
            if self.command == "POST" and "uploads" in q:
                upload = uuid.uuid4().hex + "=="
                store.uploads[upload] = {"name": name, "parts": {}, "begun": now()}
                return self.answer(200, f"<R><Bucket>{BUCKET}</Bucket><UploadId>{upload}</UploadId></R>".encode())
            if "uploadId" in q:
                return self.serve_upload(name, q, body)
            return self.serve_object(name, q, body)

    def serve_bucket(self, q):
        store, prefix = self.store, q.get("prefix", "")
        if self.command != "GET":
            raise Refused(405, "MethodNotAllowed")
        if "uploads" in q:
            rows = "".join(f"<Upload><Key>{u['name']}</Key><UploadId>{k}</UploadId>"
                           f"<Initiated>{u['begun']:%Y-%m-%dT%H:%M:%S.000Z}</Initiated></Upload>"
                           for k, u in store.uploads.items() if u["name"].startswith(prefix))
            return self.answer(200, f"<ListMultipartUploadsResult>{rows}</ListMultipartUploadsResult>".encode())
        if q.get("list-type") != "2":
            raise Refused(400, "InvalidArgument")
        names = sorted(n for n in store.objects if n.startswith(prefix) and n > q.get("continuation-token", "")[2:])
        page = names[:min(PAGE, int(q.get("max-keys", 1000)))]
        rows = "".join(f"<Contents><Key>{escape(n)}</Key><LastModified>{store.objects[n]['time']:%Y-%m-%dT%H:%M:%S.000Z}"
                       f"</LastModified><ETag>&quot;x&quot;</ETag></Contents>" for n in page)
        more = len(page) < len(names)
        token = f"<NextContinuationToken>&amp;={escape(page[-1])}</NextContinuationToken>" if more and page else ""
        self.answer(200, f"<?xml version='1.0'?>\n<ListBucketResult><KeyCount>{len(page)}</KeyCount><IsTruncated>"
                    f"{str(more).lower()}</IsTruncated>{token}{rows}</ListBucketResult>".encode())

    def keep(self, name, data, content_type):
        etag = f'"{hashlib.md5(data).hexdigest()}"'
        self.store.objects[name] = {"data": data, "etag": etag, "type": content_type, "time": now()}
        return etag

    def serve_upload(self, name, q, body):
        store, upload = self.store, self.store.uploads.get(q["uploadId"])
        if not upload or upload["name"] != name:
            raise Refused(404, "NoSuchUpload")
        if self.command == "PUT":
            etag = f'"{hashlib.md5(body).hexdigest()}"'
            upload["parts"][int(q["partNumber"])] = (etag, body)
            return self.answer(200, ETag=etag)
        if self.command == "POST":
            said = re.findall(r"<PartNumber>(\d+)</PartNumber><ETag>(.*?)</ETag>", body.decode())
            if [(int(n), e) for n, e in said] != [(n, p[0]) for n, p in sorted(upload["parts"].items())]:
                raise Refused(400, "InvalidPart")
            self.keep(name, b"".join(p[1] for _, p in sorted(upload["parts"].items())), self.headers["Content-Type"])
        del store.uploads[q["uploadId"]]
        self.answer(200 if self.command == "POST" else 204, b"<R/>" if self.command == "POST" else b"")

    def serve_object(self, name, q, body):
        store = self.store
        if self.command == "PUT":
            source = self.headers.get("x-amz-copy-source")
            if source:
                source = urllib.parse.unquote(source).removeprefix(f"/{BUCKET}/")
                if source not in store.objects:
                    raise Refused(404, "NoSuchKey")
                self.keep(name, store.objects[source]["data"], store.objects[source]["type"])
                return self.answer(200, b"<CopyObjectResult/>")
            return self.answer(200, ETag=self.keep(name, body, self.headers["Content-Type"]))
        if self.command == "DELETE":
            store.objects.pop(name, None)
            return self.answer(204)
        o = store.objects.get(name)
        if not o:
            raise Refused(404, "NoSuchKey")
        more = {"ETag": o["etag"], "Content_Type": o["type"], "Accept_Ranges": "bytes"}
        if "response-content-disposition" in q:
            more["Content_Disposition"] = q["response-content-disposition"]
        m = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if m:
            first, last, size = int(m[1]), int(m[2] or len(o["data"]) - 1), len(o["data"])
            if first >= size:
                raise Refused(416, "InvalidRange")
            last = min(last, size - 1)
            return self.answer(206, o["data"][first:last + 1], Content_Range=f"bytes {first}-{last}/{size}", **more)
        self.answer(200, o["data"], **more)
