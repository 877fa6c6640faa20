"""What a tool is: a form that a model fills in, a function that takes it, and declared effects."""

import asyncio
import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from msgspec import ValidationError, convert

from toolserver.errors import ToolFailure
from toolserver.node.forms import parameters_of, problems_of
from toolserver.node.waiting import to_the_end
from toolserver.protocol import Effect, Fact, Form, NodeTool, ToolImage

FormT = TypeVar("FormT", bound=Form)


class NoResult(Fact):
    """The result of a tool that has nothing to tell programs."""


@dataclass(frozen=True)
class Answer:
    """What a tool gives back: ``text`` for a model, ``result`` for programs, ``images`` for whoever can see."""

    text: str
    result: Fact = field(default_factory=NoResult)
    images: tuple[ToolImage, ...] = ()


@dataclass(frozen=True)
class Tool(Generic[FormT]):
    """One tool. Its name and description come from the form.

    Attributes:
        form: the arguments; the class name in snake case is the tool's name, the docstring its description.
        run: does the work; raises ``ToolFailure`` where the caller can react.
        effects: what the tool may do.
        internal: for programs only; models never see it.
        journaled: whether a repeated call id is answered from the journal. False only where repeating is harmless.
    """

    form: type[FormT]
    run: Callable[[FormT], Awaitable[Answer]]
    effects: tuple[Effect, ...]
    internal: bool = False
    journaled: bool = True

    @property
    def name(self) -> str:
        """The name calls use."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", self.form.__name__).lower()

    def described(self) -> NodeTool:
        """Return the tool as clients see it."""
        return NodeTool(
            name=self.name,
            description=inspect.cleandoc(self.form.__doc__ or ""),
            parameters=parameters_of(self.form),
            effects=self.effects,
            internal=self.internal,
        )

    async def call(self, arguments: Mapping[str, Any]) -> Answer:
        """Validate the arguments and run.

        Raises:
            ToolFailure: an argument is wrong, or the tool says so.
        """
        return await self.run(self._filled(arguments))

    def _filled(self, arguments: Mapping[str, Any]) -> FormT:
        try:
            # numbers may come as text: small models write them so
            return convert(arguments, self.form, strict=False)
        except ValidationError as error:
            problems = "; ".join(problems_of(self.form, arguments)[:8]) or str(error)
            raise ToolFailure("invalid_arguments", f"{self.name}: {problems[:2000]}") from error


class Toolbox:
    """The tools of a node by name."""

    def __init__(self) -> None:
        self._tools: dict[str, Tool[Any]] = {}

    def add(self, *tools: Tool[Any]) -> None:
        """Offer more tools."""
        self._tools.update({tool.name: tool for tool in tools})

    def get(self, name: str) -> Tool[Any]:
        """Return a tool.

        Raises:
            ToolFailure: there is none with that name.
        """
        if name not in self._tools:
            offered = ", ".join(tool.name for tool in self._tools.values() if not tool.internal)
            raise ToolFailure("unknown_tool", f"there is no tool {name[:60]!r}; the tools are {offered}")
        return self._tools[name]

    def described(self) -> tuple[NodeTool, ...]:
        """Return all tools as clients see them."""
        return tuple(tool.described() for tool in self._tools.values())


def in_thread(work: Callable[[FormT], Answer]) -> Callable[[FormT], Awaitable[Answer]]:
    """Make a tool function of blocking work.

    A thread cannot be ended, and this work is short, so a cancelled call waits for its real result.
    """

    async def run(form: FormT) -> Answer:
        return await to_the_end(asyncio.to_thread(work, form))

    return run
