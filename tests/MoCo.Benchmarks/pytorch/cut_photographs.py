#!/usr/bin/env python3
"""Cuts the benchmark's images, JPEGs of 500x375 at quality 90, from real photographs: Debian's mate-backgrounds.

    apt-get install mate-backgrounds python3-pil
    /usr/bin/python3 cut_photographs.py --out artifacts/photographs

Places and scales are drawn from a seed, so every machine with the same photographs and the same PIL gets the same files.
A cut shows between a 500x375 piece of its photograph and the whole width of it, and a photograph gives cuts in proportion
to its area. Most of the package's photographs are out of focus in large part, so that such cuts would be JPEGs of 50 KB
on average where ImageNet's images have about 77 at this size and quality, and would decode faster than those. So a cut
is kept with a probability that grows with the square of its file's size, which brings the average to about 77 KB.

The photographs are under the GPL-2+ (see /usr/share/doc/mate-backgrounds/copyright); nothing of them is part of this
repository.
"""
import argparse
import io
import itertools
import math
import os
import random
import sys

try:
    from PIL import Image
except ImportError:
    Image = None

WIDTH, HEIGHT = 500, 375
ALWAYS_KEPT = 80_000  # bytes
FOLDER = "/usr/share/backgrounds/mate"


def photographs(folder):
    """All JPEGs of the folder that are large enough."""
    paths = [os.path.join(parent, name) for parent, _, names in os.walk(folder) for name in names]
    images = [Image.open(path).convert("RGB") for path in sorted(paths) if path.lower().endswith(".jpg")]
    return [image for image in images if image.width >= WIDTH and image.height >= HEIGHT]


def cut(image, draw):
    """A 4:3 piece of a drawn size and place, at 500x375; half of them mirrored."""
    largest = min(image.width / WIDTH, image.height / HEIGHT)
    scale = math.exp(draw.uniform(0, math.log(largest)))
    width, height = WIDTH * scale, HEIGHT * scale
    left, top = draw.uniform(0, image.width - width), draw.uniform(0, image.height - height)
    piece = image.resize((WIDTH, HEIGHT), Image.LANCZOS, box=(left, top, left + width, top + height))
    return piece.transpose(Image.FLIP_LEFT_RIGHT) if draw.random() < 0.5 else piece


def files(images, draw):
    """Endless JPEG files of cuts, those with detail more often."""
    areas = [image.width * image.height for image in images]
    while True:
        file = io.BytesIO()
        cut(draw.choices(images, areas)[0], draw).save(file, "JPEG", quality=90)
        if draw.random() < (file.tell() / ALWAYS_KEPT) ** 2:
            yield file.getvalue()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, metavar="DIR", help="where the cuts go; made where it is absent")
    parser.add_argument("--from", dest="source", default=FOLDER, metavar="DIR", help=f"photographs (default: {FOLDER})")
    parser.add_argument("--count", type=int, default=1000, metavar="N", help="(default: 1000)")
    parser.add_argument("--seed", type=int, default=0, help="(default: 0)")
    options = parser.parse_args()
    if options.count < 1:
        parser.error(f"--count is {options.count}: it must be at least 1")
    if Image is None:
        parser.exit(3, f"cut_photographs.py: this Python ({sys.executable}) lacks PIL. On Debian: apt-get install "
                       "python3-pil, then run /usr/bin/python3.\n")
    images = photographs(options.source)
    if not images:
        parser.exit(3, f"cut_photographs.py: {options.source} holds no JPEG of at least {WIDTH}x{HEIGHT}. On Debian: "
                       "apt-get install mate-backgrounds; or name other photographs with --from.\n")

    os.makedirs(options.out, exist_ok=True)
    total = 0
    for number, file in enumerate(itertools.islice(files(images, random.Random(options.seed)), options.count)):
        with open(os.path.join(options.out, f"{number:04}.jpg"), "wb") as target:
            target.write(file)
        total += len(file)
    print(f"{options.count} images of {WIDTH}x{HEIGHT} cut from {len(images)} photographs into {options.out}, "
          f"{total / options.count / 1000:.1f} KB each on average")


if __name__ == "__main__":
    main()
