"""Times faceswap's own training step; started by `benchmarks.train_speed` in faceswap's folder.

Runs under the Python that faceswap is installed for and imports nothing of ours. The model is built
by its own plugin, with the losses, the optimiser and the defaults of its own settings, and each
iteration is a call of its own trainer's ``train_batch`` on pictures that are ready in memory: its
loader, which wants faces extracted by faceswap, is left out, in its favour.
"""

from __future__ import annotations

import argparse
import importlib
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

MARK = "@measured "
"""Before each line that is meant for the benchmark."""
SIDE = 64


def main() -> None:
    """For each number on standard input, so many iterations and a line of JSON."""
    name, batch, threads = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.environ |= {"FACESWAP_BACKEND": "cpu", "KERAS_BACKEND": "torch"}
    sys.path.insert(0, str(Path.cwd()))
    sys.argv = ["faceswap.py"]
    torch = importlib.import_module("torch")
    torch.set_num_threads(threads)
    with tempfile.TemporaryDirectory() as folder:
        step, weights = training(name, batch, folder, torch)
        step()
        tell({"weights": weights, "torch": torch.__version__})
        for line in sys.stdin:
            wall, processor = time.perf_counter(), time.process_time()
            for _ in range(int(line)):
                step()
            tell({"wall_s": time.perf_counter() - wall,
                  "processor_s": time.process_time() - processor})  # fmt: skip


def tell(found: dict[str, Any]) -> None:
    """One line for the benchmark."""
    print(MARK + json.dumps(found), flush=True)


def training(name: str, batch: int, folder: str, torch: Any) -> tuple[Callable[[], None], int]:
    """One iteration, to be called, and how many weights the model has.

    Args:
        name: Of the model's plugin.
        batch: Pictures of each person.
        folder: Where the model would be saved.
        torch: The module.
    """
    importlib.import_module("lib.logger").log_setup("ERROR", f"{folder}/log", "train", False)
    logging.getLogger().setLevel(logging.ERROR)
    load = importlib.import_module("plugins.plugin_loader").PluginLoader
    settings = importlib.import_module("plugins.train.train_config")
    arguments = argparse.Namespace(config_file=None, no_logs=True, batch_size=batch,
                                   freeze_weights=False, load_weights=None)  # fmt: skip
    model = load.get_model(name)(folder, arguments, predict=False)
    model.build()
    config = importlib.import_module("plugins.train.trainer.base").TrainConfig(
        ["a", "b"], batch, augment_color=True, flip=True, warp=True, cache_landmarks=False
    )
    trainer = load.get_trainer("original")(model, config)
    trainer.register_loss(losses(model, settings))
    optimizer = importlib.import_module("lib.training.optimizer").Optimizer(
        model, settings.Optimizer, mixed_precision=settings.mixed_precision(), warmup_steps=0
    )
    generator = torch.Generator().manual_seed(1)
    inputs = [torch.rand(batch, SIDE, SIDE, 3, generator=generator) for _ in range(2)]
    targets = [torch.rand(batch, 2, SIDE, SIDE, 3, generator=generator)]
    masks = [torch.ones(batch, 2, 1, SIDE, SIDE)]
    meta = importlib.import_module("lib.training.data").BatchMeta(masks, masks, masks)
    weights = sum(one.numel() for one in model.model.parameters())

    def step() -> None:
        found = trainer.train_batch(inputs, targets, optimizer, meta)
        assert all(torch.isfinite(one.total) for one in found)

    return step, weights


def losses(model: Any, settings: Any) -> Any:
    """Its losses, chosen and weighted as its settings say."""
    loss = settings.Loss
    return importlib.import_module("lib.training.loss").LossCollator(
        functions=[loss.loss_function(), loss.loss_function_2(),
                   loss.loss_function_3(), loss.loss_function_4()],
        weights=[1.0, *(one() / 100 for one in
                        (loss.loss_weight_2, loss.loss_weight_3, loss.loss_weight_4))],
        color_order=model.color_order,
        use_mask=loss.penalized_mask_loss(),
        eye_multiplier=loss.eye_multiplier(),
        mouth_multiplier=loss.mouth_multiplier(),
        smallest_output=SIDE,
    )  # fmt: skip


if __name__ == "__main__":
    main()
