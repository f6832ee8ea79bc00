"""The OpenAPI 3.1 document, made from the endpoints and their schemas."""

from collections.abc import Iterable, Iterator
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from autoscaler.api.endpoints import Endpoint
from autoscaler.api.problems import (
    FORBIDDEN,
    FOREIGN_HOST,
    INTERNAL,
    INVALID_REQUEST,
    KINDS,
    MEDIA_TYPE,
    NO_TOKEN,
    TOO_LARGE,
    TOO_MANY,
    UNAVAILABLE,
    Kind,
    Problem,
)

ABOUT = """Sizes serverless database clusters.

Capacities are in ACU, times are UTC, and null is unknown, never zero. Errors are problem documents (RFC 9457).
Whatever can be read with GET answers to HEAD. Lists are paged: follow `next` until it is null.
Every answer carries the X-Request-Id of its request."""
REFERENCE = "#/components/schemas/{model}"
# Unknown paths and wrong methods are at no endpoint; they answer with a problem, too.
OF_ALL = (TOO_LARGE, FOREIGN_HOST, INTERNAL, UNAVAILABLE)
OF_TOKENS = (NO_TOKEN, FORBIDDEN, TOO_MANY)
BEARER = {"type": "http", "scheme": "bearer", "description": "Made by `autoscaler tokens create`."}
TEXT = {"type": "string"}
HEADERS = {
    "If-Match": ("The ETag of GET {etag_of}, or *.", True),
    "Idempotency-Key": ("The same key again changes nothing and answers the same, for a day.", False),
}


def openapi_document(endpoints: Iterable[Endpoint], *, version: str) -> dict[str, Any]:
    """The document, ready for JSON."""
    endpoints = tuple(endpoints)
    models: set[type[BaseModel]] = {Problem}
    models.update(endpoint.answer for endpoint in endpoints if not isinstance(endpoint.answer, str))
    bodies = sorted({one.body for one in endpoints if one.body is not None}, key=lambda model: model.__name__)
    return {
        "openapi": "3.1.0",
        "info": {"title": "autoscaler", "version": version, "description": ABOUT},
        "paths": _paths(endpoints),
        "components": {
            "schemas": _schemas(sorted(models, key=lambda model: model.__name__), bodies),
            "responses": {kind.name: _problem(kind) for kind in KINDS},
            "securitySchemes": {"bearer": BEARER},
        },
    }


def _paths(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for endpoint in endpoints:
        paths.setdefault(endpoint.path, {})[endpoint.method.lower()] = _operation(endpoint)
    return paths


def _schemas(models: Iterable[type[BaseModel]], bodies: Iterable[type[BaseModel]]) -> dict[str, Any]:
    told: JsonSchemaMode = "serialization"
    taken: JsonSchemaMode = "validation"
    both = [*((model, told) for model in models), *((body, taken) for body in bodies)]
    _, definitions = models_json_schema(both, ref_template=REFERENCE)
    schemas: dict[str, Any] = definitions["$defs"]
    return schemas


def _operation(endpoint: Endpoint) -> dict[str, Any]:
    operation: dict[str, Any] = {"operationId": endpoint.name, "summary": endpoint.about, "tags": [_tag(endpoint.path)]}
    if parameters := [*_path_parameters(endpoint), *_query_parameters(endpoint), *_headers(endpoint)]:
        operation["parameters"] = parameters
    if endpoint.body is not None:
        content = {kind: {"schema": _reference(endpoint.body)} for kind in endpoint.body_types}
        operation["requestBody"] = {"required": True, "content": content}
    if endpoint.scope is not None:
        operation["description"] = f"Needs a token of scope '{endpoint.scope}' or higher."
        operation["security"] = [{"bearer": []}]
    operation["responses"] = {"200": _answer(endpoint), **_problems(endpoint)}
    return operation


def _tag(path: str) -> str:
    """What it is about, so that a page can show it in groups."""
    _, first, *rest = path.split("/")
    return rest[0] if first == "v1" and rest else "service"


def _path_parameters(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    for part in endpoint.path.split("/"):
        if part.startswith("{"):
            yield {"name": part.strip("{}"), "in": "path", "required": True, "schema": {"type": "string"}}


def _query_parameters(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    if endpoint.query is None:
        return
    whole = endpoint.query.model_json_schema()
    for name, member in whole.get("properties", {}).items():
        schema = _inlined(member, whole.get("$defs", {}))
        about = {"description": schema.pop("description", "")}
        schema.pop("title", None)
        yield {"name": name, "in": "query", "required": False, **about, "schema": schema}


def _inlined(schema: Any, definitions: dict[str, Any]) -> Any:  # noqa: ANN401 - any part of a JSON schema
    """A schema that refers to nothing: a parameter has no place for definitions of its own."""
    if isinstance(schema, list):
        return [_inlined(one, definitions) for one in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        schema = {**definitions[schema["$ref"].rpartition("/")[2]], **{k: v for k, v in schema.items() if k != "$ref"}}
    return {name: _inlined(member, definitions) for name, member in schema.items()}


def _headers(endpoint: Endpoint) -> Iterator[dict[str, Any]]:
    for name, (about, required) in HEADERS.items():
        if endpoint.conditional or (endpoint.keyed and not required):
            told = about.format(etag_of=endpoint.etag_of)
            yield {"name": name, "in": "header", "required": required, "description": told, "schema": TEXT}


def _answer(endpoint: Endpoint) -> dict[str, Any]:
    if isinstance(endpoint.answer, str):
        return {"description": endpoint.about, "content": {endpoint.answer: {}}}
    return {
        "description": endpoint.about,
        "content": {"application/json": {"schema": _reference(endpoint.answer)}},
    }


def _problems(endpoint: Endpoint) -> dict[str, Any]:
    kinds: tuple[Kind, ...] = (*endpoint.problems, *OF_ALL, *(() if endpoint.scope is None else OF_TOKENS))
    if endpoint.query is not None:
        kinds = (INVALID_REQUEST, *kinds)
    return {str(kind.status.value): {"$ref": f"#/components/responses/{kind.name}"} for kind in kinds}


def _problem(kind: Kind) -> dict[str, Any]:
    return {"description": kind.title, "content": {MEDIA_TYPE: {"schema": _reference(Problem)}}}


def _reference(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": REFERENCE.format(model=model.__name__)}
