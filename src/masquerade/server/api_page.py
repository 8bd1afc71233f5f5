"""The API's description as one page of plain HTML: no script, nothing from another host."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any, Final

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

_POLICY: Final = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
_HEAD: Final = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Masquerade: API</title>
<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui;max-width:60rem;margin:auto;
padding:1rem}code,pre{font:14px/1.4 ui-monospace,monospace}pre{overflow:auto;padding:.7rem;
background:#8882;border-radius:.4rem}summary{cursor:pointer;padding:.3rem 0}.verb{
display:inline-block;
min-width:4.5rem;font-weight:600}table{border-collapse:collapse}td,th{text-align:left;
padding:.15rem .8rem .15rem 0;vertical-align:top}</style>"""


def add_page(app: FastAPI) -> None:
    """Puts the page at ``/docs``."""

    @app.get("/docs", include_in_schema=False)
    def page(request: Request) -> HTMLResponse:
        described: FastAPI = request.app
        text = "\n".join(_page(described.openapi()))
        return HTMLResponse(text, headers={"Content-Security-Policy": _POLICY})


def _page(told: Mapping[str, Any]) -> Iterator[str]:
    yield _HEAD
    yield f"<h1>Masquerade {escape(told['info']['version'])}: API</h1>"
    for line in told["info"]["description"].strip().splitlines():
        yield f"<p>{_coded(line)}</p>"
    yield '<p>The same for programs: <a href="/openapi.json">/openapi.json</a></p>'
    groups: dict[str, list[str]] = {}
    for path, verbs in told["paths"].items():
        for verb, operation in verbs.items():
            tag = operation.get("tags", ["other"])[0]
            groups.setdefault(tag, []).append("".join(_operation(path, verb, operation, told)))
    for tag, parts in groups.items():
        yield f"<h2>{escape(tag.capitalize())}</h2>"
        yield from parts
    yield "</html>"


def _operation(
    path: str, verb: str, operation: Mapping[str, Any], told: Mapping[str, Any]
) -> Iterator[str]:
    yield (
        f'<details><summary><span class="verb">{verb.upper()}</span> <code>{escape(path)}</code>'
        f" {escape(operation.get('summary', ''))}</summary>"
    )
    yield f"<p>{_coded(operation.get('description', ''))}</p>"
    rows = [
        f"<tr><td><code>{escape(one['name'])}</code></td><td>{one['in']}</td>"
        f"<td>{escape(one.get('description', ''))}</td></tr>"
        for one in operation.get("parameters", ())
    ]
    if rows:
        yield f"<table>{''.join(rows)}</table>"
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        yield f"<pre>{escape(json.dumps(_example(body['schema'], told), indent=1))}</pre>"
    yield "</details>"


def _example(schema: Mapping[str, Any], told: Mapping[str, Any]) -> Any:
    """An example that a schema gives, or is made of those of its required fields."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return _example(told["components"]["schemas"][name], told)
    if "example" in schema:
        return schema["example"]
    if schema.get("examples"):
        return schema["examples"][0]
    fields = schema.get("properties", {})
    return {name: _example(fields[name], told) for name in schema.get("required", ())}


def _coded(text: str) -> str:
    """Text with what stands between backquotes as code."""
    parts = text.split("`")
    return "".join(
        f"<code>{escape(part)}</code>" if number % 2 else escape(part)
        for number, part in enumerate(parts)
    )
