"""Sentences that share nearly all words with a claim and prove nothing; and plain ones that do prove."""

import pytest

from agent.verification.comparison.comparing import compare


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The disk has 5 GB.", "The disk has 5 Gb."),
        ("The rent is $500.", "The rent is A$500."),
        ("The village has 300 inhabitants.", "The village has 300 inhabitants per square kilometre."),
        ("The village has 300 houses.", "The village has 300 houses and barns."),
        ("The village has 300 houses.", "The village had 300 houses."),
        ("Acme sells shoes.", "Acme sold shoes."),
        ("Acme sold shoes.", 'Acme "sold" shoes.'),
        ("The mayor opened the hall.", "In a satirical piece, the mayor opened the hall."),
        ("The model reaches 90 percent accuracy.", "On the training set, the model reaches 90 percent accuracy."),
        ("The drug cured malaria.", "The drug cured malaria in mice."),
        ("The drug reduced deaths.", "The drug reduced deaths among mice."),
        ("The law banned guns.", "The law banned guns for minors."),
        ("Brown won the 2010 election.", "Brown won the 2010 election in his district."),
        ("Brown won the election.", "Brown, who won the election in the first count, conceded."),
        ("The mine employs 500 people.", "The mine, with its suppliers, employs 500 people."),
        ("The museum opened every day.", "The museum opened every day, with the exception of Monday."),
        ("The museum opened every day.", "The museum opened every day, Monday excepted."),
        ("The plan worked.", "The plan worked on paper."),
        ("The minister resigned in June.", "The minister resigned in June but withdrew the resignation."),
        ("The minister took bribes.", "The minister took bribes - not."),
        ("The minister took bribes.", "The minister took bribes. That is what the paper alleged."),
        ("The minister took bribes.", "The minister took bribes. None of this is true."),
        ("The minister took bribes.", "The minister took bribes. This turned out to be fabricated."),
        ("The duke sold the castle.", "The duke sold the castle on condition that he kept it."),
        ("The duke sold the castle.", "The duke sold the castle, a court later found to be invalid."),
        ("The duke sold the castle.", "The duke sold the castle. The sale was void."),
        ("The duke sold the castle.", "The following is fiction. The duke sold the castle."),
        ("The duke sold the castle.", "As far as anyone knows, the duke sold the castle."),
        ("The hotel was sold in 1990.", "The hotel was sold out in 1990."),
        ("Drug A cured flu.", "Drug A cured flu in combination with drug B."),
        ("Drug A cured flu.", "Drug A cured flu in 2 of 90 patients."),
        ("Drug A cured flu.", "Drug A cured flu in rare cases."),
        ("Vitamin C prevents colds.", "Vitamin C, in large doses, prevents colds."),
        ("Vitamin C prevents colds.", "Vitamin C prevents colds (in mice)."),
        ("Vitamin C prevents colds.", "Vitamin C prevents colds [citation needed]."),
        ("The shop sold 40 bikes.", "The shop (with its branches) sold 40 bikes."),
        ("The museum paid 5 million for the vase.", "The museum paid 5 million for the vase and the bowl."),
        ("The Orr Prize was awarded to Ada.", "The Orr Prize was awarded to Ada and Ben's team."),
    ],
)
def test_a_sentence_that_says_less_than_the_claim_never_supports_it(claim: str, evidence: str) -> None:
    assert compare(claim, evidence).verdict != "supported"


@pytest.mark.parametrize(
    ("claim", "evidence"),
    [
        ("The beetle is 6 mm long.", "The beetle is 5 to 7 mm long."),
        ("The pump moves 5 litres.", "The pump moves 5 litres per second."),
        ("The rent is $500.", "The rent is A$500."),
        ("George Clark resigned in 1970.", "Henry Clark resigned in 1970."),
        ("George Clark was born in Leeds.", "Henry Clark was born in York."),
        ("George W. Clark was born in Leeds.", "George H. Clark was born in York."),
        ("John Adams was born in Leeds.", "John Adams Jr. was born in York."),
        ("Henry IV was crowned in Reims.", "Henry V was crowned in Paris."),
        ("The River Avon rises in Kent.", "The River Avon Water rises in Ayr."),
        ("The company was founded in 1990.", "The company's parent was founded in 1970."),
        ("Acme was founded in 1990.", "Acme Motors was founded in 1970."),
        ("Boeing 747 jets carry 400 people.", "Boeing 737 jets carry 200 people."),
        ("Kim was born in 1911.", "Lee was born in 1912."),
        ("Revenue was 7 million in 1990.", "Revenue was 7 million in 1991."),
        ("Ada trusted Eve.", "Eve trusted Ada."),
        ("A fire broke out in 1990.", "A fire broke out in 1995."),
        ("Lee wrote a book in 1990.", "Lee wrote a book in 1995."),
        ("The castle was restored in 1890.", "The castle was restored in 1895."),
        ("Lee was arrested in Rome.", "Lee was arrested in Oslo."),
        ("Lee owned two cars in 1990.", "Lee owned three cars in 1995."),
        ("Oslo hosted the fair in 1911.", "Rome hosted the fair in 1913."),
        ("公司成立于1990年。", "公司的母公司成立于1980年。"),
    ],
)
def test_what_is_said_of_another_thing_or_of_a_range_contradicts_nothing(claim: str, evidence: str) -> None:
    assert compare(claim, evidence).verdict not in ("contradicted", "supported")


@pytest.mark.parametrize(
    ("claim", "evidence", "verdict"),
    [
        ("Ada was born in Paris in 1815.", "Ada was born in London in 1815.", "contradicted"),
        ("The beetle is 9 mm long.", "The beetle is 7 mm long.", "contradicted"),
        ("Acme was founded in 1990.", "Acme was founded in 1970.", "contradicted"),
        ("Ada painted the Orr Mural in 1970.", "Ben painted the Orr Mural in 1970.", "contradicted"),
        ("The firm paid 5 kg of gold.", "The firm paid 5 tonnes of gold.", "contradicted"),
        ("公司成立于1990年。", "公司成立于1980年。", "contradicted"),
        ("The rent is US$500.", "The rent is $500.", "supported"),
        ("The link carries 5 Gb/s.", "The link carries 5 Gb/s.", "supported"),
        ("The bridge was built in 1911.", "The bridge was built in 1911 in the garden of the abbey.", "supported"),
        ("The king ruled Spain.", "The king ruled Spain for ten years.", "supported"),
        ("Ada won the prize.", "In 1990, Ada won the prize.", "supported"),
        ("Ada wrote War and Peace in 1869.", 'Ada wrote "War and Peace" in 1869.', "supported"),
        ("The firm employs 500 people.", "The firm, founded in 1990, employs 500 people.", "supported"),
        ("Ada moved to Rome in 1990.", "Ada moved to Rome in 1990 and bought a house.", "supported"),
    ],
)
def test_plain_sentences_still_prove_and_refute(claim: str, evidence: str, verdict: str) -> None:
    assert compare(claim, evidence).verdict == verdict
