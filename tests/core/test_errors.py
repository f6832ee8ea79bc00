"""The docstring of `errors.py` is the tree of errors."""

import copy
import inspect
import re

from autoscaler import errors

LINE = re.compile(r"^(?P<indent>(?:│   |    )*)(?P<branch>[├└]── )?(?P<name>[A-Z]\w+)(?: {2,}(?P<what>\S.*))?$")


def told_tree() -> dict[str, str]:
    """Each error of the docstring and the one it hangs on."""
    parents, branch = {}, ["Exception"]
    for line in (errors.__doc__ or "").splitlines():
        match = LINE.match(line)
        if match:
            depth = len(match["indent"]) // 4 + (1 if match["branch"] else 0)
            branch[depth + 1 :] = [match["name"]]
            parents[match["name"]] = branch[depth]
    return parents


def real_tree() -> dict[str, str]:
    return {
        name: error.__bases__[0].__name__
        for name, error in inspect.getmembers(errors, inspect.isclass)
        if issubclass(error, BaseException)
    }


def test_the_docstring_is_the_tree() -> None:
    assert told_tree() == real_tree()


def test_every_error_has_one_parent_and_says_what_it_means() -> None:
    for name, error in inspect.getmembers(errors, inspect.isclass):
        if issubclass(error, BaseException):
            assert len(error.__bases__) == 1, name
            assert error.__doc__, name


def test_an_unknown_name_lists_what_there_is_in_order() -> None:
    error = errors.UnknownName("policy", "x", ["reactive", "fixed"])
    assert str(error) == "no policy named 'x'; there are: fixed, reactive"
    assert (error.kind, error.name, error.known) == ("policy", "x", ("fixed", "reactive"))


def test_an_unknown_name_can_be_copied_as_it_is_between_processes() -> None:
    error = errors.UnknownName("policy", "x", ["reactive", "fixed"])
    assert str(copy.copy(error)) == str(error)
