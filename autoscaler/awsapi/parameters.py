"""RDS actions on parameter groups, of clusters and of instances; a few parameters of each engine are there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autoscaler.awsapi.around import Group
from autoscaler.awsapi.faults import Fault, invalid_combination, invalid_value, modelled
from autoscaler.awsapi.listing import page
from autoscaler.awsapi.world import World

Parameters = Mapping[str, Any]
Action = Callable[[World, Parameters], dict[str, Any]]
MOST_CHANGED = 20  # [D] of a request
# Defaults by engine, and whether a change waits for a restart [D].
KNOWN: Mapping[str, Mapping[str, tuple[str, bool]]] = {
    "aurora-postgresql": {
        "max_connections": ("LEAST({DBInstanceClassMemory/9531392},5000)", True),
        "max_locks_per_transaction": ("64", True),
        "rds.babelfish_status": ("off", True),
        "rds.logical_replication": ("0", True),
        "shared_preload_libraries": ("pg_stat_statements", True),
        "track_activity_query_size": ("4096", True),
        "idle_in_transaction_session_timeout": ("86400000", False),
        "idle_session_timeout": ("0", False),
        "log_min_duration_statement": ("-1", False),
        "work_mem": ("4096", False),
    },
    "aurora-mysql": {
        "binlog_format": ("OFF", True),
        "performance_schema": ("0", True),
        "innodb_lock_wait_timeout": ("50", False),
        "max_connections": (
            "GREATEST({log(DBInstanceClassMemory/805306368)*45},{log(DBInstanceClassMemory/8187281408)*1000})",
            False,
        ),
        "wait_timeout": ("28800", False),
    },
}
FAMILIES = {
    "aurora-postgresql15": "aurora-postgresql",
    "aurora-postgresql16": "aurora-postgresql",
    "aurora-postgresql17": "aurora-postgresql",
    "aurora-mysql8.0": "aurora-mysql",
}


@dataclass(frozen=True, slots=True)
class Groups:
    """The actions on one kind of group: ``DBClusterParameterGroup`` or ``DBParameterGroup``."""

    word: str

    @property
    def key(self) -> str:
        """What a group is named by."""
        return f"{self.word}Name"

    def create(self, world: World, given: Parameters) -> dict[str, Any]:
        """Create…ParameterGroup, with the defaults of its family."""
        name, family = given[self.key].lower(), given["DBParameterGroupFamily"]
        if family not in FAMILIES:
            raise invalid_value(f"ParameterGroupFamily {family} is not a valid parameter group family")
        if name in self._of(world):
            raise modelled("DBParameterGroupAlreadyExistsFault", f"Parameter group {name} already exists")
        self._of(world)[name] = Group(name=name, family=family, description=given["Description"])
        return {self.word: self._describe_one(world, self._of(world)[name])}

    def describe(self, world: World, given: Parameters) -> dict[str, Any]:
        """Describe…ParameterGroups."""
        asked = given.get(self.key)
        found = list(self._of(world).values()) if asked is None else [self._found(world, asked)]
        return page(f"{self.word}s", [self._describe_one(world, one) for one in found], given)

    def delete(self, world: World, given: Parameters) -> dict[str, Any]:
        """Delete…ParameterGroup; nobody may use it."""
        group = self._own(world, given[self.key])
        users = [one.name for one in world.users_of(group)]
        if users:
            raise modelled(
                "InvalidDBParameterGroupStateFault",
                f"One or more database instances are still members of this parameter group {group.name}, so the group"
                f" cannot be deleted: {', '.join(users)}",
            )
        del self._of(world)[group.name]
        return {}

    def modify(self, world: World, given: Parameters) -> dict[str, Any]:
        """Modify…ParameterGroup: dynamic parameters at once, static ones when an instance starts."""
        group, changes = self._own(world, given[self.key]), given["Parameters"]
        if len(changes) > MOST_CHANGED:
            raise invalid_value(f"At most {MOST_CHANGED} parameters can be modified in one request.")
        for one in changes:
            _check(group, one)
        group.own.update({one["ParameterName"]: one.get("ParameterValue", "") for one in changes})
        world.changed_parameters(group)
        return {self.key: group.name}

    def parameters(self, world: World, given: Parameters) -> dict[str, Any]:
        """Describe…Parameters; ``Source`` is user or engine-default."""
        group, asked = self._found(world, given[self.key]), given.get("Source")
        found = [
            {
                "ParameterName": name,
                "ParameterValue": group.own.get(name, usual),
                "Source": "user" if name in group.own else "engine-default",
                "ApplyType": "static" if is_static else "dynamic",
                "ApplyMethod": "pending-reboot" if is_static else "immediate",
                "IsModifiable": True,
            }
            for name, (usual, is_static) in known(group).items()
            if asked in (None, "user" if name in group.own else "engine-default")
        ]
        return page("Parameters", found, given)

    def check(self, world: World, name: str, engine: str) -> str:
        """The name of a group that a cluster or instance of an engine may have.

        Raises:
            Fault: there is none, or it is of another engine.
        """
        group = self._found(world, name)
        if FAMILIES[group.family] != engine:
            why = f"with DBParameterGroupFamily {group.family} can't be used for {engine}."
            raise invalid_combination(f"The Parameter Group {group.name} {why}")
        return group.name

    def _of(self, world: World) -> dict[str, Group]:
        return world.around.cluster_groups if self.word == "DBClusterParameterGroup" else world.around.instance_groups

    def _found(self, world: World, name: str) -> Group:
        group = self._of(world).get(name.lower())
        if group is not None:
            return group
        family = name.lower().removeprefix("default.")
        if name.lower() == f"default.{family}" and family in FAMILIES:
            return Group(name=name.lower(), family=family, description=f"Default parameter group for {family}")
        raise modelled("DBParameterGroupNotFoundFault", f"{self.word} not found: {name}")

    def _own(self, world: World, name: str) -> Group:
        group = self._found(world, name)
        if group.name not in self._of(world):
            raise modelled(
                "InvalidDBParameterGroupStateFault",
                f"The parameter group {group.name} is a default one; it stays as it is",
            )
        return group

    def _describe_one(self, world: World, group: Group) -> dict[str, Any]:
        arn = world.arn("cluster-pg" if self.word == "DBClusterParameterGroup" else "pg", group.name)
        return {
            self.key: group.name,
            "DBParameterGroupFamily": group.family,
            "Description": group.description,
            f"{self.word}Arn": arn,
        }


OF_CLUSTERS, OF_INSTANCES = Groups("DBClusterParameterGroup"), Groups("DBParameterGroup")


def known(group: Group) -> Mapping[str, tuple[str, bool]]:
    """The parameters of a group's family: default, and whether a change waits for a restart."""
    return KNOWN[FAMILIES[group.family]]


def _check(group: Group, change: Parameters) -> None:
    name = change.get("ParameterName", "")
    if name not in known(group):
        raise Fault("InvalidParameterValue", f"Could not find parameter with name: {name}")
    if known(group)[name][1] and change.get("ApplyMethod", "pending-reboot") == "immediate":
        raise invalid_combination("cannot use immediate apply method for static parameter")
