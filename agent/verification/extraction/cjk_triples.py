"""Triples of Chinese statements, by patterns that fit the whole of a statement or its first clause."""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

from agent.domain.claims import Statement
from agent.verification.extraction.qualifiers import CJK_DATE, Timed, without_cjk_time
from agent.verification.lexicon import CJK_ANAPHORS
from agent.verification.negation import is_denied, unshared_scope

_S = "(?P<s>[^，、；：,;:。！？!?\\s]{2,24}?)"
_O = "(?P<o>[^，、；：,;:。！？!?]{1,40}?)"
_NEG = "(?P<neg>不|并不|並不|并非|並非|没有|沒有|从未|從未|未|没|沒)?"
_BOUND = "(?P<bound>约|約|大约|大約|至少|最多|超过|超過|近|不到|不足|将近|接近|多达|高达|逾)?"
_NUMBER = (
    "(?P<number>\\d{1,3}(?:,\\d{3})+(?:\\.\\d+)?[万萬亿億千百]*|\\d+(?:\\.\\d+)?[万萬亿億千百]*"
    "|[一二三四五六七八九十百千万亿两兩]+)(?P<more>多|余|餘)?"
)
_UNIT = (
    "(?P<unit>平方公里|平方千米|平方米|立方米|公里|千米|厘米|毫米|米|公斤|千克|公顷|英里|英尺|吨|克|美元|港元|元|小时|分钟"
    "|人|年|天|岁|%|％)"
)
_KIND = (
    "个|個|座|位(?!于|於)|部|种|種|家|所|名|首|条|條|款|本|支|间|間|场|場|项|項|套|类|類|艘|架|颗|份|把|片|档|幅|只|隻|处|處|块|册"
    "|集|期|卷|辑|层|节"
)
_ROLES = (
    "首都|省会|首府|作者|导演|創始人|创始人|创办人|总统|主席|总理|首相|校长|总部|妻子|丈夫|父亲|母亲|儿子|女儿|哥哥"
    "|弟弟|姐姐|妹妹|成员|一部分|组成部分|别名|简称|前身|主角|编剧|作曲者|发明者|发现者|产地|队长|教练"
)
_NAMED = (
    f"(?:{_ROLES}|总人口|人口|总面积|建筑面积|占地面积|流域面积|面积|海拔|高度|长度|全长|宽度|深度|身高|原名|本名|英文名|别称|学名|官方语言|货币|国歌|国籍"
    "|出生地|代码|邮编|区号)"
)
_PLACED = (
    "位于|位於|坐落于|座落于|地处|隶属于|隸屬於|属于|屬於|毕业于|畢業於|就读于|任教于|任职于|起源于|改编自|流经|毗邻"
)
_EVENTS = (
    "出生|诞生|逝世|去世|成立|建立|创立|創立|创办|創辦|建成|启用|通车|开业|开播|上映|发行|出版|首播|播出|开幕|动工"
    "|落成|解散|关闭"
)
_MADE = (
    "执导|導演|导演|创作|編劇|编剧|编写|設計|设计|建立|創立|创立|创办|主演|演唱|出版|发行|制作|製作|主持|作曲|填词|兴建|建造|开发"
    "|發行|撰写|经营|管理|营运|營運|运营"
)
_ADJECTIVES = re.compile(
    "(?:著名|知名|有名|伟大|优秀|唯一|年轻|杰出|重要|主要|最|很|非常|现任|前任|首任|第.{1,3}任|前|同|一个|一位)"
)
_DOUBTS = re.compile("[误誤错錯谣謠假梦夢虚虛传傳称稱说說据據若如谎謊]|认为|認為|相信|原本|本来|曾|表示|指出|疑")
_ASIDE = re.compile("[（(][^（）()]{0,60}[）)]")
_NOT_ALONE = re.compile(
    f"{'|'.join(CJK_ANAPHORS)}"
    "|我|你|您|有|在|当|由|因|许多|一些|大多|所有|本|全|总|馆址|会址|校址|地址|车站|出生|其中|部分|两|双方|每|各|牠|祂|有的"
)
"""How a subject begins that is none, or that only the sentences before it tell."""
_NO_END = re.compile(
    "(?:目前|率先|先后|正式|最终|首次|随后|后来|最初|同时|分别|主要|现时|当时|如今|[一也共盖刻写装配附印带存持享育只已仅总均都则又还曾就便现亦即不没所具拥含设占%％]$)"
)
_JOINED = re.compile("[和与與及或、]|以及")
_CLAUSE_IN_NAME = re.compile("[所是有由于於被]|成为|为了|\\d年")


class _Found(NamedTuple):
    subject: str
    relation: str
    object: str
    qualifiers: dict[str, str]


_Read = Callable[[re.Match[str]], _Found]


def cjk_triples(body: str) -> tuple[Statement, ...]:
    """Return the triples of a Chinese statement without its full stop, or nothing where no pattern fits.

    Of several clauses only the first one is read, since the others mostly leave out what they are about; it is not read
    where anything in the rest could take it back.
    """
    if re.search('[“”「」"`?？…；;：:]', body):
        return ()
    timed = without_cjk_time(_ASIDE.sub("", body))
    first, _, rest = timed.text.partition("，")
    asides = " ".join(_ASIDE.findall(body))
    if "、" in first or _DOUBTS.search(body) or unshared_scope("", f"{rest} {asides}"):
        return ()
    return tuple(_read(timed._replace(text=first.strip()), alone=not rest))


def _read(timed: Timed, *, alone: bool) -> Iterator[Statement]:
    for expression, read, whole in _PATTERNS:
        if (whole and not alone) or not (match := expression.fullmatch(timed.text)):
            continue
        found = read(match)
        words = f"{found.subject} {found.relation} {found.object}"
        if not _is_thing(found.subject) or not found.object or is_denied(words) or unshared_scope("", words):
            continue
        when = {"time": timed.time} if timed.time else {}
        yield Statement(
            subject=found.subject,
            relation=found.relation,
            object=found.object,
            positive=not match.groupdict().get("neg"),
            qualifiers={**when, **found.qualifiers},
        )
        return


def _is_thing(name: str) -> bool:
    unlike = (_NO_END, _JOINED, _CLAUSE_IN_NAME)
    return not _NOT_ALONE.match(name) and not any(pattern.search(name) for pattern in unlike)


def _placed(match: re.Match[str]) -> _Found:
    # "X中学就读于Y": the school is the time of life, not whose school it was
    school = match["v"].endswith(("业于", "業於", "读于")) and match["s"].endswith(("学", "學", "中"))
    return _Found(match["s"], match["v"], "" if school else match["o"].strip(), {})


def _relation(relation: str) -> _Read:
    def read(match: re.Match[str]) -> _Found:
        return _Found(match["s"], relation, match["o"].strip(), {})

    return read


def _role(match: re.Match[str]) -> _Found:
    # said of the thing whose role it is, so that both orders of the words give one triple
    good = not _ADJECTIVES.match(match["o"]) and _is_thing(match["s"])
    return _Found(match["o"], match["r"], match["s"] if good else "", {})


def _attribute(match: re.Match[str]) -> _Found:
    return _Found(match["s"], match["r"], match["o"].strip(), {})


def _attribute_number(match: re.Match[str]) -> _Found:
    return _Found(match["s"], match["r"], match["number"], _quantity(match))


def _count(match: re.Match[str]) -> _Found:
    return _Found(match["s"], "有", match["number"], _quantity(match))


def _quantity(match: re.Match[str]) -> dict[str, str]:
    groups = match.groupdict()
    bound = "".join(groups.get(name) or "" for name in ("bound", "more", "after"))
    return {key: value for key, value in (("bound", bound), ("unit", groups.get("unit"))) if value}


def _event(match: re.Match[str]) -> _Found:
    return _Found(match["s"], f"{match['v']}于", match["o"].strip(), {})


def _by(match: re.Match[str]) -> _Found:
    several = re.search("[和与與及]|等", match["o"])
    return _Found(match["s"], f"由…{match['v']}", "" if several else match["o"], {})


_AFTER = "(?P<after>左右|上下|以上|以下)?"
_PATTERNS: tuple[tuple[re.Pattern[str], _Read, bool], ...] = tuple(
    (re.compile(expression), read, whole)
    for expression, read, whole in (
        (f"{_S}的?(?P<r>{_NAMED})(?:是|为|為|达|達)?{_BOUND}{_NUMBER}{_UNIT}?{_AFTER}", _attribute_number, False),
        (
            f"{_S}(?:共有|拥有|设有|共设|有){_BOUND}{_NUMBER}(?P<unit>(?:{_KIND})[^，的]{{1,10}}?|[人名位家座]){_AFTER}",
            _count,
            False,
        ),
        (f"{_S}{_NEG}(?P<v>{_PLACED}){_O}", _placed, False),
        (f"{_S}(?:{_NEG})?[于於]?(?P<o>(?<!\\d){CJK_DATE})(?P<v>{_EVENTS})", _event, False),
        (f"{_S}{_NEG}(?P<v>{_EVENTS})[于於在]{_O}", _event, False),
        (f"{_S}生[于於](?P<o>{CJK_DATE})(?P<v>)", _relation("出生于"), False),
        (f"{_S}{_NEG}由{_O}(?P<v>{_MADE})(?:的.{{0,12}})?", _by, True),
        (f"{_S}的(?P<r>{_NAMED}){_NEG}[是为為]{_O}", _attribute, True),
        (f"{_S}{_NEG}是{_O}的(?P<r>{_ROLES})", _role, True),
        (f"{_S}{_NEG}[是为為](?P<o>[一1](?:{_KIND})[^，]{{1,40}})", _relation("是"), True),
    )
)
