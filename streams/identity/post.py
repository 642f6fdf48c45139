"""The post: what holders tell each other, and what they count, within one settle of one partition."""

from collections import Counter

from schemas.evidence import Message
from schemas.identifiers import Ident
from streams.identity.rules import HOUR_MS, IdentityRules
from streams.processor import Addressed


class Post:
    """Where a holder leaves its hand-offs. `ledger` counts touchpoint keys as new or repeat, and messages by kind."""

    __slots__ = ("_floor", "_forgotten_before", "handoffs", "hours", "ledger", "rules")

    def __init__(self, rules: IdentityRules) -> None:
        self.rules = rules
        self._floor = 0
        self._forgotten_before = rules.forgotten_before(0)
        self.handoffs: list[Addressed] = []
        self.ledger: Counter[str] = Counter()
        self.hours: dict[int, set[Ident]] = {}

    @property
    def floor(self) -> int:
        """The log time nobody lags behind."""
        return self._floor

    @floor.setter
    def floor(self, floor: int) -> None:
        """Move on; what is expired follows."""
        self._floor = floor
        self._forgotten_before = self.rules.forgotten_before(floor)

    def remember(self, holder: Ident, event_time: int) -> None:
        """Note that a holder has a touchpoint of this hour, to be asked to forget it when the hour has passed."""
        hour = event_time // HOUR_MS
        holders = self.hours.get(hour)
        if holders is None:
            self.hours[hour] = {holder}
        else:
            holders.add(holder)

    def send(self, to: Ident, message: Message, via: Ident | None = None) -> None:
        """Leave a message for the holder of `to`; `via` names the holder that forwards it."""
        self.handoffs.append(Addressed(to, message, via) if via is not None else Addressed(to, message))

    def admit(self, event_time: int, *, is_known: bool) -> bool:
        """Enter one touchpoint key in the ledger; False for one so old that its key is forgotten: it is a repeat."""
        if event_time < self._forgotten_before:
            self.ledger["repeat"] += 1
            return False
        self.ledger["repeat" if is_known else "new"] += 1
        return True

    def uncount(self) -> None:
        """Two holders that became one had both counted a key as new: the second was a repeat."""
        self.ledger["new"] -= 1
        self.ledger["repeat"] += 1
