"""Temperatures that make the reader's confidence honest (Guo and others 2017), fitted on plates that were not trained on."""
import random

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from . import augment
from .labels import NO_CHARACTER
from .reader_net import HEIGHT, WIDTH, ReaderNet
from .train_reader import to_tensor


@torch.inference_mode()
def logits_of(net: ReaderNet, pictures: list[np.ndarray]) -> tuple[torch.Tensor, torch.Tensor]:
    characters, provinces = [], []
    for start in range(0, len(pictures), 128):
        outputs = net(to_tensor(np.stack(pictures[start : start + 128])))
        characters.append(outputs[0])
        provinces.append(outputs[1])
    return torch.cat(characters), torch.cat(provinces)


def spoiled(pictures: list[np.ndarray], times: int, seed: int = 5) -> list[np.ndarray]:
    """Each picture as it is and `times` - 1 times degraded: clean crops alone would make the reader seem too sure."""
    random.seed(seed)
    np.random.seed(seed)
    out = []
    for picture in pictures:
        out.append(cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA))
        out += [augment.degrade(augment.place(picture, HEIGHT, WIDTH, 0.08), 0.8) for _ in range(times - 1)]
    return out


def temperature(logits: torch.Tensor, truth: torch.Tensor) -> float:
    """The divisor of the logits with the least cross entropy."""
    candidates = np.exp(np.linspace(np.log(0.4), np.log(3.0), 81))
    losses = [F.cross_entropy(logits.flatten(0, -2) / t, truth.flatten()).item() for t in candidates]
    return float(candidates[int(np.argmin(losses))])


def accept_from(logits: torch.Tensor, truth: torch.Tensor, divisor: float, precision: float) -> float:
    """The least confidence from which on so large a share of whole texts is right; 1 where none is."""
    best, said = (logits / divisor).softmax(-1).max(-1)
    sure, order = best.prod(-1).sort(descending=True)
    right = (said == truth).all(-1)[order].float()
    share = right.cumsum(0) / torch.arange(1, len(right) + 1)
    enough = (share >= precision).nonzero()
    return float(sure[enough[-1, 0]]) if len(enough) else 1.0


def reliability(logits: torch.Tensor, truth: torch.Tensor, divisor: float) -> list[dict[str, float]]:
    """Of whole texts: how sure the reader was, and how often it was right."""
    probabilities = (logits / divisor).softmax(-1)
    best, said = probabilities.max(-1)
    used = (said != NO_CHARACTER) | (truth != NO_CHARACTER)
    sure = torch.where(used, best, torch.ones_like(best)).prod(-1)
    right = (said == truth).all(-1)
    rows = []
    edges = (0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0001)
    for low, high in zip(edges, edges[1:], strict=False):
        inside = (sure >= low) & (sure < high)
        if inside.any():
            rows.append({"from": low, "to": min(high, 1.0), "count": int(inside.sum()), "said": round(sure[inside].mean().item(), 4), "right": round(right[inside].float().mean().item(), 4)})
    return rows
