"""What a check can come to."""

from typing import Literal

Outcome = Literal["pass", "fail", "inconclusive", "not_applicable"]
