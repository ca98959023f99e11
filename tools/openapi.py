#!/usr/bin/env python3
"""openapi.py ROUTES.c OUT.json VERSION [--strict] - the OpenAPI 3.1 document of the routes that are there.

What each route takes and answers is said below, in one line; which routes there are is read from the table in
src/server/api/routes.c. A route without a line gets a plain one, and with --strict is an error, which a test asks for.
"""
import json
import re
import sys
from pathlib import Path


def ref(name):
    return {"$ref": f"#/components/schemas/{name}"}


def obj(required, **properties):
    return {"type": "object", "required": required.split(), "properties": properties}


def array(items):
    return {"type": "array", "items": items}


def nullable(*types):
    return {"type": [*types, "null"]}


def listing(name):
    return obj("object data", object={"const": "list"}, data=array(ref(name)), first_id=nullable("string"),
               last_id=nullable("string"), has_more=BOOL)


STRING, INT, NUMBER, BOOL = ({"type": t} for t in ("string", "integer", "number", "boolean"))
MONEY = {"type": "string", "pattern": r"^-?\d+\.\d{2,6}$", "description": "an amount as a decimal text, never a float"}
TIME = {"type": "integer", "description": "seconds since 1970, UTC"}
SOURCE = {"type": "string", "minLength": 1, "description": "an http or https URL, a data: URL, or the id of an uploaded file"}
SUBMIT = dict(
    model={"type": "string", "description": "kling-avatar-v2-standard or kling-avatar-v2-pro"},
    image_url={**SOURCE, "description": "the portrait: JPEG, PNG or WebP. " + SOURCE["description"]},
    audio_url={**SOURCE, "description": "the voice: mp3, wav, m4a, aac, ogg or flac. " + SOURCE["description"]},
    audio_duration_seconds={"type": "number", "minimum": 2, "maximum": 600},
    prompt={"type": ["string", "null"], "maxLength": 2500}, seed=nullable("integer"), fps=nullable("integer"),
    resolution=nullable("string"), aspect_ratio=nullable("string"),
    face_box={"type": ["array", "null"], "items": NUMBER, "minItems": 4, "maxItems": 4},
    motion={"type": ["object", "null"], "properties": {"head": NUMBER, "expression": NUMBER, "blink": BOOL}},
    captions={"enum": ["none", "vtt", None]}, text={"type": ["string", "null"], "maxLength": 10000, "description": "what the voice says, for captions"},
    watermark_info={"type": ["object", "null"], "properties": {"enabled": BOOL}}, callback_url=nullable("string"),
    callback_events={"type": ["array", "null"], "items": {"enum": ["video.completed", "video.failed"]}},
    external_task_id=nullable("string"), metadata=nullable("object"), max_cost=nullable("string"),
    expires_in=nullable("integer"), dry_run=nullable("boolean"))

QUALITY = {"type": ["object", "null"], "description": "what was seen of the portrait, in its pixels; yaw in degrees", "properties": {
    "face": obj("box yaw confidence eye_distance", box=array(NUMBER), yaw=NUMBER, confidence=NUMBER, eye_distance=NUMBER),
    "brightness": NUMBER, "contrast": NUMBER}}

SCHEMAS = {
    "Error": obj("error", error=obj("message type code param doc_url request_id", message=STRING, type=STRING, code=STRING,
                                    param=nullable("string"), doc_url=STRING, request_id=STRING)),
    "Submit": obj("model image_url audio_url audio_duration_seconds", **SUBMIT),
    "SubmitForm": obj("model audio_duration_seconds", **{
        **{k: STRING for k in SUBMIT}, "image": {"type": "string", "contentMediaType": "image/*"},
        "audio": {"type": "string", "contentMediaType": "audio/*"}}),
    "Estimate": obj("model", **SUBMIT),
    "EstimateAnswer": obj("object ok model price declared_seconds measured_seconds eta_seconds faces audio warnings problems",
        object={"const": "video.generation.estimate"}, ok=BOOL, model=STRING,
        price=obj("currency unit_price_per_second reserved expected", currency=STRING, unit_price_per_second=MONEY, reserved=MONEY,
                  expected=MONEY),
        declared_seconds=nullable("number"), measured_seconds=nullable("number"), eta_seconds=INT, queue_position=INT,
        image={"type": ["object", "null"], "properties": {"width": INT, "height": INT}},
        faces=array({**QUALITY["properties"]["face"], "required": ["box", "yaw", "confidence", "eye_distance", "usable"],
                     "properties": {**QUALITY["properties"]["face"]["properties"], "usable": BOOL,
                                    "mesh": {**array(INT), "description": "x, y, x, y, ...: 478 points in pixels, of the face that would speak"}}}),
        audio={"type": ["object", "null"], "properties": {"codec": STRING, "sample_rate": INT, "channels": INT, "duration_seconds": NUMBER,
                                                          "speech_ratio": NUMBER, "clipping": NUMBER}},
        warnings=array(ref("Warning")),
        problems=array(obj("code type message param", code=STRING, type=STRING, message=STRING, param=nullable("string")))),
    "Billing": obj("currency unit_price_per_second declared_seconds measured_seconds reserved charged state",
                   currency=STRING, unit_price_per_second=MONEY, declared_seconds=NUMBER, measured_seconds=nullable("number"),
                   reserved=MONEY, charged=MONEY, state={"enum": ["reserved", "settled", "released"]}, ledger_entry=INT),
    "Warning": obj("code message", code=STRING, message=STRING, param=nullable("string")),
    "Job": obj("id task_id object status model created_at billing urls warnings", id=STRING, task_id=STRING,
               object={"const": "video.generation.job"}, status={"enum": ["queued", "processing", "completed", "failed"]},
               model=STRING, created_at=TIME, billing=ref("Billing"), urls={**obj("get", get=STRING), "additionalProperties": STRING},
               warnings=array(ref("Warning")), direction={**array(obj("phrase aspect means amount", phrase=STRING, aspect=STRING, means=STRING, amount=NUMBER)), "type": ["array", "null"],
                   "description": "what of the prompt was understood"}, external_task_id=nullable("string"), metadata=nullable("object"),
               queue_position=INT, eta_seconds=NUMBER, stage=STRING, progress={"type": "integer", "minimum": 0, "maximum": 100},
               frames_done=INT, frames_total=INT, attempt=INT, preview_url=STRING, video_url=STRING,
               result=obj("outputs duration_seconds width height fps size_bytes", outputs=array(STRING), duration_seconds=NUMBER,
                          width=INT, height=INT, fps=INT, size_bytes=INT, thumbnail_url=nullable("string"), captions_url=nullable("string"), sha256=nullable("string"),
                          quality=QUALITY),
               seed=INT, engine=STRING, completed_at=nullable("integer"), expires_at=nullable("integer"),
               error=obj("code type message param stage retryable doc_url", code=STRING, type=STRING, message=STRING,
                         param=nullable("string"), stage=nullable("string"), retryable=BOOL, doc_url=STRING)),
    "Video": obj("id object status model created_at progress seconds size", id=STRING, object={"const": "video"},
                 status={"enum": ["queued", "in_progress", "completed", "failed"]}, model=STRING, created_at=TIME, progress=INT,
                 seconds=STRING, size=STRING, prompt=nullable("string"), completed_at=nullable("integer"),
                 expires_at=nullable("integer"), error=nullable("object"), remixed_from_video_id=nullable("string")),
    "VideoCreate": obj("prompt", prompt=STRING, model=STRING, size=STRING, seconds=STRING, audio=STRING, audio_url=STRING,
                       image=STRING, image_url=STRING, input_reference={"type": ["string", "object"]}),
    "Speech": obj("model input voice", model=STRING, input={"type": "string", "maxLength": 4096}, voice={
        "type": "string", "description": "alloy, nova, onyx, ... or a voice of espeak-ng such as de, fr or en-us+f3"}, speed={
        "type": ["number", "null"], "minimum": 0.25, "maximum": 4}, response_format={"enum": ["mp3", "wav", "flac", "aac", "opus", "pcm", None]}),
    "Deleted": obj("id object deleted", id=STRING, object=STRING, deleted={"const": True}),
    "File": obj("id object bytes created_at expires_at filename purpose media_type", id=STRING, object={"const": "file"}, bytes=INT,
                created_at=TIME, expires_at=TIME, filename=STRING, purpose={"enum": ["image", "audio"]}, media_type=STRING,
                status=STRING, duration_seconds=NUMBER, urls={"type": "object"}),
    "FileForm": obj("file", file={"type": "string", "contentMediaType": "application/octet-stream"}, purpose=STRING,
                    expires_in=STRING),
    "WebhookEndpointCreate": obj("url", url=STRING, events=array({"enum": ["video.completed", "video.failed"]}), description=STRING),
    "WebhookEndpoint": obj("id object url events enabled created_at", id=STRING, object={"const": "webhook_endpoint"},
                           url=nullable("string"), events=array(STRING), description=STRING, enabled=BOOL,
                           disabled_at=nullable("integer"), created_at=TIME, secret=STRING,
                           previous_secret_until=nullable("integer")),
    "WebhookDelivery": obj("id object type status url attempts created_at", id=STRING, object={"const": "webhook_delivery"},
                           type=STRING, status={"enum": ["waiting", "delivered", "failed"]}, endpoint_id=nullable("string"),
                           task_id=nullable("string"), url=STRING, created_at=TIME, next_attempt_at=nullable("integer"),
                           completed_at=nullable("integer"),
                           attempts=array(obj("number at duration_ms", number=INT, at=TIME, http_status=nullable("integer"),
                                              error=nullable("string"), duration_ms=INT))),
    "Secret": obj("key", key=STRING), "Model": obj("id object", id=STRING, object={"const": "model"}),
    "Kling": obj("code message request_id", code=INT, message=STRING, request_id=STRING, data={"oneOf": [{"type": "object"}, array({"type": "object"})]}),
    "KlingCreate": obj("image sound_file", image=STRING, sound_file=STRING, prompt=STRING, mode={"enum": ["std", "pro"]},
                       callback_url=STRING, external_task_id=STRING),
    "KlingCredentials": obj("access_key secret_key", access_key=STRING, secret_key=STRING),
    "Prediction": obj("id model version status input output error created_at urls", id=STRING, model=STRING, version=STRING,
                      status={"enum": ["starting", "processing", "succeeded", "failed", "canceled"]}, input={"type": "object"},
                      output=nullable("string"), error=nullable("string"), created_at=STRING, urls={"type": "object"}),
    "PredictionCreate": obj("input", version=STRING, model=STRING, input={"type": "object"}, webhook=STRING),
    "PredictionPage": obj("results", results=array(ref("Prediction")), next=nullable("string"), previous=nullable("string")),
    "Balance": obj("object account_id currency prepaid available held spent key", object={"const": "balance"}, account_id=STRING,
                   currency=STRING, prepaid=BOOL, available=MONEY, held=MONEY, spent=MONEY,
                   key=obj("id used budget remaining open_jobs", id=STRING, used=MONEY, budget=nullable("string"),
                           remaining=nullable("string"), open_jobs=INT)),
    "Usage": obj("object group_by currency from to data total", object={"const": "usage"}, group_by=STRING, currency=STRING,
                 data=array(obj("jobs completed failed video_seconds charged held", day=STRING, model=STRING, key=STRING, jobs=INT,
                                completed=INT, failed=INT, video_seconds=NUMBER, charged=MONEY, held=MONEY)),
                 total=obj("jobs charged", jobs=INT, charged=MONEY), **{"from": TIME, "to": TIME}),
    "LedgerEntry": obj("id object kind amount balance task_id key_id at_ms previous_hash hash", id=INT, object={"const": "ledger_entry"},
                       format=INT, row=INT, kind={"enum": ["reserve", "charge", "release", "credit", "debit"]}, amount=MONEY,
                       amount_micro=INT, balance=MONEY, balance_micro=INT, task_id=nullable("string"), key_id=STRING, note=STRING,
                       at_ms=INT, previous_hash=STRING, hash=STRING),
    "Ledger": obj("object data has_more account", object={"const": "list"}, data=array(ref("LedgerEntry")), first_id=nullable("integer"),
                  last_id=nullable("integer"), has_more=BOOL,
                  account=obj("id currency available held spent entries last_hash", id=STRING, currency=STRING, available=MONEY,
                              held=MONEY, spent=MONEY, entries=INT, last_hash=STRING)),
    "ApiKeyChange": obj("", name=STRING, account_id=STRING, scopes=array({"enum": ["read", "write", "billing", "admin"]}),
                        budget=nullable("string"), expires_at=nullable("integer"), rate_per_minute=nullable("integer"),
                        parallel_jobs=nullable("integer"), priority=nullable("integer")),
    "ApiKey": obj("id object name prefix account_id scopes budget used created_at open_jobs", id=STRING, object={"const": "api_key"},
                  name=STRING, prefix=STRING, account_id=STRING, scopes=array(STRING), currency=STRING, budget=nullable("string"),
                  used=MONEY, expires_at=nullable("integer"), rate_per_minute=nullable("integer"), parallel_jobs=nullable("integer"),
                  created_at=TIME, last_used_at=nullable("integer"), revoked_at=nullable("integer"), open_jobs=INT, priority=INT,
                  key={"type": "string", "description": "the secret, shown when it is made and never again"}),
    "AccountChange": obj("", name=STRING, prepaid=BOOL),
    "Account": obj("id object name prepaid currency available held spent created_at", id=STRING, object={"const": "account"},
                   name=STRING, prepaid=BOOL, currency=STRING, available=MONEY, held=MONEY, spent=MONEY, created_at=TIME),
    "Amount": obj("amount", amount=MONEY, note=nullable("string")),
    "Anything": {"type": "object"},
}
LIST_QUERY = "limit after"
QUERY = {"limit": {"type": "integer", "minimum": 1, "maximum": 100}, "after": STRING, "order": {"enum": ["asc", "desc"]},
         "wait": {"type": "integer", "minimum": 0, "maximum": 60}, "variant": {"enum": ["video", "thumbnail", "captions"]},
         "status": STRING, "created_after": INT, "pageNum": INT, "pageSize": INT,
         "expires_in": INT}

# method and pattern: tag, sentence, schema of the body, schema of the answer, query, status of the answer
J, M, W, F, A = "Jobs", "Money and keys", "Webhooks", "Files", "About"
TELL = {
    "POST /v1/video/generations": (J, "Submit a video, or with dry_run estimate it", "Submit",
                                   {"anyOf": [ref("Job"), ref("EstimateAnswer")]}, ""),
    "GET /v1/video/generations": (J, "List jobs", None, listing("Job"), "limit after order status model created_after"),
    "POST /v1/video/generations/estimate": (J, "Price and check a submit without a charge", "Estimate", "EstimateAnswer", ""),
    "GET /v1/video/generations/{id}": (J, "Query a job, now or when it is over", None, "Job", "wait"),
    "DELETE /v1/video/generations/{id}": (J, "Delete a job with its files", None, "Deleted", ""),
    "POST /v1/video/generations/{id}/cancel": (J, "Cancel a job", "-Anything", "Job", ""),
    "GET /v1/video/generations/{id}/content": (J, "Download what was made", None, "video/mp4", "variant"),
    "GET /v1/video/generations/{id}/events": (J, "Watch a job by server-sent events", None, "text/event-stream", ""),
    "POST /v1/audio/speech": (F, "Speak a text: the sound, or with Accept: application/json the file that keeps it", "Speech", "audio/mpeg", ""),
    "GET /v1/models": (A, "List models", None, listing("Model"), ""),
    "GET /v1/models/{name}": (A, "A model with limits and price", None, "Model", ""),
    "POST /v1/files": (F, "Upload a picture or a sound", "*", "File", "purpose filename expires_in"),
    "GET /v1/files": (F, "List uploads", None, listing("File"), LIST_QUERY + " purpose"),
    "GET /v1/files/{id}": (F, "An upload", None, "File", ""),
    "GET /v1/files/{id}/content": (F, "Download an upload", None, "application/octet-stream", ""),
    "DELETE /v1/files/{id}": (F, "Delete an upload", None, "Deleted", ""),
    "POST /v1/webhook_endpoints": (W, "Add an endpoint; its secret is shown here alone", "WebhookEndpointCreate", "WebhookEndpoint", ""),
    "GET /v1/webhook_endpoints": (W, "List endpoints", None, listing("WebhookEndpoint"), ""),
    "GET /v1/webhook_endpoints/{id}": (W, "An endpoint", None, "WebhookEndpoint", ""),
    "DELETE /v1/webhook_endpoints/{id}": (W, "Delete an endpoint", None, "Deleted", ""),
    "POST /v1/webhook_endpoints/{id}/rotate": (W, "Replace an endpoint's secret", "-Anything", "WebhookEndpoint", ""),
    "POST /v1/webhook_endpoints/{id}/test": (W, "Post a test event", "-Anything", "WebhookDelivery", ""),
    "GET /v1/webhook_deliveries": (W, "The log of deliveries", None, listing("WebhookDelivery"),
                                   LIST_QUERY + " task_id endpoint_id status"),
    "GET /v1/webhook_deliveries/{id}": (W, "A delivery with its attempts", None, "WebhookDelivery", ""),
    "POST /v1/webhook_deliveries/{id}/replay": (W, "Send a delivery again", "-Anything", "WebhookDelivery", ""),
    "GET /v1/webhooks/default/secret": (W, "The secret that signs what goes to a callback_url", None, "Secret", ""),
    "GET /v1/balance": (M, "What the account holds", None, "Balance", ""),
    "GET /v1/usage": (M, "What was used, by day, model or key", None, "Usage", "group_by from to"),
    "GET /v1/ledger": (M, "Every movement of money, hash-chained", None, "Ledger", LIST_QUERY + " order"),
    "POST /v1/keys": (M, "Make an API key; its secret is shown here alone", "-ApiKeyChange", "ApiKey", ""),
    "GET /v1/keys": (M, "List API keys", None, listing("ApiKey"), "account_id"),
    "GET /v1/keys/{id}": (M, "An API key", None, "ApiKey", ""),
    "POST /v1/keys/{id}": (M, "Change what an API key may do", "ApiKeyChange", "ApiKey", ""),
    "DELETE /v1/keys/{id}": (M, "Revoke an API key", None, "ApiKey", ""),
    "POST /v1/keys/{id}/rotate": (M, "Replace an API key's secret", "-Anything", "ApiKey", ""),
    "POST /v1/accounts": (M, "Make an account", "-AccountChange", "Account", ""),
    "GET /v1/accounts": (M, "List accounts", None, listing("Account"), ""),
    "GET /v1/accounts/{id}": (M, "An account", None, "Account", ""),
    "POST /v1/accounts/{id}": (M, "Change how an account pays", "AccountChange", "Account", ""),
    "POST /v1/accounts/{id}/credit": (M, "Add money", "Amount", "Account", ""),
    "POST /v1/accounts/{id}/debit": (M, "Take money", "Amount", "Account", ""),
    "POST /v1/videos": ("OpenAI", "Create a video", "VideoCreate", "Video", ""),
    "GET /v1/videos": ("OpenAI", "List videos", None, listing("Video"), "limit after order"),
    "GET /v1/videos/{id}": ("OpenAI", "A video, or with the id of a task its job", None, {"anyOf": [ref("Video"), ref("Job")]}, "wait"),
    "GET /v1/videos/{id}/content": ("OpenAI", "Download a video", None, "video/mp4", "variant"),
    "DELETE /v1/videos/{id}": ("OpenAI", "Delete a video", None, "Deleted", ""),
    "POST /v1/videos/avatar/image2video": ("Kling", "Submit an avatar video", "KlingCreate", "Kling", ""),
    "GET /v1/videos/avatar/image2video": ("Kling", "List tasks", None, "Kling", "pageNum pageSize"),
    "GET /v1/videos/avatar/image2video/{id}": ("Kling", "A task by its id or external id", None, "Kling", ""),
    "GET /v1/kling/credentials": ("Kling", "Access and secret key for JWTs", None, "KlingCredentials", ""),
    "POST /fal/proxy": ("fal", "Submit to the queue", "Anything", "Anything", ""),
    "GET /fal/proxy": ("fal", "Status, stream of statuses, or result", None, "Anything", ""),
    "PUT /fal/proxy": ("fal", "Cancel a request", "-Anything", "Anything", ""),
    "POST /v1/predictions": ("Replicate", "Create a prediction", "PredictionCreate", "Prediction", "", "201"),
    "GET /v1/predictions": ("Replicate", "List predictions", None, "PredictionPage", "cursor"),
    "GET /v1/predictions/{id}": ("Replicate", "A prediction", None, "Prediction", ""),
    "POST /v1/predictions/{id}/cancel": ("Replicate", "Cancel a prediction", "-Anything", "Prediction", ""),
    "POST /v1/models/{owner}/{name}/predictions": ("Replicate", "Create a prediction of a model", "PredictionCreate", "Prediction", "", "201"),
    "GET /v1/errors": (A, "Every error code", None, "Anything", ""),
    "GET /v1/limits": (A, "Limits of a request", None, "Anything", ""),
    "GET /media/{name}": (A, "A finished video, with ranges, at a signed address", None, "video/mp4", "exp sig download"),
    "GET /healthz": (A, "The process answers", None, "Anything", ""),
    "GET /readyz": (A, "The store answers too", None, "Anything", ""),
    "GET /metrics": (A, "Prometheus", None, "text/plain", ""),
    "GET /": (A, "The studio: a web page over this API", None, "text/html", ""),
    "GET /studio/{name}": (A, "A part of that page", None, "application/octet-stream", ""),
    "GET /docs/errors": (A, "Every error code and what helps, as a page", None, "text/html", ""),
    "GET /openapi.json": (A, "This document", None, "Anything", ""),
    "GET /llms.txt": (A, "The API for language models", None, "text/plain", ""),
}
TAGS = {J: "Videos of a portrait that speaks", F: "Portraits and voices uploaded for later submits", W: "Who is told of the end",
        M: "Balances, prices, keys", A: "The server itself", "OpenAI": "The door for OpenAI's clients",
        "Kling": "The door for Kling's clients", "fal": "The door for fal's clients", "Replicate": "The door for Replicate's clients"}


def body_of(name):
    if name == "*":
        raw = {t: {"schema": STRING} for t in ("application/octet-stream", "image/*", "audio/*")}
        return {"required": True, "content": {"multipart/form-data": {"schema": ref("FileForm")}, **raw}}
    content = {"application/json": {"schema": ref(name.lstrip("-"))}}
    if name in ("Submit", "Estimate", "VideoCreate"):
        content["multipart/form-data"] = {"schema": ref(name if name == "VideoCreate" else "SubmitForm")}
    return {"required": not name.startswith("-"), "content": content}


def answer_of(answer):
    if isinstance(answer, dict):
        return {"application/json": {"schema": answer}}
    if "/" in answer:
        return {answer: {"schema": {"type": "string"}}}
    return {"application/json": {"schema": ref(answer)}}


def operation(method, pattern, handler, is_open, told, once):
    tag, text, body, answer, query, *status = told
    parameters = [{"name": n, "in": "path", "required": True, "schema": STRING} for n in re.findall(r"{(\w+)}", pattern)]
    parameters += [{"name": n, "in": "query", "schema": QUERY.get(n, STRING)} for n in query.split()]
    responses = {(status or ["200"])[0]: {"description": text, "content": answer_of(answer)}}
    failure = {"description": "What is wrong, and which field",
               "content": {"application/json": {"schema": {"type": "object"} if tag in ("Kling", "fal", "Replicate") else ref("Error")}}}
    out = {"operationId": handler, "tags": [tag], "summary": text, "description": text + ".",
           "responses": {**responses, "4XX": failure, "5XX": failure}}
    if pattern == "/fal/proxy":
        parameters.append({"name": "x-fal-target-url", "in": "header", "required": True, "schema": STRING})
        out["responses"]["202"] = responses["200"]
    if pattern.endswith("/events"):
        out["responses"]["204"] = {"description": "There is nothing left to tell"}
    if once:
        parameters.append({"name": "Idempotency-Key", "in": "header", "schema": {"type": "string", "minLength": 1, "maxLength": 255},
                           "description": "the same request again gets the first answer, for a day"})
    if parameters:
        out["parameters"] = parameters
    if body:
        out["requestBody"] = body_of(body)
    if is_open:
        out["security"] = []
    return out


def main(routes, out, version, strict=False):
    rows = re.findall(r'^    \{"([A-Z]+)",\s+"([^"]+)",\s+(\w+),\s+(\w+),\s+([^}]+)\}', Path(routes).read_text(encoding="utf-8"), re.M)
    paths, used, bad = {}, {}, []
    for method, pattern, handler, scope, flags in rows:
        told = TELL.get(f"{method} {pattern}")
        if not told:
            bad.append(f"{method} {pattern} is not described in tools/openapi.py")
            told = (A, f"{method} {pattern}", "Anything" if method in ("POST", "PUT") else None, "Anything", "")
        used[handler] = used.get(handler, 0) + 1
        name = handler if used[handler] == 1 else f"{handler}_{used[handler]}"
        paths.setdefault(pattern, {})[method.lower()] = operation(method, pattern, name, scope == "OPEN", told, "ROUTE_ONCE" in flags)
    if not rows:
        bad.append(f"{routes} holds no table of routes")
    doc = {
        "openapi": "3.1.0",
        "info": {"title": "Orator", "version": version, "description": "Videos of a portrait that speaks.",
                 "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
                 "contact": {"name": "whoever runs this server"}},
        "servers": [{"url": "/"}], "security": [{"key": []}],
        "tags": [{"name": n, "description": d} for n, d in sorted(TAGS.items())],
        "paths": dict(sorted(paths.items())),
        "components": {"securitySchemes": {"key": {"type": "http", "scheme": "bearer"}}, "schemas": dict(sorted(SCHEMAS.items()))},
    }
    text = json.dumps(doc)
    for schema in sorted(SCHEMAS):  # what no route of this build speaks of is left out
        if f'"#/components/schemas/{schema}"' not in text:
            del doc["components"]["schemas"][schema]
    Path(out).write_text(json.dumps(doc, indent=1) + "\n", encoding="utf-8")
    if bad and strict:
        print("\n".join(bad))
        return 1
    return 0


sys.exit(main(*sys.argv[1:4], strict="--strict" in sys.argv))
