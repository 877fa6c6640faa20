"""Secrets are given by name, read where the settings say, and refused where they could not be kept."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from toolserver.client import Secret, SecretUnavailable, put_in, references, secrets_for, values_to_hide

CANARY = "canary-4f9a27c1"


def test_a_value_comes_from_the_environment_or_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(f"{CANARY}\n")

    assert Secret(env="KEY").value({"KEY": CANARY}) == CANARY
    assert Secret(file=tmp_path / "key").value() == CANARY


@pytest.mark.parametrize("value", ["short", "two\nlines-of-it", "naïve-secret", "nul\0-secret"])
def test_a_value_that_could_not_be_sent_or_hidden_is_refused_and_not_shown(value: str) -> None:
    with pytest.raises(SecretUnavailable) as refused:
        Secret(env="KEY").value({"KEY": value})

    assert value not in str(refused.value)


def test_a_missing_value_names_where_it_should_be(tmp_path: Path) -> None:
    with pytest.raises(SecretUnavailable, match="KEY is not set"):
        Secret(env="KEY").value({})
    with pytest.raises(SecretUnavailable, match="nowhere"):
        Secret(file=tmp_path / "nowhere").value()


@pytest.mark.parametrize("fields", [{}, {"env": "A", "file": "b"}, {"env": "A", "hosts": ["a b"]}, {"env": ""}])
def test_a_secret_that_is_not_told_clearly_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Secret.model_validate(fields)


def test_references_are_found_and_replaced() -> None:
    text = "Bearer {secret:KEY}, {secret:OTHER} and {secret:KEY}, not {secret:} or {KEY}"

    assert references(text) == ("KEY", "OTHER")
    assert put_in("Bearer {secret:KEY}", {"KEY": CANARY}) == f"Bearer {CANARY}"
    with pytest.raises(KeyError):
        put_in(text, {"KEY": CANARY})


def test_only_the_tools_it_is_bound_to_get_a_secret() -> None:
    secrets = {"A": Secret(env="A"), "B": Secret(env="B", tools=("mcp",)), "C": Secret(env="C", tools=())}

    assert list(secrets_for(secrets, "http")) == ["A"]
    assert list(secrets_for(secrets, "mcp")) == ["B"]


def test_all_values_that_exist_can_be_hidden() -> None:
    secrets = [Secret(env="A"), Secret(env="MISSING"), Secret(env="B", tools=())]

    assert values_to_hide(secrets, {"A": "first-value", "B": "second-value"}) == ["first-value", "second-value"]
