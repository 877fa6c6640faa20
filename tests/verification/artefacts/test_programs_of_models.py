"""Programs are taken from what models write as plain text between fences, whole or not at all."""

import pytest

from agent.domain.errors import ModelOutputError
from agent.domain.messages import Reply
from agent.verification.artefacts.design.fenced import program_in


@pytest.mark.parametrize(
    ("written", "program"),
    [
        ("```python\nprint('a')\n```", "print('a')\n"),
        ("Here:\n\n```\nx = 1\n\ny = 2\n```\nDone.", "x = 1\n\ny = 2\n"),
        ("~~~\nx\n~~~", "x\n"),
        ("```\r\nx\r\n```\r\n", "x\n"),
        ("````md\n```\ninner\n```\n````", "```\ninner\n```\n"),
        ('```py\ns = "```"\n```', 's = "```"\n'),
        ("```\n打印\n```", "打印\n"),
    ],
)
def test_the_only_block_is_the_program(written: str, program: str) -> None:
    assert program_in(Reply(text=written)) == program


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (Reply(text="print(1)"), "There is no block"),
        (Reply(text=""), "There is no block"),
        (Reply(text="```\nx\n```\nor\n```\ny\n```"), "There are 2 blocks"),
        (Reply(text="```\nx\n"), "There is no block"),
        (Reply(text="```\n  \n```"), "is empty"),
        (Reply(text="```\nx\n```", finish="length"), "was cut"),
    ],
)
def test_anything_else_is_told_to_the_model_in_one_line(reply: Reply, said: str) -> None:
    with pytest.raises(ModelOutputError) as refused:
        program_in(reply)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
