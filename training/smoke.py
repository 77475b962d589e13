"""The whole recipe on tiny data, through to files that onnxruntime loads: `npm run train:smoke`."""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent


def run(*command: str) -> None:
    print("+", " ".join(command), flush=True)
    subprocess.run(command, cwd=HERE, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--node", default=str(ROOT / "node_modules" / ".bin" / "node"))
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        python = sys.executable
        run(arguments.node, str(ROOT / "scripts" / "render.ts"), "--count", "200", "--scenes", "3", "--bundled-faces", "--out", str(folder / "shards"))
        for _ in range(2):  # the second time it goes on where the first stopped
            run(python, "-m", "lpr_training.train_reader", "--shards", str(folder / "shards"), "--scenes", str(folder / "shards"), "--run", str(folder / "run" / "reader"), "--minutes", "0.1")
        run(python, "-m", "lpr_training.train_locator", "--shards", str(folder / "shards"), "--scenes", str(folder / "shards"), "--run", str(folder / "run" / "locator"), "--minutes", "0.1", "--cooldown", "0.1")
        run(python, "-m", "lpr_training.export", "--run", str(folder / "run"), "--shards", str(folder / "shards"), "--out", str(folder / "models"))
        for model, shape in (("reader", (1, 64, 160, 3)), ("locator", (1, 96, 160, 3))):
            session = onnxruntime.InferenceSession(str(folder / "models" / model / "model.onnx"), providers=["CPUExecutionProvider"])
            outputs = session.run(None, {"pictures": np.zeros(shape, np.uint8)})
            if not all(np.isfinite(output).all() for output in outputs):
                raise SystemExit(f"the {model} gives no finite numbers")
            print(f"{model}: " + ", ".join(f"{output.name} {value.shape}" for output, value in zip(session.get_outputs(), outputs, strict=True)))
    print("the recipe works")


if __name__ == "__main__":
    main()
