"""Pictures with plates in them for the locator, all corners known: real photographs, drawn roads, and plates laid into both.

Only pictures under MIT (det_ro, vn_scenes, intl_scenes) and CC BY (th_crops, training part) are used, and what the project
renders itself.
"""
import json
import random
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from . import augment, shards, thai_crops

HEIGHT, WIDTH = 320, 448
PHOTOGRAPHS = ("det_ro/", "vn_scenes/", "intl_scenes/")
# Narrower plates are neither asked for nor punished.
LEAST_WIDTH = 13.0

Corners = np.ndarray  # (4, 2), from the top left of the plate on, clockwise


@dataclass
class Scene:
    picture: np.ndarray
    plates: list[Corners] = field(default_factory=list)


def corners_of_box(box: list[float]) -> Corners:
    x, y, w, h = box
    return np.float32([[x, y], [x + w, y], [x + w, y + h], [x, y + h]])


def load_photographs(folder: Path) -> list[Scene]:
    scenes = []
    for line in (folder / "manifest.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        if row["file"].startswith(PHOTOGRAPHS):
            picture = cv2.cvtColor(cv2.imread(str(folder / row["file"])), cv2.COLOR_BGR2RGB)
            scenes.append(Scene(picture, [corners_of_box(plate["box"]) for plate in row["plates"]]))
    return scenes


def load_drawn(folder: Path) -> list[Scene]:
    scenes = []
    for line in (folder / "scenes.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        picture = cv2.cvtColor(cv2.imread(str(folder / row["file"])), cv2.COLOR_BGR2RGB)
        scenes.append(Scene(picture, [np.float32(plate["corners"]) for plate in row["plates"]]))
    return scenes


def _colour() -> tuple[int, int, int]:
    base = random.randint(5, 250)
    spread = random.choice((6, 6, 60))
    return tuple(int(np.clip(base + augment.jitter(spread), 0, 255)) for _ in range(3))


def distract(picture: np.ndarray) -> None:
    """Draws something that is no plate."""
    height, width = picture.shape[:2]
    kind = random.random()
    x, y = random.randint(-20, width), random.randint(-20, height)
    w = int(np.exp(random.uniform(np.log(12), np.log(260))))
    h = int(w * random.uniform(0.12, 0.8))
    if kind < 0.12:  # a pane: a bright or dark quadrilateral with a gradient and a rim
        tilt = augment.jitter(0.4) * h
        pane = np.int32([[x + abs(tilt), y], [x + w - abs(tilt) * random.random(), y + tilt * 0.3], [x + w, y + h], [x, y + h + tilt * 0.2]])
        cv2.fillPoly(picture, [pane], _colour(), cv2.LINE_AA)
        cv2.polylines(picture, [pane], True, _colour(), random.randint(1, 5), cv2.LINE_AA)
        if random.random() < 0.5:
            cv2.line(picture, (x + w // 3, y), (x + w // 2, y + h), _colour(), random.randint(1, 6), cv2.LINE_AA)
    elif kind < 0.2:  # a wheel
        radius = max(4, w // 3)
        cv2.circle(picture, (x, y), radius, (20, 20, 22), -1, cv2.LINE_AA)
        cv2.circle(picture, (x, y), int(radius * 0.65), _colour(), -1, cv2.LINE_AA)
        spokes = random.randint(4, 9)
        for k in range(spokes):
            angle = 2 * np.pi * k / spokes
            end = (int(x + radius * 0.62 * np.cos(angle)), int(y + radius * 0.62 * np.sin(angle)))
            cv2.line(picture, (x, y), end, _colour(), max(1, radius // 7), cv2.LINE_AA)
    elif kind < 0.28:  # a fence, a crossing, a kerb
        step, colour = random.randint(4, 22), _colour()
        for at in range(x, x + w * 2, step):
            cv2.line(picture, (at, y), (at + random.choice((0, 0, h // 2)), y + h), colour, max(1, step // 4), cv2.LINE_AA)
        cv2.line(picture, (x, y + h // 8), (x + w * 2, y + h // 8), colour, 2)
    elif kind < 0.46:  # writing without a sheet: badges, stamps, shop names
        text = "".join(random.choice("ABCDEFGHJKLMNPRSTUVXYZ0123456789:-/. ") for _ in range(random.randint(2, 18)))
        cv2.putText(picture, text, (x, y), random.randint(0, 7), w / 120 + 0.25, _colour(), random.choice((1, 1, 2, 3)), cv2.LINE_AA)
    elif kind < 0.62:  # a grille
        step = max(2, h // random.randint(3, 9))
        dark, light = _colour(), _colour()
        cv2.rectangle(picture, (x, y), (x + w, y + h), dark, -1)
        if random.random() < 0.6:
            for at in range(y, y + h, step):
                cv2.line(picture, (x, at), (x + w, at), light, max(1, step // 3))
        else:
            for at in range(x, x + w, step):
                cv2.line(picture, (at, y), (at, y + h), light, max(1, step // 3))
    elif kind < 0.8:  # an empty sheet, a lamp, a window
        colour = _colour()
        if random.random() < 0.6:
            cv2.rectangle(picture, (x, y), (x + w, y + h), colour, -1)
            cv2.rectangle(picture, (x, y), (x + w, y + h), _colour(), random.randint(1, 4))
        else:
            cv2.ellipse(picture, (x, y), (w // 2, h // 2), random.randint(0, 180), 0, 360, colour, -1)
    else:  # a sign: a sheet with words in several lines or one long line, not as plates have them
        sheet, ink = _colour(), _colour()
        cv2.rectangle(picture, (x, y), (x + w, y + h), sheet, -1)
        lines = random.choice((1, 3, 4, 5))
        for line in range(lines):
            text = "".join(random.choice("abcdefghijklmnoprstuvw ") for _ in range(random.randint(4, 22)))
            cv2.putText(picture, text, (x + 2, y + (line + 1) * h // (lines + 1) + 2), random.randint(0, 7), h / lines / 45, ink, 1, cv2.LINE_AA)


def empty_patches(scenes: list[Scene], count: int, height: int, width: int) -> np.ndarray:
    """(count, height, width, 3): parts of scenes that hold no plate, squeezed to one size. The reader learns to say nothing there."""
    patches = np.empty((count, height, width, 3), np.uint8)
    done = 0
    while done < count:
        scene = random.choice(scenes)
        h, w = scene.picture.shape[:2]
        wide = float(np.exp(random.uniform(np.log(24), np.log(0.6 * w))))
        tall = wide / random.uniform(1.1, 5.5)
        x, y = random.uniform(0, w - wide), random.uniform(0, max(1.0, h - tall))
        if any(plate[:, 0].max() > x and plate[:, 0].min() < x + wide and plate[:, 1].max() > y and plate[:, 1].min() < y + tall for plate in scene.plates):
            continue
        part = scene.picture[int(y) : int(y + tall) + 1, int(x) : int(x + wide) + 1]
        patch = cv2.resize(part, (width, height), interpolation=cv2.INTER_AREA if wide > width else cv2.INTER_LINEAR)
        for _ in range(random.choice((0, 0, 1, 2, 3))):
            distract(patch)
        patches[done] = patch
        done += 1
    return patches


class SceneMaker:
    def __init__(self, photographs: list[Scene], drawn: list[Scene], crops: list[thai_crops.Crop], rendered: list[shards.Rendered]):
        self.photographs, self.drawn, self.crops, self.rendered = photographs, drawn, crops, rendered
        self.with_plates = [scene for scene in photographs if scene.plates]

    def _bodywork(self, picture: np.ndarray, centre: tuple[float, float], width: float, taken: list[Corners]) -> None:
        """A smooth panel, a recess and edges where the plate will sit, as on cars."""
        h, w = picture.shape[:2]
        reach_x, reach_y = width * random.uniform(0.7, 2.5), width * random.uniform(0.4, 1.5)
        x0, x1 = int(max(0, centre[0] - reach_x)), int(min(w, centre[0] + reach_x))
        y0, y1 = int(max(0, centre[1] - reach_y)), int(min(h, centre[1] + reach_y))
        covers = any(plate[:, 0].max() > x0 - width and plate[:, 0].min() < x1 + width and plate[:, 1].max() > y0 - width and plate[:, 1].min() < y1 + width for plate in taken)
        if x1 - x0 < 8 or y1 - y0 < 8 or covers:
            return
        top, bottom = np.float32(_colour()), np.float32(_colour())
        share = np.linspace(0, 1, y1 - y0, dtype=np.float32)[:, None, None] ** random.uniform(0.5, 2)
        picture[y0:y1, x0:x1] = (top * (1 - share) + (top * 0.7 + bottom * 0.3) * share).astype(np.uint8)
        for _ in range(random.randint(0, 5)):
            at = random.randint(y0, y1)
            cv2.line(picture, (x0, at), (x1, at + random.randint(-8, 8)), _colour(), random.choice((1, 1, 2, 4, 8)), cv2.LINE_AA)
        if random.random() < 0.6:
            cv2.rectangle(
                picture,
                (int(centre[0] - width * random.uniform(0.5, 0.9)), int(centre[1] - width * random.uniform(0.15, 0.45))),
                (int(centre[0] + width * random.uniform(0.5, 0.9)), int(centre[1] + width * random.uniform(0.15, 0.45))),
                _colour(), -1,
            )
        if random.random() < 0.4:  # a badge above
            radius = int(width * random.uniform(0.06, 0.16))
            cv2.circle(picture, (int(centre[0]), int(centre[1] - width * random.uniform(0.4, 0.7))), radius, _colour(), random.choice((-1, 2, 3)), cv2.LINE_AA)

    # What is one

    def _plate(self) -> tuple[np.ndarray, float]:
        """(picture, width by height)"""
        if self.crops and random.random() < 0.35:
            crop = random.choice(self.crops)
            return crop.picture, random.uniform(2.05, 2.5)
        shard = random.choice(self.rendered)
        k = random.randrange(len(shard))
        return shard.pictures[k], float(shard.aspect[k])

    def _lay(self, picture: np.ndarray, taken: list[Corners]) -> None:
        height, width = picture.shape[:2]
        plate, aspect = self._plate()
        wide = float(np.exp(random.uniform(np.log(18), np.log(400))))
        if aspect < 1.8:
            wide *= 0.7
        tall = wide / aspect
        cx = random.uniform(-0.02, 1.02) * width if random.random() < 0.1 else random.uniform(min(0.45, wide / 2 / width), max(0.55, 1 - wide / 2 / width)) * width
        cy = random.uniform(0.05, 0.97) * height
        angle = np.deg2rad(random.gauss(0, 5) if random.random() < 0.6 else random.gauss(0, 26))
        slant = random.gauss(0, 0.12)
        narrow = random.uniform(0.8, 1.0) if random.random() < 0.6 else random.uniform(0.35, 0.8)
        near = random.gauss(0, 0.06)
        # Seen from the side, uprights stay upright and the lines between them climb or fall.
        climb = random.gauss(0, 0.4 if narrow < 0.8 else 0.04)
        points = []
        for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
            x = sx * wide / 2 * narrow + sy * tall / 2 * slant
            y = sy * tall / 2 * (1 + sx * near) + sx * wide / 2 * narrow * climb
            points.append((cx + x * np.cos(angle) - y * np.sin(angle), cy + x * np.sin(angle) + y * np.cos(angle)))
        corners = np.float32(points)
        low, high = corners.min(0), corners.max(0)
        for other in taken:
            if (low < other.max(0) + 4).all() and (high > other.min(0) - 4).all():
                return
        if random.random() < 0.55:
            self._bodywork(picture, (cx, cy), wide * narrow, taken)
        if random.random() < 0.4:  # the holder
            grown = corners.mean(0) + (corners - corners.mean(0)) * random.uniform(1.04, 1.25)
            cv2.fillPoly(picture, [np.int32(np.round(grown * 16))], _colour(), cv2.LINE_AA, 4)
        values = plate.astype(np.float32)
        values = values * random.uniform(0.45, 1.1) + augment.jitter(25)
        if random.random() < 0.25:
            values = augment.shade(values)
        if random.random() < 0.15:
            values = augment.dirt(values)
        source = np.clip(values, 0, 255).astype(np.uint8)
        shrink = wide / source.shape[1]
        if shrink < 0.6:  # or thin strokes would be skipped
            source = cv2.resize(source, (max(8, int(wide * 1.3)), max(6, int(tall * 1.3))), interpolation=cv2.INTER_AREA)
        h, w = source.shape[:2]
        matrix = cv2.getPerspectiveTransform(np.float32([[0, 0], [w, 0], [w, h], [0, h]]), corners)
        x0, y0 = np.maximum(0, np.floor(low).astype(int) - 2)
        x1, y1 = np.minimum((width, height), np.ceil(high).astype(int) + 2)
        if x1 - x0 < 4 or y1 - y0 < 4:
            return
        shift = np.float64([[1, 0, -x0], [0, 1, -y0], [0, 0, 1]])
        cv2.warpPerspective(
            source, shift @ matrix, (int(x1 - x0), int(y1 - y0)), picture[y0:y1, x0:x1],
            flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT,
        )
        taken.append(corners)

    def _view(self, scene: Scene, near_plate: bool) -> tuple[np.ndarray, list[Corners]]:
        """A part of a scene, turned and scaled, of HEIGHT x WIDTH."""
        h, w = scene.picture.shape[:2]
        if near_plate and scene.plates:
            plate = random.choice(scene.plates)
            size = plate.max(0) - plate.min(0)
            scale = float(np.exp(random.uniform(np.log(20), np.log(170)))) / max(8.0, float(size[0]))
            scale = min(scale, 2.5)
            centre = plate.mean(0) + np.float32([augment.jitter(0.42) * WIDTH, augment.jitter(0.42) * HEIGHT]) / scale
        else:
            scale = max(WIDTH / w, HEIGHT / h) * random.uniform(0.9, 1.9)
            centre = np.float32([random.uniform(0.2, 0.8) * w, random.uniform(0.2, 0.8) * h])
        angle = random.gauss(0, 3)
        matrix = cv2.getRotationMatrix2D((float(centre[0]), float(centre[1])), angle, scale)
        matrix[:, 2] += np.float64([WIDTH / 2, HEIGHT / 2]) - centre
        source = scene.picture
        if scale < 0.6:
            source = cv2.blur(source, (2, 2))
        picture = cv2.warpAffine(source, matrix, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT_101 if not scene.plates else cv2.BORDER_REPLICATE)
        plates = [plate @ matrix[:, :2].T.astype(np.float32) + matrix[:, 2].astype(np.float32) for plate in scene.plates]
        return picture, plates

    def make(self) -> tuple[np.ndarray, list[Corners]]:
        """(picture (320, 448, 3), corners of its plates); mirrored pictures are never made: mirrored plates are none."""
        dice = random.random()
        if dice < 0.3 and self.with_plates:
            picture, plates = self._view(random.choice(self.with_plates), near_plate=True)
        elif dice < 0.75 and self.photographs:
            picture, plates = self._view(random.choice(self.photographs), near_plate=False)
        elif dice < 0.9 and self.drawn:
            picture, plates = self._view(random.choice(self.drawn), near_plate=random.random() < 0.5)
        else:
            picture, plates = augment.surroundings(HEIGHT, WIDTH), []
        picture = np.ascontiguousarray(picture)
        if random.random() < 0.7:
            # Plates that were there stay visible.
            before = picture.copy()
            for _ in range(random.randint(1, 7)):
                distract(picture)
            for plate in plates:
                x0, y0 = np.maximum(0, np.floor(plate.min(0)).astype(int) - 3)
                x1, y1 = np.ceil(plate.max(0)).astype(int) + 3
                if x1 > 0 and y1 > 0:
                    picture[y0:y1, x0:x1] = before[y0:y1, x0:x1]
        for _ in range(random.choice((0, 1, 1, 1, 2, 3) if dice >= 0.3 else (0, 0, 1))):
            self._lay(picture, plates)
        return self._weather(picture), plates

    def _weather(self, picture: np.ndarray) -> np.ndarray:
        if random.random() < 0.25:
            picture = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.3, 1.4))
        values = picture.astype(np.float32)
        if random.random() < 0.4:  # as a camera with a good white balance sees it
            low, high = values.mean((0, 1)) - 2 * values.std((0, 1)), values.mean((0, 1)) + 2 * values.std((0, 1))
            values = (values - low) * (np.float32(random.uniform(180, 255)) / np.maximum(high - low, 20))
        if random.random() < 0.15:
            values = augment.shade(values)
        if random.random() < 0.5:
            values *= np.float32([random.uniform(0.7, 1.25) for _ in range(3)])
        values = (values - 128) * random.uniform(0.5, 1.3) + 128 + augment.jitter(45)
        if random.random() < 0.15:
            values = np.repeat(values.mean(2, keepdims=True), 3, axis=2)
        if random.random() < 0.4:
            values = values + augment.noise(values.shape) * random.uniform(1, 10)
        picture = np.clip(values, 0, 255).astype(np.uint8)
        if random.random() < 0.3:
            picture = cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, random.randint(30, 90)])[1], cv2.IMREAD_COLOR)
        return picture
