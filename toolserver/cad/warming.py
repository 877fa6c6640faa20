"""What the warm process imports once, so that none of its children has to."""

from importlib import import_module
from importlib.metadata import version
from typing import Final

_MODULES: Final = (
    "build123d",
    "manifold3d",
    "mujoco",
    "OCP.BOPAlgo",
    "OCP.BRepExtrema",
    "OCP.BRepMesh",
    "PIL.Image",
    "PIL.ImageDraw",
    "PIL.ImageFont",
    "scipy.spatial",
    "trimesh",
    "toolserver.cad.exporting",
    "toolserver.cad.importing",
    "toolserver.cad.inspecting",
    "toolserver.cad.looking",
    "toolserver.cad.mutating",
    "toolserver.cad.simulating",
)

_TOLD: Final = {
    "build123d": "build123d",
    "kernel": "cadquery-ocp-novtk",
    "mujoco": "mujoco",
    "numpy": "numpy",
    "trimesh": "trimesh",
}


def warmed() -> dict[str, str]:
    """Import everything that a call may need, and return the versions of the libraries that take part."""
    for module in _MODULES:
        import_module(module)
    return {name: version(package) for name, package in _TOLD.items()}
