"""What ``plumbline doctor`` says of the search backends, without asking any."""

from pathlib import Path

import pytest

from tests.cli.conftest import Plumbline


def test_the_doctor_tells_which_keys_of_search_services_are_missing(
    plumbline: Plumbline, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "home").mkdir()
    (folder / "home" / "config.toml").write_text(
        "[[browsing.search]]\nbackend = 'brave'\napi_key_env = 'MY_BRAVE'\n"
        "[[browsing.search]]\nbackend = 'tavily'\napi_key_env = 'MY_TAVILY'\n"
    )
    monkeypatch.setenv("MY_TAVILY", "5ecret")

    (line,) = [line for line in plumbline("doctor", "--json").json if line["part"] == "search"]

    assert (line["state"], line["fix"]) == ("warning", "export MY_BRAVE=...")
    assert "brave, tavily" in line["found"]
