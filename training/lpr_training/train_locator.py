"""Trains the locator; run again with the same --run folder it goes on where it was stopped.

    python -m lpr_training.train_locator --data ../data/plates --shards DIR --scenes DIR --run DIR --minutes 60
"""
import argparse
import json
import random
import signal
import time
from pathlib import Path

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from . import road_scenes, shards, thai_crops
from .locator_net import CELL, CORNER_UNIT, LocatorNet
from .train_reader import save, to_tensor

BATCH = 16
AVERAGE = 0.998
ROWS, COLUMNS = road_scenes.HEIGHT // CELL, road_scenes.WIDTH // CELL


def targets_of(plates: list[np.ndarray]) -> np.ndarray:
    """(11, rows, columns): heat, eight corner offsets, their weight, whether the heat counts."""
    target = np.zeros((11, ROWS, COLUMNS), np.float32)
    target[10] = 1
    ys, xs = np.mgrid[0:ROWS, 0:COLUMNS].astype(np.float32) * CELL + CELL / 2
    for plate in plates:
        low, high = plate.min(0), plate.max(0)
        size = high - low
        shown = (np.minimum(high, (road_scenes.WIDTH, road_scenes.HEIGHT)) - np.maximum(low, 0)).clip(0)
        width = float(np.linalg.norm(plate[1] - plate[0]))
        centre = plate.mean(0)
        if width < road_scenes.LEAST_WIDTH or shown.prod() < 0.8 * size.prod():
            inside = (xs > low[0] - CELL) & (xs < high[0] + CELL) & (ys > low[1] - CELL) & (ys < high[1] + CELL)
            target[10][inside] = 0
            continue
        sx, sy = max(0.55 * CELL, float(size[0]) * 0.13), max(0.55 * CELL, float(size[1]) * 0.16)
        heat = np.exp(-((xs - centre[0]) ** 2 / (2 * sx * sx) + (ys - centre[1]) ** 2 / (2 * sy * sy)))
        at = (min(ROWS - 1, max(0, int(centre[1] // CELL))), min(COLUMNS - 1, max(0, int(centre[0] // CELL))))
        heat[at] = 1.0
        wins = heat > np.maximum(target[0], 0.35)
        target[0] = np.maximum(target[0], heat)
        for k in range(4):
            target[1 + 2 * k][wins] = (plate[k, 0] - xs[wins]) / CORNER_UNIT
            target[2 + 2 * k][wins] = (plate[k, 1] - ys[wins]) / CORNER_UNIT
        # Relative to the plate's own size: 2 % of a large plate hurt as much as 2 % of a small one.
        target[9][wins] = heat[wins] * CORNER_UNIT / max(12.0, float(size.min()) + 0.25 * float(size.max()))
        inside = (xs > low[0]) & (xs < high[0]) & (ys > low[1]) & (ys < high[1])
        target[10][inside] = 1
    return target


class Scenes(torch.utils.data.IterableDataset):
    def __init__(self, maker: road_scenes.SceneMaker, seed: int):
        self.maker, self.seed = maker, seed

    def __iter__(self):
        # Whoever ends the run means the trainer, which still has to save.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        cv2.setNumThreads(0)
        random.seed(self.seed)
        np.random.seed(self.seed % (1 << 32))
        while True:
            made = [self.maker.make() for _ in range(BATCH)]
            yield np.stack([picture for picture, _ in made]), np.stack([targets_of(plates) for _, plates in made])


def loss_of(output: torch.Tensor, target: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """Focal loss of the heat (Law and Deng 2018, CornerNet) and the corners' mean distance in shares of a plate's size."""
    heat, counts = target[:, 0], target[:, 10]
    logit = output[:, 0]
    probability = torch.sigmoid(logit)
    is_middle = heat > 0.999
    gain = torch.where(is_middle, (1 - probability) ** 2 * F.logsigmoid(logit), (1 - heat) ** 4 * probability**2 * F.logsigmoid(-logit))
    found = -(gain * counts).sum() / is_middle.sum().clamp(min=1)
    weight = target[:, 9:10]
    corners = (F.smooth_l1_loss(output[:, 1:9], target[:, 1:9], reduction="none", beta=0.05) * weight).sum() / (8 * (target[:, 0:1] * (weight > 0)).sum()).clamp(min=1)
    return found, corners


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with det_ro, vn_scenes, intl_scenes, th_crops and the manifest")
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--scenes", type=Path, required=True, help="folder that `npm run render -- --scenes N` filled")
    parser.add_argument("--run", type=Path, required=True, help="folder for checkpoints, outside the repository")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--cooldown", type=float, default=0.0)
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--report", type=float, default=4.0)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.run.mkdir(parents=True, exist_ok=True)
    checkpoint = arguments.run / "locator.pt"
    maker = road_scenes.SceneMaker(
        road_scenes.load_photographs(arguments.data) if arguments.data else [],
        road_scenes.load_drawn(arguments.scenes),
        thai_crops.load(arguments.data)[0] if arguments.data else [],
        shards.load(arguments.shards),
    )
    net = LocatorNet().to(memory_format=torch.channels_last)
    average = LocatorNet().to(memory_format=torch.channels_last)
    average.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), arguments.rate, weight_decay=0.01)
    step = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        step = state["step"]
    print(f"{sum(p.numel() for p in net.parameters()) / 1e6:.2f} M parameters, at step {step}", flush=True)
    batches = torch.utils.data.DataLoader(Scenes(maker, 2000 + step), batch_size=None, num_workers=1, prefetch_factor=6)
    started = reported = time.monotonic()
    end = started + arguments.minutes * 60
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    recent = []
    for pictures, targets in batches:
        now = time.monotonic()
        left = (end - now) / 60
        fall = min(1.0, max(0.0, left) / max(arguments.cooldown, 1e-6))
        for group in optimiser.param_groups:
            group["lr"] = arguments.rate * min(1.0, (step + 1) / 300) * (0.01 + 0.99 * fall)
        found, corners = loss_of(net(to_tensor(pictures.numpy())), targets)
        optimiser.zero_grad()
        (found + 2 * corners).backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 5.0)
        optimiser.step()
        step += 1
        recent.append((found.item(), corners.item()))
        decay = min(AVERAGE, (step + 1) / (step + 20))
        with torch.no_grad():
            for kept, new in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
                kept.lerp_(new, 1 - decay) if kept.is_floating_point() else kept.copy_(new)
        if step % 100 == 0:
            means = np.mean(recent, 0)
            recent = []
            print(f"{(now - started) / 60:5.1f} min  step {step}  {json.dumps({'heat': round(float(means[0]), 3), 'corners': round(float(means[1]), 4)})}", flush=True)
        is_last = now >= end or bool(stopped)
        if is_last or now - reported > arguments.report * 60:
            reported = now
            save(checkpoint, {"net": net.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict(), "step": step})
        if is_last:
            break


if __name__ == "__main__":
    main()
