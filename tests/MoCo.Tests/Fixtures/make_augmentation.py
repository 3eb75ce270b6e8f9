"""Writes color/: what torchvision 0.14 and PIL 9.4 make of real photographs and of every color, for given parameters.

Needs python3-torchvision and the photographs of Debian's package mate-backgrounds.
"""
import hashlib
import json
from pathlib import Path

import numpy as np
from PIL import Image
from torchvision.transforms import functional as F

FOLDER = Path(__file__).parent / "color"
PHOTOGRAPHS = Path("/usr/share/backgrounds/mate/nature")
WIDTH, HEIGHT = 61, 43  # no multiple of any vector's length
NAMES = ("LadyBird", "Garden", "Dune")

CASES = [
    [("Brightness", 0.6)], [("Brightness", 1.37)], [("Brightness", 0.0)],
    [("Contrast", 0.6)], [("Contrast", 1.4)], [("Contrast", 0.0)],
    [("Saturation", 0.6)], [("Saturation", 1.4)], [("Saturation", 0.0)],
    [("Hue", -0.1)], [("Hue", 0.1)], [("Hue", 0.4)], [("Hue", -0.37)],
    [("Grayscale", 0)], [("Solarize", 128)], [("Solarize", 77)],
    [("Brightness", 1.2), ("Contrast", 0.7), ("Saturation", 1.3), ("Hue", 0.05)],
    [("Hue", -0.08), ("Saturation", 0.65), ("Contrast", 1.35), ("Brightness", 0.8)],
    [("Contrast", 1.31), ("Hue", 0.33), ("Brightness", 1.1), ("Saturation", 1.22)],
    [("Saturation", 1.4), ("Brightness", 0.71), ("Hue", 0.02), ("Contrast", 1.25), ("Grayscale", 0)],
    [("Grayscale", 0), ("Hue", 0.2), ("Contrast", 1.4), ("Saturation", 1.4), ("Contrast", 0.8), ("Solarize", 100)],
]

EVERY_COLOR = [("Brightness", 0.61), ("Brightness", 1.39), ("Saturation", 0.61), ("Saturation", 1.39), ("Saturation", 2.7),
                ("Grayscale", 0), ("Solarize", 128), ("Hue", 0.0), ("Hue", 0.1), ("Hue", -0.1), ("Hue", -0.4), ("Hue", 0.5)]

APPLY = {
    "Brightness": F.adjust_brightness, "Contrast": F.adjust_contrast, "Saturation": F.adjust_saturation, "Hue": F.adjust_hue,
    "Grayscale": lambda image, _: F.rgb_to_grayscale(image, 3), "Solarize": F.solarize,
}


def apply(image, operations):
    for kind, amount in operations:
        image = APPLY[kind](image, amount)
    return np.asarray(image)


def ppm(path, pixels):
    height, width, _ = pixels.shape
    path.write_bytes(b"P6 %d %d 255\n" % (width, height) + pixels.tobytes())


def small(name):
    image = Image.open(PHOTOGRAPHS / f"{name}.jpg").convert("RGB")
    return image.resize((WIDTH, HEIGHT), Image.BILINEAR)


def main():
    FOLDER.mkdir(exist_ok=True)
    for name in NAMES:
        image = small(name)
        ppm(FOLDER / f"{name}.ppm", np.asarray(image))
        ppm(FOLDER / f"{name}.expected.ppm", np.concatenate([apply(image, case) for case in CASES]))
    cube = np.arange(1 << 24, dtype=np.uint32)
    every = np.stack([cube >> 16, cube >> 8 & 255, cube & 255], -1).astype(np.uint8).reshape(4096, 4096, 3)
    every = Image.fromarray(every)
    hashes = [{"kind": kind, "amount": amount, "sha256": hashlib.sha256(apply(every, [(kind, amount)]).tobytes()).hexdigest()}
              for kind, amount in EVERY_COLOR]
    cases = [[{"kind": kind, "amount": amount} for kind, amount in case] for case in CASES]
    lines = ",\n".join("    " + json.dumps(case) for case in cases)
    rows = ",\n".join("    " + json.dumps(row) for row in hashes)
    (FOLDER / "cases.json").write_text(f'{{\n  "cases": [\n{lines}\n  ],\n  "every_color": [\n{rows}\n  ]\n}}\n')


if __name__ == "__main__":
    main()
