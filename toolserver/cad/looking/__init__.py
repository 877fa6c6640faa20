"""Views of a model: pictures of its own mesh, and descriptions that a text model can read."""

from collections.abc import Sequence

from toolserver.cad.model import Model
from toolserver.cad.wire import CadView
from toolserver.errors import CadFailed


def looked(model: Model, views: Sequence[str], *, pictures: bool, size: int) -> tuple[CadView, ...]:
    """Return views of a model.

    Args:
        model: what to look at.
        views: names of those that are wanted; empty for all.
        pictures: with pictures; without, descriptions alone.
        size: pixels of a side of a picture.

    Raises:
        CadFailed: there is no such view.
    """
    raise CadFailed("usage", f"there is no view {', '.join(views) or 'of anything'} yet")
