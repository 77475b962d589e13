"""From checkpoints to what is shipped: models/reader and models/locator, each model.onnx and model.json.

    python -m lpr_training.export --run DIR --data ../data/plates --shards DIR --out ../models

The graphs take bytes and give probabilities, so that whoever runs them needs to know no constant of the training.
"""
import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from torch import nn

from . import calibrate, shards, thai_crops
from .labels import CHARACTERS, COUNTRIES, INKS, PROVINCE_CODES, SHEETS, SLOTS, encode_text
from .locator_net import CELL, CORNER_UNIT, LocatorNet
from .reader_net import HEIGHT, MEAN, SCALE, WIDTH, ReaderNet

OPSET = 18


class ReaderGraph(nn.Module):
    """Bytes (1, 64, 160, 3) in; probabilities of characters, province, country, sheet and ink out."""

    def __init__(self, net: ReaderNet, characters: float, province: float):
        super().__init__()
        self.net, self.characters, self.province = net, characters, province

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, ...]:
        scaled = (pictures.float() - MEAN) / SCALE
        characters, province, country, sheet, ink, line, single = self.net(scaled.permute(0, 3, 1, 2))
        return (
            (characters / self.characters).softmax(-1),
            (province / self.province).softmax(-1),
            country.softmax(-1),
            sheet.softmax(-1),
            ink.softmax(-1),
            line.softmax(-1),
            torch.sigmoid(single),
        )


class LocatorGraph(nn.Module):
    """Bytes (1, height, width, 3) in; (1, 9, height / 8, width / 8) out: probability and corners in pixels."""

    def __init__(self, net: LocatorNet):
        super().__init__()
        self.net = net

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        scaled = (pictures.float() - MEAN) / SCALE
        answer = self.net(scaled.permute(0, 3, 1, 2))
        return torch.cat([torch.sigmoid(answer[:, :1]), answer[:, 1:] * CORNER_UNIT], 1)


def write(graph: nn.Module, example: torch.Tensor, folder: Path, outputs: list[str], dynamic: dict, facts: dict) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "model.onnx"
    graph.eval()
    torch.onnx.export(
        graph, (example,), str(path), input_names=["pictures"], output_names=outputs, dynamic_axes=dynamic, opset_version=OPSET, dynamo=False
    )
    onnx.checker.check_model(str(path))
    with torch.inference_mode():
        expected = graph(example)
    got = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, {"pictures": example.numpy()})
    for name, a, b in zip(outputs, expected if isinstance(expected, tuple) else (expected,), got, strict=True):
        worst = float(np.abs(a.numpy() - b).max())
        if worst > 2e-2:
            raise RuntimeError(f"the exported graph differs from the net in {name} by {worst}")
    data = path.read_bytes()
    facts = {"file": path.name, "sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data), **facts}
    (folder / "model.json").write_text(json.dumps(facts, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    print(f"{path}: {len(data) / 1e6:.2f} MB", flush=True)


def export_reader(arguments: argparse.Namespace) -> None:
    state = torch.load(arguments.run / "reader" / "reader.pt", weights_only=True)
    net = ReaderNet()
    net.load_state_dict(state["average"])
    net.eval()
    pictures: list[np.ndarray] = []
    texts: list[list[int]] = []
    provinces: list[int] = []
    if arguments.data:
        validation = thai_crops.load(arguments.data)[1]
        pictures += [crop.picture for crop in validation]
        texts += [encode_text(crop.text) for crop in validation]
        provinces += [crop.province for crop in validation]
    rendered = shards.load(arguments.shards)[-1]
    # The same that train_reader holds out.
    held = min(600, len(rendered) // 4)
    chosen = range(len(rendered) - held, len(rendered))
    pictures += [np.asarray(rendered.pictures[k]) for k in chosen]
    texts += [rendered.text[k].tolist() for k in chosen]
    provinces += [int(rendered.province[k]) for k in chosen]
    times = 3
    outputs = calibrate.outputs_of(net, calibrate.spoiled(pictures, times))
    truth = torch.tensor(texts).repeat_interleave(times, 0)
    truth_provinces = torch.tensor(provinces).repeat_interleave(times, 0)
    by_character = calibrate.temperature(outputs[0], truth)
    by_province = calibrate.temperature(outputs[1].unsqueeze(1), truth_provinces.unsqueeze(1))
    precision = 0.98
    said, sure = calibrate.decide(outputs, by_character)
    right = (said == truth).all(-1)
    accept = calibrate.accept_from(sure, right, precision)
    print(f"{precision:.0%} of the texts said with at least {accept:.2f} are right")
    table = calibrate.reliability(sure, right)
    print(f"exact: slots {(outputs[0].argmax(-1) == truth).all(-1).float().mean():.4f}, both together {right.float().mean():.4f}")
    print(f"temperatures: characters {by_character:.2f}, province {by_province:.2f}; texts said to be right and right:")
    for row in table:
        print(f"  {row['from']:.2f}-{row['to']:.2f}  {row['count']:5d}  said {row['said']:.3f}  right {row['right']:.3f}")
    example = torch.from_numpy(np.stack(calibrate.spoiled(pictures[:1], 1)))
    write(
        ReaderGraph(net, by_character, by_province), example, arguments.out / "reader",
        ["characters", "province", "country", "sheet", "ink", "line", "single"],
        {},
        {
            "input": {"height": HEIGHT, "width": WIDTH},
            "slots": SLOTS,
            "columns": WIDTH // 8,
            "characters": ["", *CHARACTERS],
            "provinces": [*PROVINCE_CODES, None],
            "countries": COUNTRIES,
            "sheets": SHEETS,
            "inks": INKS,
            "steps": state["step"],
            "temperature": {"characters": round(by_character, 3), "province": round(by_province, 3)},
            "accept": {"precision": precision, "confidence": round(accept, 3)},
            "reliability": table,
        },
    )


def export_locator(arguments: argparse.Namespace) -> None:
    state = torch.load(arguments.run / "locator" / "locator.pt", weights_only=True)
    net = LocatorNet()
    net.load_state_dict(state["average"])
    net.eval()
    example = torch.randint(0, 256, (1, 96, 128, 3), dtype=torch.uint8)
    write(
        LocatorGraph(net), example, arguments.out / "locator", ["cells"],
        {"pictures": {1: "height", 2: "width"}, "cells": {2: "rows", 3: "columns"}},
        {"cell": CELL, "multiple": 32, "steps": state["step"]},
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--run", type=Path, required=True, help="folder that holds reader/reader.pt and locator/locator.pt")
    parser.add_argument("--data", type=Path)
    parser.add_argument("--shards", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", choices=("reader", "locator"))
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    if arguments.only != "locator":
        export_reader(arguments)
    if arguments.only != "reader":
        export_locator(arguments)


if __name__ == "__main__":
    main()
