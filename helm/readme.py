"""The chart's README: a table of its values, from the comments that explain them."""

import json
from collections.abc import Iterator
from pathlib import Path

HEAD = """# autoscaler

Keeps serverless database clusters at the right size. This chart installs the service.

```sh
helm install autoscaler helm/autoscaler --namespace autoscaler --create-namespace --values my-values.yaml
```

How to get from nothing to one enforced cluster is in [docs/kubernetes.md](../../docs/kubernetes.md), what to do when an
alert fires in [docs/runbooks.md](../../docs/runbooks.md).

The service never talks to the Kubernetes API: there is no role, and no token is mounted. Several replicas need a
PostgreSQL; with the embedded SQLite store there is one.

This file is made by `make chart`.

## Values

| value | default | meaning |
|---|---|---|
"""


def readme(values: Path) -> str:
    """The README of a values file, as text."""
    rows = (f"| `{path}` | {default} | {about} |\n" for path, default, about in _values(values))
    return HEAD + "".join(rows)


def _values(values: Path) -> Iterator[tuple[str, str, str]]:
    """Every explained value: its path, its default and what it means."""
    import yaml

    defaults = yaml.safe_load(values.read_text(encoding="utf-8"))
    parents: list[tuple[int, str]] = []
    about = ""
    for line in values.read_text(encoding="utf-8").splitlines():
        text = line.strip()
        if text.startswith("# -- "):
            about = text.removeprefix("# -- ")
            continue
        key, colon, _ = text.partition(":")
        if not colon or text.startswith(("#", "-")):
            continue
        depth = len(line) - len(line.lstrip())
        parents = [(at, name) for at, name in parents if at < depth] + [(depth, key)]
        if about:
            path = ".".join(name for _, name in parents)
            yield path, _shown(_at(defaults, path)), about.replace("|", "\\|")
            about = ""


def _at(defaults: object, path: str) -> object:
    for name in path.split("."):
        assert isinstance(defaults, dict)  # noqa: S101 - the path was read from the same file
        defaults = defaults[name]
    return defaults


def _shown(value: object) -> str:
    return f"`{json.dumps(value)}`"
