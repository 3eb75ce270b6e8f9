"""What torchvision and PIL make of photographs: crops and resizes, blurs, the evaluation's geometry, normalisation, and how
RandomResizedCrop draws. Writes geometry/*.json; see README.md."""

import base64
import json
import math
import pathlib
import random
import zlib

import numpy
import torch
from PIL import Image, ImageFilter
from torchvision import transforms
from torchvision.transforms import functional

PHOTOGRAPHS = pathlib.Path("/usr/share/backgrounds/mate/nature")
FOLDER = pathlib.Path(__file__).parent / "geometry"


def photograph(name, width, box, mode="RGB"):
    with Image.open(PHOTOGRAPHS / name) as image:
        image = image.convert(mode)
        height = round(image.height * width / image.width)
        return image.resize((width, height), Image.LANCZOS).crop(box)


def encode(image):
    pixels = numpy.asarray(image, dtype=numpy.uint8)
    return {
        "width": image.width,
        "height": image.height,
        "channels": 1 if pixels.ndim == 2 else 3,
        "zlib": base64.b64encode(zlib.compress(pixels.tobytes(), 9)).decode(),
    }


def write(name, content):
    FOLDER.mkdir(exist_ok=True)
    (FOLDER / name).write_text(json.dumps(content, separators=(",", ":")) + "\n")


def resizes():
    """Boxes left, top, width, height, and the size they are resized to."""
    images = [
        photograph("Garden.jpg", 640, (120, 90, 320, 240)),
        photograph("RainDrops.jpg", 480, (60, 40, 261, 191)),
        photograph("LadyBird.jpg", 400, (100, 80, 227, 211), "L"),
    ]
    content = []
    for image in images:
        w, h = image.size
        boxes = [
            ((0, 0, w, h), (96, 96)),
            ((13, 7, 101, 83), (64, 64)),
            ((20, 31, 37, 29), (64, 64)),
            ((0, 0, w, h), (33, 21)),
            ((9, 3, 64, 97), (64, 64)),
            ((9, 3, 97, 64), (64, 64)),
            ((50, 60, 5, 3), (40, 40)),
            ((50, 60, 1, 1), (9, 9)),
            ((0, 0, w, h), (1, 1)),
            ((w - 100, h - 100, 100, 100), (224, 32)),
        ]
        results = []
        for (left, top, width, height), (new_width, new_height) in boxes:
            result = functional.resized_crop(image, top, left, height, width, [new_height, new_width])
            results.append({"box": [left, top, width, height], "result": encode(result)})
        content.append({"image": encode(image), "results": results})
    write("resizes.json", content)


def blurs():
    images = [
        photograph("Garden.jpg", 640, (200, 100, 296, 172)),
        photograph("RainDrops.jpg", 480, (60, 40, 157, 111), "L"),
    ]
    content = []
    for image in images:
        results = []
        for sigma in (0.1, 0.3, 0.5, 0.8, 1.0, 1.4, 1.42, 1.7, 2.0, 5.0):
            results.append({"sigma": sigma, "result": encode(image.filter(ImageFilter.GaussianBlur(sigma)))})
        content.append({"image": encode(image), "results": results})
    write("blurs.json", content)


def evaluation():
    landscape = photograph("Garden.jpg", 640, (120, 90, 281, 190))
    images = [landscape, landscape.transpose(Image.ROTATE_90), photograph("LadyBird.jpg", 400, (100, 80, 150, 133), "L")]
    views = []
    for image in images:
        for resize, crop in ((64, 56), (73, 64), (40, 40)):
            result = transforms.Compose([transforms.Resize(resize), transforms.CenterCrop(crop)])(image)
            views.append({"image": encode(image), "resize": resize, "crop": crop, "result": encode(result)})

    draw = random.Random(1)
    sizes = []
    for _ in range(300):
        width, height, size = draw.randint(1, 3000), draw.randint(1, 3000), draw.randint(1, 512)
        if max(width, height) * size > 8000 * min(width, height):
            continue
        result = functional.resize(Image.new("1", (width, height)), size, transforms.InterpolationMode.NEAREST)
        sizes.append([width, height, size, result.width, result.height])

    # Pixels that tell their place; 0 is left for the border.
    crops = []
    for _ in range(100):
        width, height, size = draw.randint(1, 14), draw.randint(1, 14), draw.randint(1, 15)
        places = numpy.arange(1, width * height + 1, dtype=numpy.uint8).reshape(height, width)
        result = functional.center_crop(Image.fromarray(places), [size, size])
        crops.append([width, height, size, numpy.asarray(result).flatten().tolist()])
    write("evaluation.json", {"views": views, "sizes": sizes, "crops": crops})


def normalizations():
    """Every level in each channel: C×1×256."""
    ramp = Image.fromarray(numpy.repeat(numpy.arange(256, dtype=numpy.uint8).reshape(1, 256, 1), 3, axis=2))
    statistics = {
        "imagenet": ([0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
        "cifar10": ([0.4914, 0.4822, 0.4465], [0.2023, 0.1994, 0.2010]),
    }
    content = {}
    for name, (mean, deviation) in statistics.items():
        values = functional.normalize(functional.to_tensor(ramp), mean, deviation)
        content[name] = [float(value) for value in values.flatten()]

    # float32 bit patterns about every rounding of bfloat16, ties among them.
    bits = [(0x3F80 + 37 * i << 16) + low for i in range(12) for low in (0, 1, 0x7FFF, 0x8000, 0x8001, 0xFFFF)]
    bits += [value | 0x80000000 for value in bits]
    floats = torch.tensor(numpy.array(bits, dtype=numpy.uint32).view(numpy.float32))
    rounded = floats.to(torch.bfloat16).to(torch.float32).numpy().view(numpy.uint32) >> 16
    content["bfloat16"] = {"float32": bits, "bfloat16": rounded.tolist()}
    write("normalizations.json", content)


def draws():
    """Histograms of RandomResizedCrop.get_params. Bins: area's share of the image and ratio's logarithm in 20 each between
    the bounds (those beyond by rounding in the outer ones), left and top in 10 each of the room there is; boxes without room
    on an axis are left out there. fallback: boxes equal to the one taken where no try fits."""
    torch.manual_seed(1)
    content = []
    for width, height, scale in ((500, 375, (0.2, 1.0)), (400, 150, (0.08, 1.0)), (100, 300, (0.6, 1.0)), (32, 32, (0.2, 1.0))):
        ratio = (3 / 4, 4 / 3)
        image = Image.new("1", (width, height))
        area, log_ratio, left, top, fallback = [0] * 20, [0] * 20, [0] * 10, [0] * 10, 0
        in_ratio = width / height
        w = int(round(height * ratio[1])) if in_ratio > ratio[1] else width
        h = int(round(width / ratio[0])) if in_ratio < ratio[0] else height
        centred = ((height - h) // 2, (width - w) // 2, h, w)
        count = 200_000
        for _ in range(count):
            box = transforms.RandomResizedCrop.get_params(image, list(scale), list(ratio))
            i, j, h, w = box
            fallback += box == centred
            area[place(w * h / (width * height), scale[0], scale[1], 20)] += 1
            log_ratio[place(math.log(w / h), math.log(ratio[0]), math.log(ratio[1]), 20)] += 1
            if w < width:
                left[place(j / (width - w), 0, 1, 10)] += 1
            if h < height:
                top[place(i / (height - h), 0, 1, 10)] += 1
        content.append({
            "width": width, "height": height, "scale": scale, "count": count, "centred": [centred[1], centred[0], centred[3], centred[2]],
            "area": area, "logRatio": log_ratio, "left": left, "top": top, "fallback": fallback,
        })
    write("draws.json", content)


def place(value, low, high, bins):
    return min(max(int((value - low) / (high - low) * bins), 0), bins - 1)


if __name__ == "__main__":
    resizes()
    blurs()
    evaluation()
    normalizations()
    draws()
