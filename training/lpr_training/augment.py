"""What weather, lenses and cameras do to a plate. Pictures are RGB arrays (height, width, 3) of bytes."""
import random

import cv2
import numpy as np

# Noise is drawn from a bank: a normal draw per pixel would cost more than the net's forward pass.
_NOISE = np.random.default_rng(1).normal(size=(1 << 20)).astype(np.float32)


def jitter(size: float) -> float:
    return random.uniform(-size, size)


def noise(shape: tuple[int, ...]) -> np.ndarray:
    count = int(np.prod(shape))
    start = random.randrange(len(_NOISE) - count)
    return _NOISE[start : start + count].reshape(shape)


def surroundings(height: int, width: int) -> np.ndarray:
    """Something for the plate to stand on: a blurred patchwork, as bodywork and bumpers are."""
    cells = np.random.randint(0, 256, (random.choice((2, 3, 6)), random.choice((2, 4, 9)), 3)).astype(np.uint8)
    if random.random() < 0.6:
        cells = (cells.mean(2, keepdims=True) * 0.8 + cells * 0.2).astype(np.uint8)
    mode = cv2.INTER_LINEAR if random.random() < 0.7 else cv2.INTER_NEAREST
    return cv2.resize(cells, (width, height), interpolation=mode)


def place(plate: np.ndarray, height: int, width: int, loose: float, turn: float = 4.0, surrounded: bool = True) -> np.ndarray:
    """Cut out as a locator cuts: corners a little off, a little turned and slanted. `loose`: by how much of the size."""
    h, w = plate.shape[:2]
    margin = random.uniform(-0.4, 1.0) * loose
    angle = np.deg2rad(random.gauss(0, turn))
    slant = random.gauss(0, 0.06)
    grow_x, grow_y = 1 + margin + jitter(loose * 0.4), 1 + margin + jitter(loose * 0.6)
    cos, sin = np.cos(angle), np.sin(angle)
    corners = []
    for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1)):
        x = sx * w / 2 * grow_x + sy * h / 2 * slant
        y = sy * h / 2 * grow_y
        x, y = x * cos - y * sin, x * sin + y * cos
        corners.append((w / 2 + x + jitter(0.25 * loose) * w * 0.5, h / 2 + y + jitter(0.25 * loose) * h * 0.5))
    target = np.float32([[0, 0], [width, 0], [width, height], [0, height]])
    matrix = cv2.getPerspectiveTransform(np.float32(corners), target)
    # Half the scale would skip pixels without a blur beforehand.
    if w > 1.8 * width:
        plate = cv2.blur(plate, (2, 2))
    if not surrounded or random.random() < 0.3:
        return cv2.warpPerspective(plate, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    canvas = surroundings(height, width)
    return cv2.warpPerspective(
        plate, matrix, (width, height), canvas, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_TRANSPARENT
    )


def shade(picture: np.ndarray) -> np.ndarray:
    h, w = picture.shape[:2]
    slope = np.linspace(-1, 1, w, dtype=np.float32)[None, :] * jitter(1) + np.linspace(-1, 1, h, dtype=np.float32)[:, None] * jitter(1)
    edge = 1 / (1 + np.exp(-random.uniform(3, 25) * (slope + jitter(0.5))))
    return picture * (1 - random.uniform(0.15, 0.65) * edge)[..., None]


def glare(picture: np.ndarray) -> np.ndarray:
    h, w = picture.shape[:2]
    x, y = random.uniform(0, w), random.uniform(0, h)
    rx, ry = random.uniform(0.08, 0.4) * w, random.uniform(0.15, 0.6) * h
    dx = (np.arange(w, dtype=np.float32)[None, :] - x) / rx
    dy = (np.arange(h, dtype=np.float32)[:, None] - y) / ry
    return picture + (random.uniform(30, 150) * np.exp(-(dx * dx + dy * dy)))[..., None]


def dirt(picture: np.ndarray) -> np.ndarray:
    h, w = picture.shape[:2]
    spots = cv2.resize(np.random.rand(random.choice((4, 8, 14)), random.choice((8, 16, 28))).astype(np.float32), (w, h))
    cover = np.clip((spots - random.uniform(0.6, 0.85)) * 5, 0, 1) * random.uniform(0.2, 0.7)
    colour = np.float32([random.uniform(40, 140)] * 3) * np.float32([1.0, 0.93, 0.82])
    return picture * (1 - cover[..., None]) + colour * cover[..., None]


def compressed(picture: np.ndarray, quality: int) -> np.ndarray:
    return cv2.imdecode(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1], cv2.IMREAD_COLOR)


def degrade(picture: np.ndarray, harshness: float = 1.0) -> np.ndarray:
    """Optics, light, sensor and compression, each by its own chance times `harshness`."""
    h, w = picture.shape[:2]

    def happens(chance: float) -> bool:
        return random.random() < chance * harshness

    if happens(0.45):
        scale = random.choice((0.3, 0.4, 0.5, 0.6, 0.75))
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        if random.random() < 0.4:
            # A far plate in a cheap camera's picture: the blocks are as large as its letters.
            small = compressed(small, random.randint(18, 70))
        picture = cv2.resize(small, (w, h), interpolation=random.choice((cv2.INTER_LINEAR, cv2.INTER_CUBIC)))
    if happens(0.3):
        picture = cv2.GaussianBlur(picture, (0, 0), random.uniform(0.3, 1.3))
    if happens(0.18):
        length = random.choice((3, 5, 7))
        kernel = np.zeros((length, length), np.float32)
        angle = random.choice((0, 0, 0, 90, 30, 150))
        cx = length // 2
        end = (int(round(cx + cx * np.cos(np.deg2rad(angle)))), int(round(cx + cx * np.sin(np.deg2rad(angle)))))
        cv2.line(kernel, (2 * cx - end[0], 2 * cx - end[1]), end, 1.0, 1)
        picture = cv2.filter2D(picture, -1, kernel / kernel.sum())
    values = picture.astype(np.float32)
    if happens(0.3):
        values = shade(values)
    if happens(0.12):
        values = glare(values)
    if happens(0.12):
        values = dirt(values)
    if happens(0.5):
        values *= np.float32([random.uniform(0.8, 1.15) for _ in range(3)])
    values = (values - 128) * random.uniform(1 - 0.6 * harshness, 1 + 0.3 * harshness) + 128 + jitter(45 * harshness)
    if happens(0.15):
        values = np.repeat(values @ np.float32([[0.4], [0.45], [0.15]]), 3, axis=2)
    if happens(0.6):
        values = values + noise(values.shape) * random.uniform(1, 11)
    picture = np.clip(values, 0, 255).astype(np.uint8)
    if happens(0.4):
        picture = compressed(picture, random.randint(25, 92))
    return picture
