"""What a CAD sandbox allows each call."""

from typing import Annotated, Final

from msgspec import Meta

from toolserver.protocol import Form

NEEDED: Final = ("build123d", "mujoco", "numpy", "trimesh", "manifold3d", "scipy", "PIL")
"""Packages without which the program of a CAD sandbox does not start."""


class CadSettings(Form):
    """How much a call may use.

    Attributes:
        parallel: calls that are done at the same time; more wait.
        program_memory_mb: for a candidate's program, beside what the libraries take.
        judge_memory_mb: for everything else.
        mesh_seconds: processor time for checking and meshing what a program made.
        judge_seconds: processor time to inspect, mutate or export; looks and trials have their own.
        kept_mb: models that are kept for later calls; the one used longest ago is forgotten first.
    """

    parallel: Annotated[int, Meta(ge=1, le=32)] = 3
    program_memory_mb: Annotated[int, Meta(ge=64)] = 1024
    judge_memory_mb: Annotated[int, Meta(ge=64)] = 2048
    mesh_seconds: Annotated[float, Meta(gt=0, le=600)] = 20.0
    judge_seconds: Annotated[float, Meta(gt=0, le=600)] = 30.0
    kept_mb: Annotated[float, Meta(gt=0)] = 256.0
