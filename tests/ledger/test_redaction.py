"""Secrets are replaced wherever they stand in a JSON text."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.ledger.redaction import Redactor, secrets_of


@pytest.mark.parametrize(
    "secret",
    [
        "sk-proj-abcdefghijklmnopqrstuvwxyz",
        "ghp_" + "a1B2" * 9,
        "AKIAIOSFODNN7EXAMPLE",
        "xoxb-1234567890-abcdef",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N",
        "-----BEGIN RSA PRIVATE KEY-----\nMIIEow\nIBAAKC\n-----END RSA PRIVATE KEY-----",
    ],
)
def test_known_forms_of_secrets_are_replaced(secret: str) -> None:
    clean = Redactor().scrub(json.dumps({"output": f"key: {secret} end"}).encode())
    assert json.loads(clean) == {"output": "key: [redacted] end"}


@given(st.text(min_size=8, max_size=40), st.text(max_size=20), st.text(max_size=20))
def test_an_exact_secret_never_survives_and_the_json_stays_valid(secret: str, before: str, after: str) -> None:
    text = json.dumps({"output": before + secret + after})
    clean = Redactor([secret]).scrub(text.encode())
    assert secret not in json.loads(clean)["output"] or secret in "[redacted]"


def test_a_text_without_secrets_is_the_very_same_object() -> None:
    text = b'{"output": "nothing to hide, sk- is no key"}'
    assert Redactor(["a-long-secret"]).scrub(text) is text


def test_short_values_are_no_secrets_and_names_tell_which_variables_are() -> None:
    assert Redactor(["true"]).scrub(b'"true"') == b'"true"'
    environment = {"OPENAI_API_KEY": "k1", "GITHUB_TOKEN": "t1", "PATH": "/bin", "db_password": "p1"}
    assert sorted(secrets_of(environment)) == ["k1", "p1", "t1"]
