#!/usr/bin/env python3
"""api_reference.py OPENAPI.json - docs/api.md, from the document that the server answers with at /openapi.json."""
import json
import sys

HEAD = """# API reference

Written by `tools/api_reference.py` from the server's own `/openapi.json`; any tool that reads OpenAPI 3.1 takes that one. Every route wants
`Authorization: Bearer sk-...` unless it says *open*. Failures are `{"error": {"message", "type", "code", "param", "doc_url", "request_id"}}`;
troubleshooting.md has a section for each code. Requests may carry fields that are not known here: they are ignored. Other fields and states
may be added to answers; those that are here stay.
"""
ORDER = ["Jobs", "Files", "Webhooks", "Money and keys", "About", "OpenAI", "Kling", "fal", "Replicate"]


def type_of(schema):
    """A schema in a word or two."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})" if name != "Anything" else "object"
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(type_of(s) for s in schema[key])
    if "const" in schema:
        return f'`{json.dumps(schema["const"])}`'
    if "enum" in schema:
        return ", ".join(f"`{e}`" for e in schema["enum"])
    kinds = schema.get("type", "any")
    kinds = [kinds] if isinstance(kinds, str) else kinds
    words = [f"list of {type_of(schema['items'])}" if k == "array" and "items" in schema else k for k in kinds if k != "null"]
    if "object" in words and schema.get("properties"):
        words[words.index("object")] = "{" + ", ".join(schema["properties"]) + "}"
    return " or ".join(words) + (" or null" if "null" in kinds else "")


def limits_of(schema):
    low, high = schema.get("minimum"), schema.get("maximum")
    parts = [f"{low} to {high}"] if low is not None and high is not None else [f"from {low}"] if low is not None else []
    if "maxLength" in schema:
        parts.append(f"up to {schema['maxLength']} characters")
    if "maxItems" in schema:
        parts.append(f"{schema['maxItems']} of them")
    return parts


def fields(schema):
    rows = ["| field | type | |", "| --- | --- | --- |"]
    for name, field in schema["properties"].items():
        notes = (["**required**"] if name in schema.get("required", []) else []) + limits_of(field)
        notes += [field["description"]] if field.get("description") else []
        rows.append(f"| `{name}` | {type_of(field)} | {'; '.join(notes)} |".replace(" |  |", " | |"))
    return rows


def body_line(operation):
    content = operation.get("requestBody", {}).get("content", {})
    parts = [f"{type_of(v['schema'])} as `{kind}`" for kind, v in content.items()]
    needed = operation.get("requestBody", {}).get("required")
    return f"- body{'' if needed else ' (optional)'}: " + "; or ".join(parts) if parts else None


def answer_line(operation):
    parts = []
    for status, answer in operation["responses"].items():
        if status.startswith("2"):
            kinds = [type_of(v["schema"]) if kind == "application/json" else f"`{kind}`" for kind, v in answer.get("content", {}).items()]
            parts.append(f"{status} {', '.join(kinds) or answer['description']}")
    return "- answer: " + "; ".join(parts)


def route(method, path, operation):
    rows = [f"### {method.upper()} {path}", "", operation["summary"] + ("; *open*." if operation.get("security") == [] else "."), ""]
    for place in ("query", "header"):
        names = [f"`{p['name']}` ({', '.join([type_of(p['schema']), *limits_of(p['schema'])])})"
                 for p in operation.get("parameters", []) if p["in"] == place]
        if names:
            rows.append(f"- {place}: {', '.join(names)}")
    return rows + [line for line in (body_line(operation), answer_line(operation)) if line] + [""]


def main(path):
    with open(path, encoding="utf-8") as file:
        doc = json.load(file)
    rows, described = [HEAD], {t["name"]: t["description"] for t in doc["tags"]}
    for tag in ORDER + sorted(set(described) - set(ORDER)):
        routes = [(m, p, o) for p, methods in doc["paths"].items() for m, o in methods.items() if tag in o["tags"]]
        if routes:
            rows += [f"## {tag}", "", described[tag] + ".", ""]
            for r in sorted(routes, key=lambda r: (r[1], r[0])):
                rows += route(*r)
    rows += ["## Objects", ""]
    for name, schema in doc["components"]["schemas"].items():
        if schema.get("properties"):
            rows += [f"### {name}", "", *fields(schema), ""]
    print("\n".join(rows).rstrip())


main(sys.argv[1])
