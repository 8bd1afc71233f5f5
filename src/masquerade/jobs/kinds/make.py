"""A file changed by a method of pictures: a swap, effects, a style."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from pydantic import Field, JsonValue

from masquerade import registry
from masquerade.compose.blend import ComposeOptions
from masquerade.jobs.asked import Work, options_of
from masquerade.jobs.kinds.making import Consented
from masquerade.options import Options

summary: Final = "a picture or video changed by a method: a swap, effects, a style"
gives: Final = "media"


class Spec(Consented):
    """What is to be made, and of what."""

    method: str = Field(min_length=1, max_length=80)
    """Which method, as `masquerade methods` names it."""
    target: Path
    """The file to change."""
    sources: tuple[Path, ...] = Field((), max_length=256)
    """Photos and videos of whose face is put in, or a model of them."""
    people: Path | None = None
    """A people map instead of sources: who becomes whom."""
    person: str = Field("auto", max_length=200)
    """Whom to replace: auto, largest, left, centre, right, everyone, a number, or a photo."""
    settings: Path | None = None
    """Settings by shot, as TOML."""
    options: dict[str, JsonValue] = Field(default_factory=dict)
    """Options of the method; `masquerade methods NAME` lists them."""
    blending: ComposeOptions = ComposeOptions()
    """How patches are put into frames."""
    device: str = Field("cpu", pattern="^(cpu|cuda|coreml|directml)$")
    """Where networks run."""


def options(spec: Spec) -> Options:
    """The method's own options.

    Raises:
        UsageError: There is no such method, or an option does not fit.
    """
    kind: type[Options] = registry.get(spec.method).Options
    return options_of(kind, spec.options)


def run(spec: Spec, work: Work) -> Mapping[str, object]:
    """Makes, seals and saves it."""
    from masquerade.distributed.place import opened_executor
    from masquerade.pipelines.make import make

    with opened_executor(work.cluster) as executor:
        made = make(
            spec.method,
            target=spec.target,
            out=spec.out,
            sources=spec.sources,
            consents=spec.consents,
            people=spec.people,
            person=spec.person,
            purpose=spec.purpose,
            options=options(spec),
            blending=spec.blending,
            device=spec.device,
            settings=spec.settings,
            encoding=spec.encoding,
            label=spec.label,
            label_language=spec.label_language,
            overwrite=spec.overwrite or work.again,
            progress=work.progress,
            tell=work.tell,
            executor=executor,
        )
    return work.told(made)
