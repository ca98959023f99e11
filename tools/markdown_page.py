#!/usr/bin/env python3
"""markdown_page.py IN.md OUT.html - one of our documents as a page: headings with their names as anchors, paragraphs, lists, code,
tables, links. What it does not know it refuses, so that a page is never half right."""
import html
import re
import sys

STYLE = ("body{max-width:44rem;margin:2rem auto;padding:0 1rem;font:1rem/1.55 system-ui,sans-serif;color-scheme:light dark}"
         "code,pre{font:.9em ui-monospace,monospace}pre{overflow-x:auto;padding:.6rem;border:1px solid #8886;border-radius:.4rem}"
         "h2{margin-top:2.2rem;font-size:1.15rem}h2:target{background:#fd06;border-radius:.3rem}td,th{padding:.2rem .6rem;text-align:left}")


def inline(text):
    """Code first: what is in it is not markup."""
    parts = re.split(r"(`[^`]+`)", text)
    for i, part in enumerate(parts):
        if part.startswith("`"):
            parts[i] = f"<code>{html.escape(part[1:-1], False)}</code>"
            continue
        part = html.escape(part, False)
        part = re.sub(r"\*\*([^*]+)\*\*", r"<strong>\1</strong>", part)
        part = re.sub(r"\*([^*]+)\*", r"<em>\1</em>", part)
        parts[i] = re.sub(r"\[([^\]]+)\]\(([^)\s]+)\)", r'<a href="\2">\1</a>', part)
    return "".join(parts)


def block(lines):
    first = lines[0]
    if first.startswith("#"):
        marks, text = first.split(" ", 1)
        assert len(lines) == 1, first
        return f'<h{len(marks)} id="{html.escape(text)}">{inline(text)}</h{len(marks)}>'
    if first.startswith("    "):
        return "<pre>" + html.escape("\n".join(line[4:] for line in lines), False) + "</pre>"
    if first.startswith("- "):
        items = re.split(r"^- ", "\n".join(lines), flags=re.M)[1:]
        return "<ul>" + "".join(f"<li>{inline(i.strip())}</li>" for i in items) + "</ul>"
    if first.startswith("|"):
        rows = [[inline(c.strip()) for c in line.strip("|").split("|")] for line in lines if not set(line) <= set("|- ")]
        return "<table>" + "".join("<tr>" + "".join(f"<td>{c}</td>" for c in row) + "</tr>" for row in rows) + "</table>"
    assert not re.match(r"[>!<]|\d+\. |```", first), f"not known here: {first}"
    return f"<p>{inline(' '.join(lines))}</p>"


def main(source, out):
    with open(source, encoding="utf-8") as file:
        text = file.read().strip()
    blocks = [b.split("\n") for b in re.split(r"\n\s*\n", text)]
    title = blocks[0][0].lstrip("# ")
    body = "\n".join(block(b) for b in blocks)
    with open(out, "w", encoding="utf-8") as file:
        file.write(f'<!doctype html>\n<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
                   f"<title>{html.escape(title)}</title><style>{STYLE}</style>\n<body>\n{body}\n</body></html>\n")


main(*sys.argv[1:3])
