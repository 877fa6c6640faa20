"""Questions with known answers, from the files of the reasoning sets."""

from collections.abc import Sequence
from pathlib import Path

from agent.domain.asking import AnswerKind, Choice, Question
from agent.domain.base import Fact
from agent.domain.errors import UsageError
from agent.verification.reasoning.answers import is_number, question_of
from agent.verification.reasoning.exemplars import read_line

_YES_NO = frozenset({"yes", "no"})


class Labelled(Fact):
    """A question with its answer, and the set that it is from."""

    id: str
    dataset: str
    question: Question
    answer: str


def set_names(folder: Path) -> tuple[str, ...]:
    """Return the names of the sets in a folder, in order.

    Raises:
        UsageError: there are none.
    """
    names = tuple(sorted(path.stem for path in folder.glob("*.jsonl"))) if folder.is_dir() else ()
    if not names:
        raise UsageError(f"{folder} has no reasoning sets; --data names the folder that has files such as gsm8k.jsonl")
    return names


def read_set(path: Path, limit: int | None = None) -> tuple[Labelled, ...]:
    """Return the first questions of a set.

    Raises:
        UsageError: the file cannot be read, or a line is no question.
    """
    found: list[Labelled] = []
    for number, line in enumerate(_text(path).split("\n"), 1):
        if len(found) == limit:
            break
        if not line.strip():
            continue
        try:
            found.append(_labelled(path.stem, number, read_line(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UsageError(f"{path.name}, line {number}: it is no question with an answer") from error
    return tuple(found)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UsageError(f"{path.name} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{path.name} is not in UTF-8") from error


def _labelled(name: str, number: int, row: dict[str, object]) -> Labelled:
    choices = tuple(Choice.model_validate(one) for one in _list(row.get("choices")))
    answer = str(row["answer"])
    # a passage that holds the answer is given with the question, as the sets mean it
    context = f"{row['context']}\n" if row.get("context") else ""
    if choices and answer not in {choice.label for choice in choices}:
        raise ValueError("the answer is the label of no choice")
    question = question_of(f"{context}{row['question']}", choices=choices, kind=_kind(choices, answer))
    return Labelled(id=str(row.get("id", f"{name}-{number}")), dataset=name, question=question, answer=answer)


def _kind(choices: Sequence[Choice], answer: str) -> AnswerKind | None:
    """Return the kind of the answers of a set, which tells no more than what sort of answer is wanted."""
    if choices:
        return "choice"
    if answer in _YES_NO:
        return "yes/no"
    return "number" if is_number(answer) else "text"


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
