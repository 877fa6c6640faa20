"""Output is kept below a limit: its beginning and its end."""

from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from toolserver.node.outputs import Output
from toolserver.node.processes.capture import Capture

LIMIT = 400
GAP = b"\n[bytes not kept]\n"


@given(st.lists(st.binary(max_size=150), max_size=40))
def test_the_beginning_and_the_end_of_any_stream_are_kept(chunks: list[bytes]) -> None:
    written = b"".join(chunks)
    with TemporaryDirectory() as folder:
        capture = Capture(str(Path(folder) / "stdout"), LIMIT)
        for chunk in chunks:
            capture.write(chunk)
        capture.close()
        on_disk = sum(file.stat().st_size for file in Path(folder).iterdir())
        kept = Output("id", Path(folder)).kept("stdout")

    head, gap, tail = kept.partition(GAP)
    assert capture.total == len(written)
    assert on_disk <= LIMIT
    if len(written) <= LIMIT:
        assert kept == written
    else:
        assert gap
        assert written.startswith(head)
        assert written.endswith(tail)
        assert len(head) == LIMIT // 2
        assert len(tail) > LIMIT // 4
