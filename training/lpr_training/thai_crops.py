"""The real Thai crops (th_crops, CC BY 4.0): who belongs to training, and new plates made of their glyphs.

A crop whose plate is in validation (sha256 of text and province is 0 modulo 10) lends nothing to training, no glyph either.
"""
import base64
import hashlib
import json
import random
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from .labels import NO_PROVINCE, PROVINCE_BY_NAME, PROVINCE_CODES, PROVINCES, THAI_CONSONANTS

Box = tuple[int, int, int, int]


@dataclass
class Crop:
    picture: np.ndarray  # RGB, 112 x 256
    text: str
    province: int
    characters: list[tuple[str, Box]]
    province_box: Box | None
    is_truck: bool
    country: str = "TH"


def is_validation(text: str, province: str | None) -> bool:
    return int(hashlib.sha256((text + (province or "")).encode()).hexdigest(), 16) % 10 == 0


def load(folder: Path) -> tuple[list[Crop], list[Crop]]:
    """(training, validation) crops under `folder` (…/data/plates)."""
    boxes = {}
    for line in (folder / "th_chars.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        boxes[row["file"]] = row
    training, validation = [], []
    for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if not row["file"].startswith("th_crops/"):
            continue
        plate = row["plates"][0]
        picture = cv2.cvtColor(cv2.imread(str(folder / row["file"])), cv2.COLOR_BGR2RGB)
        chars = boxes[row["file"]]
        characters = [(entry["char"], tuple(entry["box"])) for entry in chars["chars"]]
        province = chars.get("province")
        crop = Crop(
            picture=picture,
            text=plate["text"],
            province=PROVINCE_BY_NAME[plate["province"]],
            characters=characters,
            province_box=tuple(province["box"]) if province else None,
            is_truck=plate["text"].isdigit(),
        )
        (validation if is_validation(plate["text"], plate["province"]) else training).append(crop)
    return training, validation


def load_pairs(file: Path) -> list[Crop]:
    """Corrections that the console exported (Settings, Recognition) with pictures, as crops to train on.

    Thai plates and empty ones; a plate whose hash puts it into validation is left out. Raises ValueError where no line has a
    picture: the site did not consent to export them.
    """
    crops, codes = [], {code: index for index, code in enumerate(PROVINCE_CODES)}
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    if lines and not any(line["picture"] for line in lines):
        raise ValueError(f"{file.name} holds no pictures: switch them on under Settings, Recognition, and export again")
    for line in lines:
        province = codes.get(line["issuingEntity"] or "")
        name = PROVINCES[province]["nameTh"] if province is not None else None
        if not line["picture"] or (line["text"] and line["countryCode"] != "TH") or is_validation(line["text"], name):
            continue
        encoded = np.frombuffer(base64.b64decode(line["picture"]), np.uint8)
        picture = cv2.cvtColor(cv2.imdecode(encoded, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)
        crops.append(Crop(picture, line["text"], NO_PROVINCE if province is None else province, [], None, line["text"].isdigit()))
    return crops


def _levels(patch: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Ink and sheet colour of a patch: the means of its darkest and lightest fifth."""
    grey = patch.mean(2)
    low, high = np.percentile(grey, (20, 75))
    dark, light = grey <= low, grey >= high
    return patch[dark].mean(0), patch[light].mean(0)


def _grown(box: Box, by: int, height: int, width: int) -> Box:
    x, y, w, h = box
    x0, y0 = max(0, x - by), max(0, y - by)
    x1, y1 = min(width, x + w + by), min(height, y + h + by)
    return x0, y0, x1 - x0, y1 - y0


class GlyphSwapper:
    """Real plates with other real characters and provinces in their places: the true letterforms in any combination."""

    def __init__(self, crops: list[Crop]):
        crops = [crop for crop in crops if crop.characters]
        self.crops = crops
        self.glyphs: dict[str, list[tuple[int, Box]]] = {}
        self.provinces: dict[tuple[int, bool], list[tuple[int, Box]]] = {}
        for index, crop in enumerate(crops):
            height, width = crop.picture.shape[:2]
            for character, (x, y, w, h) in crop.characters:
                if x > 0 and y > 0 and x + w < width and y + h < height:
                    self.glyphs.setdefault(character, []).append((index, (x, y, w, h)))
            if crop.province_box:
                x, y, w, h = crop.province_box
                if y + h < height - 1 and w > 20 and h > 12:
                    self.provinces.setdefault((crop.province, crop.is_truck), []).append((index, crop.province_box))
        self.letters = [letter for letter in THAI_CONSONANTS if letter in self.glyphs]
        self.province_keys = {truck: [key for key in self.provinces if key[1] == truck] for truck in (False, True)}

    def _paste(self, picture: np.ndarray, target: Box, source: np.ndarray, source_box: Box) -> None:
        height, width = picture.shape[:2]
        tx, ty, tw, th = _grown(target, 2, height, width)
        sx, sy, sw, sh = _grown(source_box, 2, *source.shape[:2])
        patch = source[sy : sy + sh, sx : sx + sw].astype(np.float32)
        hole = picture[ty : ty + th, tx : tx + tw].astype(np.float32)
        ink, sheet = _levels(patch)
        new_ink, new_sheet = _levels(hole)
        span = (sheet - ink).mean()
        if abs(span) < 12:
            return
        # One gain for all channels: three would turn noise on grey plates into colours.
        grey = (patch.mean(2, keepdims=True) - ink.mean()) / span
        patch = new_ink + grey * (new_sheet - new_ink)
        patch = cv2.resize(patch, (tw, th), interpolation=cv2.INTER_LINEAR)
        feather = np.ones((th, tw), np.float32)
        for edge, share in ((0, 0.25), (1, 0.7)):
            feather[edge, :] = np.minimum(feather[edge, :], share)
            feather[-1 - edge, :] = np.minimum(feather[-1 - edge, :], share)
            feather[:, edge] = np.minimum(feather[:, edge], share)
            feather[:, -1 - edge] = np.minimum(feather[:, -1 - edge], share)
        mixed = hole * (1 - feather[..., None]) + patch * feather[..., None]
        picture[ty : ty + th, tx : tx + tw] = np.clip(mixed, 0, 255).astype(np.uint8)

    def _glyph(self, pool: list[str] | str, like: Box) -> tuple[str, int, Box] | None:
        for _ in range(6):
            character = random.choice(pool)
            index, box = random.choice(self.glyphs[character])
            ratio = (box[2] / box[3]) / (like[2] / like[3])
            if 0.72 < ratio < 1.38:
                return character, index, box
        return None

    def swapped(self) -> tuple[np.ndarray, str, int]:
        """(picture, text, province) of a plate that never was."""
        crop = random.choice(self.crops)
        picture = crop.picture.copy()
        text = []
        rate = random.choice((0.3, 0.6, 1.0))
        for character, box in crop.characters:
            chosen = None
            if random.random() < rate:
                pool = "0123456789" if character.isdigit() else self.letters
                chosen = self._glyph(pool, box)
            if chosen is None:
                text.append(character)
                continue
            new, index, source_box = chosen
            self._paste(picture, box, self.crops[index].picture, source_box)
            text.append(new)
        province = crop.province
        if crop.province_box and random.random() < 0.7:
            x, y, w, h = crop.province_box
            for _ in range(5):
                key = random.choice(self.province_keys[crop.is_truck])
                index, box = random.choice(self.provinces[key])
                if 0.6 < (box[2] / box[3]) / (w / h) < 1.6 and y + h < picture.shape[0] - 1:
                    self._paste(picture, crop.province_box, self.crops[index].picture, box)
                    province = key[0]
                    break
        return picture, "".join(text), province
