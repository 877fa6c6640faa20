"""``plumbline config``: show and change settings."""

from pathlib import Path
from typing import Annotated, Any

import tomlkit
import typer

from agent.cli.console import err, out, print_json
from agent.domain.errors import ConfigurationError, UsageError
from agent.runtime.settings import checked_settings, config_file, home_folder, load_settings

app = typer.Typer(add_completion=False, no_args_is_help=True)


@app.command()
def path(json: Annotated[bool, typer.Option("--json")] = False) -> int:
    """Print where the settings file is."""
    file = config_file(home_folder())
    if json:
        print_json({"file": str(file), "exists": file.exists()})
    else:
        out().print(str(file))
    return 0


@app.command()
def show(json: Annotated[bool, typer.Option("--json")] = False) -> int:
    """Show all settings with their values. Keys are never stored in settings, only the names of their variables."""
    home = home_folder()
    settings = load_settings(home).model_dump(mode="json", exclude_none=True)
    if json:
        print_json(settings)
    else:
        err().print(f"# {config_file(home)}", style="dim")
        out().print(tomlkit.dumps(settings))
    return 0


@app.command("set")
def set_(
    name: Annotated[str, typer.Argument(help="dotted name, such as model or sandbox.kind")],
    value: Annotated[str, typer.Argument(help="a TOML value; plain words are taken as text")],
    json: Annotated[bool, typer.Option("--json")] = False,
) -> int:
    """Change one setting. Comments in the file stay."""
    file = config_file(home_folder())
    kept = change_setting(file, name, value)
    if json:
        print_json({"name": name, "value": kept, "file": str(file)})
    else:
        err().print(f"{name} = {kept!r} in {file}")
    return 0


def change_setting(file: Path, name: str, value: str) -> Any:
    """Change one setting in the file, checked together with all others, and return its value as it is kept.

    Args:
        file: the settings file; made where there is none.
        name: dotted name, such as ``sandbox.kind``.
        value: a TOML value; plain words are taken as text.

    Raises:
        ConfigurationError: the value is wrong, or the file cannot be read or written.
        UsageError: the name cannot be one of a setting.
    """
    try:
        document = tomlkit.parse(file.read_text("utf-8")) if file.exists() else tomlkit.document()
    except (OSError, UnicodeDecodeError, tomlkit.exceptions.TOMLKitError) as error:
        raise ConfigurationError(f"cannot read {file}: {error}") from error
    table: Any = document
    *parents, last = name.split(".")
    if not all((*parents, last)):
        raise UsageError(f"{name!r} is no name of a setting; it looks like sandbox.kind")
    for part in parents:
        table = table.setdefault(part, tomlkit.table())
        if not isinstance(table, dict):
            raise UsageError(f"{part} is a value, not a group of settings")
    table[last] = _value(value)
    values: Any = document.unwrap()
    checked_settings(values, file)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(tomlkit.dumps(document), "utf-8")
    except OSError as error:
        raise ConfigurationError(f"cannot write {file}: {error.strerror}; set PLUMBLINE_HOME") from error
    for part in (*parents, last):
        values = values[part]
    return values


def _value(text: str) -> Any:
    """Return a value as TOML reads it; text that is no TOML is taken as it stands."""
    try:
        return tomlkit.parse(f"value = {text}")["value"]
    except tomlkit.exceptions.ParseError:
        return text
