"""WebCPM's recorded steps through our state machine, and the answers of its model by two counting rules."""

from pathlib import Path

from agent.browsing.scores import OURS, WEBCPMS, ActionScores, action_scores
from agent.browsing.webcpm.labels import BY_CHINESE
from agent.browsing.webcpm.replay import replay
from agent.browsing.webcpm.steps import by_question, label_in, read_predictions, read_steps
from agent.domain.base import Fact
from agent.domain.errors import UsageError


class Replayed(Fact):
    """One question.

    Attributes:
        allowed: steps whose recorded action was possible.
        allowed_to_model: those where it would have been possible to a model too.
        agreeing: steps at which the whole state was as recorded.
    """

    steps: int
    allowed: int
    allowed_to_model: int
    agreeing: int


class WebcpmMeasured(Fact):
    """What was found: by question, and the scores by each counting rule where there are predictions."""

    questions: dict[str, Replayed]
    scores: tuple[ActionScores, ...] = ()


def measure_webcpm(steps: Path, predictions: Path | None) -> WebcpmMeasured:
    """Replay recorded steps; score those predictions that belong to them.

    Raises:
        UsageError: a file cannot be read, or a step has no prediction or another gold action there.
    """
    recorded = read_steps(steps)
    questions = {}
    for name, rows in by_question(recorded).items():
        found = replay(rows)
        questions[name] = Replayed(
            steps=len(found),
            allowed=sum(step.allowed for step in found),
            allowed_to_model=sum(step.allowed_to_model for step in found),
            agreeing=sum(not step.differing and not step.refusal for step in found),
        )
    if predictions is None:
        return WebcpmMeasured(questions=questions)
    answers = {(one.question, one.steps_left): one for one in read_predictions(predictions)}
    ours, theirs = [], []
    for step in recorded:
        answer = answers.get((step.question, step.steps_left))
        if answer is None or BY_CHINESE.get(answer.gold) != step.gold_action:
            raise UsageError(f"{predictions} has no prediction for step {step.id}; are these the same recordings?")
        ours.append((step.gold_action, label_in(answer.predicted)))
        theirs.append((step.gold_action, BY_CHINESE.get(answer.predicted)))
    return WebcpmMeasured(
        questions=questions, scores=(action_scores(ours, rule=OURS), action_scores(theirs, rule=WEBCPMS))
    )
