# ruff: noqa: RUF001 - Chinese punctuation is meant
import pytest

from agent.browsing.synthesis.statements import rule_of


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("The quotes do not say when it was built.", "When was the bridge built?"),
        ("The given quotes don't mention the bridge.", "When was the bridge built?"),
        ("None of the sources says who built the bridge.", "Who built the bridge?"),
        ("No page says whether Python 3.12 is faster.", "Is Python 3.12 faster?"),
        ("The answer was not found in the quotes.", "Who built the bridge?"),
        ("I could not find an answer in the sources.", "Who built the bridge?"),
        ("I cannot answer this question.", "Who built the bridge?"),
        ("引文没有提到图书馆建于哪一年。", "图书馆建于哪一年？"),
        ("这些资料中均未说明图书馆的地址。", "图书馆的地址是什么？"),
        ("引文没有提到 Python 3.12 的版本信息。", "Python 3.12 的版本是什么？"),
    ],
)
def test_that_the_quotes_do_not_tell_something_needs_no_quote(sentence: str, question: str) -> None:
    assert rule_of(sentence, question) == "absence"


@pytest.mark.parametrize(
    ("sentence", "question"),
    [
        ("A bomb was not found in the car.", "Was a bomb found in the car?"),
        ("No evidence was found against the defendant.", "Was evidence found against the defendant?"),
        ("No evidence that vaccines cause autism.", "Is there evidence that vaccines cause autism?"),
        ("No information was given to the police.", "Was information given to the police?"),
        ("The information does not cover theft.", "Does the policy cover theft?"),
        ("This page does not cover vaccines.", "Does the page cover vaccines?"),
        ("No information is needed: the drug is safe.", "Is the drug safe?"),
        ("No source says the drug is not safe.", "Is the drug safe?"),
        ("No source says the drug is not safe, so it is safe.", "Is the drug safe?"),
        ("I cannot answer; the drug is safe.", "Is the drug safe?"),
        ("The quotes do not say it, but the drug is safe.", "Is the drug safe?"),
        ("The quotes do not say it but the drug is safe.", "Is the drug safe?"),
        ("The quotes do not mention the drug that is safe.", "Is the drug safe?"),
        ("It was not mentioned, and the drug is safe.", "Is the drug safe and was it mentioned?"),
        ("It was not found guilty.", "Was the company found guilty?"),
        ("没有提到任何问题，这种药安全。", "这种药安全吗？"),
        ("引文没有提到，这种药安全。", "这种药安全吗？"),
        ("引文没有提到 这种药安全。", "这种药安全吗？"),
        ("引文没有说明这种药不安全。", "这种药安全吗？"),
        ("警方没有找到凶手。", "警方找到凶手了吗？"),
        ("张三没有回答。", "张三回答了吗？"),
        ("合同没有包含保修。", "合同包含保修吗？"),
        ("网页没有包含保修。", "网页包含保修吗？"),
    ],
)
def test_a_denial_about_the_world_is_a_fact(sentence: str, question: str) -> None:
    assert rule_of(sentence, question) == "cited"
