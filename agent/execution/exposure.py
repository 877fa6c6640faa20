"""What has come into a branch of a run, on which it depends what the branch may do unasked."""

from collections.abc import Iterable, Mapping


class Exposure:
    """What whoever acts in a branch has read.

    What came of calls counts only once the model has been asked again: what was called at the same time does not depend
    on which call ended first, so a re-run finds the same. All of it follows from recorded effects.

    Args:
        untrusted: text of unknown origin was in it from the beginning.
        addresses: that may be opened, since the user wrote them.
        texts: of unknown origin that were in it from the beginning.

    Attributes:
        untrusted: the model may have read text of unknown origin, which may have told it what to do.
        looked: the model may have read files, documents or outputs of programs: what could be given away.
        addresses: that may be opened: the user's, and those of pages that the model was shown quotes of.
        refused: what a person has said to calls that they did not allow, by the calls' digests, since they last said
            anything else.
        texts: of unknown origin that the model was shown: by tools, of pages, in earlier answers, and in the results
            and the goal of a subtask that others may have had a hand in.
    """

    def __init__(self, *, untrusted: bool, addresses: Iterable[str] = (), texts: Iterable[str] = ()) -> None:
        self.untrusted = self.heard_untrusted = untrusted
        self.looked = self.heard_looked = False
        self.addresses = self._heard_addresses = frozenset(addresses)
        self.texts: tuple[str, ...] = tuple(texts)
        self._heard_texts: list[str] = list(self.texts)
        self.refused: Mapping[str, str] = {}
        self._heard_refused: dict[str, str] = {}

    def hear(
        self, *, untrusted: bool = False, looked: bool = False, addresses: Iterable[str] = (), text: str = ""
    ) -> None:
        """Take note of what a call has brought in; the model reads it when it is asked next.

        ``text`` is what others may have written of it.
        """
        if text:
            self._heard_texts.append(text)
        self.heard_untrusted = self.heard_untrusted or untrusted
        self.heard_looked = self.heard_looked or looked
        self._heard_addresses = self._heard_addresses.union(addresses)

    def refuse(self, call: str, said: str) -> None:
        """Take note that a person did not allow a call; it counts when the model is asked next."""
        self._heard_refused[call] = said

    def forget_refusals(self) -> None:
        """Take note that a person has said something since, which may have changed what they allow."""
        self._heard_refused.clear()

    def read(self) -> None:
        """Take note that the model is asked, and so reads what has come in."""
        self.untrusted, self.looked = self.heard_untrusted, self.heard_looked
        self.addresses = self._heard_addresses
        if len(self._heard_texts) > len(self.texts):
            self.texts = tuple(self._heard_texts)
        self.refused = dict(self._heard_refused)
