"""Reads what a claim says that a program prints, returns or raises."""

import ast
import json
import re
import warnings
from collections.abc import Sequence
from typing import Literal, NamedTuple

from agent.domain.claims import Claim
from agent.domain.evidence import Evidence, ToolResult
from agent.verification.judges.programs import Language
from agent.verification.literal import content
from agent.verification.negation import unshared_scope

Deed = Literal["prints", "returns", "raises", "exits"]

_FENCE = re.compile(
    r"^(?P<fence>```|~~~)[ \t]*(?P<info>[\w+#.-]*)[^\n]*\n(?P<code>.*?)^(?P=fence)[ \t]*$", re.MULTILINE | re.DOTALL
)
_INLINE = re.compile(r"(?P<ticks>`{1,2})(?!`)(?P<code>[^`\n](?:.*?[^`\n])??)(?P=ticks)(?!`)")
_MARK = re.compile("\ue000(\\d+)\ue001")
_DEEDS: tuple[tuple[Deed, str], ...] = (
    ("prints", r"prints?|printed|outputs?|displays?|writes?|打印|输出"),
    ("returns", r"returns?|returned|evaluates?\s+to|返回"),
    ("raises", r"raises?|raised|throws?|threw|fails?\s+with|ends?\s+with|抛出"),
    ("exits", r"exits?\s+with(?:\s+(?:exit\s+)?(?:code|status))?"),
)
_VALUES: tuple[tuple[Deed, str], ...] = (("returns", r"yields?|gives?|results?\s+in|equals|is\s+equal\s+to|is|等于"),)
"""Words that say many other things too, and are heard only before a value that is marked off."""
_NEGATION = r"(?P<not>(?:does|do|did|will)\s*(?:not|n['\u2019]t)\s+|never\s+|不)?"
_SAID = r"(?P<said>\ue000\d+\ue001|\"[^\"]*\"|\u201c[^\u201d]*\u201d|'[^']*'|[^\s\"'\u201c]+)"


def _pattern(deeds: Sequence[tuple[Deed, str]]) -> re.Pattern[str]:
    return re.compile(
        rf"^(?P<before>.*?)(?<![\w-]){_NEGATION}(?:{'|'.join(f'(?P<{deed}>{words})' for deed, words in deeds)})"
        rf"(?![a-z-])\s*(?:(?:exactly|just|the\s+(?:value|string|text|number|output|error))\s+)?{_SAID}(?P<rest>.*)$",
        re.IGNORECASE | re.DOTALL,
    )


_DOES, _IS = _pattern(_DEEDS), _pattern(_VALUES)
_NOUNS = frozenset(
    [
        "program",
        "script",
        "code",
        "expression",
        "command",
        "snippet",
        "function",
        "call",
        "statement",
        "running",
        "run",
        "executing",
        "executed",
        "calling",
        "evaluating",
        "python",
        "bash",
        "shell",
        "terminal",
        "value",
        "result",
        "output",
        "string",
        "text",
        "number",
        "error",
        "exception",
        "python3",
        "listing",
        "程序",
        "代码",
        "脚本",
        "表达式",
    ]
)
_PYTHON = frozenset({"python", "py", "python3", "pycon"})
_SHELL = frozenset({"sh", "bash", "shell", "console", "zsh"})
_COMMANDS = frozenset(
    ["echo", "printf", "expr", "seq", "wc", "grep", "sort", "head", "tail", "cut", "tr", "awk", "sed", "ls", "cat"]
)
LONGEST_CLAIM = 20_000
"""Characters of a claim that is read."""
_GOES_ON = re.compile(r"\s*[.,;]?\s*(?:and|but|because|which|so|,|;|并且|而且|因为)(?!\w)", re.IGNORECASE)
"""Words after which a claim says something else, and nothing of when or where the program does it."""
_OURS = "# rows of tables are read by Plumbline"


class Unclear(Exception):
    """A claim speaks of a program, and what it says of it cannot be tried out. The message says why."""


class CodeClaim(NamedTuple):
    """What a claim says of a program.

    Attributes:
        expected: what is printed, the value as it is written, the error's name, or the exit code.
        certain: whether ``expected`` is marked off, as code, a quotation, a number or another literal; otherwise it may
            be words about it.
        denied: the claim says that this does not happen.
        more: what the claim says besides, which running the program does not show; empty for nothing.
        limits: words that may mean another program, another language, or a condition; empty for none.
        recorded: what the program printed when the run first ran it; None for a program of the claim itself.
    """

    program: str
    language: Language
    deed: Deed
    expected: str
    certain: bool
    denied: bool
    more: str
    limits: str
    recorded: str | None = None


def read_claim(claim: Claim, evidence: Sequence[Evidence]) -> CodeClaim | None:
    """Return what a claim says of a program: one in the claim's text, or the one whose output it cites.

    Returns:
        None where the claim is about no program.

    Raises:
        Unclear: it is, and cannot be tried out.
    """
    text = claim.text
    if len(text) > LONGEST_CLAIM or len(claim.sentence) > LONGEST_CLAIM:
        raise Unclear(f"the claim is longer than {LONGEST_CLAIM:,} characters")
    blocks = [_typed(match["info"].lower(), match["code"]) for match in _FENCE.finditer(text)]
    if not blocks and claim.kind == "code":
        blocks = [_typed(match["info"].lower(), match["code"]) for match in _FENCE.finditer(claim.sentence)]
    masked, spans = _masked(_FENCE.sub(" ", text))
    said = _said(" ".join(masked.split()), spans)
    if said is None:
        if claim.kind == "code" and (blocks or spans):
            raise Unclear("the claim does not say what the program prints, returns or raises")
        return None
    inline = _MARK.search(said.before)
    if inline is None and not blocks:
        return _of_cited(claim, said, evidence)
    code = spans[int(inline[1])] if inline else ""
    if not blocks and not _is_subject(code, said, claim):
        return None
    if blocks and (_is_name(code) if code else re.search(r"\bfunction\b|函数", text, re.IGNORECASE)):
        raise Unclear("the claim does not say how the function is called")
    program = "\n".join([*(block for _, block in blocks), *([code] if code else [])])
    language = _language(blocks[0][0] if blocks else "", program, text)
    if said.deed == "returns" and language == "python":
        return said.about(_printing_value(program), language)
    return said._replace(deed="prints" if said.deed == "returns" else said.deed).about(program, language)


def _typed(info: str, code: str) -> tuple[str, str]:
    """Return language and program of a block; of one that shows what somebody typed behind a prompt, what was typed."""
    lines = code.splitlines()
    if any(line.startswith(">>> ") for line in lines):
        return "python", as_cell("\n".join(line[4:] for line in lines if line.startswith((">>> ", "... "))))
    if any(line.startswith("$ ") for line in lines):
        return "shell", "\n".join(line[2:] for line in lines if line.startswith("$ "))
    return info, code


class _Said(NamedTuple):
    before: str
    deed: Deed
    expected: str
    certain: bool
    denied: bool
    more: str
    limits: str

    @classmethod
    def of(cls, match: re.Match[str], spans: Sequence[str]) -> "_Said":
        deed = next(deed for deed, _ in _DEEDS if match.groupdict().get(deed))
        raw, rest = match["said"], match["rest"]
        certain = True
        if mark := _MARK.fullmatch(raw.rstrip(".!,;。")):
            expected = spans[int(mark[1])]
        elif len(raw) > 1 and raw[0] in "\"'\u201c":
            expected = raw[1:-1]
        else:
            # a bare value may be a list with spaces in it
            whole = f"{raw}{rest}".rstrip().rstrip(".!。")
            literal = next((one for one in (whole, raw.rstrip(".!,;。")) if _is_literal(one)), None)
            listed = raw.endswith(",") or re.match(r"\s*(?:and|or)\b", rest) is not None
            certain = deed == "raises" or (literal is not None and (raw[0] in "([{" or not listed))
            expected = literal if literal is not None else raw.rstrip(".!,;。")
            rest = "" if literal == whole else rest
        more = _more(f"{match['before']} {rest}")
        limits = _more(match["before"] if _GOES_ON.match(rest) else f"{match['before']} {rest}")
        return cls(match["before"], deed, expected, certain, match["not"] is not None, more, limits)

    def about(self, program: str, language: Language, recorded: str | None = None) -> CodeClaim:
        said = (self.deed, self.expected, self.certain, self.denied, self.more, self.limits)
        return CodeClaim(program, language, *said, recorded)


def _said(masked: str, spans: Sequence[str]) -> _Said | None:
    does = _DOES.match(masked)
    if does is not None:
        return _Said.of(does, spans)
    value = _IS.match(masked)
    said = _Said.of(value, spans) if value is not None else None
    return said if said is not None and said.certain else None


def _masked(text: str) -> tuple[str, list[str]]:
    """Return a text with a mark in the place of each inline program, and these programs."""
    spans: list[str] = []

    def mark(match: re.Match[str]) -> str:
        spans.append(match["code"].strip() or match["code"])
        return f"\ue000{len(spans) - 1}\ue001"

    return _INLINE.sub(mark, text.replace("\ue000", " ").replace("\ue001", " ")), spans


def _more(around: str) -> str:
    """Return the words around program and value that say something of their own."""
    plain = _MARK.sub(" ", around)
    words = [token.text for token in content(plain) if token.text not in _NOUNS]
    return ", ".join(dict.fromkeys((*words, *unshared_scope("", plain))))[:200]


def _is_literal(text: str) -> bool:
    try:
        ast.literal_eval(text)
    except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
        return False
    return True


def _is_subject(code: str, said: _Said, claim: Claim) -> bool:
    """Whether inline code is a program that a claim is about, and no mere name: `Path.stem` returns the stem."""
    if said.deed in ("prints", "returns") and not said.certain and claim.kind != "code":
        return False
    return not _is_name(code)


def _is_name(code: str) -> bool:
    """Whether a piece of code is a name or a constant, which does nothing."""
    tree = _parsed(code)
    only = tree.body[0] if tree is not None and len(tree.body) == 1 else None
    return isinstance(only, ast.Expr) and isinstance(only.value, ast.Name | ast.Attribute | ast.Constant)


def _language(info: str, program: str, text: str) -> Language:
    if info in _PYTHON or (not info and _parsed(program) is not None):
        return "python"
    first = program.split(maxsplit=1)[:1]
    told = re.search(r"\b(?:bash|shell|terminal|command)\b", text, re.IGNORECASE)
    if info in _SHELL or (not info and (told or (first and first[0] in _COMMANDS))):
        return "shell"
    if info:
        raise Unclear(f"programs in {info} cannot be run here")
    raise Unclear("it is not known in which language the program is")


def _parsed(program: str) -> ast.Module | None:
    """Return a Python program's tree; None where it is none. Nothing is run."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(program)
        except (SyntaxError, ValueError, MemoryError, RecursionError):
            return None


def _printing_value(program: str) -> str:
    """Return a program that prints the value of its last expression, also where that is None."""
    tree = _parsed(program)
    last = tree.body[-1] if tree is not None and tree.body else None
    if tree is None or not isinstance(last, ast.Expr):
        raise Unclear("the program does not end in an expression, so that it has no value")
    value = last.value
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id == "print":
        return program
    tree.body[-1] = ast.Expr(_call("print", _call("repr", value)))
    return _unparsed(tree)


def as_cell(program: str) -> str:
    """Return a program that prints the value of a last expression unless it is None, as the tool ``python`` does."""
    tree = _parsed(program)
    last = tree.body[-1] if tree is not None and tree.body else None
    if tree is None or not isinstance(last, ast.Expr):
        return program
    shown = ast.parse("if _ is not None: print(repr(_))").body
    tree.body[-1:] = [ast.Assign([ast.Name("_", ast.Store())], last.value), *shown]
    return _unparsed(tree)


def _call(name: str, value: ast.expr) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), [value], [])


def _unparsed(tree: ast.Module) -> str:
    try:
        return ast.unparse(ast.fix_missing_locations(tree))
    except RecursionError as error:
        raise Unclear("the program is nested too deeply") from error


def _of_cited(claim: Claim, said: _Said, evidence: Sequence[Evidence]) -> CodeClaim | None:
    """Return what a claim says of the one program whose output it cites."""
    about = re.search(r"\b(?:program|script|code|command|snippet)\b|程序|代码|脚本", claim.text, re.IGNORECASE)
    cited = [
        item
        for item in evidence
        if isinstance(item, ToolResult) and item.id in claim.evidence and item.tool in ("python", "shell")
    ]
    if about is None or said.deed == "returns":
        return None
    if len(cited) != 1:
        raise Unclear("the claim has no program, and does not cite the output of exactly one")
    try:
        arguments = json.loads(cited[0].arguments)
    except ValueError as error:
        raise Unclear("the program that is cited was not recorded whole") from error
    program = arguments.get("code") or arguments.get("command") if isinstance(arguments, dict) else None
    if not isinstance(program, str) or program.startswith(_OURS):
        raise Unclear("the program that is cited cannot be run by itself")
    if cited[0].tool == "python":
        return said.about(as_cell(program), "python", cited[0].output)
    return said.about(program, "shell", cited[0].output)
