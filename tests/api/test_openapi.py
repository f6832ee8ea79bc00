"""The OpenAPI document: pinned, whole, and true."""

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from autoscaler.api.access import PROBES
from autoscaler.api.app import ENDPOINTS
from tests.api.json_schema import resolve
from tests.api.reader import DOCUMENT, Reader, filled

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "openapi.json"
HOW = """The API is not as tests/golden/openapi.json says. Others rely on it: a removed or renamed member breaks them.
When the change is meant, look at the difference, refresh the file, and commit both together:

    REFRESH_GOLDEN=1 .venv/bin/pytest tests/api/test_openapi.py && git diff tests/golden/openapi.json
"""

OF_POLICIES = {"policy_version", "version", "newest_version", "from_version", "to_version", "line", "column", "ring"}
OF_POLICIES |= {"rings", "reached_clusters", "of_clusters", "clusters", "left_out"}


def parts(value: Any, at: str = "$") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in a document, with its place."""
    if isinstance(value, dict):
        yield at, value
        for name, member in value.items():
            yield from parts(member, f"{at}.{name}")
    if isinstance(value, list):
        for place, item in enumerate(value):
            yield from parts(item, f"{at}[{place}]")


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Path, method and what the document says of them."""
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_only_probes_are_for_everybody() -> None:
    assert {path for path, _, operation in operations() if "security" not in operation} == PROBES


def test_the_document_is_the_pinned_one() -> None:
    text = json.dumps(DOCUMENT, indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("REFRESH_GOLDEN"):
        GOLDEN.write_text(text, encoding="utf-8")
    assert GOLDEN.is_file(), HOW
    assert json.loads(GOLDEN.read_text(encoding="utf-8")) == json.loads(text), HOW


async def test_the_service_serves_the_document(api: Reader) -> None:
    assert (await api.get("/openapi.json")).json == json.loads(json.dumps(DOCUMENT))


async def test_all_that_is_served_is_in_the_document_and_the_other_way_round(api: Reader) -> None:
    app = api.client.app
    assert app is not None

    served = {resource.canonical for resource in app.router.resources()}

    assert served - {"/", "/docs", "/static/{file}"} == set(DOCUMENT["paths"])


def test_has_the_members_that_openapi_asks_for() -> None:
    assert set(DOCUMENT) == {"openapi", "info", "paths", "components"}
    assert re.fullmatch(r"3\.1\.\d", DOCUMENT["openapi"])
    assert DOCUMENT["info"]["title"]
    assert DOCUMENT["info"]["version"]
    assert all(path.startswith("/") for path in DOCUMENT["paths"])
    for _, method, operation in operations():
        assert method in {"get", "put", "patch", "post", "delete"}
        assert operation["responses"]
        assert all(re.fullmatch("[1-5][0-9]{2}", status) for status in operation["responses"])
        assert all("$ref" in answer or answer["description"] for answer in operation["responses"].values())


def test_every_path_parameter_is_declared() -> None:
    for path, _, operation in operations():
        declared = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "path"}

        assert declared == set(re.findall(r"\{(\w+)\}", path))


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for _, _, operation in operations()]

    assert len({*names}) == len(names) == len(ENDPOINTS)


def test_every_reference_leads_somewhere_and_every_schema_is_used() -> None:
    used = {part["$ref"] for _, part in parts(DOCUMENT) if "$ref" in part}
    there = {f"#/components/{kind}/{name}" for kind, members in DOCUMENT["components"].items() for name in members}
    of_no_endpoint = {"#/components/responses/unknown-path", "#/components/responses/wrong-method"}
    of_no_endpoint.add("#/components/securitySchemes/bearer")  # named, not referred to

    assert all(resolve(reference, DOCUMENT) for reference in used)
    assert used == there - of_no_endpoint


def test_every_number_says_its_unit_in_its_name() -> None:
    """Counts, ids, levels and the HTTP status have none."""
    bare = {
        "changes",
        "connections",
        "active_sessions",
        "cold_hits",
        "days",
        "failures",
        "id",
        "document_id",
        "levels",
        "status",
        "limit",
        "recent_samples",
        *OF_POLICIES,
        "seed",
        "seen",
        "left_alone_cold_hits",
        "throttling_price",
        *("instances", "standbys"),
        *("accepted", "repeated", "late", "seed"),
    }
    numbers = {
        name
        for _, schema in parts(DOCUMENT["components"]["schemas"])
        for name, member in schema.get("properties", {}).items()
        if re.search('"type": "(number|integer)"', json.dumps(member))
    }

    assert {
        name for name in numbers - bare if not re.search("(_acu|seconds|_second|_hours?|_fraction|_gib|usd)$", name)
    } == set()


async def test_every_documented_parameter_is_taken(api: Reader) -> None:
    examples = {"limit": "3", "changes_only": "true"}
    for path, _, operation in operations():
        for parameter in operation.get("parameters", ()):
            if parameter["in"] == "query" and parameter["name"] in examples:
                name = parameter["name"]
                await api.get(f"{filled(path)}?{name}={examples[name]}")
