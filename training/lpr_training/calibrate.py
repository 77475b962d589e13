"""Temperatures that make the reader's confidence honest (Guo and others 2017), fitted on plates that were not trained on."""
import random

import cv2
import numpy as np
import torch
import torch.nn.functional as F

from . import augment
from .labels import NO_CHARACTER, SLOTS
from .reader_net import HEIGHT, WIDTH, ReaderNet
from .train_reader import to_tensor


@torch.inference_mode()
def outputs_of(net: ReaderNet, pictures: list[np.ndarray]) -> tuple[torch.Tensor, ...]:
    parts = [net(to_tensor(np.stack(pictures[start : start + 128]))) for start in range(0, len(pictures), 128)]
    return tuple(torch.cat(column) for column in zip(*parts, strict=True))


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


def column_probability(line: torch.Tensor, texts: torch.Tensor) -> torch.Tensor:
    """Of each text (N, SLOTS), over all ways in which the columns (N, 20, 1 + alphabet) can spell it."""
    steps = line.log_softmax(-1).transpose(0, 1)
    lengths = torch.full((len(texts),), line.shape[1], dtype=torch.long)
    loss = F.ctc_loss(steps, texts, lengths, (texts != NO_CHARACTER).sum(1), reduction="none", zero_infinity=False)
    return torch.exp(-loss).nan_to_num(0.0)


def slot_probability(characters: torch.Tensor, texts: torch.Tensor, divisor: float) -> torch.Tensor:
    return (characters / divisor).softmax(-1).gather(-1, texts.unsqueeze(-1)).squeeze(-1).prod(-1)


def decide(outputs: tuple[torch.Tensor, ...], divisor: float) -> tuple[torch.Tensor, torch.Tensor]:
    """As the engine decides between slots and columns: (texts, how sure)."""
    characters, line, share = outputs[0], outputs[5], torch.sigmoid(outputs[6]) / 2
    by_slots = characters.argmax(-1)
    by_columns = torch.zeros_like(by_slots)
    for row, columns in enumerate(line.argmax(-1).tolist()):
        kept = [index for k, index in enumerate(columns) if index != NO_CHARACTER and (k == 0 or index != columns[k - 1])]
        by_columns[row, : len(kept[:SLOTS])] = torch.tensor(kept[:SLOTS], dtype=torch.long)
    sure = torch.stack(
        [
            (1 - share) * slot_probability(characters, texts, divisor) + share * column_probability(line, texts)
            for texts in (by_slots, by_columns)
        ]
    )
    best, which = sure.max(0)
    return torch.where(which.unsqueeze(-1) == 0, by_slots, by_columns), best


def accept_from(sure: torch.Tensor, right: torch.Tensor, precision: float) -> float:
    """The least confidence from which on so large a share of whole texts is right; 1 where none is."""
    ordered, order = sure.sort(descending=True)
    share = right[order].float().cumsum(0) / torch.arange(1, len(right) + 1)
    enough = (share >= precision).nonzero()
    return float(ordered[enough[-1, 0]]) if len(enough) else 1.0


def reliability(sure: torch.Tensor, right: torch.Tensor) -> list[dict[str, float]]:
    """Of whole texts: how sure the reader was, and how often it was right."""
    rows = []
    edges = (0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.99, 1.0001)
    for low, high in zip(edges, edges[1:], strict=False):
        inside = (sure >= low) & (sure < high)
        if inside.any():
            rows.append({"from": low, "to": min(high, 1.0), "count": int(inside.sum()), "said": round(sure[inside].mean().item(), 4), "right": round(right[inside].float().mean().item(), 4)})
    return rows
