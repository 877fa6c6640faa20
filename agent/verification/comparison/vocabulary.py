"""Word lists of the comparison, kept as data files beside it; none of them is complete."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType

from agent.verification.lexicon import STOP_WORDS


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


ARTICLES = _words("a an the")
NEGATIONS = _words("not no never none neither nor nobody nothing nowhere without n't non 不 没 未 无 非 沒 無")
"""Words that turn a statement into its contrary where nothing else differs."""
ATTRIBUTIONS = _words("""
    claim claims claimed claiming allege alleges alleged allegedly say says said saying reported reportedly reports
    report believe believes believed belief think thinks thought suggest suggests suggested argue argues argued
    suppose supposed supposedly purported purportedly according accuse accused assert asserts asserted state stated
    states rumor rumour rumors rumours rumored rumoured hoax myth legend legendary fiction fictional novel story
    stories film movie dream dreamed dreamt imagine imagined hypothetical hypothesis theory pretend pretended
    speculated speculation unconfirmed disputed hypothesised hypothesized told tells deny denies denied doubt doubted
    doubts refute refuted retracted wrongly falsely incorrectly mistakenly erroneously misconception lie lies lied
    joke untrue fake false incorrect wrong error mistake consider considered regarded deemed seen predict predicts
    insist insisted contend contends contended propose proposed hope hopes hoped fear fears feared want wanted wants
    whether episode character protagonist plot game question asked asks quote quoted misquoted satire parody
    maintained maintains announced announce announces promise promised promises threatened warned
""")
"""Words after or before which a statement is somebody's and not the text's."""
FRAMES = _words("""
    opinion opinions view views eyes words poem opera play plays book books tale tales tradition traditions folklore
    bible mind imagination comic series scenario fantasy painting musical manga anime universe timeline drama sequel
    adaptation mythology canon version draft reality essence principle theory piece sketch satire parody paper
    simulation simulations dreams jest appearance appearances name combination conjunction cases instances trial trials
    experiment experiments
""")
"""What a sentence may begin with that is true in a tale, or for somebody, only: "in the poem, ..."."""
LIMITS = _words("""
    if only unless but except excepting besides may might could would should can will shall must possibly perhaps maybe
    probably likely unlikely apparently seemingly seems seem seemed appears appeared expected expects planned plans plan
    projected forecast estimated estimate estimates almost nearly about around approximately roughly circa mostly mainly
    largely chiefly primarily partly partially usually normally generally typically often sometimes occasionally
    frequently rarely seldom hardly barely scarcely some most many few several half least up former formerly previously
    until originally initially nominally theoretically virtually practically temporarily provided provisional
    provisionally pending future soon when whenever where wherever while before depending depends optional optionally
    fail fails failed refuse refused refuses attempt attempts attempted try tries tried intended intends intend aim aims
    aimed goal target instead rather unlike otherwise although though despite however prevent prevents prevented avoid
    avoids avoided stop stopped stops cease ceased lack lacks lacked abandoned cancelled canceled rejected proposed
    potential potentially would-be self-proclaimed so-called unofficial unofficially honorary acting deputy vice
    assistant half-brother half-sister stepson stepmother quasi pseudo semi near ex mock toy replica imitation model
    other another each either or more less fewer than over under below above minimum maximum exceeding not no never none
    neither nor nobody nothing nowhere without non last second deprecated obsolete removed discontinued unsuccessful
    unsuccessfully excluding exclude excludes under-secretary co-founder partial incomplete limited limit restricted
    too enough except even yet still longer anymore exception exceptions excepted
    condition conditions far
""")
"""Words that limit a statement; one that the claim leaves out forbids to call it supported."""
TELLING_LIMITS = _words("""
    only may might could would should can possibly perhaps maybe probably likely apparently expected planned projected
    forecast estimated almost nearly about around approximately roughly mostly mainly largely chiefly primarily partly
    partially usually normally generally typically often sometimes occasionally some most many few several half former
    formerly previously if unless will rarely seldom
""")
"""Of these, the ones after which a claim that leaves them out holds only with a limit."""
PRESENT_VERBS = _words("""
    lies stands flows lives works contains has covers holds carries supplies gives makes takes uses reads writes returns
    runs stores teaches keeps leads produces provides supports allows requires includes needs means shows creates
    removes deletes prints displays sends receives begins starts ends opens closes grows rises falls feeds eats lays
    belongs consists comprises connects crosses passes reaches offers sells buys owns employs speaks serves operates
    depends accepts rejects raises sets defines describes specifies controls handles converts copies moves
""")
"""Verbs in the present that are hardly ever anything else where a name or a noun stands before them."""
CLAUSE_OPENERS = _words(
    "in on at by during after before since from following despite although though while whereas as with unlike"
)
CONNECTIVES = _words(
    "however moreover furthermore additionally also thus therefore then hence meanwhile similarly likewise finally "
    "consequently accordingly indeed today and note that addition in"
)
SAFE_ADVERBS = _words(
    "also then subsequently eventually finally officially publicly personally quickly immediately successfully himself "
    "herself itself themselves famously thus therefore just actually directly later jointly fully completely entirely "
    "currently historically commonly"
)
"""Words that may be left out wherever they stand."""
SYMMETRIC = _words("""
    marry met meet border adjoin equal resemble collaborate cooperate compete divorce face play fight differ intersect
    love trust call visit help admire know like hate respect praise thank phone miss envy
    touch share neighbour neighbor merge date friend cousin sibling twin adjacent similar identical same between with
    partner rival near beside next close parallel perpendicular different is was are were be 's and or of
""")
"""Words that say the same of both sides, or can be true of both, so that a change of places contradicts nothing."""
PLURAL_VERBS = _words("""
    visit meet include contain play speak use like support know study teach work travel join help see eat read have has
    had cover feature invade fight defeat beat influence inspire sell buy produce make grow own attend perform appear
    collaborate borders border
""")
"""Verbs that can be true of several objects, so that another name there is no contradiction."""
MAKING = _words(
    "design build =build write direct found =found establish =establish invent discover compose paint create develop "
    "lead head chair command conduct kill murder assassinate publish construct win name appoint"
)
"""Verbs by which a thing has mostly one maker."""
REPEATED = _words(
    "amend attack restore arrest repair renovate visit flood raid besiege bomb revise update rebuild =rebuild expand "
    "renew perform inspect audit tour revisit"
)
"""Verbs of what can happen to the same thing in several years."""
PLACING = _words(
    "locate =located situate situated lie base headquarter capital mouth source rise flow found =found stand"
)
"""Words with which a thing is in one place."""
SEVERAL_PLACES = _words(
    "use know speak see find play show sell eat common popular available operate serve live travel teach work "
    "arrest perform attack"
)
"""Words with which a thing can be in several places, or told of several people."""
UNIQUE = _words("first last only capital founder inventor father mother winner birthplace president king queen emperor")
"""Words for what there is one of."""
PREPOSITIONS = _words(
    "in on at by during after since from for with as to into onto of through near within across along under over "
    "between among against toward towards via per upon around alongside because following off out beyond behind beside "
    "above below inside outside throughout"
)
_CJK_SAME = {"於": "于", "為": "为", "個": "个", "國": "国", "學": "学", "與": "与", "發": "发"}


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The word lists of the data files, made for look-up."""

    synonyms: Mapping[str, str]
    contrary: Mapping[str, frozenset[str]]
    function_words: frozenset[str]
    participles: frozenset[str]
    irregular: Mapping[str, str]
    phrases: Mapping[tuple[str, ...], tuple[str, ...]]
    cjk_same: Mapping[str, str]


_IRREGULAR_MORE = """
    wrote:write written:write found:find left:leave lay:lie bore:bear born:bear became:become felt:feel got:get
    heard:hear kept:keep laid:lay left:leave lent:lend lost:lose meant:mean sought:seek shot:shoot
    shown:show slept:sleep spread:spread struck:strike swore:swear torn:tear threw:throw thrown:throw
    understood:understand withdrew:withdraw
    has:have had:have does:do is:be are:be was:be were:be been:be children:child men:man women:woman feet:foot
    people:person mice:mouse geese:goose teeth:tooth lives:life wives:wife leaves:leaf halves:half cities:city
    dealt:deal bound:bind caught:catch crept:creep cut:cut hit:hit hung:hang put:put set:set sat:sit stole:steal
    stolen:steal beat:beat beaten:beat overcame:overcome underwent:undergo drunk:drink drank:drink ate:eat eaten:eat
    sank:sink sunk:sink sprang:spring shrank:shrink shrunk:shrink fled:flee bled:bleed bred:breed fed:feed sped:speed
    slid:slide spun:spin stuck:stick stung:sting swept:sweep swung:swing wept:weep woke:wake woken:wake rang:ring
    rung:ring bit:bite bitten:bite blew:blow blown:blow clung:cling dug:dig forbade:forbid forbidden:forbid
    forgave:forgive mistook:mistake proven:prove rebuilt:rebuild shed:shed shone:shine strode:stride strung:string
    swollen:swell undertook:undertake undertaken:undertake upheld:uphold withheld:withhold withstood:withstand
    oversaw:oversee overseen:oversee overthrew:overthrow overthrown:overthrow saw:see seen:see rewrote:rewrite
    rewritten:rewrite forgot:forget forgotten:forget cast:cast broadcast:broadcast burst:burst cost:cost
    hid:hide hidden:hide lit:light rode:ride ridden:ride shook:shake shaken:shake split:split wound:wind
"""


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Return the word lists."""
    synonyms = {word: f"={line[0]}" for line in _lines("synonyms.txt") for word in line}
    contrary: dict[str, set[str]] = {}
    groups = {word: line for line in _lines("synonyms.txt") for word in line}
    for line in (*_lines("antonyms.txt"), *_lines("exclusive.txt")):
        for word in line:
            others = {alike for other in line if other != word for alike in groups.get(other, [other])}
            for alike in groups.get(word, [word]):
                contrary.setdefault(alike, set()).update(others - {alike})
    irregular = dict(pair.split(":") for pair in _IRREGULAR_MORE.split())
    participles = frozenset(irregular) - _words(
        "has had does is are was were children men women feet people mice lives"
    )
    function_words = (
        STOP_WORDS | PREPOSITIONS | NEGATIONS | CLAUSE_OPENERS | _words("all some most many both each every if any")
    )
    splits = [(line[: line.index("=")], line[line.index("=") + 1 :]) for line in _lines("phrases.txt")]
    phrases = {tuple(phrase): tuple(meaning) for phrase, meaning in splits}
    return Vocabulary(
        MappingProxyType(synonyms),
        MappingProxyType({word: frozenset(others) for word, others in contrary.items()}),
        function_words,
        participles,
        MappingProxyType(irregular),
        MappingProxyType(phrases),
        MappingProxyType(_CJK_SAME),
    )


def _lines(name: str) -> Iterator[list[str]]:
    text = files("agent.verification.comparison").joinpath("words", name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line.strip() and not line.startswith("#"):
            yield line.split()
