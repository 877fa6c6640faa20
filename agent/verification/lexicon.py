"""Closed word lists of the deterministic checks. None of them is complete; each says what missing a word costs."""

import re


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEGATIONS = _words("not no never none nor neither nobody nothing nowhere without non")

STOP_WORDS = _words("""
    a an the of in on at to for by with from as into onto upon is are was were be been being am has have had having
    do does did it its itself he him his she her hers they them their this that these those there here which who whom
    whose what when where why how and or so then too also very just i me my we our you your s
""")
"""Words a statement may use although its evidence does not. Whatever changes a meaning (not, before, only) is none."""

CJK_STOP = frozenset(
    "的了是在和与與及也都就而于於为為有被把从從到对對將将之其这這那此等着過过吗嗎呢吧啊呀么麼地得个個はがをにのでともへや"
)

YES_NO = _words("yes no true false correct incorrect right wrong")
CJK_YES_NO = _words("是 是的 否 不是 对 不对 正确 错误 はい いいえ")

ANAPHORS = _words("it he she they this these those that his her their its former latter such there one")
"""Words that stand for something named before. A missing one lets a statement pass that does not name its subject."""
CJK_ANAPHORS = (
    "他",
    "她",
    "它",
    "其",
    "该",
    "該",
    "此",
    "这",
    "這",
    "那",
    "前者",
    "后者",
    "後者",
    "同年",
    "当时",
    "當時",
)

DENIALS = NEGATIONS | {"except", "unless"}
CJK_DENIAL = re.compile("不(?![少同仅僅断斷过過久])|没|沒|未|无|無|并非|並非|否认|否認|除了|除非|ない")

SCOPE_WORDS = DENIALS | _words("""
    if only but may might could would should possibly perhaps maybe probably likely unlikely
    alleged allegedly reportedly supposedly purportedly claim claimed claims believe believed thought said says
    denied denies disputed rumored rumoured expected planned predicted projected forecast estimated
    former formerly previously until hardly barely scarcely rarely seldom almost nearly
    about around approximately roughly fictional myth
    instead rather unlike whereas although though despite failed refused
    false falsely wrong wrongly incorrect incorrectly mistakenly correction
    minus negative excluding excepting besides deprecated removed discontinued soon
    least most minimum maximum over under below above exceed more less fewer than up target goal earlier later
""")
"""Words that deny, limit or attribute what a sentence says. A missing one lets a limited value pass as a plain one."""
CJK_SCOPE = re.compile(
    f"{CJK_DENIAL.pattern}|可能|或许|或許|也许|也許|据说|據說|据称|傳說|传说|如果|假如"
    "|预计|預計|计划|計劃|约|約|超过|超過|近|以上|以下|至少|最多|かも"
)

INTRODUCING_WORDS = _words("""
    here below above following follow follows answer answers result results finding findings summary overview detail
    details main key list table example note notes conclusion conclusions report more step steps file files source
    sources
""")
"""Words of headings and of lines that introduce a list. One too many lets a heading state something unnoticed."""

ASKING_WORDS = _words("""
    name year date day number many much kind type sort called mean meaning according document text article page state
    stated say said tell give given list find exactly please answer question happen happened
""")
"""Words of a question that name the kind of answer; no text need have them. One too many lets a near miss pass."""
CJK_ASKING = re.compile(
    "请问|什么时候|什么时间|为什么|是什么|什么样|什么|哪一年|哪一个|哪一|哪些|哪个|哪里|哪儿"
    "|哪年|哪位|哪种|哪|谁|多少|多久|几个|几|何时|何地|何种|何人|何|怎么样|怎么|怎样|如何|是否|分别|主要|多长|多大|多高|请|問"
)
DIMENSIONS = tuple(
    _words(group)
    for group in (
        "tall high height", "long length", "wide width", "deep depth", "old age aged", "far distance",
        "heavy weight weigh weighs", "fast speed",
    )
)  # fmt: skip
"""What is asked with one word and stated with another."""

IRREGULAR = dict(
    pair.split(":")
    for pair in _words("""
        made:make began:begin begun:begin broke:break broken:break brought:bring built:build bought:buy
        came:come chose:choose chosen:choose did:do drew:draw drawn:draw drove:drive driven:drive fell:fall
        fallen:fall fought:fight flew:fly flown:fly froze:freeze frozen:freeze gave:give given:give went:go
        gone:go grew:grow grown:grow held:hold kept:keep knew:know known:know led:lead lost:lose met:meet
        paid:pay ran:run rose:rise risen:rise sent:send sang:sing sung:sing sold:sell spent:spend spoke:speak
        spoken:speak stood:stand swam:swim taught:teach took:take taken:take told:tell thought:think wore:wear
        worn:wear won:win wrote:write written:write
    """)
)
"""Past forms that stemming does not reach; forms that are also words of their own (found, left, saw) are not here."""

CONJUNCTIONS = _words("and but while whereas although though or versus vs")
MONTHS = _words("""
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec
""")
YEAR_WORDS = _words("in since by from until till before after during year circa")
"""Words after which a number of four digits is a year."""

TELLING_QUESTION = re.compile(
    r"\W*(?:did|do|does)n?(?:['\u2019]?t)?\s+(?:you|anyone|everyone|everybody)\s+(?:(?:not|already)\s+)?(?:know|realize|realise)\b"
    r"|.{8,},\s*(?:right|correct|(?:is|are|was|were|do|does|did|has|have|had|ca|can|wo|would|could|should)(?:n['\u2019]t)?\s+"
    r"(?:it|he|she|they|there|this|that|you|we))\s*\?",
    re.IGNORECASE | re.DOTALL,
)
"""Questions that state something: "did you know that ...?", and what ends in "isn't it?"."""

SMALL_NUMBERS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
ORDINALS = {
    "first": "1st", "second": "2nd", "third": "3rd", "fourth": "4th", "fifth": "5th",
    "sixth": "6th", "seventh": "7th", "eighth": "8th", "ninth": "9th", "tenth": "10th",
}  # fmt: skip
MAGNITUDES = {
    "hundred": 10**2, "thousand": 10**3, "million": 10**6, "billion": 10**9, "bn": 10**9, "trillion": 10**12,
}  # fmt: skip
CJK_MAGNITUDES = {"万亿": 10**12, "萬億": 10**12, "亿": 10**8, "億": 10**8, "万": 10**4, "萬": 10**4, "千": 10**3}
"""Longer signs come first."""
CURRENCIES = {"$": "dollar", "\u20ac": "euro", "\u00a3": "pound", "\u00a5": "yen", "\u20b9": "rupee"}
