"""Whether times and places that a file states can be true together.

A camera writes when, in which zone and often where it was; satellites give the time as well. What
contradicts itself was edited, or comes from a device whose clock was wrong.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

from masquerade import options as base
from masquerade.forensics.evidence import SHOWN_ONLY, Applies, Evidence, Family, silent
from masquerade.forensics.sample import Sample
from masquerade.media.tags import FileTags


class Options(base.Options):
    """This signal has no knobs."""


family = Family.METADATA
limits = "Clocks and zones of cameras are often set wrongly, and all of it is easily invented."
_TIMES: Final = ("DateTimeOriginal", "DateTimeDigitized", "DateTime", "creation_time")
_FORMS: Final = ("%Y:%m:%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S")
_FIRST: Final = datetime(1990, 1, 1)  # before it, digital cameras were not sold
_EMPTY: Final = (1904, 1970, 1980)  # where clocks begin that were never set
_ZONE_HOURS: Final = 4.0  # zones lie that far from the sun's time at most
_SLACK_S: Final = 1800.0


def examine(sample: Sample, options: Options) -> Evidence:
    """What does not fit among the stated times and places."""
    told = options.canonical_json()
    quiet = partial(silent, "capture", family, limits=limits, options_json=told)
    stated = [name for name in _TIMES if _is_set(sample.tags.get(name))]
    place = _place(sample.tags)
    if not stated and place is None:
        return quiet("The file states neither a time nor a place.")
    found = list(dict.fromkeys(oddities(sample.tags)))
    said = [f"it states {name} {sample.tags.get(name)[:32]}" for name in stated[:1]]
    if place is not None:
        said.append(f"the place {place[0]:.4f}, {place[1]:.4f}")
    said += found or ["nothing in the file contradicts that"]
    words = "; ".join(said)
    return Evidence(
        "capture",
        family,
        Applies.YES,
        f"{words[:1].upper()}{words[1:]}.",
        value=float(len(found)),
        unit="contradictions",
        calibration=f"none{SHOWN_ONLY}",
        limits=limits,
        error_rate="Not weighed: how often clocks are wrong is not known.",
        options_json=told,
    )


def oddities(tags: FileTags) -> Iterator[str]:
    """What cannot be true together, in words.

    Args:
        tags: What the file says of itself.
    """
    for name in _TIMES:
        time = _time(tags.get(name))
        if _is_set(tags.get(name)) and time is None:
            yield f"{name} is no time"
        elif time is not None and time.year in _EMPTY:
            yield f"{name} is where a clock begins that was never set"
        elif time is not None and time < _FIRST:
            yield f"{name} lies before there were digital cameras"
    place, satellites = _place(tags), _satellites(tags)
    if place is not None and (abs(place[0]) > 90 or abs(place[1]) > 180):
        yield "the place is not on the Earth"
    elif place == (0.0, 0.0):
        yield "the place is 0, 0, which programs write that know none"
    taken, zone = _time(tags.get("DateTimeOriginal")), _zone(tags.get("OffsetTimeOriginal"))
    if taken is not None and satellites is not None:
        ahead = (taken - satellites).total_seconds()
        if zone is not None and abs(ahead - zone * 3600) > _SLACK_S:
            yield "the camera's time and zone do not fit the satellites' time"
        elif zone is None and not -12.5 * 3600 <= ahead <= 14.5 * 3600:
            yield "the camera's time is more than a day's zones from the satellites'"
    if zone is not None and place is not None and abs(zone - place[1] / 15) > _ZONE_HOURS:
        yield "its time zone is not one of that place"


def _is_set(text: str) -> bool:
    """Whether a camera put anything but blanks and zeros there."""
    return bool(text.strip(" :0"))


def _time(text: str) -> datetime | None:
    for form in _FORMS:
        try:
            return datetime.strptime(text[:19], form)
        except ValueError:
            continue
    return None


def _zone(text: str) -> float | None:
    """Hours ahead of UTC."""
    found = re.fullmatch(r"([+-])(\d\d):?(\d\d)", text.strip())
    if found is None:
        return None
    return (1 if found[1] == "+" else -1) * (int(found[2]) + int(found[3]) / 60)


def _satellites(tags: FileTags) -> datetime | None:
    """The satellites' time, without its zone, which is UTC."""
    try:
        day = datetime.strptime(tags.get("GPSDateStamp"), "%Y:%m:%d").replace(tzinfo=UTC)
    except ValueError:
        return None
    parts = _numbers(tags.get("GPSTimeStamp"))
    if len(parts) != 3:
        return None
    moment = day + timedelta(hours=parts[0], minutes=parts[1], seconds=parts[2])
    return moment.replace(tzinfo=None)


def _place(tags: FileTags) -> tuple[float, float] | None:
    """Latitude and longitude in degrees."""
    location = tags.get("location") or tags.get("com.apple.quicktime.location.ISO6709")
    iso = re.match(r"([+-]\d+(?:\.\d+)?)([+-]\d+(?:\.\d+)?)", location)
    if iso is not None:
        return float(iso[1]), float(iso[2])
    found = []
    for name, negative in (("GPSLatitude", "S"), ("GPSLongitude", "W")):
        parts = _numbers(tags.get(name))
        if len(parts) != 3:
            return None
        degrees = parts[0] + parts[1] / 60 + parts[2] / 3600
        found.append(-degrees if tags.get(f"{name}Ref").upper() == negative else degrees)
    return found[0], found[1]


def _numbers(text: str) -> list[float]:
    """The finite numbers of a list as text."""
    return [float(one) for one in re.findall(r"\d+(?:\.\d+)?", text)][:4]
