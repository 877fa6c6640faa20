"""What has come into a branch of a run, on which it depends what the branch may do unasked."""

from collections.abc import Iterable


class Exposure:
    """What whoever acts in a branch has read.

    What came of calls counts only once the model has been asked again: what was called at the same time does not depend
    on which call ended first, so a re-run finds the same. All of it follows from recorded effects.

    Args:
        untrusted: text of unknown origin was in it from the beginning.
        addresses: that may be opened, since the user wrote them.

    Attributes:
        untrusted: the model may have read text of unknown origin, which may have told it what to do.
        looked: the model may have read files, documents or outputs of programs: what could be given away.
        addresses: that may be opened: the user's, and those of pages that the model was shown quotes of.
    """

    def __init__(self, *, untrusted: bool, addresses: Iterable[str] = ()) -> None:
        self.untrusted = self.heard_untrusted = untrusted
        self.looked = self.heard_looked = False
        self.addresses = self._heard_addresses = frozenset(addresses)

    def hear(self, *, untrusted: bool = False, looked: bool = False, addresses: Iterable[str] = ()) -> None:
        """Take note of what a call has brought in; the model reads it when it is asked next."""
        self.heard_untrusted = self.heard_untrusted or untrusted
        self.heard_looked = self.heard_looked or looked
        self._heard_addresses = self._heard_addresses.union(addresses)

    def read(self) -> None:
        """Take note that the model is asked, and so reads what has come in."""
        self.untrusted, self.looked = self.heard_untrusted, self.heard_looked
        self.addresses = self._heard_addresses
