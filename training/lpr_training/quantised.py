"""Whether int8 would serve better than float32: both shipped graphs, as they are and quantised, on the same pictures.

    python -m lpr_training.quantised --models ../models --data DATA --shards DIR --scenes DIR

Prints for each graph its size, its time (int8 as a share of float32, measured in turns on one thread), and what it gets
right: whole texts of validation crops, plates whose middle the locator's heat marks. Writes nothing.
"""
import argparse
import random
import tempfile
import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from . import calibrate, road_scenes, shards, thai_crops
from .labels import decode_text
from .locator_net import CELL

PICTURES = 200
CALIBRATION = 64


class Pictures(CalibrationDataReader):
    def __init__(self, pictures: list[np.ndarray]):
        self.rest = iter(pictures)

    def get_next(self) -> dict[str, np.ndarray] | None:
        picture = next(self.rest, None)
        return None if picture is None else {"pictures": picture[None]}


def session(path: Path) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def quantise(path: Path, pictures: list[np.ndarray], folder: Path) -> Path:
    prepared, out = folder / f"{path.parent.name}-prepared.onnx", folder / f"{path.parent.name}-int8.onnx"
    quant_pre_process(str(path), str(prepared), skip_symbolic_shape=True)
    quantize_static(
        str(prepared), str(out), Pictures(pictures), quant_format=QuantFormat.QDQ, per_channel=True,
        activation_type=QuantType.QUInt8, weight_type=QuantType.QInt8, op_types_to_quantize=["Conv"],
    )
    return out


def compare(name: str, path: Path, out: Path, pictures: list[np.ndarray], right) -> None:
    both = {"float32": session(path), "int8": session(out)}
    spent, good = dict.fromkeys(both, 0.0), dict.fromkeys(both, 0)
    for index, picture in enumerate(pictures):
        for kind, net in both.items():
            started = time.perf_counter()
            answer = net.run(None, {"pictures": picture[None]})
            spent[kind] += time.perf_counter() - started
            good[kind] += right(index, answer)
    for kind, file in (("float32", path), ("int8", out)):
        print(f"{name} {kind}: {file.stat().st_size / 1e6:.2f} MB, {good[kind]} right of {len(pictures)}")
    print(f"{name}: int8 takes {spent['int8'] / spent['float32']:.2f} of the time of float32")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", type=Path, required=True)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--scenes", type=Path, required=True)
    arguments = parser.parse_args()
    training, validation = thai_crops.load(arguments.data)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reader = arguments.models / "reader" / "model.onnx"
        plates = calibrate.spoiled([crop.picture for crop in validation[:PICTURES]], 1)
        lessons = calibrate.spoiled([crop.picture for crop in random.sample(training, CALIBRATION)], 1)

        def is_read(index: int, answer: list[np.ndarray]) -> bool:
            # The first output: characters by slots.
            return decode_text(answer[0][0].argmax(-1).tolist()) == validation[index].text

        compare("reader", reader, quantise(reader, lessons, folder), plates, is_read)

        locator = arguments.models / "locator" / "model.onnx"
        maker = road_scenes.SceneMaker([], road_scenes.load_drawn(arguments.scenes), training, shards.load(arguments.shards))
        scenes = [scene for scene in (maker.make() for _ in range(PICTURES * 2 + CALIBRATION)) if scene[1]]

        def is_found(index: int, answer: list[np.ndarray]) -> bool:
            heat = answer[0][0, 0]
            cx, cy = scenes[CALIBRATION + index][1][0].mean(0) / CELL
            x, y = int(np.clip(cx, 0, heat.shape[1] - 1)), int(np.clip(cy, 0, heat.shape[0] - 1))
            return bool(heat[max(0, y - 1) : y + 2, max(0, x - 1) : x + 2].max() >= 0.3)

        compare("locator", locator, quantise(locator, [picture for picture, _ in scenes[:CALIBRATION]], folder), [picture for picture, _ in scenes[CALIBRATION : CALIBRATION + PICTURES]], is_found)


if __name__ == "__main__":
    cv2.setNumThreads(1)
    random.seed(3)
    np.random.seed(3)
    main()
