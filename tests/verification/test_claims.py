import pytest

from agent.domain.claims import Claim
from agent.domain.evidence import ToolResult, Triple
from agent.verification.claims import check_claim, open_to_judge
from agent.verification.covering import uncovered_sentences
from tests.endings import ends
from tests.verification.builders import checked, checked_with, quote_of, run_of, texts

TEXT = "# Plants\n\nThe North plant made 1,234 valves in 2021. The South plant made 980 pumps.\n"
NORTH = "The North plant made 1,234 valves in 2021."


def test_a_repeated_sentence_is_supported_with_every_finding_shown() -> None:
    outcome = checked("The North plant made 1234 valves in 2021.", TEXT, NORTH)

    assert outcome.verdict == "supported"
    assert [finding.method for finding in outcome.findings] == [
        "citation",
        "quote",
        "numbers",
        "literal",
        "negation",
        "attachment",
        "restatement",
        "value",
    ]


def test_the_only_value_that_answers_a_question_is_supported() -> None:
    outcome = checked("1,234", TEXT, NORTH, question="How many valves did the North plant make in 2021?")

    assert outcome.verdict == "supported"


def test_the_title_and_the_headings_above_a_quote_tell_what_it_is_about() -> None:
    text = "# Sundal plant\n\nIt made 1,234 valves.\n"

    outcome = checked("1,234", text, "It made 1,234 valves.", question="How many valves did the Sundal plant make?")

    assert outcome.verdict == "supported"


def test_a_true_statement_that_misses_the_question_is_supported_and_says_so() -> None:
    outcome = checked(NORTH, TEXT, NORTH, question="How much profit did the North plant make?")

    assert outcome.verdict == "supported"
    assert "words of the question are not in the evidence: profit" in [finding.detail for finding in outcome.findings]


def test_words_of_the_evidence_in_another_order_are_not_enough() -> None:
    assert checked("North valves plant 1,234", TEXT, NORTH).verdict == "unverifiable"


@pytest.mark.parametrize(
    "claim", ["The North plant made 1,235 valves.", "The North plant made pumps.", "The North plant made no valves."]
)
def test_a_word_or_number_that_the_quote_lacks_is_not_found_and_never_contradicted(claim: str) -> None:
    assert checked(claim, TEXT, NORTH).verdict == "not_found"


def test_a_number_beside_other_words_is_not_found() -> None:
    assert checked("The South plant made 1,234 pumps", TEXT, TEXT.strip()).verdict == "not_found"


def test_a_claim_without_evidence_is_unverifiable() -> None:
    outcome = check_claim(Claim(id="c1", text="It is so."), [], text_of=texts())

    assert (outcome.verdict, outcome.findings[0].detail) == ("unverifiable", "the claim cites no evidence")


def test_an_unknown_evidence_id_is_unverifiable_naming_it() -> None:
    outcome = check_claim(Claim(id="c1", text="It is so.", evidence=("e9",)), [quote_of(TEXT, NORTH)], text_of=texts())

    assert (outcome.verdict, outcome.findings[0].detail) == ("unverifiable", "no evidence has the id e9")


def test_a_quote_that_is_not_where_it_says_is_unverifiable() -> None:
    quote = quote_of(TEXT, NORTH).model_copy(update={"text": "The North plant made 9,999 valves in 2021."})

    outcome = check_claim(
        Claim(id="c1", text="The North plant made 9,999 valves in 2021.", evidence=("e1",)),
        [quote],
        text_of={quote.source.text_sha256: TEXT}.__getitem__,
    )

    assert (outcome.verdict, outcome.findings[-1].detail) == ("unverifiable", "e1 is changed")


def test_one_bad_quote_spoils_a_claim_that_others_support() -> None:
    good, bad = quote_of(TEXT, NORTH), quote_of(TEXT, NORTH, name="e2").model_copy(update={"start": 0})

    outcome = check_claim(Claim(id="c1", text=NORTH, evidence=("e1", "e2")), [good, bad], text_of=texts(TEXT))

    assert outcome.verdict == "unverifiable"


def test_a_check_that_breaks_is_an_error_and_no_verdict_about_the_claim() -> None:
    outcome = check_claim(Claim(id="c1", text=NORTH, evidence=("e1",)), [quote_of(TEXT, NORTH)], text_of=texts())

    assert outcome.verdict == "error"
    assert outcome.findings[0].detail.startswith("the check broke: KeyError")


def test_a_computed_number_is_supported() -> None:
    outcome = checked_with(
        "The total amount is 42", run_of("42\n", "print(sum(amount))"), question="What is the total amount?"
    )

    assert outcome.verdict == "supported"


def test_an_echoed_number_is_unverifiable_for_every_judge() -> None:
    outcome = checked_with("The total amount is 42", run_of("42\n", "print(42)"), question="What is the total amount?")

    assert outcome.verdict == "unverifiable"
    assert not open_to_judge(outcome, paraphrase=True)


def test_a_number_that_no_program_printed_is_not_found() -> None:
    assert checked_with("The total is 43", run_of("42\n", "print(sum(amount))")).verdict == "not_found"


def test_a_program_never_supports_a_claim_without_numbers() -> None:
    assert checked_with("The plant is closed.", run_of("The plant is closed.")).verdict == "unverifiable"


def test_a_reading_of_an_input_file_supports_what_it_says() -> None:
    result = ToolResult(id="t1", key="tool/1", tool="read_file", arguments="{}", output="The plant is closed.\n")

    assert checked_with("The plant is closed.", result, reading=True).verdict == "supported"
    assert checked_with("The plant is open.", result, reading=True).verdict == "not_found"


@pytest.mark.parametrize("tool", ["read_file", "write_file", "search_documents", "read_output", "any_other"])
def test_what_the_run_may_have_written_itself_proves_nothing(tool: str) -> None:
    result = ToolResult(id="t1", key="tool/1", tool=tool, arguments="{}", output="The answer is 12.\n")
    outcome = checked_with("The answer is 12.", result)

    assert outcome.verdict == "unverifiable"
    assert not open_to_judge(outcome, paraphrase=True)


@pytest.mark.parametrize(
    ("claim", "output"),
    [
        ("The lease is 12 seconds.", "The lease is not 12 seconds."),
        ("The result is 404", "404 not found"),
        ("The answer is 12", "about 12"),
    ],
)
def test_an_output_that_denies_or_limits_a_number_does_not_prove_it(claim: str, output: str) -> None:
    assert checked_with(claim, run_of(output)).verdict != "supported"


@pytest.mark.parametrize(
    ("claim", "program"),
    [
        ("The total is not 7.", "print(sum(v for v in d if v not in skip))"),
        ("The minimum price is 3.", "minimum = sorted(prices)[0]; print(max(prices))"),
    ],
)
def test_words_of_a_program_do_not_deny_or_limit_for_a_claim(claim: str, program: str) -> None:
    number = "7" if "7" in claim else "3"
    assert checked_with(claim, run_of(number, program), question="What is the total price?").verdict != "supported"


def test_a_failed_call_supports_nothing() -> None:
    result = ToolResult(id="t1", key="tool/1", tool="grep", arguments="{}", output="no plant is closed", ok=False)

    assert checked_with("no plant is closed", result, reading=True).verdict == "not_found"


def test_a_triple_supports_a_claim_only_in_its_own_words() -> None:
    triple = Triple(id="k1", subject="Treaty of Rome", relation="signed in", object="1957")

    assert checked_with("Treaty of Rome signed in 1957", triple).verdict == "supported"
    assert checked_with("Rome signed 1957 Treaty", triple).verdict == "unverifiable"


def test_a_count_in_words_is_left_to_a_judge_that_understands_paraphrase() -> None:
    counted = checked("Two plants are listed.", TEXT, TEXT.strip())

    assert not open_to_judge(counted, paraphrase=False)
    assert open_to_judge(counted, paraphrase=True)


ANSWER = (
    "# Result\n\nThe Treaty of Rome was signed in 1957 [1]. It has six members【2】. Acme never paid. Is that so?\n\n"
    "Details follow:\n\n条约于1957年签订。\n"
)


@pytest.mark.parametrize("part", ["what version ", "[1, ", "(((", "not ", "多少", "1 2 ", "\n# a", "a? ", "the it "])
def test_hostile_texts_are_checked_in_bounded_time(part: str) -> None:
    text = part * (40_000 // len(part)) + "end."
    with ends():
        checked(text[:2000], text, question=text[:2000])
        uncovered_sentences(text, [Claim(id="c1", text=text[:2000])])


def test_a_claim_of_many_pages_is_no_claim() -> None:
    outcome = checked(TEXT * 30, TEXT * 30)

    assert (outcome.verdict, outcome.findings[0].detail) == (
        "unverifiable",
        "the claim has more than 2000 characters; split it into single statements",
    )


def test_sentences_of_an_answer_that_no_claim_covers_are_listed() -> None:
    claims = [
        Claim(id="c1", text="The Treaty of Rome was signed in 1957."),
        Claim(id="c2", text="Acme paid."),
        Claim(id="c3", text="条约于1957年签订"),
    ]

    assert uncovered_sentences(ANSWER, claims) == ("It has six members.", "Acme never paid.")


def test_another_number_does_not_cover_a_sentence() -> None:
    assert uncovered_sentences(
        "The tower is 96 metres high.", [Claim(id="c1", text="The tower is 97 metres high.")]
    ) == ("The tower is 96 metres high.",)


@pytest.mark.parametrize(
    ("answer", "claims"),
    [
        ("Alice paid 7. Bob paid 5.", ["Alice paid 5.", "Bob paid 7."]),
        ("Alice paid Bob 5.", ["Bob paid Alice 5."]),
        ("Alice is guilty and Bob is not guilty.", ["Alice is not guilty and Bob is guilty."]),
        ("# The moon is made of cheese", ["Alice paid 5."]),
        ("The moon is made of cheese:", ["Alice paid 5."]),
        ("Alice paid.", ["Alice never paid."]),
        ("Bob paid Alice.", ["It is false that Bob paid Alice."]),
        ("Alice paid the rent and sold the house.", ["Alice paid the rent.", "Bob sold the house."]),
        ("The moon is made of cheese, isn't it?", ["Alice paid 5."]),
        ("# Berlin is the capital of France", ["Paris is the capital of France.", "Berlin is large."]),
        ("The moon is made of cheese, right?", ["Alice paid 5."]),
        ("Did you know that the moon is made of cheese?", ["Alice paid 5."]),
    ],
)
def test_the_words_of_claims_in_another_order_cover_nothing(answer: str, claims: list[str]) -> None:
    assert uncovered_sentences(answer, [Claim(id=text, text=text) for text in claims])


@pytest.mark.parametrize(
    "answer",
    [
        "Alice paid 5 and Bob paid 7.",
        "Bob paid 7.",
        "## What Alice and Bob paid:\n\n- Alice paid 5 in June.\n- Bob paid 7 [2].",
        "So Alice paid 5, and Bob paid 7.",
        "Who paid 9, was it Alice?",
        "Did you ask Bob or Alice?",
        "## What is paid by Bob in June",
    ],
)
def test_claims_cover_what_they_say_in_whole_clauses(answer: str) -> None:
    claims = [Claim(id="a", text="Alice paid 5 in June."), Claim(id="b", text="Bob paid 7.")]
    assert uncovered_sentences(answer, claims) == ()
