"""Which characters the reader mixes up, as weights for comparing plates: core/plates/facts/confusables.json.

    python -m lpr_training.confusions --run DIR --data ../data/plates --shards DIR --out ../core/plates/facts/confusables.json

Plates that were not trained on are spoiled until the reader is unsure; how much probability it then gives to another
character in a slot, both ways, is how alike the two are. Weights run from 0 to 0.9: the likeness relative to the eight most
confused pairs, under a square root, so that pairs confused a tenth as often still count a third.
"""
import argparse
import json
import random
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
import torch

from . import augment, shards, thai_crops
from .labels import CHARACTERS, DIGITS, LATIN, NO_CHARACTER, THAI_CONSONANTS, encode_text
from .reader_net import HEIGHT, WIDTH, ReaderNet
from .train_reader import to_tensor

MOST = 0.9
LEAST = 0.2
REFERENCE = 8
LEAST_SEEN = 40
COUNTED = set(DIGITS + LATIN + THAI_CONSONANTS)


@torch.inference_mode()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--shards", type=Path, action="append", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--looks", type=int, default=6)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    random.seed(11)
    np.random.seed(11)
    net = ReaderNet()
    net.load_state_dict(torch.load(arguments.run / "reader" / "reader.pt", weights_only=True)["average"])
    net.eval()
    plates = [(crop.picture, encode_text(crop.text)) for crop in thai_crops.load(arguments.data)[1]]
    for folder in arguments.shards:
        last = shards.load(folder)[-1]
        plates += [(np.asarray(last.pictures[k]), last.text[k].tolist()) for k in range(len(last) - 600, len(last))]
    mass: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
    seen: dict[str, int] = defaultdict(int)
    for start in range(0, len(plates), 64):
        part = plates[start : start + 64]
        for _ in range(arguments.looks):
            spoiled = []
            for picture, _text in part:
                scale = random.uniform(0.12, 0.35)
                small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
                spoiled.append(augment.degrade(augment.place(cv2.resize(small, (256, 96)), HEIGHT, WIDTH, 0.06), 0.8))
            probabilities = net(to_tensor(np.stack(spoiled)))[0].softmax(-1).numpy()
            for (_picture, text), slots in zip(part, probabilities, strict=True):
                # Of a text with characters lost or made up the slots do not say who was taken for whom.
                length = int((slots.argmax(-1) != NO_CHARACTER).sum())
                if length != sum(index != NO_CHARACTER for index in text):
                    continue
                for index, slot in zip(text, slots, strict=True):
                    if index == NO_CHARACTER or CHARACTERS[index - 1] not in COUNTED:
                        continue
                    true = CHARACTERS[index - 1]
                    seen[true] += 1
                    for other in np.nonzero(slot > 0.003)[0]:
                        if other not in (NO_CHARACTER, index) and CHARACTERS[other - 1] in COUNTED:
                            mass[true][CHARACTERS[other - 1]] += float(slot[other])
    pairs: dict[tuple[str, str], float] = {}
    for a in seen:
        for b in seen:
            if a < b and min(seen[a], seen[b]) >= LEAST_SEEN:
                pairs[a, b] = (mass[a][b] / seen[a] + mass[b][a] / seen[b]) / 2
    ranked = sorted(pairs.items(), key=lambda entry: -entry[1])
    reference = ranked[REFERENCE - 1][1]
    own = [(a, b, round(MOST * min(1.0, value / reference) ** 0.5, 2)) for (a, b), value in ranked]
    own = [entry for entry in own if entry[2] >= LEAST]
    # Letters outside the reader's alphabet keep the weights that their shapes gave.
    kept = [entry for entry in json.loads(arguments.out.read_text(encoding="utf-8")) if not (entry[0] in COUNTED and entry[1] in COUNTED)]
    lines = [json.dumps(list(entry), ensure_ascii=False) for entry in own + kept]
    arguments.out.write_text("[\n  " + ",\n  ".join(lines) + "\n]\n", encoding="utf-8")
    print(f"{len(own)} pairs of our own from {sum(seen.values())} characters, {len(kept)} kept; most confused: " + " ".join(f"{a}{b}" for a, b, _ in own[:20]))


if __name__ == "__main__":
    main()
