"""A batch as JUnit XML, which continuous integration shows."""

import re
from collections.abc import Sequence
from typing import Final
from xml.etree import ElementTree as Tree

from evals.batch.order import BatchOrder
from evals.batch.results import Result

_FORBIDDEN: Final = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(order: BatchOrder, results: Sequence[Result]) -> str:
    """Return a batch as one suite with a case for each attempt; an attempt that is open counts as skipped."""
    states = [one.state for one in results]
    suite = Tree.Element(
        "testsuite",
        name=f"{order.suite} {order.version}",
        tests=str(len(results)),
        failures=str(states.count("failed")),
        errors=str(states.count("error")),
        skipped=str(states.count("open")),
        time=f"{sum(one.seconds for one in results):.3f}",
        timestamp=f"{order.made_at:%Y-%m-%dT%H:%M:%S}",
    )
    for one in results:
        name = one.sample if order.attempts == 1 else f"{one.sample} ({one.attempt})"
        case = Tree.SubElement(suite, "testcase", classname=order.suite, name=name, time=f"{one.seconds:.3f}")
        if one.state != "passed":
            tag = {"failed": "failure", "error": "error", "open": "skipped"}[one.state]
            told = Tree.SubElement(case, tag, message=_plain(one.reason or "not run to its end"), type=one.failure)
            told.text = _plain(f"run {one.run_id}\n{one.answer[:2000]}")
    return Tree.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"


def _plain(text: str) -> str:
    """Return a text without what XML cannot hold."""
    return _FORBIDDEN.sub("\ufffd", text)
