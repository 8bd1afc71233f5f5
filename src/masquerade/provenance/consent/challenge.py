"""Words drawn at random for a person to read aloud, so that an old recording proves nothing.

A challenge is a row of the ledger: the words, when they end, and for which statement they were
drawn, the last as a code that names nobody. It is good for one record. Which ones were drawn, used
or ended cannot be edited without breaking the ledger, and a broken ledger refuses.
"""

from __future__ import annotations

import hmac
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from uuid import uuid4

from masquerade.errors import ConsentError
from masquerade.provenance import ledger
from masquerade.provenance.canonical import Json, canonical_bytes
from masquerade.provenance.consent.sounds_like import alike
from masquerade.provenance.consent.statement import Statement
from masquerade.provenance.keys import rest_key

KIND: Final = "challenge"
COUNT: Final = 6
LEAST_HEARD: Final = 5
"""Of six words, since a recogniser may miss one: words drawn later hold five of them in their order
less than once in 10,000,000,000 draws."""
GOOD_FOR: Final = timedelta(days=7)
_ALIKE: Final = 0.75  # letters that agree of a word that counts as heard

_TEXT: Final = """\
animal apple archive arrow asphalt autumn avenue bakery balcony bamboo banana basket beaver
blossom bottle bracelet breakfast bridge brother buffalo butterfly button cabbage camera candle
canyon captain caravan carpet cathedral ceiling chapter chemistry cherry chimney chocolate
cinema circus climate clover coconut coffee compass concert copper cousin cowboy crocodile
crystal cushion daughter desert diamond dinner dolphin dragon driver eagle elbow elephant engine
evening factory family farmer feather festival flamingo football forest fountain freedom
furniture galaxy garden garlic giraffe glacier gorilla granite grandmother guitar helmet history
hockey holiday horizon hospital hotel hurricane island jaguar jungle journey kangaroo keyboard
kingdom kitchen ladder lantern lemon leopard library lizard lobster luggage machine magnet mango
marble meadow melody mirror morning museum mushroom musician napkin necklace needle newspaper
notebook ocean office olive onion orange orchestra oxygen package painter pancake paper passport
peacock pencil penguin piano picture pigeon pillow pineapple pirate planet plastic potato
pumpkin pyramid rabbit radio rainbow restaurant ribbon robin salad sandwich scissors shoulder
silver skeleton snowflake spider squirrel stadium station strawberry student sugar summer
sweater temple tiger tornado tractor treasure trumpet tunnel turtle umbrella uniform university
valley vanilla vegetable village violin volcano walnut wedding window zebra
"""
WORDS: Final = tuple(_TEXT.split())
"""Words that nobody takes for each other: of any two, at least two letters of five differ."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """Words that one statement has to end with.

    Attributes:
        id: Its row's subject in the ledger.
        words: In the order in which they are to be read.
        terms: Code of the statement they were drawn for.
        made: When.
        until: When they end.
        record: The consent record they were used for; empty while they were not.
    """

    id: str
    words: tuple[str, ...]
    terms: str
    made: datetime
    until: datetime
    record: str = ""


def draw(
    statement: Statement, *, now: datetime | None = None, home: Path | None = None
) -> Challenge:
    """Fresh words for a statement, remembered in the ledger.

    Raises:
        ProvenanceError: Keys or ledger cannot be used.
    """
    today = now or datetime.now(UTC)
    drawn = secrets.SystemRandom().sample(WORDS, COUNT)
    made = Challenge(
        f"mqs-{uuid4().hex[:16]}", tuple(drawn), _code(statement, home), today, today + GOOD_FOR
    )
    body: dict[str, Json] = {
        "words": list(made.words),
        "terms": made.terms,
        "made": made.made.isoformat(),
        "until": made.until.isoformat(),
    }
    ledger.append(KIND, made.id, canonical_bytes(body).decode(), home=home)
    return made


def answered(
    statement: Statement,
    heard: Sequence[str],
    *,
    now: datetime | None = None,
    home: Path | None = None,
) -> Challenge:
    """The challenge that a recording answers: drawn for this statement, not ended, not used.

    Args:
        statement: What the record is to say.
        heard: Words of the recording, in order, in lower-case letters.
        now: The time of use.
        home: The installation's folder.

    Raises:
        ConsentError: There is none, or the words heard are of an old or another one.
        ProvenanceError: The ledger cannot be relied on.
    """
    ledger.check_ledger(home)
    today, code = now or datetime.now(UTC), _code(statement, home)
    drawn = challenges(home)
    said = [one for one in drawn if len(heard_of(one.words, heard)) >= LEAST_HEARD]
    good = [one for one in said if not _fault(one, code, today)]
    if good:
        return good[-1]
    if said:
        raise ConsentError(_fault(said[-1], code, today), *_ANEW)
    raise _unheard([one for one in drawn if not _fault(one, code, today)], heard)


def waiting(statement: Statement, *, now: datetime | None = None, home: Path | None = None) -> bool:
    """Whether a statement of that content was printed, and can still be read aloud.

    Raises:
        ProvenanceError: The ledger cannot be read.
    """
    today, code = now or datetime.now(UTC), _code(statement, home)
    return any(not _fault(one, code, today) for one in challenges(home))


def challenges(home: Path | None = None) -> tuple[Challenge, ...]:
    """Every challenge that was drawn here, in order.

    Raises:
        ProvenanceError: The ledger cannot be read.
    """
    used = {}
    for row in ledger.rows(kind="consent", home=home):
        if name := row.body_value("challenge"):
            used[name] = row.subject
    return tuple(_read(row, used.get(row.subject, "")) for row in ledger.rows(kind=KIND, home=home))


def heard_of(words: Sequence[str], heard: Sequence[str]) -> tuple[int, ...]:
    """Places in what was heard of as many of the words as were said in their order.

    A word that was written as two, such as straw berry, counts.

    Example:
        >>> heard_of(["window", "pencil", "zebra"], ["my", "window", "pen", "cil", "zebra"])
        (1, 2, 4)
    """
    pairs = [*heard[1:], ""]
    best: list[tuple[int, ...]] = [()] * (len(heard) + 1)  # of the words so far, before each place
    for word in words:
        longer = list(best)
        for place, one in enumerate(heard):
            near = alike(word, one) >= _ALIKE or _is_written_as_two(word, one, pairs[place])
            found = (*best[place], place) if near else ()
            longer[place + 1] = max(longer[place + 1], longer[place], found, key=len)
        best = longer
    return best[-1]


def _is_written_as_two(word: str, one: str, following: str) -> bool:
    """Whether two words heard are one that was said, and not only the second of them."""
    joined = alike(word, one + following)
    return joined >= _ALIKE and joined > alike(word, following)


_ANEW: Final = (
    "a recording of the statement printed last",
    "print a new one with `masquerade consent statement`, and record that",
)


def _fault(one: Challenge, code: str, now: datetime) -> str:
    """Why a challenge does not count for a statement now; empty when it does."""
    if one.record:
        return f"the words read aloud were used for consent {one.record}: this is an old recording"
    if now >= one.until:
        return f"the words read aloud ended on {one.until:%Y-%m-%d}: the recording is too old"
    if now < one.made:
        return "the words read aloud were drawn later than now: the clock was set back"
    if not hmac.compare_digest(one.terms, code):
        return "the words read aloud were drawn for another name, grantee or purpose"
    return ""


def _unheard(open_ones: Sequence[Challenge], heard: Sequence[str]) -> ConsentError:
    if not open_ones:
        return ConsentError(
            "no statement for this name, grantee and purpose is waiting to be read",
            "one printed here in the last seven days",
            "print it with `masquerade consent statement`, and give the same name, grantee and"
            " purpose to both",
        )
    last = open_ones[-1]
    found = [heard[place] for place in heard_of(last.words, heard)]
    return ConsentError(
        f"of the six words at the end of the statement {len(found)} are heard"
        + (f" ({', '.join(found)})" if found else ""),
        f"{', '.join(last.words)}, at least {LEAST_HEARD} of them in this order",
        "record the statement that was printed last, slowly and close to the microphone",
    )


def _code(statement: Statement, home: Path | None) -> str:
    """A code of what is stated, that tells nobody a name."""
    told = canonical_bytes([statement.name, statement.grantee, *sorted(statement.purposes)])
    return hmac.digest(rest_key(home, "statement"), told, "sha256").hex()


def _read(row: ledger.LedgerRow, record: str) -> Challenge:
    body = json.loads(row.body)
    times = datetime.fromisoformat(body["made"]), datetime.fromisoformat(body["until"])
    return Challenge(row.subject, tuple(body["words"]), body["terms"], *times, record)
