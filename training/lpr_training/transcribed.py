"""Real plates of other countries: cut out of det_ro (MIT), which states boxes only; read by eye for this project.

`training/transcriptions.jsonl` has one line per plate that can be read: file, plate (its place in the manifest's list), text,
country.
"""
import json
from pathlib import Path

import cv2

from .labels import NO_PROVINCE
from .thai_crops import Crop

TRANSCRIPTIONS = Path(__file__).resolve().parents[1] / "transcriptions.jsonl"
MARGIN = 0.04


def load(folder: Path) -> list[Crop]:
    """The crops whose scenes are under `folder` (…/data/plates)."""
    manifest = {row["file"]: row["plates"] for row in map(json.loads, (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines())}
    crops, pictures = [], {}
    for line in TRANSCRIPTIONS.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["file"] not in manifest:
            continue
        if row["file"] not in pictures:
            pictures[row["file"]] = cv2.cvtColor(cv2.imread(str(folder / row["file"])), cv2.COLOR_BGR2RGB)
        picture = pictures[row["file"]]
        x, y, w, h = manifest[row["file"]][row["plate"]]["box"]
        left, top = max(0, int(x - MARGIN * w)), max(0, int(y - MARGIN * h))
        cut = picture[top : int(y + h * (1 + MARGIN)), left : int(x + w * (1 + MARGIN))]
        crops.append(Crop(cv2.resize(cut, (256, 96), interpolation=cv2.INTER_LINEAR), row["text"], NO_PROVINCE, [], None, False, row["country"]))
    return crops
