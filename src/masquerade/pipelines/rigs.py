"""Methods made ready for the takes of a job: each once, and what they share of it once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final

from masquerade import registry
from masquerade.bodies.hands import HandReader
from masquerade.compose.detail import enlarged
from masquerade.faces.readers import FaceReader
from masquerade.pipelines.cast import CastMember, read_sources
from masquerade.pipelines.drawn_faces import Identities
from masquerade.pipelines.own_face import check_own_face
from masquerade.pipelines.render import Rig
from masquerade.pipelines.takes import Take
from masquerade.provenance.keys import rest_key
from masquerade.provenance.model_pictures import is_model
from masquerade.types import Generator, NetworkUse, SourcePicture

Cast = Mapping[str, Sequence[SourcePicture]]

_ENOUGH: Final = 20  # pictures from which it pays to learn how a face moves
_FEW: Final = 12  # pictures of one person, up to which small ones are enlarged


@dataclass(frozen=True, slots=True)
class Casts:
    """The pictures of each member of a cast, as every method of a job makes use of them.

    Attributes:
        by_method: For each method, by member.
        took_s: Seconds that reading them took, by how many a method makes use of.
    """

    by_method: Mapping[str, Cast]
    took_s: Mapping[int, float] = field(default_factory=dict)

    def spare_s(self, method: str) -> float:
        """Seconds that went into pictures which this method alone would not need."""
        return sum(self.took_s.values()) - self.took_s[registry.pictures(registry.get(method))]

    def pictures(self) -> tuple[tuple[SourcePicture, ...], ...]:
        """By member, in the cast's order, every picture that any method uses, each once."""
        members = next(iter(self.by_method.values()), {})
        return tuple(
            tuple(
                {id(one): one for cast in self.by_method.values() for one in cast[member]}.values()
            )
            for member in members
        )

    def enlarged(self, face_px: float) -> Casts:
        """The same, with few and small pictures enlarged to suit a face of the target.

        Args:
            face_px: Size of the largest face that one of them is laid over.
        """
        made: dict[int, SourcePicture] = {}

        def suited(pictures: Sequence[SourcePicture]) -> tuple[SourcePicture, ...]:
            if len(pictures) > _FEW:  # together they show more than one enlarged does
                return tuple(pictures)
            for one in pictures:
                if id(one) not in made:
                    made[id(one)] = enlarged(one, face_px)
            return tuple(made[id(one)] for one in pictures)

        return Casts(
            {
                method: {member: suited(pictures) for member, pictures in cast.items()}
                for method, cast in self.by_method.items()
            },
            self.took_s,
        )


def read_casts(
    members: Sequence[CastMember],
    methods: Iterable[str],
    reader: FaceReader,
    on_note: Callable[[str], None],
) -> Casts:
    """The pictures of a cast's sources for these methods.

    Args:
        members: Who becomes whom; those without sources get no pictures.
        methods: Names in the registry.
        reader: The loaded face networks.
        on_note: Told, in words, what is wrong with a picture.

    Raises:
        FaceError: A photo shows no face or several, or two pictures show different people.
        InputError: A file is of no use.
    """
    by_need: dict[int, Cast] = {}
    said: set[str] = set()

    def note(words: str) -> None:
        if words not in said:
            said.add(words)
            on_note(words)

    found: dict[str, Cast] = {}
    took_s: dict[int, float] = {}
    for method in methods:
        most = registry.pictures(registry.get(method))
        if most not in by_need:
            began = time.monotonic()
            by_need[most] = {
                str(number): read_sources(
                    member.sources, reader, videos=True, most=most, on_skip=note, on_fault=note
                )
                if member.sources
                else ()
                for number, member in enumerate(members)
            }
            took_s[most] = time.monotonic() - began
        found[method] = by_need[most]
        for number, member in enumerate(members):
            given = len(by_need[most][str(number)])
            if most and given < _ENOUGH and not any(map(is_model, member.sources)):
                note(
                    f"{method} learns how a face moves from a video, or {_ENOUGH} pictures or more;"
                    f" from {given} it does no better than a method that takes one"
                )
    return Casts(found, took_s)


def keeps_hands(take: Take) -> bool:
    """Whether hands are looked for that new faces are to stay behind, in a target that is a still.

    Args:
        take: What is done; methods that put in no new face find hands themselves, or do not ask.
    """
    draws_faces = "source" in registry.takes(registry.get(take.method))
    return not take.skip and draws_faces and take.blending.occlusion == "auto"


@dataclass(slots=True)
class Rigs:
    """Takes made ready: equal ones share a generator, those of one method its sources' models.

    Attributes:
        reader: Tells whose face a network draws that a user brings.
        networks: Those that the job's recipe names.
        target_sha256: Of the target.
        secret: Decides which of its frames are measured; None: as `measuring_key` says.
        is_still: Whether the target is a picture, in which hands before faces are looked for.
        took_s: Seconds that it took for each method, its sources' models among it.
    """

    casts: Casts
    device: str
    reader: FaceReader
    networks: tuple[NetworkUse, ...] = ()
    target_sha256: str = ""
    secret: bytes | None = None
    is_still: bool = False
    took_s: dict[str, float] = field(default_factory=dict)
    _made: dict[tuple[str, str], Generator] = field(default_factory=dict)
    _studied: dict[str, Any] = field(default_factory=dict)
    _hands: HandReader | None = None

    def of(self, take: Take) -> Rig | None:
        """The rig of a take; None where the take leaves frames as they are.

        Raises:
            UsageError: The method does not run on the device, or overrules what cannot be.
            ConsentError: A network that the user brings draws somebody who is not the source.
            FaceError: The sources do not suffice for it.
        """
        if take.skip:
            return None
        module = registry.get(take.method)
        if take.key not in self._made:
            began = time.monotonic()
            cast = self._study(take.method, module)
            if getattr(module, "networks", None):
                made = module.prepare(
                    cast, take.options, device=self.device, networks=self.networks
                )
                check_own_face(made, self.casts.by_method[take.method], self.reader)
            elif getattr(module, "reads", False):
                made = module.prepare(cast, take.options, device=self.device, reader=self.reader)
            else:
                made = module.prepare(cast, take.options, device=self.device)
            self._made[take.key] = made
            self.took_s.setdefault(take.method, time.monotonic() - began)
        return Rig(
            take.method,
            self._made[take.key],
            module.radius,
            take.blending,
            take.corrections,
            self._identities(take.method, module),
            registry.portrays_target(module),
            registry.stays_behind(module),
            reader=self.reader,
            hands=self._hand_reader() if self.is_still and keeps_hands(take) else None,
        )

    def _hand_reader(self) -> HandReader:
        """Finds hands before faces where there is no time to tell them by."""
        self._hands = self._hands or HandReader.open()
        return self._hands

    def _identities(self, method: str, module: ModuleType) -> Identities | None:
        """Whose faces a method may draw; None where it draws from the source's pictures alone.

        Of a model file that a method reads by itself only portraits were looked at, not all that
        can be drawn with it.
        """
        cast = self.casts.by_method[method]
        endings: frozenset[str] = getattr(module, "endings", frozenset())
        files = {one.input.path for pictures in cast.values() for one in pictures}
        is_network = bool(getattr(module, "networks", None) or getattr(module, "sources", None))
        if not is_network and not any(path and path.suffix.lower() in endings for path in files):
            return None
        if self.secret is None:
            self.secret = measuring_key(self.target_sha256)
        return Identities.of(cast, self.reader, self.secret, is_network=is_network)

    def _study(self, method: str, module: ModuleType) -> Any:
        """What a method makes of the cast whatever its options; the cast where it says nothing."""
        if method not in self._studied:
            study = getattr(module, "study", None)
            cast = self.casts.by_method[method]
            self._studied[method] = study(cast) if study else cast
        return self._studied[method]


def measuring_key(target_sha256: str) -> bytes:
    """Decides which frames of a target are measured; no other key can be told from it.

    Raises:
        ProvenanceError: This installation's secret cannot be read.
    """
    return rest_key(None, f"whose face to measure in {target_sha256}")
