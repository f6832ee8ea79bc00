"""Compiles plain functions that call each other, without their modules knowing of it."""

from collections.abc import Callable, Mapping
from functools import cache
from types import FunctionType, ModuleType
from typing import Any


@cache
def compile_functions(*modules: ModuleType) -> Mapping[str, Callable[..., Any]]:
    """All functions of plain modules under their names, each compiled at its first call for the types it is given.

    Modules come in the order of their calls: whoever is called before its callers. That takes some seconds once a
    process; nothing is written to disk unless ``NUMBA_CACHE_DIR`` names a folder.
    """
    from numba import config, njit

    # Inlined, they run twice as fast: a profile's numbers need not be handed down from call to call.
    on_disk = bool(getattr(config, "CACHE_DIR", ""))
    compile_it = njit(nogil=True, error_model="numpy", forceinline=True, cache=on_disk)
    world: dict[str, Any] = {}
    for module in modules:
        plain = {name: item for name, item in vars(module).items() if isinstance(item, FunctionType)}
        own = {name: item for name, item in plain.items() if item.__module__ == module.__name__}
        # Each sees the compiled ones instead of the plain ones.
        scope = {**vars(module), **{name: world[name] for name in plain if name in world}}
        for name, function in own.items():
            copy = FunctionType(function.__code__, scope, name, function.__defaults__)
            world[name] = scope[name] = compile_it(copy)
    return world
