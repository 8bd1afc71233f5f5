"""A network with all that changes while it learns: optimiser, averaged weights, scale of losses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager
from copy import deepcopy
from typing import Final, Generic, TypeVar

import torch
from torch import Tensor, nn

from masquerade.train.checkpoint import is_finite, part, prefixed
from masquerade.train.cost import Precision
from masquerade.train.team import Team

_HALF: Final = {"bf16": torch.bfloat16, "fp16": torch.float16, "fp32": torch.float32}
N = TypeVar("N", bound=nn.Module)
_BETAS: Final = (0.5, 0.999)  # a short memory for the direction, as usual beside a critic


class Learner(Generic[N]):
    """A network that learns.

    Args:
        network: Whose weights change.
        team: The processes that train it.
        rate: Length of the steps.
        clip: Longest gradient that is followed.
        average: How slowly the averaged weights follow; 0: there are none.
        precision: Numbers that it computes with.
    """

    def __init__(
        self,
        network: N,
        team: Team,
        *,
        rate: float,
        clip: float,
        average: float,
        precision: Precision,
    ) -> None:
        self.network: N = network.to(team.device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.together = team.joined(self.network)
        self.averaged = deepcopy(self.network).requires_grad_(False) if average else None
        self._team, self._clip, self._average = team, clip, average
        self._half = _HALF[precision]
        self._followed = 0
        self._optimiser = torch.optim.Adam(
            self.network.parameters(), lr=rate, betas=_BETAS, fused=True
        )
        self._scaler = torch.amp.GradScaler(team.device.type, enabled=precision == "fp16")

    def computing(self) -> AbstractContextManager[object]:
        """The block in which the network computes at its precision."""
        return torch.autocast(
            self._team.device.type, self._half, enabled=self._half != torch.float32
        )

    def follow(self, loss: Tensor, *, kept: float = 1.0, seed: int = 0) -> bool:
        """One step down the loss; False, with nothing changed, where its numbers are none.

        Args:
            loss: One number, with its graph.
            kept: Share of the weights that the step changes.
            seed: Decides which.
        """
        self._optimiser.zero_grad(set_to_none=True)
        self._scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        self._scaler.unscale_(self._optimiser)
        length = nn.utils.clip_grad_norm_(self.network.parameters(), self._clip)
        whole = bool(torch.isfinite(length))
        if not whole and not self._scaler.is_enabled():
            return False
        before = [one.detach().clone() for one in self._weights()] if kept < 1 else []
        self._scaler.step(self._optimiser)
        self._scaler.update()
        if before:
            _put_back(self._weights(), before, kept, seed)
        self._follow_slowly()
        # At half precision a step too long is left out, and the scale made smaller.
        return whole or self._scaler.get_scale() >= 1

    def slow_down(self) -> None:
        """Steps half as long from now on."""
        for group in self._optimiser.param_groups:
            group["lr"] = group["lr"] / 2

    def tensors(self) -> dict[str, Tensor]:
        """All that a checkpoint must hold to go on exactly here."""
        found = prefixed("weights", self.network.state_dict())
        if self.averaged is not None:
            found |= prefixed("averaged", self.averaged.state_dict())
        for name, one in self.network.named_parameters():
            state = self._optimiser.state.get(one, {})
            found |= prefixed(f"adam.{name}", {k: torch.as_tensor(v) for k, v in state.items()})
        rates = [group["lr"] for group in self._optimiser.param_groups]
        found["followed"] = torch.tensor(self._followed)
        found["rates"] = torch.tensor(rates, dtype=torch.float64)
        if self._scaler.is_enabled():
            known = self._scaler.state_dict()
            found["scale"] = torch.tensor([known["scale"], known["_growth_tracker"]])
        return found

    def load(self, tensors: Mapping[str, Tensor]) -> None:
        """Go on from what `tensors` gave."""
        self.network.load_state_dict(part("weights", tensors))
        if self.averaged is not None:
            self.averaged.load_state_dict(part("averaged", tensors))
        state = {
            number: {key: _laid_out(known, one) for key, known in stored.items()}
            for number, (name, one) in enumerate(self.network.named_parameters())
            if (stored := part(f"adam.{name}", tensors))
        }
        self._followed = int(tensors["followed"])
        groups = self._optimiser.state_dict()["param_groups"]
        self._optimiser.load_state_dict({"state": state, "param_groups": groups})
        for group, rate in zip(self._optimiser.param_groups, tensors["rates"], strict=True):
            group["lr"] = float(rate)
        if "scale" in tensors:
            scale, tracker = tensors["scale"].tolist()
            known = self._scaler.state_dict()
            self._scaler.load_state_dict(known | {"scale": scale, "_growth_tracker": int(tracker)})

    def is_sound(self) -> bool:
        """Whether every weight is a number."""
        return is_finite(self.network.state_dict())

    def _weights(self) -> list[Tensor]:
        return [one.data for one in self.network.parameters()]

    def _follow_slowly(self) -> None:
        if self.averaged is None:
            return
        self._followed += 1
        # In the beginning the weights of chance are not to last.
        slow = min(self._average, (1 + self._followed) / (10 + self._followed))
        with torch.no_grad():
            both = zip(self.averaged.parameters(), self.network.parameters(), strict=True)
            for mine, new in both:
                mine.lerp_(new, 1 - slow)


def _laid_out(stored: Tensor, weight: Tensor) -> Tensor:
    """The tensor in memory as its weight is: the fused optimiser goes through both in step."""
    if stored.shape != weight.shape:
        return stored
    return torch.empty_like(weight, dtype=stored.dtype).copy_(stored)


def _put_back(now: Iterable[Tensor], before: Iterable[Tensor], kept: float, seed: int) -> None:
    """Undo the step for a share of the weights, drawn anew each time."""
    chance = torch.Generator().manual_seed(seed)
    for mine, old in zip(now, before, strict=True):
        stays = torch.rand(mine.shape, generator=chance) >= kept
        mine.copy_(torch.where(stays.to(mine.device), old, mine))
