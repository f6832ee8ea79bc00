"""Compiles plain functions that call each other, without their modules knowing of it."""

from collections.abc import Callable, Mapping
from functools import cache
from types import FunctionType, ModuleType
from typing import Any


@cache
def compile_functions(*modules: ModuleType) -> Mapping[str, Callable[..., Any]]:
    """All functions of plain modules under their names, each compiled at its first call for the types it is given.

    That takes some seconds once a process; nothing is written to disk unless ``NUMBA_CACHE_DIR`` names a folder.
    """
    return {name: _compiled(item) for module in modules for name, item in _plain(module).items()}


@cache
def _compiled(function: FunctionType) -> Callable[..., Any]:
    """A function to be called from Python."""
    from numba import config

    return _compile(function, {"cache": bool(getattr(config, "CACHE_DIR", ""))})


@cache
def _inner(function: FunctionType) -> Callable[..., Any]:
    """A function to be called by compiled ones: a way in from Python would take a quarter of all compiling."""
    return _compile(function, {"no_cpython_wrapper": True})


def _compile(function: FunctionType, options: Mapping[str, Any]) -> Callable[..., Any]:
    from numba import njit

    scope = function.__globals__
    used = {name: scope[name] for name in function.__code__.co_names if name in scope}
    # It sees the compiled functions instead of the plain ones.
    seen = {name: _inner(item) if isinstance(item, FunctionType) else item for name, item in used.items()}
    copy = FunctionType(function.__code__, {**scope, **seen}, function.__name__, function.__defaults__)
    # Inlined, they run twice as fast: a profile's numbers need not be handed down from call to call.
    whole = {"nogil": True, "error_model": "numpy", "forceinline": True, "no_cfunc_wrapper": True, **options}
    compiled: Callable[..., Any] = njit(**whole)(copy)
    return compiled


def _plain(module: ModuleType) -> dict[str, FunctionType]:
    found = {name: item for name, item in vars(module).items() if isinstance(item, FunctionType)}
    return {name: item for name, item in found.items() if item.__module__ == module.__name__}
