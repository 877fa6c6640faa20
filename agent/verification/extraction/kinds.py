"""What kind of statement a sentence is, by closed lists of words.

A fact that is taken for an opinion is never checked, so only strong signs make an opinion: taste, advice and the
writer's own predictions. "I think that ..." and hedges do not: what is thought can still be wrong.
"""

import re

from agent.domain.claims import ClaimKind
from agent.verification.extraction.plain import has_inline_code, has_reference
from agent.verification.lexicon import SMALL_NUMBERS, TELLING_QUESTION, TENS
from agent.verification.words import features, tokens

_QUESTION = re.compile("(?:[?\uff1f\u061f][!\uff01?\uff1f\u061f\"'\u201d\u2019\u300d)\uff09*_ ]*|[吗嗎][。.!\uff01]*)$")
_GREETING = re.compile(
    r"(?:hello|hi|hey|dear\s+\S+|good\s+(?:morning|afternoon|evening)|greetings|welcome)\b[\w\s,]{0,30}"
    r"|(?:thanks|thank\s+you|many\s+thanks|you(?:'|\u2019)re\s+welcome|sure|certainly|of\s+course|absolutely|okay|ok|great"
    r"|no\s+problem|sorry|(?:best|kind)\s+regards|cheers|good\s+luck|goodbye|bye)\b(?:\s+(?:for|to)\s+[\w\s]{1,40})?[\w\s,]{0,20}"
    r"|i(?:(?:'|\u2019)m\s+(?:glad|happy)\s+to\s+help|\s+hope\s+(?:this|that)\s+helps)[\w\s]{0,30}"
    r"|(?:please\s+)?(?:let\s+me\s+know|feel\s+free\s+to\s+ask)\b.{0,80}"
    r"|(?:你好|您好|大家好|早上好|晚上好|谢谢|謝謝|感谢|多谢|不客气|好的|当然(?:可以)?|没问题|再见|抱歉"
    r"|希望(?:这|以上)?.{0,8}(?:有所?帮助|能帮到你)|如有.{0,12}(?:告诉我|联系|提问)).{0,12}",
    re.IGNORECASE,
)

_CLAUSE = re.compile(r"\b(?:is|are|was|were|has|had)\b")
_DID_YOU_KNOW = re.compile(
    r"(?:did|do)(?:n['\u2019]t)?\s+you\s+know\s+that\s+|(?:你|您)知道(?=[^吗嗎]*是[^吗嗎]*[吗嗎])", re.IGNORECASE
)
_ASKS = re.compile(
    r"^\W*(?:is|are|was|were|does|has|have|had|can|could|should|would|will|may|what|who|whom|whose|which|where|when|why|how)\b"
    "|谁|什么|甚么|哪|怎|几|多少|为何|是否|吗.*吗",
    re.IGNORECASE,
)
"""What really asks something, whatever it ends in."""
_TAG = re.compile(
    r",\s*(?:right|correct|no|yes|ok|okay|eh|(?:is|are|was|were|has|have|had|do|does|did|wo|ca|would|could)n['\u2019]t"
    r"\s+(?:it|he|she|they|there|we|that))\s*[?\uff1f]+[!?]*$|[，,](?:对|是|不是|是不是|对不对)[吗嗎吧]?[?\uff1f]+$",
    re.IGNORECASE,
)
_THINKS = re.compile(
    r"(?:personally,?\s+)?(?:i|we)\s+(?:\w+ly\s+)?(?:think|believe|feel|guess|find|consider|would\s+say)\b"
    r"|(?:in|to)\s+(?:my|our)\s+(?:\w+\s+)?(?:opinion|view|mind|experience)\b|if\s+you\s+ask\s+me\b|personally,"
    r"|[我笔](?:们|者)?(?:个人)?(?:认为|觉得|以为|相信|猜)|(?:在我看来|依我看|我的看法是|个人认为|个人觉得)",
    re.IGNORECASE,
)
_OWN = re.compile(
    r"(?:personally,?\s+)?(?:i|we)\s+(?:\w+ly\s+)?(?:would\s+|(?:'|\u2019)d\s+|can(?:not|(?:'|\u2019)t)\s+)?"
    r"(?:recommend|suggest|prefer|advise|like|love|hate|enjoy|dislike|hope|wish|expect|predict)\b"
    r"|my\s+(?:favou?rite|advice|recommendation|prediction)\b"
    r"|我(?:们|个人)?(?:强烈|更)?(?:推荐|建议|喜欢|讨厌|希望|预计|预测)|我最喜欢",
    re.IGNORECASE,
)
_ADVICE = re.compile(
    r"(?:(?:so|then|therefore|also|generally|ideally|for\s+\w+),?\s+)?(?:you|one|we|everyone)\s+(?:\w+ly\s+)?"
    r"(?:should|ought\s+to|had\s+better|might\s+want\s+to|may\s+want\s+to|can\s+always)\b"
    r"|(?:please|let(?:'|\u2019)s|make\s+sure|be\s+sure|be\s+careful|don(?:'|\u2019)t\s+forget|try\s+to|consider\s+\w+ing)\b"
    r"|it\s+(?:is|would\s+be)\s+(?:(?:best|better)(?=\s+(?:not\s+)?to\b|\s+if\b)|advisable|wise|worth|worthwhile"
    r"|a\s+good\s+idea)\b"
    r"|(?:你|您|我们|大家)?(?:最好|不妨|应该|應該|应当|可以试试|请务必)|(?:建议|請|请)(?!求|教|愿|示|客|假)",
    re.IGNORECASE,
)
_TASTE_WORDS = (
    r"beautiful|ugly|delicious|tasty|amazing|awesome|wonderful|boring|lovely|fun|interesting|exciting|brilliant|terrible"
    r"|horrible|awful|fantastic|charming|elegant|stunning|gorgeous|pleasant|nice|great|good|bad|overrated|underrated"
    r"|disappointing|unforgettable|breathtaking|impressive|annoying|cute|magnificent|superb|splendid|disgusting"
)
_TASTE = re.compile(
    r"[^,;:]{1,60}?\s(?:is|are|was|were|looks?|looked|seems?|seemed|feels?|felt|tastes?|tasted|sounds?|smells?)\s+"
    rf"(?:(?:really|very|so|just|quite|truly|absolutely|simply|pretty|rather|extremely|too|not)\s+)*(?:{_TASTE_WORDS})"
    r"(?:\s+(?:to\s+\w+|overall|indeed|as\s+well|and\s+\w+))?[.!]*",
    re.IGNORECASE,
)
_CJK_TASTE = re.compile(
    "[^，；：,]{1,30}(?:真的?|太|很|非常|十分|特别|极其|相当|最|超级?)(?:是)?"
    "(?:美丽|美|漂亮|好吃|好看|好听|好玩|美味|有趣|精彩|无聊|迷人|可爱|难吃|难看|壮观|浪漫|令人难忘|值得一[看去游])(?:了|的|呢)?[。！!.]*"
)
_EVALUATION = re.compile(
    rf"\b(?:{_TASTE_WORDS}|better|worse|best|worst|easier|nicer|should|ought|too\s+\w+|worth|deserves?)\b"
    "|[更最][好坏差棒美]|应该|值得|有趣|精彩|无聊|美丽|漂亮|好吃",
    re.IGNORECASE,
)
_TELLS = re.compile(
    r"\b(?:note|noting|notice|know|knowing|remember|recall|reali[sz]e|learn|mention\w*|tell\w*|say|saying|stat(?:e|ing)"
    r"|add(?:ing)?|aware|in\s+mind|understand|acknowledge|recogni[sz]e|remind\w*|emphasi[sz]e|highlight"
    r"|point(?:ing)?\s+out|that|which|who|whom|whose|where|because|since|as|known|named|called)\b"
    "|注意|记住|記住|知道|提醒|指出|了解|说明|因为|因為",
    re.IGNORECASE,
)
_HOLDS = re.compile(
    r"\b(?:is|are|was|were|has|had|does|did|lies|stands|became|won|wrote|made|remains?|stays?|be\s+the)\b|\b(?!need|advanc|detail)[a-z]{3,}ed\b|[是为為]|位于|位於|[建成]于",
    re.IGNORECASE,
)
"""Of advice and the like: what states something on the way, as in "please note that it is in Berlin"."""
_APPOSITION = re.compile(r",\s+(?:the|an?)\s+[^,]{1,60}\s(?:of|in|from)\s", re.IGNORECASE)
_PREDICTION = re.compile(
    r"\bwill\s+(?:probably|likely|surely|certainly|undoubtedly|definitely|hopefully)\b|\bhopefully\b"
    "|(?:想必|肯定|一定)[会會]|必将|必將",
    re.IGNORECASE,
)

_ATTRIBUTED = re.compile(
    r"\b(?i:according\s+to)\b|\bas\s+(?:reported|stated|noted|cited|quoted)\s+(?:by|in)\b"
    r"|\b[A-Z][\w.'\u2019-]*(?:\s+\(\d{4}\))?\s+(?:said|says|stated|states|wrote|writes|claimed|claims|argued|argues|reported|reports"
    r"|noted|announced|told|denied|believes?|believed|predicts?|predicted|expects?|estimates?|estimated)\b"
    r"|\b(?:critics|experts|scientists|researchers|officials|historians|scholars|people|many|some|it\s+(?:is|was))\s+"
    r"(?:say|said|believe|believed|claim|claimed|argue|consider|considered|think|reported|estimate|estimated)\b"
    "|根据|根據|据.{0,20}?(?:报道|报导|统计|说|称|介绍|记载|估计)|據|[^我]{1,12}(?:表示|声称|宣称|指出|认为|認為|写道|说[：:，“「])",
)
_QUOTED = re.compile(
    '["\u201c](?=[^"\u201c\u201d]*\\s[^"\u201c\u201d]*\\s)[^"\u201c\u201d]{8,600}["\u201d]'
    "|[\u201c\u300c][^\u201c\u201d\u300c\u300d]{8,600}[\u201d\u300d]"
)

_COMPUTES = re.compile(
    r"\b(?:prints?|printed|outputs?|returns?|returned|evaluates?\s+to|yields?|raises?|throws?|displays?|produces?|logs"
    r"|gives|results?\s+in|will\s+(?:print|output|return|raise))\b|输出|打印|返回|抛出|运行结果|求值|得到"
)
_PROGRAM = re.compile(
    r"\b(?:this|that|the|above|following|previous)\s+(?:\w+\s+){0,2}(?:code|program|script|function|snippet|command"
    r"|expression|loop|example|listing|statement)\b|^(?:it|this|which|running\s+(?:it|this))\s+(?:\w+\s+)?"
    r"(?:prints?|outputs?|returns?|evaluates|yields?|raises?|displays)\b|^(?:output|prints|result)\s*:?$"
    "|(?:这|上面|以上|下面|以下|该)(?:的|段|个)*(?:代码|程序|脚本|函数|命令|表达式)|^(?:它|这)?会?(?:输出|打印|返回)|^(?:输出|结果)[：:]?$",
    re.IGNORECASE,
)
_RUNS = re.compile(
    r"`[^`]*(?:\w\([^`]*\)|\w\s*(?:[-+*/%<>]|\*\*|//|==|!=|<=|>=)\s*[\w(\"']|\]\s*[\[+*]|\b(?:echo|print)\b)[^`]*`"
)
_CJK_COUNT = re.compile(
    "[二三四五六七八九十百千万亿两兩萬億]+(?:个|個|座|位|人|年|月|日|米|公里|公斤|元|次|种|種|名|只|岁|歲|部|家|所|条|件|倍|成)"
)


def states(sentence: str) -> bool:
    """Whether a sentence states something: it is no question and no greeting, and has at least two words that count."""
    if _QUESTION.search(sentence) and not TELLING_QUESTION.match(sentence):
        return False
    if _GREETING.fullmatch(sentence.strip(" .!,。！，*_")) and not _CLAUSE.search(sentence):
        return False
    items = [token for token in tokens(sentence) if token.kind != "mark"]
    said = features(items)
    return len(said) >= 2 or (len(said) == 1 and len(items) >= 3)


def asserted(sentence: str) -> str:
    """Return what a question in form only asserts, such as "Did you know that ...?" and "..., right?"; else itself."""
    if not _QUESTION.search(sentence) or _ASKS.search(sentence):
        return sentence
    if tag := _TAG.search(sentence):
        return f"{sentence[: tag.start()].rstrip()}."
    asked = _DID_YOU_KNOW.match(sentence)
    rest = sentence[asked.end() :].rstrip("?\uff1f!\uff01 吗嗎") if asked else ""
    return f"{rest[0].upper()}{rest[1:]}." if len(rest) > 1 and _HOLDS.search(rest) else sentence


def is_attributed(sentence: str) -> bool:
    """Whether somebody else is said to say it; the writer is nobody else."""
    return _ATTRIBUTED.search(sentence) is not None and not _THINKS.match(sentence)


def is_about_program(sentence: str) -> bool:
    """Whether a sentence says what a program near it prints or returns."""
    said = _COMPUTES.search(sentence) is not None and _PROGRAM.search(sentence) is not None
    return said or is_output_label(sentence)


def is_output_label(sentence: str) -> bool:
    """Whether a line only announces what a program prints, such as ``Output:``."""
    return re.fullmatch(r"(?:output|prints|result|输出|结果)\s*[:：]", sentence, re.IGNORECASE) is not None


def kind_of(sentence: str, marked: str = "", *, program: bool = False) -> ClaimKind:
    """Return the kind of a sentence that states something.

    Args:
        sentence: its words without marks of Markdown.
        marked: the same as it stands in the text, with links and citation marks.
        program: it says what a program beside it prints or returns.
    """
    if program or _says_what_code_does(sentence):
        return "code"
    if has_reference(marked or sentence) or is_attributed(sentence) or _QUOTED.search(sentence):
        return "citation"
    if is_opinion(sentence):
        return "opinion"
    return "number" if has_number(sentence) else "fact"


def is_opinion(sentence: str) -> bool:
    """Whether a sentence is the writer's own taste, advice or prediction and nothing that evidence could decide."""
    said = sentence.strip(" .!。！*_")
    if lead := _OWN.match(said) or _ADVICE.match(said):
        return not _states_more(said[lead.end() :])
    if thought := _THINKS.match(said):
        rest = said[thought.end() :]
        return (
            _EVALUATION.search(rest) is not None
            and not _TELLS.search(rest.removeprefix(" that"))
            and not has_number(said)
            and not _holds_twice(rest)
        )
    if has_number(said):
        return False
    if _TASTE.fullmatch(said) or _CJK_TASTE.fullmatch(said):
        return not _holds_twice(said)
    return _PREDICTION.search(said) is not None and not _states_more(said)


def _states_more(rest: str) -> bool:
    """Whether advice, a wish or a prediction says on the way how things are, which can be wrong."""
    told = (_TELLS.search(rest), _HOLDS.search(rest), _APPOSITION.search(rest))
    return any(told) or has_number(rest)


def _holds_twice(said: str) -> bool:
    """Whether a judgement of taste has another verb, as in "the capital is Rome and it is beautiful"."""
    return len(_HOLDS.findall(said)) > 1 or _APPOSITION.search(said) is not None


def may_be_opinion(sentence: str) -> bool:
    """Whether a sentence has any word of taste, advice or prediction, without which nobody may call it an opinion."""
    said = sentence.strip()
    if lead := _OWN.match(said) or _ADVICE.match(said):
        return not _states_more(said[lead.end() :]) and not is_attributed(said)
    signs = (_EVALUATION.search(said), _PREDICTION.search(said))
    return any(signs) and not has_number(said) and not is_attributed(said)


def has_number(sentence: str) -> bool:
    """Whether a sentence gives a number, in digits or in words; ``one`` and ordinals in words are none."""
    if _CJK_COUNT.search(sentence):
        return True
    spelled = (SMALL_NUMBERS.keys() | TENS.keys()) - {"one", "zero"}
    return any(character.isdigit() for character in sentence) or any(
        word in spelled for word in re.findall(r"[a-z]+", sentence.lower())
    )


def _says_what_code_does(sentence: str) -> bool:
    """Whether a sentence says what inline code prints or returns; a mere name in code does nothing."""
    if not has_inline_code(sentence) or not _COMPUTES.search(_without_code(sentence)):
        return False
    return _RUNS.search(sentence) is not None or _PROGRAM.search(_without_code(sentence)) is not None


def _without_code(sentence: str) -> str:
    return re.sub(r"`+[^`]*`+", " ", sentence)
