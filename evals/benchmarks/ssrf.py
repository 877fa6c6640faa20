"""Which ways lead past the proxy: none should, and each must where the proxy allows it or is not there."""

from typing import Literal

from pydantic import BaseModel

from toolserver.escapes.trial import Trial, try_browser, try_text


class Ways(BaseModel):
    """What came of all ways.

    Attributes:
        refused: in each tier, with the canary not allowed.
        controls: in each tier with the canary allowed, and in the browser without a proxy.
    """

    refused: tuple[Trial, ...]
    controls: tuple[Trial, ...]

    @property
    def leaks(self) -> int:
        """How often the canary was reached although it must not be."""
        return sum(sum(trial.reached.values()) + trial.read for trial in self.refused)

    @property
    def proved(self) -> tuple[str, ...]:
        """The ways that reached the canary in a control, and so are known to work where they are let."""
        return tuple(sorted({way for trial in self.controls for way in trial.reached}))

    def count(self, way: str, kind: Literal["refused", "controls"]) -> list[int]:
        """Return how often a way reached the canary, for each trial of a kind."""
        trials = self.refused if kind == "refused" else self.controls
        return [trial.reached.get(way, 0) for trial in trials]


async def try_all(*, browser: bool) -> Ways:
    """Try all ways; takes about two minutes with the browser."""
    refused, controls = [await try_text("refused")], [await try_text("allowed")]
    if browser:
        refused.append(await try_browser("refused"))
        controls += [await try_browser("allowed"), await try_browser("direct")]
    return Ways(refused=tuple(refused), controls=tuple(controls))
