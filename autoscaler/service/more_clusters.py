"""Clusters of a fleet that are written down in files of their own: by team, say, or in ConfigMaps."""

from pathlib import Path

from autoscaler.config import Document, read_document
from autoscaler.service.settings import ClusterSettings


class ClusterFile(Document):
    """A list of clusters, as in the settings file."""

    clusters: tuple[ClusterSettings, ...]


def read_clusters(files: tuple[Path, ...]) -> tuple[ClusterSettings, ...]:
    """All clusters of these files.

    Raises:
        InvalidInput: one of them cannot be read or is not valid; the message names its lines.
    """
    return tuple(one for file in files for one in read_document(file, ClusterFile).clusters)
