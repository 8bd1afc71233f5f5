"""What was chosen in a preview, as a settings file that people go on editing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from masquerade.errors import UsageError
from masquerade.pipelines.preview.alternatives import Alternative
from masquerade.pipelines.takes import Take
from masquerade.toml_text import toml_value

_HEAD = """\
# Settings by shot. Use: masquerade {command} ... --settings THIS_FILE
# Shots are counted from 1; those not named here are made as the command itself says.
# Besides options: skip = true leaves a shot as it is. What lies before a face, or was taken for
# something that does: [[shot.front]] and [[shot.face]], with box = [left, top, right, bottom].
"""


@dataclass(frozen=True, slots=True)
class Choice:
    """What was chosen for a shot.

    Attributes:
        shot: Its number.
        time: When it was looked at, in words; empty for a still.
        number: Of the alternative.
    """

    shot: int
    time: str
    number: int


def read_choices(text: str, alternatives: int, moments: int) -> tuple[int, ...]:
    """The number chosen for each moment.

    Args:
        text: One number for all, or as many as there are moments, with commas between them.
        alternatives: How many there are.
        moments: How many there are.

    Raises:
        UsageError: Too few or too many, or a number that there is not.

    Example:
        >>> read_choices("3", 4, 2), read_choices("3,1", 4, 2)
        ((3, 3), (3, 1))
    """
    try:
        numbers = [int(one) for one in text.split(",")]
    except ValueError:
        raise UsageError(f"--choose {text}", "numbers with commas between them") from None
    if len(numbers) == 1:
        numbers *= moments
    if len(numbers) != moments:
        raise UsageError(
            f"--choose {text}: {len(numbers)} numbers for {moments} moments",
            "one for all, or one for each row of the sheet",
        )
    for number in numbers:
        if not 1 <= number <= alternatives:
            raise UsageError(f"--choose {number}", f"1 to {alternatives}")
    return tuple(numbers)


def settings_text(
    choices: Sequence[Choice], alternatives: Sequence[Alternative], takes: Sequence[Take]
) -> str:
    """The TOML file of a choice, the other alternatives kept beside it as comments.

    Args:
        choices: In order of time.
        alternatives: All that there were.
        takes: What each of them makes of the job.

    Raises:
        UsageError: Two choices differ within one shot.
    """
    parts = [head_text(takes[0])]
    done: dict[int, Choice] = {}
    for one in choices:
        before = done.setdefault(one.shot, one)
        if before is one:
            parts.append("\n".join(_shot(one, alternatives, takes)) + "\n")
        elif before.number != one.number:
            raise UsageError(
                f"{before.number} at {before.time} and {one.number} at {one.time}, which are one"
                f" shot ({one.shot})",
                "one choice for each shot",
                "choose the same, or write the file and divide the shot by from and to",
            )
    return "\n".join(parts)


def _shot(
    choice: Choice, alternatives: Sequence[Alternative], takes: Sequence[Take]
) -> Iterator[str]:
    yield "[[shot]]"
    yield f"number = {choice.shot}" + (f"  # looked at {choice.time}" if choice.time else "")
    yield f"# {choice.number}: {alternatives[choice.number - 1].words}"
    yield from take_lines(takes[choice.number - 1])
    for alternative, take in zip(alternatives, takes, strict=True):
        if alternative.number != choice.number:
            yield f"# {alternative.number}: {alternative.words}"
            yield from (f"#   {line}" for line in take_lines(take))


def head_text(take: Take) -> str:
    """What a settings file says of itself."""
    return _HEAD.format(command=take.method.partition("_")[0])


def take_lines(take: Take) -> Iterator[str]:
    """The lines of a settings file that ask for a take: its method, and all that was set."""
    yield f"method = {toml_value(take.method)}"
    for options in (take.options, take.blending):
        asked = options.model_dump(mode="json", exclude_unset=True, exclude_none=True)
        for key, value in asked.items():
            if key != "show":  # how a preview is looked at is no choice for the whole
                yield f"{key} = {toml_value(value)}"
