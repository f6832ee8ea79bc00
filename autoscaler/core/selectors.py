"""Which clusters somebody means: by their tags, and what holds where several say something."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from autoscaler.errors import InvalidInput, NotPossible


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """Clusters whose tags are all these; one with more tags is more specific."""

    tags: tuple[tuple[str, str], ...]

    def matches(self, tags: Mapping[str, str]) -> bool:
        """Whether a cluster with these tags is meant."""
        return all(tags.get(name) == value for name, value in self.tags)

    def __str__(self) -> str:
        return ",".join(f"{name}={value}" for name, value in self.tags)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """A policy for one cluster by its id, or for all that a selector means; exactly one of both is given."""

    policy: str
    cluster_id: str | None = None
    selector: Selector | None = None

    @property
    def target(self) -> str:
        """What it is for, in words and as a key: there is one binding for each target."""
        return f"cluster {self.cluster_id}" if self.selector is None else f"tags {self.selector}"


def parse_selector(text: str) -> Selector:
    """``env=prod,team=shop`` as a value; the order of the tags does not matter.

    Raises:
        InvalidInput: it is empty, not of that form, or names a tag twice.
    """
    pairs = [tuple(part.strip() for part in item.split("=", 1)) for item in text.split(",")]
    tags = {pair[0]: pair[1] for pair in pairs if len(pair) == 2 and all(pair)}
    if len(tags) != len(pairs):
        raise InvalidInput(f"the selector is '{text}'; give tags such as env=prod,team=shop, each once")
    return Selector(tags=tuple(sorted(tags.items())))


def bound_policy(cluster_id: str, tags: Mapping[str, str], bindings: Iterable[Binding]) -> str | None:
    """The policy a cluster is bound to: by its id, else by the most specific selector; None: it is bound to none.

    Raises:
        NotPossible: selectors that are equally specific name different policies.
    """
    meant = [one for one in bindings if _is_meant(one, cluster_id, tags)]
    by_id = [one.policy for one in meant if one.selector is None]
    if by_id:
        return by_id[0]
    most = max((len(one.selector.tags) for one in meant if one.selector), default=0)
    closest = {one.policy: one for one in meant if one.selector and len(one.selector.tags) == most}
    if len(closest) > 1:
        told = " and ".join(f"'{one.selector}' (policy {name})" for name, one in sorted(closest.items()))
        raise NotPossible(
            f"cluster {cluster_id} is meant by {told}, which are equally specific; "
            "bind it by its name, or name more tags in one of them"
        )
    return next(iter(closest), None)


def _is_meant(binding: Binding, cluster_id: str, tags: Mapping[str, str]) -> bool:
    if binding.selector is None:
        return binding.cluster_id == cluster_id
    return binding.selector.matches(tags)
