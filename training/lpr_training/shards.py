"""Rendered plates as `npm run render` writes them.

`shard-0000.bin` holds pictures one behind the other, each 96 x 256 RGB bytes, squeezed from the plate's own shape;
`shard-0000.jsonl` one line per picture: text, province (code or null), country, sheet, ink, aspect (width by height).
"""
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .labels import COUNTRIES, INKS, NO_PROVINCE, PROVINCE_CODES, SHEETS, encode_text

HEIGHT, WIDTH = 96, 256


@dataclass
class Rendered:
    pictures: np.ndarray  # (count, 96, 256, 3), on disk
    text: np.ndarray  # (count, SLOTS)
    province: np.ndarray
    country: np.ndarray
    sheet: np.ndarray
    ink: np.ndarray
    aspect: np.ndarray

    def __len__(self) -> int:
        return len(self.text)


def load(folder: Path) -> list[Rendered]:
    """All shards of a folder. Raises ValueError naming the file whose pictures and labels do not match."""
    shards = []
    for labels in sorted(folder.glob("shard-*.jsonl")):
        rows = [json.loads(line) for line in labels.read_text(encoding="utf-8").splitlines()]
        binary = labels.with_suffix(".bin")
        size = HEIGHT * WIDTH * 3
        if binary.stat().st_size != size * len(rows):
            raise ValueError(f"{binary.name} does not hold the {len(rows)} pictures of its labels; render it again")
        shards.append(
            Rendered(
                pictures=np.memmap(binary, np.uint8, "r", shape=(len(rows), HEIGHT, WIDTH, 3)),
                text=np.array([encode_text(row["text"]) for row in rows]),
                province=np.array(
                    [PROVINCE_CODES.index(row["province"]) if row["province"] else NO_PROVINCE for row in rows]
                ),
                country=np.array([COUNTRIES.index(row["country"]) for row in rows]),
                sheet=np.array([SHEETS.index(row["sheet"]) for row in rows]),
                ink=np.array([INKS.index(row["ink"]) for row in rows]),
                aspect=np.array([row["aspect"] for row in rows], np.float32),
            )
        )
    return shards
