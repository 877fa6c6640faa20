"""``plumbline kb``: add, list, ask and remove knowledge bases."""

from pathlib import Path
from typing import Annotated, Literal

import typer
from rich import box
from rich.table import Table

from agent.cli.console import clean, counted, err, out, print_json, run_async
from agent.cli.exemplars import exemplars
from agent.cli.inputs import given_path
from agent.domain.claims import Statement
from agent.domain.errors import PlumblineError, UsageError
from agent.runtime.settings import home_folder
from agent.verification.knowledge.base import (
    KnowledgeBase,
    judge_triple,
    knowledge_file,
    list_knowledge,
    open_knowledge,
    remove_knowledge,
)
from agent.verification.knowledge.forms import Exported, Held, KnowledgeStats, Link, Loaded, TripleVerdict
from agent.verification.knowledge.plausibility.forms import Trained
from agent.verification.knowledge.plausibility.required import require

app = typer.Typer(add_completion=False, no_args_is_help=True)
app.command()(exemplars)

NameArgument = Annotated[str, typer.Argument(help="name of the knowledge base")]
JsonOption = Annotated[bool, typer.Option("--json")]


@app.command()
def add(
    name: NameArgument,
    file: Annotated[Path, typer.Argument(parser=given_path, metavar="FILE", help="triples: .tsv, .jsonl or .nt")],
    aliases: Annotated[
        Path | None,
        typer.Option(
            parser=given_path, metavar="FILE", help="names: .tsv (id, names) or .jsonl (id, label, aliases, types)"
        ),
    ] = None,
    functional: Annotated[
        list[str] | None, typer.Option(metavar="REL", help="a relation with one object for each subject")
    ] = None,
    symmetric: Annotated[list[str] | None, typer.Option(metavar="REL", help="a relation that holds both ways")] = None,
    inverse: Annotated[
        list[str] | None, typer.Option(metavar="REL=REL", help="two relations that say the same from either side")
    ] = None,
    learn: Annotated[
        bool, typer.Option("--learn", help="learn from the data which relations are functional or symmetric")
    ] = False,
    json: JsonOption = False,
) -> int:
    """Add triples to a knowledge base, which is made when missing. Lines that cannot be read are told and left out."""
    path = knowledge_file(home_folder(), name)
    for given in filter(None, (file, aliases)):
        if not given.is_file():
            raise UsageError(f"{given} is not there or is no file")
    pairs = [_pair(text) for text in inverse or ()]

    new = not path.exists()

    async def main() -> Loaded:
        async with KnowledgeBase(path) as kb:
            found = await kb.add(
                file,
                aliases=aliases,
                functional=functional or (),
                symmetric=symmetric or (),
                inverse=pairs,
                learn=learn,
            )
        if new and not found.triples:
            first = f"; line {found.bad_lines[0].line}: {found.bad_lines[0].reason}" if found.bad_lines else ""
            raise UsageError(f"{file} has no triple that can be read{first}")
        return found

    try:
        loaded = run_async(main())
    except PlumblineError:
        if new and path.exists():
            remove_knowledge(home_folder(), name)
        raise
    if json:
        print_json({"name": name, "loaded": loaded})
        return 0
    console = err()
    for bad in loaded.bad_lines:
        console.print(f"! left out {clean(bad.file)}, line {bad.line}: {clean(bad.reason)}", style="yellow")
    if loaded.bad > len(loaded.bad_lines):
        console.print(f"! and {loaded.bad - len(loaded.bad_lines):,} more lines", style="yellow")
    for one in loaded.conflicts:
        objects = ", ".join(one.objects)
        console.print(clean(f"! in conflict: {one.subject}, {one.relation}: {objects}"), style="yellow")
    if loaded.conflict_count > len(loaded.conflicts):
        console.print(f"! and {loaded.conflict_count - len(loaded.conflicts):,} more conflicts", style="yellow")
    for learnt in loaded.learnt:
        console.print(clean(f"learnt: {learnt}"))
    console.print(
        f"knowledge base {name}: {counted(loaded.triples, 'triple')} added, {counted(loaded.duplicates, 'duplicate')}, "
        f"{counted(loaded.names, 'alias', 'aliases')} added, {counted(loaded.bad, 'line')} left out, "
        f"{counted(loaded.conflict_count, 'conflict')}"
    )
    return 0


@app.command("list")
def list_(
    name: Annotated[str, typer.Argument(help="show the relations of this one")] = "", json: JsonOption = False
) -> int:
    """List the knowledge bases, or the relations of one."""
    home = home_folder()

    async def main() -> dict[str, KnowledgeStats]:
        found = {}
        for one in (name,) if name else list_knowledge(home):
            async with open_knowledge(home, one) as kb:
                found[one] = await kb.stats()
        return found

    found = run_async(main())
    if json:
        print_json(found)
        return 0
    if name:
        table = Table("relation", "triples", "functional", "symmetric", "inverse", box=box.SIMPLE)
        for row in found[name].relations:
            table.add_row(clean(row.name), f"{row.triples:,}", row.functional, row.symmetric, clean(row.inverse))
    else:
        table = Table("knowledge base", "triples", "things", "names", "relations", "MB", box=box.SIMPLE)
        for one, stats in found.items():
            counts = (f"{count:,}" for count in (stats.triples, stats.entities, stats.names, len(stats.relations)))
            table.add_row(one, *counts, f"{stats.size / 1e6:.1f}")
    out().print(table)
    return 0


@app.command()
def lookup(
    name: NameArgument,
    subject: Annotated[str, typer.Argument()],
    relation: Annotated[str, typer.Argument()],
    object_: Annotated[
        str, typer.Argument(metavar="[OBJECT]", help="judge this triple instead of listing objects")
    ] = "",
    json: JsonOption = False,
) -> int:
    """Show what a knowledge base holds of a subject, or what it says of a triple."""
    home = home_folder()
    if not subject.strip() or not relation.strip():
        raise UsageError("subject and relation are names, not empty")

    async def main() -> TripleVerdict | tuple[Link, tuple[Held, ...]]:
        async with open_knowledge(home, name) as kb:
            if object_:
                return await judge_triple(kb, Statement(subject=subject, relation=relation, object=object_))
            return await kb.objects(subject, relation)

    found = run_async(main())
    if isinstance(found, TripleVerdict):
        held, line = found.triples, f"{found.verdict}: {found.reason}"
    else:
        about, held = found
        line = _counted(about, len(held))
    if json:
        print_json(found if isinstance(found, TripleVerdict) else {"subject": found[0], "triples": found[1]})
        return 0
    console = out()
    console.print(clean(line))
    for one in held:
        limits = "".join(f", {key}={value}" for key, value in one.qualifiers.items())
        console.print(clean(f"  {one.subject}, {one.relation}, {one.object}{limits} ({one.file}, line {one.line})"))
    return 0


@app.command()
def train(
    name: NameArgument,
    epochs: Annotated[int, typer.Option(min=1, max=1000, help="passes over all triples")] = 8,
    json: JsonOption = False,
) -> int:
    """Learn how plausible triples are that the knowledge base does not hold: what to check first, never a verdict."""
    require()
    # needs an extra, and numpy takes its time to import
    from agent.verification.knowledge.plausibility.ranking import train_plausibility

    async def main() -> Trained:
        async with open_knowledge(home_folder(), name) as kb:
            with err().status(f"learning from {name}") as status:
                return await train_plausibility(
                    kb,
                    epochs=epochs,
                    told=lambda epoch: status.update(f"epoch {epoch.number} of {epochs}, loss {epoch.loss:.3f}"),
                )

    trained = run_async(main())
    if json:
        print_json({"name": name, "trained": trained})
        return 0
    err().print(
        f"learnt from {trained.triples:,} triples about {trained.things:,} things in {trained.epochs} epochs:"
        f" loss {trained.loss:.3f}, {trained.size / 1e6:.1f} MB"
    )
    return 0


@app.command()
def export(
    name: NameArgument,
    path: Annotated[Path, typer.Argument(parser=given_path, metavar="OUT", help="a file that is not there yet")],
    format_: Annotated[Literal["nt"], typer.Option("--format", help="N-Triples")] = "nt",
    json: JsonOption = False,
) -> int:
    """Write a knowledge base as RDF. Triples with qualifiers are left out, which RDF's triples cannot carry."""

    async def main() -> Exported:
        async with open_knowledge(home_folder(), name) as kb:
            with err().status(f"writing {clean(path.name)}"):
                return await kb.export(path)

    exported = run_async(main())
    if json:
        print_json({"name": name, "format": format_, "exported": exported})
        return 0
    left_out = f", {exported.left_out:,} with qualifiers left out" if exported.left_out else ""
    err().print(f"{clean(path.name)}: {exported.triples:,} triples in {exported.lines:,} lines{left_out}")
    return 0


@app.command()
def remove(name: NameArgument, json: JsonOption = False) -> int:
    """Delete a knowledge base."""
    remove_knowledge(home_folder(), name)
    if json:
        print_json({"name": name, "removed": True})
    else:
        err().print(f"removed {name}")
    return 0


def _counted(about: Link, count: int) -> str:
    if about.entity is not None:
        return f"{about.label}: {count} triples" if count else f"{about.label}: not_found"
    shown = f": {', '.join(about.candidates)}" if about.candidates else ""
    return f"not_found: {about.text!r} is {about.how}{shown}"


def _pair(text: str) -> tuple[str, str]:
    one, sign, other = text.partition("=")
    if not (one.strip() and sign and other.strip()):
        raise UsageError(f"--inverse names two relations, such as parent=child, not {text!r}")
    return one.strip(), other.strip()
