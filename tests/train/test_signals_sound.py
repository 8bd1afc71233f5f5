from argparse import Namespace

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="PyTorch is missing: the extra `train`")

from train.sound_takes import DECODED, SAID, Take, fifth  # noqa: E402
from train.voice_net import VoiceNet  # noqa: E402

from masquerade.forensics.voice_traces import TRACES  # noqa: E402
from train import signals_sound  # noqa: E402

PEOPLE = [str(number) for number in range(40)]
VOCODERS = ["", DECODED, "lpc", "phase"]


@pytest.fixture(scope="module")
def everyone() -> list[Take]:
    """A recording and its copies of everybody, and what a synthesiser said."""
    chance = np.random.default_rng(1)
    some = [(who, kind) for who in PEOPLE for kind in VOCODERS] + [("said", SAID)]
    return [
        Take(who, "r", kind, True, chance.normal(0, 1, (2, TRACES)).astype(np.float32))
        for who, kind in some
    ]


def test_nobody_and_no_vocoder_is_tried_on_a_network_that_heard_them(
    everyone: list[Take], monkeypatch: pytest.MonkeyPatch
) -> None:
    lessons: list[list[Take]] = []

    def taught(given, _) -> list[VoiceNet]:
        lessons.extend(some for some, _ in given)
        return [VoiceNet(torch.zeros(TRACES), torch.ones(TRACES)) for _ in given]

    tried: list[list[Take]] = []
    on_takes = signals_sound.on_takes

    def on(nets, takes):
        tried.append(list(takes))
        return on_takes(nets, takes)

    monkeypatch.setattr(signals_sound, "_taught", taught)
    monkeypatch.setattr(signals_sound, "on_takes", on)
    found = signals_sound._parted(everyone, {SAID}, Namespace())
    for known, some in zip(lessons, tried, strict=True):
        assert not {one.person for one in known} & {one.person for one in some}
        assert not {one.vocoder for one in known} & {one.vocoder for one in some} - {""}
        assert len({fifth(one.person) for one in some}) == 1
        if any(one.vocoder == DECODED for one in some):
            assert all(one.vocoder != SAID for one in known)
    assert set(found.fakes[1]) == set(found.reals[1]) == set(PEOPLE)
    assert len(found.fakes[0]) == len(PEOPLE) * (len(VOCODERS) - 1)
