"""Whether the cited text denies or limits what a statement takes from it."""

from agent.domain.claims import Finding
from agent.verification.attachment import clause_tokens
from agent.verification.lexicon import CJK_DENIAL, CJK_SCOPE, DENIALS, SCOPE_WORDS
from agent.verification.words import Token, features, tokens


def denied(statement: str, cited: str, question: str = "") -> Finding:
    """Say whether a statement without a negation takes most of its words from a clause that has one.

    Only what the statement adds to the question counts, so that in "3.10 is not supported, the minimum is 3.8" the
    answer 3.8 stays free. A statement with a negation of its own is not judged here: the literal check looks for it.

    Returns:
        passed, or failed with the clause's negation.
    """
    fine = Finding(method="negation", passed=True, detail="no negation of the cited text is missing")
    if is_denied(f"{question}\n{statement}"):
        return fine
    asked = features(tokens(question))
    stated = features(tokens(statement))
    added = (stated - asked) or stated
    groups = clause_tokens(cited)
    plain = [features(group) for group in groups if not _denial(group)]
    for group in groups:
        taken = features(group) & added
        if (sign := _denial(group)) and 2 * len(taken) > len(added) and not any(taken <= other for other in plain):
            return Finding(
                method="negation", passed=False, detail=f"the cited text says {sign!r}, the statement does not"
            )
    return fine


def reworded(statement: str, cited: str) -> bool:
    """Whether a statement has other words in place of some of every clause with a negation; such a word may deny.

    What comes before all that both share does not count: it names another thing, of which nothing is denied or said.
    Not told of Chinese, where a sign that is dropped joins its neighbours.
    """
    said = tokens(statement)
    if any(token.kind == "cjk" for token in said):
        return False
    stated = features(said)
    clauses = [features(_undenied(group)) for group in clause_tokens(cited) if _denial(group)]
    shared = features(tokens(cited))
    first = next((at for at, token in enumerate(said) if features([token]) & shared), len(said))
    return bool(features(said[first:]) - shared) and not any(clause <= stated for clause in clauses)


def _undenied(group: tuple[Token, ...]) -> list[Token]:
    """Return the words of a clause without its signs of negation, and without the auxiliary before each "not"."""
    following = [token.text for token in group[1:]] + [""]
    return [
        token for token, after in zip(group, following, strict=True) if token.text not in DENIALS and after != "not"
    ]


def is_denied(text: str) -> bool:
    """Whether a text has a negation."""
    return bool(_denial(tokens(text)))


def unshared_scope(statement: str, cited: str) -> tuple[str, ...]:
    """Return the words of a cited text that deny, limit or attribute what it says and that a statement lacks."""
    shared = {token.text for token in tokens(statement)}
    words = [token.text for token in tokens(cited) if token.kind == "word" and token.text in SCOPE_WORDS - shared]
    signs = [match[0] for match in CJK_SCOPE.finditer(cited) if match[0] not in statement]
    return tuple(dict.fromkeys(words + signs))


def _denial(group: tuple[Token, ...]) -> str:
    """Return the first sign of a negation, or nothing."""
    for token in group:
        if token.kind == "word" and token.text in DENIALS:
            return token.text
        if token.kind == "cjk" and (match := CJK_DENIAL.search(token.text)):
            return match[0]
    return ""
