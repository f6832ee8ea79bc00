"""Samples in a file, as they are pushed."""

import csv
import json
from pathlib import Path
from typing import Any

from autoscaler.errors import InvalidInput


def read_samples(file: Path) -> list[dict[str, Any]]:
    """The samples of a CSV file with a header, or of a JSON list; an empty cell is unknown.

    Raises:
        InvalidInput: it cannot be read.
    """
    try:
        text = file.read_text(encoding="utf-8-sig")
        if file.suffix != ".json":
            return [_sample(row, file, line) for line, row in enumerate(csv.DictReader(text.splitlines()), start=2)]
        samples = json.loads(text)
    except (OSError, ValueError, csv.Error) as problem:
        raise InvalidInput(f"no samples can be read from {file}: {problem}") from None
    if not isinstance(samples, list):
        raise InvalidInput(f"{file} is no list of samples")
    return samples


def _sample(row: dict[str, str | None], file: Path, line: int) -> dict[str, Any]:
    return {name: _value(name, text, file, line) for name, text in row.items() if text}


def _value(name: str, text: str, file: Path, line: int) -> object:
    try:
        match name:
            case "at":
                return text
            case "censored":
                return {"true": True, "false": False}[text.lower()]
            case "connections":
                return int(text)
        return float(text)
    except (KeyError, ValueError):
        raise InvalidInput(f"{file}:{line}: {name} is '{text}', which is none") from None
