#!/usr/bin/env python3
"""Times what PyTorch's users do between a JPEG and the two views of MoCo: PIL decodes, torchvision transforms.

    python3 pipeline.py --images artifacts/photographs --recipe v2 --seconds 10 --json -

One thread, no DataLoader and no collation: the least that the work can cost there. Prints milliseconds an image.
"""
import argparse
import io
import json
import os
import random
import statistics
import sys
import time

try:
    import PIL
    import torch
    import torchvision
    from PIL import Image, ImageFilter
    from torchvision import transforms
except ImportError as error:
    torch = None
    IMPORT_ERROR = error

PARTS = ["decode", "pair", "views", "steps"]
RECIPES = {"v1": 224, "v2": 224, "cifar": 32}
CHUNK = 8         # images between two readings of the clock
DECODED = 16      # images kept decoded for what is timed without decoding
FEWEST_CHUNKS = 10
EXTENSIONS = (".jpg", ".jpeg")


class GaussianBlur:
    """MoCo v2's: PIL's blur with a radius drawn from [0.1, 2]."""

    def __call__(self, image):
        return image.filter(ImageFilter.GaussianBlur(radius=random.uniform(0.1, 2.0)))


def steps(recipe, size):
    """The recipe's transforms, in the official code's order, each with the name that our side gives the same step."""
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    flip, grey = transforms.RandomHorizontalFlip(), transforms.RandomGrayscale(0.2)
    last = [("Normalize", transforms.Compose([transforms.ToTensor(), transforms.Normalize(mean, std)]))]
    if recipe == "v1":
        return [("RandomResizedCrop", transforms.RandomResizedCrop(size, (0.2, 1))), ("RandomGrayscale", grey),
                ("ColorJitter", transforms.ColorJitter(0.4, 0.4, 0.4, 0.4)), ("HorizontalFlip", flip)] + last
    jitter = transforms.RandomApply([transforms.ColorJitter(0.4, 0.4, 0.4, 0.1)], 0.8)
    if recipe == "v2":
        return [("RandomResizedCrop", transforms.RandomResizedCrop(size, (0.2, 1))), ("ColorJitter", jitter),
                ("RandomGrayscale", grey), ("GaussianBlur", transforms.RandomApply([GaussianBlur()], 0.5)),
                ("HorizontalFlip", flip)] + last
    mean, std = (0.4914, 0.4822, 0.4465), (0.2023, 0.1994, 0.2010)
    last = [("Normalize", transforms.Compose([transforms.ToTensor(), transforms.Normalize(mean, std)]))]
    return [("RandomResizedCrop", transforms.RandomResizedCrop(size)), ("HorizontalFlip", flip), ("ColorJitter", jitter),
            ("RandomGrayscale", grey)] + last


def decode(file):
    return Image.open(io.BytesIO(file)).convert("RGB")


class Pipeline:
    """The parts to time; each call takes the next images."""

    def __init__(self, files, recipe, size):
        self.files = files
        self.decoded = [decode(file) for file in files[:DECODED]]
        self.named = steps(recipe, size)
        self.view = transforms.Compose([step for _, step in self.named])
        self.step_seconds = {name: [] for name, _ in self.named}
        self.pair_cpu_seconds = []
        self.places = dict.fromkeys(PARTS, 0)

    def forget_times(self):
        self.pair_cpu_seconds.clear()
        for seconds in self.step_seconds.values():
            seconds.clear()

    def next(self, part, images):
        place = self.places[part]
        self.places[part] = place + CHUNK
        return [images[(place + i) % len(images)] for i in range(CHUNK)]

    def decode(self):
        for file in self.next("decode", self.files):
            decode(file)

    def pair(self):
        start = time.process_time()
        for file in self.next("pair", self.files):
            image = decode(file)
            self.view(image), self.view(image)
        self.pair_cpu_seconds.append((time.process_time() - start) / CHUNK)

    def views(self):
        for image in self.next("views", self.decoded):
            self.view(image), self.view(image)

    def steps(self):
        seconds = dict.fromkeys(self.step_seconds, 0.0)
        for image in self.next("steps", self.decoded):
            for name, step in self.named:
                start = time.perf_counter()
                image = step(image)
                seconds[name] += time.perf_counter() - start
        for name, total in seconds.items():
            self.step_seconds[name].append(total / CHUNK)


def measure(options):
    random.seed(0)
    torch.manual_seed(0)
    torch.set_num_threads(1)
    pipeline = Pipeline(options.files, options.recipe, options.size)
    parts = {name: getattr(pipeline, name) for name in options.only}
    for part in parts.values():
        part()
    pipeline.forget_times()
    durations = {name: [] for name in parts}
    start = time.perf_counter()
    # In turn, so that a busy moment of the machine hits all parts.
    while len(durations[options.only[0]]) < FEWEST_CHUNKS or time.perf_counter() - start < options.seconds:
        for name, part in parts.items():
            before = time.perf_counter()
            part()
            durations[name].append((time.perf_counter() - before) * 1000 / CHUNK)
    result = {name: round(statistics.median(durations[name]), 5) for name in parts if name != "steps"}
    if "pair" in parts:
        result["pair_cpu"] = round(statistics.median(pipeline.pair_cpu_seconds) * 1000, 5)
    if "steps" in parts:
        result.update({f"step_{name}": round(statistics.median(seconds) * 1000, 5)
                       for name, seconds in pipeline.step_seconds.items()})
    result.update(torch_version=torch.__version__, torchvision_version=torchvision.__version__, pil_version=PIL.__version__,
                  images=len(options.files), recipe=options.recipe, size=options.size)
    return result


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--images", required=True, metavar="DIR", help="a folder of JPEGs")
    parser.add_argument("--recipe", choices=list(RECIPES), default="v2", help="(default: v2)")
    parser.add_argument("--size", type=int, metavar="PIXELS", help="side of a view (default: 224, cifar: 32)")
    parser.add_argument("--only", metavar="PARTS", default=",".join(PARTS),
                        help=f"comma-separated parts to time, of {', '.join(PARTS)} (default: all)")
    parser.add_argument("--seconds", type=float, default=10, help="time to spend after the warm-up, about (default: 10)")
    parser.add_argument("--json", metavar="FILE", help="write one JSON object to FILE, - for standard output")
    options = parser.parse_args(arguments)

    options.size = RECIPES[options.recipe] if options.size is None else options.size
    if options.size < 1:
        parser.error(f"--size is {options.size}: it must be at least 1")
    if not options.seconds > 0:
        parser.error(f"--seconds is {options.seconds}: it must be above 0")
    options.only = [name.strip() for name in options.only.split(",")]
    unknown = [name for name in options.only if name not in PARTS]
    if unknown:
        parser.error(f"--only names {', '.join(unknown)}: the parts are {', '.join(PARTS)}")
    if torch is None:
        parser.exit(3, f"pipeline.py: PyTorch, torchvision and PIL are needed, and this Python ({sys.executable}) lacks one: "
                       f"{IMPORT_ERROR}. On Debian: apt-get install python3-torch python3-torchvision, then run "
                       "/usr/bin/python3.\n")
    if not os.path.isdir(options.images):
        parser.error(f"--images is {options.images}: no such folder")
    names = [name for name in sorted(os.listdir(options.images)) if name.lower().endswith(EXTENSIONS)]
    if not names:
        parser.error(f"--images is {options.images}: it holds no {' or '.join(EXTENSIONS)} file")
    options.files = []
    for name in names:
        with open(os.path.join(options.images, name), "rb") as file:
            options.files.append(file.read())
    return options


def main():
    options = parse(sys.argv[1:])
    result = measure(options)
    if options.json == "-":
        print(json.dumps(result))
        return
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            file.write(json.dumps(result) + "\n")
    for name, value in result.items():
        print(f"{name:24}{value:10.3f} ms" if isinstance(value, float) else f"{name:24}{value:>10}")


if __name__ == "__main__":
    main()
