"""What the cells of a table say of claims, and which claims they leave alone."""

import pytest

from agent.domain.claims import Verdict
from agent.verification.tables.judging import judge_by_table
from agent.verification.tables.linking import Links
from agent.verification.tables.reading import read_tables

CITIES = """City,Country,Population (millions),Area (km\u00b2),Founded,Languages
Berlin,Germany,3.645,891.7,1237,"German, Turkish"
Hamburg,Germany,1.841,755.2,808,German
Vienna,Austria,1.897,414.6,881,German
Graz,Austria,0.289,127.6,1128,German
"""
SALES = "Year\tSales\tPrice\n2018\t10\t9.5\n2019\t12\t8\n2020\t12\t7.25\n"
PEOPLE = 'City,Inhabitants\nBerlin,"3,645,000"\nBonn,331 000\nUlm,126000\nUlm,127000\n'


def verdict(text: str, table: str, name: str = "data.csv", title: str = "") -> Verdict | None:
    (read,) = read_tables(table, name)
    found = judge_by_table(text, Links(read), title)
    return found.verdict if found is not None else None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Berlin has a population of 3.6 million.", "supported"),
        ("Berlin's population is 3,645,000", "supported"),
        ("The population of Berlin is 3.7 million.", "contradicted"),
        ("The city of Berlin has a population of 3.645 million", "supported"),
        ("Berlin has a population of at least 3 million", "supported"),
        ("Berlin has a population of more than 4 million", "contradicted"),
        ("Berlin has a population of 4 million", "qualified"),
        ("Berlin has a population of 3,645,100", "qualified"),
        ("Vienna has an area of 414.6 km\u00b2", "supported"),
        ("Vienna's area is 500 km\u00b2", "contradicted"),
        ("Vienna has an area of 414.6", "qualified"),
        ("Vienna has an area of 500", "unverifiable"),
        ("Vienna has an area of 414.6 km", "unverifiable"),
        ("Hamburg was founded in 808", "supported"),
        ("Hamburg was founded in 809", "contradicted"),
        ("The country of Vienna is Austria", "supported"),
        ("The country of Vienna is Germany", "contradicted"),
        ("The languages of Berlin are German", "unverifiable"),
    ],
)
def test_one_cell_in_one_row_and_one_column_decides(text: str, expected: Verdict) -> None:
    assert verdict(text, CITIES) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Sales in 2019 were 12", "supported"),
        ("Sales in 2019 were 13", "contradicted"),
        ("The price in 2018 was 9.5.", "supported"),
        ("Total sales were 34", "supported"),
        ("Total sales were 35", "contradicted"),
        ("The highest price is 9.5", "supported"),
        ("The highest price is 9.6", "contradicted"),
        ("The lowest price is 7.25", "supported"),
        ("The average price is 8.25", "supported"),
        ("The median sales are 12", "supported"),
        ("2019 had the highest sales", "qualified"),
        ("2018 had the highest sales", "contradicted"),
        ("2018 had the highest price", "supported"),
        ("The table has 3 rows.", "supported"),
        ("The table has 7 rows.", "contradicted"),
        ("The table has 4 rows.", "qualified"),
    ],
)
def test_values_of_years_and_of_whole_columns_are_computed(text: str, expected: Verdict) -> None:
    assert verdict(text, SALES, "sales.tsv") == expected


def test_a_value_of_some_rows_is_computed_over_these_rows() -> None:
    assert verdict("The total population in Germany is 5.486 million", CITIES) == "supported"
    assert verdict("The highest population in Austria is 3.645 million", CITIES) == "contradicted"


@pytest.mark.parametrize(
    "text",
    [
        "Munich has a population of 1.5 million",
        "Berlin has 3.6 million inhabitants",
        "Berlin is large",
        "Berlin and Hamburg have a population of 3.645 million",
        "The population of Germany is 3.6 million",
        "In 2020 Berlin had a population of 3.6 million",
        "Berlin does not have a population of 3.645 million",
        "Berlin has a population of about 9 million",
        "If Berlin had a population of 5 million, it would be larger",
        "Is the population of Berlin 5 million?",
        "Vienna has the highest population in Austria",
        "Berlin has a population of 3.645 million and an area of 900 km\u00b2",
    ],
)
def test_without_an_exact_link_to_one_row_and_one_column_nothing_is_said(text: str) -> None:
    assert verdict(text, CITIES) is None


@pytest.mark.parametrize(
    "text",
    [
        "East Berlin has a population of 1.2 million",
        "Berlin has a population density of 3.645 million",
        "The population of Berlin grew by 0.2 million",
        "Rumours say that Berlin has a population of 5 million",
        "The second highest population is 1.897 million",
        "Hamburg was founded in 808 by Charlemagne",
        "The area of Vienna is 414.6 km\u00b2 larger",
    ],
)
def test_a_claim_with_words_that_are_not_in_the_table_stays_open(text: str) -> None:
    assert verdict(text, CITIES) == "unverifiable"


def test_numbers_are_compared_as_they_are_written_in_either_place() -> None:
    assert verdict("Berlin has 3.6 million inhabitants", PEOPLE) == "supported"
    assert verdict("Berlin has 3.7 million inhabitants", PEOPLE) == "contradicted"
    assert verdict("Bonn has 332,000 inhabitants", PEOPLE) == "unverifiable"


def test_a_column_that_does_not_say_what_it_counts_in_refutes_no_number_with_the_same_digits() -> None:
    assert verdict("Sales in 2019 were 12 million", SALES, "sales.tsv") == "unverifiable"
    assert verdict("Sales in 2019 were 13 million", SALES, "sales.tsv") == "contradicted"
    assert verdict("Sales in 2019 were 0", SALES, "sales.tsv") == "contradicted"


def test_two_rows_of_one_name_decide_nothing() -> None:
    assert verdict("Ulm has 126,000 inhabitants", PEOPLE) is None
    assert verdict("Ulm has 5 inhabitants", PEOPLE) is None


def test_columns_of_one_name_or_with_an_unclear_remark_are_not_used() -> None:
    assert verdict("Ulm has a size of 3", "City,Size,Size\nUlm,3,4\n") is None
    assert verdict("Ulm has a size of 3", "City,Size (estimated)\nUlm,3\n") is None


def test_nothing_is_said_of_all_rows_where_some_are_bad_or_are_totals() -> None:
    assert verdict("Total sales were 3", "Item,Sales\nbread,1\nmilk,2\nbutter\n") == "unverifiable"
    assert verdict("Total sales were 6", "Item,Sales\nbread,1\nmilk,2\nTotal,3\n") == "unverifiable"
    assert verdict("The highest sales were 2", "Item,Sales\nbread,1\nmilk,2\ntea,n/a\n") == "unverifiable"


def test_words_of_the_title_may_be_used() -> None:
    table = "Item,2018\nbread,1\n"
    assert verdict("Bread has a price of 3", "Item,Price\nbread,3\n", title="Bakery prices") == "supported"
    assert verdict("The bakery price of bread is 3", "Item,Price\nbread,3\n", title="Bakery") == "supported"
    assert verdict("The bakery price of bread is 3", "Item,Price\nbread,3\n") == "unverifiable"
    assert verdict("Bread has 1", table) is None


def test_units_are_converted_where_they_can_be() -> None:
    table = "Mountain,Height (m)\nMont Blanc,4806\n"
    assert verdict("Mont Blanc has a height of 4.806 km", table) == "supported"
    assert verdict("Mont Blanc has a height of 5.806 km", table) == "contradicted"
    assert verdict("Mont Blanc has a height of 4806 kg", table) == "unverifiable"


def test_what_a_row_says_of_a_city_is_not_said_of_its_country() -> None:
    table = "City,Country,Population\nRome,Italy,2873000\nBerlin,Germany,3769000\nBonn,Germany,331000\n"
    alone = "City,Country,Population\nRome,Italy,2873000\nBerlin,Germany,3769000\n"
    for cities in (table, alone):
        assert verdict("The population of Italy is 59000000.", cities) == "unverifiable"
        assert verdict("Italy has a population of 2873000.", cities) == "unverifiable"
        assert verdict("The population of Rome is 59000000.", cities) == "contradicted"


def test_a_thing_that_may_have_a_row_for_each_year_is_not_named_without_the_year() -> None:
    table = "year,country,gdp\n2020,Spain,1281\n2021,Spain,1427\n2020,UK,2706\n"
    assert verdict("The GDP of the UK was 3100", table) == "unverifiable"
    assert verdict("The GDP of the UK in 2020 was 3100", table) == "contradicted"


def test_numbers_with_dots_say_nothing_in_a_table_with_decimal_commas() -> None:
    table = "Product;Price (\u20ac);Amount\nApple;1,50;1.200\nPear;2,30;900\n"
    for text in ("The amount of Apple is 1.2", "The amount of Apple is 1200", "Pear has the highest amount"):
        assert verdict(text, table) is None
    assert verdict("The amount of Apple is 1200", table.replace("1,50", "150").replace("2,30", "230")) is not None
