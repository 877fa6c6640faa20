"""The benchmark of knowledge bases looks up what it loaded."""

from evals.benchmarks.knowledge import RELATIONS, measure_knowledge, thing


def test_a_small_knowledge_base_is_measured_and_every_lookup_is_right() -> None:
    found = measure_knowledge(2000, 100)
    assert found.right
    assert found.triples + found.duplicates == 2000
    assert all(0 < one.p50_us <= one.p95_us for one in found.timed)
    assert len({thing(number) for number in range(20 * RELATIONS)}) == 20 * RELATIONS
