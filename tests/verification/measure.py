"""Measure the claim checks on the shared data sets, and a judge model where its weights are given.

    python -m tests.verification.measure [--model WEIGHTS.GGUF]

The deterministic tables are exact and repeatable; the judge's depend on the weights.
"""

import argparse
import itertools
import json
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from agent.domain.claims import CheckedClaim
from agent.domain.messages import TokenChoice
from agent.verification.claims import open_to_judge
from agent.verification.judge import fit_threshold, margin, support_messages
from agent.verification.sentences import split_sentences
from tests.shared_data import rows
from tests.verification.builders import checked

FIT_PAIRS = Path(__file__).with_name("support_pairs.jsonl")
Margin = Callable[[str, str], float]


def check_pairs() -> list[tuple[dict[str, Any], CheckedClaim]]:
    """Return each hand-written pair of a claim and its evidence with the outcome of the deterministic checks."""
    return [(row, checked(row["claim"], row["evidence"])) for row in rows("claims/pairs.jsonl")]


def check_answers() -> Counter[tuple[str, str]]:
    """Count verdicts, with what proved them, on answers to the questions of CMRC 2018 that cite a sentence each.

    ``right``: the answer with its sentence. ``other sentence`` and ``same sentence``: the answer to another
    question about the passage, with its own sentence, which is or is not that of the right answer. One that
    repeats its whole sentence is a supported statement even where it is not what was asked.
    """
    counts: Counter[tuple[str, str]] = Counter()
    for passage in rows("cmrc2018/dev.jsonl"):
        for asked, offered in itertools.product(_answers(passage), repeat=2):
            question, answer, sentence = asked
            _, other, cited = offered
            if asked is not offered and (other in answer or answer in other):
                continue
            kind = "right" if asked is offered else "same sentence" if cited == sentence else "other sentence"
            outcome = checked(other, passage["text"], cited, question=question, title=passage["title"])
            proofs = "+".join(finding.method for finding in outcome.findings[-2:] if finding.passed)
            counts[kind, outcome.verdict if outcome.verdict != "supported" else f"supported by {proofs}"] += 1
    return counts


def _answers(passage: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return question, shortest answer and its sentence, for the answers that lie in one sentence."""
    text = passage["text"]
    found: list[tuple[str, str, str]] = []
    for entry in passage["questions"]:
        answer = min(entry["answers"], key=lambda option: len(option["text"]))
        start, end = answer["start"], answer["start"] + len(answer["text"])
        spans = [span for span in split_sentences(text) if span.start <= start and end <= span.end]
        found.extend((entry["question"], answer["text"], text[span.start : span.end]) for span in spans)
    return found


def judge_lines(score: Margin) -> Iterator[str]:
    """Fit a threshold on our own pairs and apply it to the shared ones."""
    pairs = [json.loads(line) for line in FIT_PAIRS.read_text(encoding="utf-8").splitlines()]
    fitted = [(score(pair["claim"], pair["evidence"]), pair["supported"]) for pair in pairs]
    threshold = fit_threshold(fitted)
    right = sum((value > threshold) == label for value, label in fitted)
    yield f"judge: threshold {threshold:+.2f}, right on {right} of the {len(fitted)} pairs it was fitted on"
    shared = [(score(row["claim"], row["evidence"]), row["label"] == "supported") for row in rows("claims/pairs.jsonl")]
    supported = sum(value > threshold for value, label in shared if label)
    wrong = sum(value > threshold for value, label in shared if not label)
    labels = Counter(label for _, label in shared)
    yield (
        f"judge alone on the shared pairs: {supported} of {labels[True]} supported ones accepted,"
        f" {wrong} of {labels[False]} others"
    )


def table_lines() -> Iterator[str]:
    """Yield the tables of the deterministic checks."""
    outcomes = check_pairs()
    yield "claim pairs: label, verdict, open to a judge that understands paraphrase, number"
    table = Counter((row["label"], done.verdict, open_to_judge(done, paraphrase=True)) for row, done in outcomes)
    yield from (
        f"  {label}, {verdict}, {is_open}: {count}" for (label, verdict, is_open), count in sorted(table.items())
    )
    yield "CMRC answers: kind, verdict, number"
    yield from (f"  {', '.join(key)}: {count}" for key, count in sorted(check_answers().items()))


def embedded_margin(weights: Path) -> Margin:
    """Return a function that asks a local model; its server can only be ended with the process."""
    import xllamacpp

    parameters = xllamacpp.CommonParams()
    parameters.model.path = str(weights)
    parameters.n_ctx, parameters.n_parallel, parameters.use_jinja = 2048, 1, True
    parameters.cpuparams.n_threads, parameters.no_extra_bufts = max(1, (os.cpu_count() or 2) - 1), True
    server = xllamacpp.Server(parameters)

    def score(claim: str, evidence: str) -> float:
        request = {
            "messages": support_messages(claim, evidence),
            "max_tokens": 1,
            "temperature": 0,
            "logprobs": True,
            "top_logprobs": 20,
        }
        reply = server.handle_chat_completions(request)
        alternatives = reply["choices"][0]["logprobs"]["content"][0]["top_logprobs"]
        return margin(TokenChoice(token=entry["token"], logprob=entry["logprob"]) for entry in alternatives) or 0.0

    return score


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, help="weights of a judge, in GGUF format")
    arguments = parser.parse_args()
    for line in table_lines():
        sys.stdout.write(f"{line}\n")
    if arguments.model:
        for line in judge_lines(embedded_margin(arguments.model)):
            sys.stdout.write(f"{line}\n")
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    main()
