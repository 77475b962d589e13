"""Trains the reader; run again with the same --run folder it goes on where it was stopped.

    python -m lpr_training.train_reader --data ../data/plates --shards DIR --run DIR --minutes 60

The learning rate stays level until --cooldown minutes before the end, so that a run can be prolonged; weights are
averaged on the way, and it is the average that is measured and shipped.
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

from . import augment, road_scenes, shards, thai_crops, transcribed
from .labels import COUNTRIES, NO_CHARACTER, NO_PROVINCE, UNLABELLED, decode_text, encode_text
from .reader_net import HEIGHT, MEAN, SCALE, WIDTH, ReaderNet

BATCH = 64
AVERAGE = 0.9985
THAILAND = COUNTRIES.index("TH")
# Drawn plates of this width by height have one line of characters; lower ones have two or three.
LEAST_LINE_ASPECT = 1.9


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    """(N, height, width, 3) bytes to what the net takes."""
    scaled = (torch.from_numpy(pictures).float() - MEAN) / SCALE
    return scaled.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


class Mixture(torch.utils.data.IterableDataset):
    """Endless batches: real crops, real crops with swapped glyphs, rendered plates."""

    RING = 6000
    # Of what is no plate the reader shall say nothing.
    EMPTY_SHARE = 0.06
    FRESH_PER_BATCH = 8
    # Of the real crops: plates of other countries than Thailand; few are to be had, and they shall not be learned by heart.
    FOREIGN_SHARE = 0.12

    def __init__(
        self,
        crops: list[thai_crops.Crop],
        foreign: list[thai_crops.Crop],
        rendered: list[shards.Rendered],
        empty: np.ndarray,
        real_share: float,
        seed: int,
    ):
        self.crops, self.foreign, self.rendered, self.empty, self.seed = crops, foreign, rendered, empty, seed
        self.real_share = 0.0 if not crops else 1.0 if not rendered else real_share

    def __iter__(self):
        # Whoever ends the run means the trainer, which still has to save.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        cv2.setNumThreads(0)
        random.seed(self.seed)
        np.random.seed(self.seed % (1 << 32))
        swapper = thai_crops.GlyphSwapper(self.crops) if self.crops else None
        ring: list[tuple[np.ndarray, str, int]] = []
        counts = np.cumsum([len(shard) for shard in self.rendered]) if self.rendered else None
        real_share = self.real_share
        while True:
            pictures = np.empty((BATCH, HEIGHT, WIDTH, 3), np.uint8)
            labels = np.full((BATCH, 5), UNLABELLED, np.int64)
            texts = np.empty((BATCH, len(encode_text(""))), np.int64)
            if swapper:
                for _ in range(self.FRESH_PER_BATCH):
                    entry = swapper.swapped()
                    if len(ring) < self.RING:
                        ring.append(entry)
                    else:
                        ring[random.randrange(self.RING)] = entry
            for i in range(BATCH):
                dice = random.random()
                if len(self.empty) and random.random() < self.EMPTY_SHARE:
                    plate = augment.place(random.choice(self.empty), HEIGHT, WIDTH, 0.1)
                    plate = augment.degrade(plate, random.choice((0.35, 1.0)))
                    texts[i] = encode_text("")
                    labels[i, 0] = NO_PROVINCE
                    labels[i, 4] = 1
                elif dice < real_share:
                    country = THAILAND
                    if dice < real_share * 0.4:
                        is_foreign = self.foreign and dice < real_share * self.FOREIGN_SHARE
                        crop = random.choice(self.foreign if is_foreign else self.crops)
                        picture, text, province, country = crop.picture, crop.text, crop.province, COUNTRIES.index(crop.country)
                    else:
                        picture, text, province = random.choice(ring)
                    plate = augment.place(picture, HEIGHT, WIDTH, random.choice((0.07, 0.09, 0.2)), surrounded=random.random() < 0.4)
                    plate = augment.degrade(plate, random.choice((0.35, 0.7, 1.0)))
                    texts[i] = encode_text(text)
                    labels[i, :2] = province, country
                    labels[i, 4] = 1
                else:
                    at = random.randrange(counts[-1])
                    which = int(np.searchsorted(counts, at, "right"))
                    shard = self.rendered[which]
                    k = at - (counts[which - 1] if which else 0)
                    plate = augment.place(shard.pictures[k], HEIGHT, WIDTH, random.choice((0.08, 0.10, 0.2)))
                    plate = augment.degrade(plate, random.choice((0.6, 1.0, 1.0)))
                    texts[i] = shard.text[k]
                    labels[i, :4] = shard.province[k], shard.country[k], shard.sheet[k], shard.ink[k]
                    labels[i, 4] = int(shard.aspect[k] >= LEAST_LINE_ASPECT)
                pictures[i] = plate
            yield pictures, texts, labels


def loss_of(outputs: tuple[torch.Tensor, ...], texts: torch.Tensor, labels: torch.Tensor, smoothing: float) -> torch.Tensor:
    characters, province, country, sheet, ink, line, single = outputs
    loss = F.cross_entropy(characters.flatten(0, 1), texts.flatten(), label_smoothing=smoothing)
    loss = loss + 0.35 * F.cross_entropy(province, labels[:, 0], ignore_index=UNLABELLED, label_smoothing=smoothing)
    loss = loss + 0.1 * F.cross_entropy(country, labels[:, 1], ignore_index=UNLABELLED)
    for output, column in ((sheet, 2), (ink, 3)):
        if bool((labels[:, column] != UNLABELLED).any()):
            loss = loss + 0.1 * F.cross_entropy(output, labels[:, column], ignore_index=UNLABELLED)
    is_single = labels[:, 4] == 1
    if bool(is_single.any()):
        target = texts[is_single]
        steps = line[is_single].log_softmax(-1).transpose(0, 1)
        lengths = torch.full((steps.shape[1],), steps.shape[0], dtype=torch.long)
        loss = loss + 0.4 * F.ctc_loss(steps, target, lengths, (target != NO_CHARACTER).sum(1), zero_infinity=True)
    return loss + 0.1 * F.binary_cross_entropy_with_logits(single, is_single.float())


def collapse(columns: list[int]) -> str:
    """The text of a row of columns: repeats are one character, unless "none" stands between them."""
    return decode_text([index for k, index in enumerate(columns) if k == 0 or index != columns[k - 1]])


@torch.inference_mode()
def measure(net: ReaderNet, pictures: list[np.ndarray], texts: list[str], provinces: list[int] | None) -> dict[str, float]:
    """Share of exact texts, provinces and both; pictures of any size."""
    right_text = right_province = right_both = right_line = 0
    for start in range(0, len(pictures), 128):
        part = pictures[start : start + 128]
        resized = np.stack([cv2.resize(picture, (WIDTH, HEIGHT), interpolation=cv2.INTER_AREA) for picture in part])
        outputs = net(to_tensor(resized))
        said = [decode_text(row) for row in outputs[0].argmax(-1).tolist()]
        named = outputs[1].argmax(-1).tolist()
        lines = [collapse(row) for row in outputs[5].argmax(-1).tolist()]
        for i, text in enumerate(said):
            is_text = text == texts[start + i]
            is_province = provinces is not None and named[i] == provinces[start + i]
            right_text += is_text
            right_line += lines[i] == texts[start + i]
            right_province += is_province
            right_both += is_text and is_province
    count = max(1, len(pictures))
    return {
        "count": len(pictures),
        "text": round(right_text / count, 4),
        "line": round(right_line / count, 4),
        "province": round(right_province / count, 4),
        "both": round(right_both / count, 4),
    }


def save(path: Path, state: dict) -> None:
    """Whole or not at all."""
    partial = path.with_suffix(".partial")
    torch.save(state, partial)
    partial.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, help="folder with th_crops, manifest.jsonl and th_chars.jsonl")
    parser.add_argument("--shards", type=Path, action="append", default=[])
    parser.add_argument("--scenes", type=Path, action="append", default=[], help="folders that `npm run render -- --scenes N` filled")
    parser.add_argument("--pairs", type=Path, action="append", default=[], help="corrections that the console exported")
    parser.add_argument("--run", type=Path, required=True, help="folder for checkpoints, outside the repository")
    parser.add_argument("--minutes", type=float, required=True)
    parser.add_argument("--cooldown", type=float, default=0.0, help="of these minutes, so many at a falling learning rate")
    parser.add_argument("--real", type=float, default=0.28, help="share of real crops, with and without swapped glyphs")
    parser.add_argument("--smoothing", type=float, default=0.02, help="of labels; 0 for the last minutes, so that confidences come out honest")
    parser.add_argument("--rate", type=float, default=2e-3)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--report", type=float, default=4.0, help="minutes between measurements")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.run.mkdir(parents=True, exist_ok=True)
    checkpoint = arguments.run / "reader.pt"

    training, validation = thai_crops.load(arguments.data) if arguments.data else ([], [])
    rendered = [shard for folder in arguments.shards for shard in shards.load(folder)]
    foreign = transcribed.load(arguments.data) if arguments.data else []
    for file in arguments.pairs:
        training += thai_crops.load_pairs(file)
    scenes = road_scenes.load_photographs(arguments.data) if arguments.data else []
    scenes += [scene for folder in arguments.scenes for scene in road_scenes.load_drawn(folder)]
    random.seed(7)
    empty = road_scenes.empty_patches(scenes, 6000, shards.HEIGHT, shards.WIDTH) if scenes else np.empty((0,))
    del scenes
    if not training and not rendered:
        parser.error("nothing to train on: name --data, --shards or both")
    held_out = []
    if rendered:
        # The last 600 rendered plates are never trained on.
        last = rendered[-1]
        held = min(600, len(last) // 4)
        held_out = [(last.pictures[k], decode_text(last.text[k]), int(last.province[k])) for k in range(len(last) - held, len(last))]
        rendered[-1] = shards.Rendered(*(getattr(last, name)[: len(last) - held] for name in last.__dataclass_fields__))

    net = ReaderNet().to(memory_format=torch.channels_last)
    average = ReaderNet().to(memory_format=torch.channels_last)
    average.load_state_dict(net.state_dict())
    optimiser = torch.optim.AdamW(net.parameters(), arguments.rate, weight_decay=0.02)
    step = 0
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True)
        net.load_state_dict(state["net"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        step = state["step"]
    print(f"{sum(p.numel() for p in net.parameters()) / 1e6:.2f} M parameters, {len(training)} Thai and {len(foreign)} other real crops, {sum(map(len, rendered))} rendered, at step {step}", flush=True)

    batches = torch.utils.data.DataLoader(Mixture(training, foreign, rendered, empty, arguments.real, 1000 + step), batch_size=None, num_workers=1, prefetch_factor=8)
    started = reported = time.monotonic()
    end = started + arguments.minutes * 60
    stopped = []
    signal.signal(signal.SIGTERM, lambda *_: stopped.append(True))
    net.train()
    for pictures, texts, labels in batches:
        now = time.monotonic()
        left = (end - now) / 60
        fall = min(1.0, max(0.0, left) / max(arguments.cooldown, 1e-6))
        rate = arguments.rate * min(1.0, (step + 1) / 300) * (0.01 + 0.99 * fall)
        for group in optimiser.param_groups:
            group["lr"] = rate
        loss = loss_of(net(to_tensor(pictures.numpy())), texts, labels, arguments.smoothing)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimiser.step()
        step += 1
        decay = min(AVERAGE, (step + 1) / (step + 20))
        with torch.no_grad():
            for kept, new in zip(average.state_dict().values(), net.state_dict().values(), strict=True):
                kept.lerp_(new, 1 - decay) if kept.is_floating_point() else kept.copy_(new)
        if step % 100 == 0:
            print(f"{(now - started) / 60:5.1f} min  step {step}  loss {loss.item():.3f}  rate {rate:.5f}", flush=True)
        is_last = now >= end or bool(stopped)
        if is_last or now - reported > arguments.report * 60:
            reported = now
            average.eval()
            figures = {"validation": measure(average, [c.picture for c in validation], [c.text for c in validation], [c.province for c in validation])}
            if held_out:
                figures["rendered"] = measure(average, *(list(column) for column in zip(*held_out, strict=True)))
            print(f"== step {step} {json.dumps(figures)}", flush=True)
            save(checkpoint, {"net": net.state_dict(), "average": average.state_dict(), "optimiser": optimiser.state_dict(), "step": step})
        if is_last:
            break


if __name__ == "__main__":
    main()
