"""How artefacts are shown to models: descriptions as fenced lines, pictures as references with their names."""

import json
from collections.abc import Sequence
from typing import Any, Final

from agent.domain.artefacts import View
from agent.domain.messages import Message, Transcript
from agent.models.fence import marks, unhidden

MOST_PICTURES: Final = 8
"""Pictures of one artefact that a model is shown."""

_LONGEST_NAME: Final = 80
_LONGEST_LINE: Final = 1000
_FIRST: Final = ("oblique", "section_horizontal", "section", "layers", "front", "top", "right", "exploded")
"""Views that say the most, where there is no room for all."""


def as_data(value: object) -> str:
    """Return a text or a list of texts as JSON, so that it cannot pretend to be another part of a prompt."""
    return json.dumps(value, ensure_ascii=False)


def names_as_data(names: Sequence[str], most: int = 60) -> str:
    """Return names of parts as JSON; of very many the first."""
    shown = [unhidden(name)[:_LONGEST_NAME] for name in names[:most]]
    return as_data(shown if len(names) <= most else [*shown, f"and {len(names) - most} more"])


def descriptions(views: Sequence[View], room: int) -> list[dict[str, str]]:
    """Return what the prompts show of descriptions: the views that say the most first, as far as there is room.

    Args:
        views: of one artefact.
        room: characters for all together.
    """
    shown: list[dict[str, str]] = []
    for view in by_weight(views):
        lines: list[str] = []
        for line in unhidden(view.description).splitlines():
            cut = as_data(line if len(line) <= _LONGEST_LINE else f"{line[:_LONGEST_LINE]}...")
            room -= len(cut) + 2
            if room < 0:
                lines.append(as_data("(cut: there is no room for more)"))
                break
            lines.append(cut)
        if lines:
            # a line each, so that grids stay grids
            shown.append({"name": view.name, "lines": "[\n{}\n]".format(",\n".join(lines))})
        if room < 0:
            break
    return shown


def by_weight(views: Sequence[View]) -> list[View]:
    """Return views in the order of what they say."""
    return sorted(views, key=lambda view: _FIRST.index(view.name) if view.name in _FIRST else len(_FIRST))


def pictured(views: Sequence[View], most: int = MOST_PICTURES) -> list[View]:
    """Return the views that have a picture, as many as are shown."""
    return [view for view in by_weight(views) if view.picture is not None][:most]


def transcript(text: str, shown: Sequence[tuple[str, Sequence[View]]] = ()) -> Transcript:
    """Return the conversation that begins with a prompt and, after it, pictures.

    Args:
        text: the prompt.
        shown: pictured views under the name of what they show, which is empty where there is one thing only.
    """
    if not any(views for _, views in shown):
        return Transcript([{"role": "user", "content": text}])
    parts: list[dict[str, Any]] = [{"type": "text", "text": text}]
    for what, views in shown:
        for view in views:
            if view.picture is not None:
                opening, closing = marks(view.picture.sha256)
                head = f"{what}: {view.name}" if what else view.name
                parts += [
                    {"type": "text", "text": f"{head}\n{opening}"},
                    view.picture.as_part(),
                    {"type": "text", "text": closing},
                ]
    message: Message = {"role": "user", "content": parts}
    return Transcript([message])
