"""Classes of provisioned instances, and what each comes to in ACU."""

import re

from autoscaler.awsapi.faults import invalid_value

SERVERLESS = "db.serverless"
NAME = re.compile(r"db\.([a-z])\d\w*\.(medium|large|(\d*)xlarge)")
# GiB of memory for each vCPU by the family's first letter [D].
MEMORY_PER_VCPU = {"r": 8.0, "x": 16.0, "t": 2.0, "m": 4.0}
GIB_PER_ACU = 2.0


def acu_of(instance_class: str) -> float:
    """The size of a provisioned class, by its memory.

    Raises:
        Fault: there is none of that name.
    """
    match = NAME.fullmatch(instance_class)
    if match is None or match[1] not in MEMORY_PER_VCPU:
        raise invalid_value(f"Invalid DB Instance class: {instance_class}")
    vcpus = 4 * int(match[3] or 1) if match[2].endswith("xlarge") else 2
    return vcpus * MEMORY_PER_VCPU[match[1]] / GIB_PER_ACU
