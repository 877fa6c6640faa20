"""The quota of sandboxes without a disk of their own: their node watches what their files take."""

from typing import Final

from toolserver.deployment.config import Limits

MB: Final = 1024 * 1024


def watch_options(limits: Limits) -> list[str]:
    """Return the options of a node that watches its own files."""
    return ["--disk-quota", f"{limits.disk_mb * MB},{limits.disk_files}"]


def watched(limits: Limits) -> str:
    """Return in a few words what a watched quota is worth."""
    return f"disk use watched and calls ended beyond {limits.disk_mb} MB (weaker than a disk of its own)"
