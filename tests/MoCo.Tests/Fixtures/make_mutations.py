"""Writes mutations/<format>.bin: what PIL makes of 5,000 damaged files of each format, a byte each.

0: PIL refuses the file, or it has more than 20 million pixels; 255: PIL's pixels are no measure (16-bit grey, which it clips; a GIF with
transparent or empty parts); else 1 + CRC-32 of (width, height as two little-endian uint32, then the RGB pixels) mod 253. The files are
those of decoding/ that the lists below name; Data/Decoding/Mutations.cs damages them in the same way."""
import io
import struct
import warnings
import zlib
from pathlib import Path

from PIL import Image, ImageOps

HERE = Path(__file__).parent
COUNT = 5000
LIMIT = 20_000_000
FORMATS = ("bmp", "gif", "ico", "jpeg", "png", "pnm", "tga", "tiff", "webp")


class Numbers:
    def __init__(self, seed):
        self.state = (seed * 2654435761 + 1) & 0xFFFFFFFF
        for _ in range(3):
            self.below(2)

    def below(self, n):
        self.state = (self.state * 1664525 + 1013904223) & 0xFFFFFFFF
        return (self.state >> 8) % n


def mutate(files, index):
    numbers, data = Numbers(index), bytearray(files[index % len(files)])
    for _ in range(1 + numbers.below(3)):
        kind = numbers.below(6)
        place = numbers.below(min(len(data), 64) if numbers.below(2) == 0 else len(data))
        if kind == 0:
            data[place] ^= 1 << numbers.below(8)
        elif kind == 1:
            other = numbers.below(256)
            data[place] = (0, 1, 0x7F, 0x80, 0xFF, other)[numbers.below(6)]
        elif kind == 2:
            del data[place + 1:]
        elif kind == 3:
            data[place:place] = bytes(numbers.below(256) for _ in range(1 + numbers.below(8)))
        elif kind == 4:
            del data[place + 1:place + 2 + numbers.below(8)]
        else:
            start, count = numbers.below(len(data)), 1 + numbers.below(32)
            part = data[start:start + count]
            count = min(len(part), len(data) - place)
            data[place:place + count] = part[:count]
    return data


def correct_checksums(data):
    """Makes the checksums of a PNG's whole chunks fit."""
    at = 8
    while at + 12 <= len(data):
        length, = struct.unpack_from(">I", data, at)
        if length > len(data) - at - 12:
            break
        struct.pack_into(">I", data, at + 8 + length, zlib.crc32(data[at + 4:at + 8 + length]))
        at += 12 + length


def verdict(data):
    try:
        with Image.open(io.BytesIO(data)) as image:
            if image.width * image.height > LIMIT:
                return 0
            is_partial = image.format == "GIF" and (image.tile[0][1] != (0, 0, *image.size) or "transparency" in image.info)
            image.load()
            if image.mode[0] in "IF" or is_partial:
                return 255
            upright = image if image.format == "TIFF" else ImageOps.exif_transpose(image)
            pixels = upright.convert("RGB")
            return 1 + zlib.crc32(pixels.tobytes(), zlib.crc32(struct.pack("<II", *pixels.size))) % 253
    except Exception:  # PIL has a hundred ways to refuse a file.
        return 0


def main():
    warnings.simplefilter("ignore")
    Image.MAX_IMAGE_PIXELS = None
    (HERE / "mutations").mkdir(exist_ok=True)
    names = (HERE / "mutations.txt").read_text().split()
    for kind in FORMATS:
        files = [(HERE / "decoding" / name).read_bytes() for name in names if name.startswith(kind)]
        verdicts = bytearray()
        for index in range(COUNT):
            data = mutate(files, index)
            if kind == "png" and index % 2:
                correct_checksums(data)
            verdicts.append(verdict(data))
        (HERE / "mutations" / f"{kind}.bin").write_bytes(verdicts)
        print(kind, len(files), "files", sum(v != 0 for v in verdicts), "read by PIL", flush=True)


if __name__ == "__main__":
    main()
