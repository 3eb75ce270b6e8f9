"""Writes odd/: a hundred images of odd kinds by seeded numbers, and odd/expected/*.ppm: what PIL 9.4 makes of each; none where it refuses it.

A file is called <kind>-<number>.<ending>; the tests' README lists by kind where this library differs."""
import io
import random
import shutil
import struct
import zlib
from pathlib import Path

from PIL import Image, ImageOps

FOLDER = Path(__file__).parent / "odd"
COUNT = 100
SIDES = (1, 2, 3, 5, 7, 8, 9, 15, 16, 17, 23, 31, 33, 40)
dice = random.Random(20)


def size():
    return (1, dice.choice(SIDES)) if dice.random() < 0.15 else (dice.choice(SIDES), dice.choice(SIDES))


def image(mode="RGB", shape=None):
    """Waves of every channel with a flat patch."""
    width, height = shape or size()
    channels = {"1": 1, "L": 1, "P": 1, "LA": 2, "RGB": 3, "RGBA": 4, "CMYK": 4}[mode]
    step = [dice.randint(1, 30) for _ in range(2 * channels)]
    data = bytes(
        (40 if x > width // 2 and y > height // 2 else (x * step[2 * c] + y * step[2 * c + 1]) % 256 ^ (255 * (c % 2)))
        for y in range(height) for x in range(width) for c in range(channels))
    if mode == "P":
        image = Image.frombytes("P", (width, height), bytes(value % 16 for value in data))
        image.putpalette([dice.randrange(256) for _ in range(48)])
        return image
    return Image.frombytes("L", (width, height), data).convert("1") if mode == "1" else Image.frombytes(mode, (width, height), data)


def encode(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def exif(orientation):
    """Orientation among other tags, in either byte order."""
    order = dice.choice("<>")
    entries = [(0x010E, 2, 4, b"odd\0"), (0x0112, 3, 1, struct.pack(order + "HH", orientation, 0)), (0x0128, 3, 1, struct.pack(order + "HH", 2, 0))]
    directory = b"".join(struct.pack(order + "HHI", tag, kind, count) + value for tag, kind, count, value in entries)
    start = b"II*\0" if order == "<" else b"MM\0*"
    return b"Exif\0\0" + start + struct.pack(order + "IH", 8, len(entries)) + directory + bytes(4)


def segment(code, content):
    return bytes((0xFF, code)) + struct.pack(">H", len(content) + 2) + content


def jpeg(mode="RGB", **options):
    options.setdefault("quality", dice.choice((5, 50, 75, 95, 100)))
    if mode == "RGB":
        options.setdefault("subsampling", dice.randrange(3))
    return encode(image(mode), "JPEG", progressive=dice.random() < 0.5, optimize=dice.random() < 0.5, **options)


def jpeg_segments():
    data = jpeg()
    extra = [segment(0xFE, b"a comment"), segment(0xE5, bytes(300)), segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x/>"), bytes(3), b"\xff\xff\xff"]
    dice.shuffle(extra)
    return data[:2] + b"".join(extra[:dice.randint(1, 5)]) + data[2:]


def jpeg_behind_end():
    return jpeg() + dice.choice((b"\xff\xda" * 3000, jpeg(), bytes(5000), b"\0\0\0\x18ftypmp42" + b"\xff\xda\xff\xd9" * 600))


def jpeg_ycck():
    data = jpeg("CMYK")
    place = data.index(b"Adobe") + 11
    return data[:place] + b"\2" + data[place + 1:]


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(mode=None, **options):
    return encode(image(mode or dice.choice(("1", "L", "LA", "P", "RGB", "RGBA"))), "PNG", **options)


def png_bare(shape, bits, color, interlaced, before=b""):
    """Any depth and color, with samples of any value."""
    width, height = shape
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[color]
    grid = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)) if interlaced else ((0, 0, 1, 1),)
    rows = b""
    for x, y, dx, dy in grid:
        columns, lines = len(range(x, width, dx)), len(range(y, height, dy))
        for _ in range(lines if columns else 0):
            rows += bytes([dice.randrange(5)]) + dice.randbytes((columns * channels * bits + 7) // 8)
    data = zlib.compress(rows)
    part = dice.choice((1, 7, 100000))
    pieces = b"".join(chunk(b"IDAT", data[i:i + part]) for i in range(0, len(data), part))
    palette = chunk(b"PLTE", dice.randbytes(3 << min(bits, 8))) if color == 3 else b""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, color, 0, 0, interlaced))
    return b"\x89PNG\r\n\x1a\n" + header + before + palette + pieces + chunk(b"IEND", b"")


def png_any():
    color = dice.choice((0, 2, 3, 4, 6))
    bits = dice.choice({0: (1, 2, 4, 8), 2: (8,), 3: (1, 2, 4, 8), 4: (8,), 6: (8,)}[color])
    return png_bare(size(), bits, color, dice.randrange(2))


def png_16():
    return png_bare(size(), 16, dice.choice((2, 4, 6)), dice.randrange(2))


def png_chunks():
    profile = b"odd\0\0" + zlib.compress(bytes(200))
    extra = [chunk(b"gAMA", struct.pack(">I", 100000)), chunk(b"tEXt", b"Comment\0odd"), chunk(b"zTXt", b"Comment\0\0" + zlib.compress(b"odd" * 99)),
             chunk(b"iTXt", b"Comment\0\0\0\0\0odd"), chunk(b"pHYs", struct.pack(">IIB", 9, 3, 0)), chunk(b"tIME", bytes((7, 208, 1, 1, 1, 1, 1))),
             chunk(b"iCCP", profile), chunk(b"odDy", dice.randbytes(30)), chunk(b"cHRM", struct.pack(">8I", *[30000] * 8)), chunk(b"sBIT", b"\5\5\5")]
    dice.shuffle(extra)
    data = png("RGB")
    end = len(data) - 12
    return data[:33] + b"".join(extra[:4]) + data[33:end] + chunk(b"tEXt", b"Behind\0odd") + data[end:] + dice.choice((b"", b"behind the end"))


def gif(**options):
    return encode(image("P"), "GIF", interlace=dice.randrange(2), **options)


def gif_frames():
    shape = size()
    return encode(image("P", shape), "GIF", save_all=True, append_images=[image("P", shape) for _ in range(3)], comment=b"odd")


def bmp_header(width, height, bits, compression, data, colors=b""):
    start = 54 + len(colors)
    return (b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start)
            + struct.pack("<IiiHHIIiiII", 40, width, height, 1, bits, compression, len(data), 0, 0, len(colors) // 4, 0) + colors + data)


def bmp_depth():
    (width, height), bits = size(), dice.choice((1, 4, 8, 24))
    stride = (width * bits + 31) // 32 * 4
    colors = b"" if bits == 24 else b"".join(dice.randbytes(3) + b"\0" for _ in range(1 << bits))
    return bmp_header(width, dice.choice((1, -1)) * height, bits, 0, dice.randbytes(stride * height), colors)


def bmp_555():
    width, height = size()
    return bmp_header(width, height, 16, 0, dice.randbytes((width * 2 + 3) // 4 * 4 * height))


def bmp_os2():
    (width, height), bits = size(), dice.choice((1, 4, 8, 24))
    stride = (width * bits + 31) // 32 * 4
    colors = b"" if bits == 24 else dice.randbytes(3 << bits)
    start, data = 26 + len(colors), dice.randbytes(stride * height)
    return b"BM" + struct.pack("<IHHI", start + len(data), 0, 0, start) + struct.pack("<IHHHH", 12, width, height, 1, bits) + colors + data


def bmp_rle(bits):
    """Runs and stretches of single pixels; with the pixels, because PIL 9.4 reads those of 4 bits wrong."""
    (width, height), each = size(), 8 // bits
    colors = [dice.randbytes(3) for _ in range(1 << bits)]
    data, rows = b"", []
    for _ in range(height):
        row = []
        while len(row) < width:
            count = min(width - len(row), dice.randint(1, 9))
            is_run = count < 3 or dice.random() < 0.5
            stored = dice.randbytes(1 if is_run else (count + each - 1) // each)
            data += bytes((count,)) + stored if is_run else bytes((0, count)) + stored + bytes(len(stored) % 2)
            values = [byte >> shift & (1 << bits) - 1 for byte in stored for shift in range(8 - bits, -1, -bits)]
            row += (values * count)[:count]
        rows.insert(0, b"".join(colors[value][::-1] for value in row))
        data += b"\0\0"
    palette = b"".join(color + b"\0" for color in colors)
    return bmp_header(width, height, bits, 1 if bits == 8 else 2, data + b"\0\1", palette), Image.frombytes("RGB", (width, height), b"".join(rows))


def webp(**options):
    return encode(image(dice.choice(("RGB", "RGBA"))), "WEBP", quality=dice.choice((1, 50, 90)), lossless=dice.random() < 0.5, exact=True, **options)


def webp_frames():
    shape = size()
    return encode(image("RGBA", shape), "WEBP", save_all=True, append_images=[image("RGBA", shape)], lossless=True, exact=True)


def tiff(mode, **options):
    return encode(image(mode), "TIFF", compression=dice.choice((None, "tiff_lzw", "tiff_adobe_deflate", "packbits")), **options)


def tiff_tiled():
    """Grey, raw, in tiles of 16×16."""
    across, down = dice.randint(1, 3), dice.randint(1, 3)
    tiles = across * down
    lists, start = 8, 8 + 8 * tiles
    data = dice.randbytes(256 * tiles)
    tags = [(256, 4, 1, across * 16 - 3), (257, 4, 1, down * 16 - 5), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1), (277, 3, 1, 1), (322, 3, 1, 16), (323, 3, 1, 16),
            (324, 4, tiles, lists if tiles > 1 else start), (325, 4, tiles, lists + 4 * tiles if tiles > 1 else 256)]
    directory = struct.pack("<H", len(tags)) + b"".join(struct.pack("<HHII", *tag) for tag in tags) + bytes(4)
    numbers = struct.pack(f"<{2 * tiles}I", *(start + 256 * i for i in range(tiles)), *[256] * tiles)
    return b"II*\0" + struct.pack("<I", start + len(data)) + numbers + data + directory


def tga():
    return encode(image(dice.choice(("L", "RGB", "RGBA", "P"))), "TGA", compression=dice.choice((None, "tga_rle")), orientation=dice.choice((1, -1)))


def pnm():
    width, height = size()
    kind = dice.choice((1, 2, 3, 4, 5, 6))
    most = dice.choice((1, 9, 100, 255, 1000, 65535)) if kind not in (1, 4) else 1
    if kind in (2, 5):
        most = min(most, 255)
    samples = [dice.randint(0, most) for _ in range(width * height * (3 if kind in (3, 6) else 1))]
    head = f"P{kind}{dice.choice((' ', chr(10), chr(10) + '# odd' + chr(10)))}{width} {height}\n" + ("" if kind in (1, 4) else f"{most}\n")
    if kind == 4:
        body = dice.randbytes((width + 7) // 8 * height)
    elif kind < 4:
        body = dice.choice((" ", "\n", "  ")).join(map(str, samples)).encode()
    else:
        body = struct.pack(f">{len(samples)}H", *samples) if most > 255 else bytes(samples)
    return head.encode() + body


def ico():
    shapes = [(side, side) for side in sorted(dice.sample((8, 16, 24, 32), dice.randint(1, 3)))]
    return encode(image("RGB", shapes[-1]), "ICO", sizes=shapes, bitmap_format=dice.choice(("bmp", "png")))


def ico_depths():
    """One size in three depths."""
    bodies = []
    for bits in (24, 8, 4):
        bmp = encode(image("RGB", (16, 16)) if bits == 24 else image("P", (16, 16)), "BMP")[14:]
        if bits == 4:
            bmp = struct.pack("<IiiHHIIiiII", 40, 16, 16, 1, 4, 0, 0, 0, 0, 16, 0) + b"".join(dice.randbytes(3) + b"\0" for _ in range(16)) + dice.randbytes(128)
        bodies.append(bmp[:8] + struct.pack("<i", 32) + bmp[12:] + bytes(64))
    place, head = 6 + 16 * 3, struct.pack("<HHH", 0, 1, 3)
    for bits, body in zip((24, 8, 4), bodies):
        head += struct.pack("<BBBBHHII", 16, 16, 0, 0, 1, bits, len(body), place)
        place += len(body)
    return head + b"".join(bodies)


def cut(make):
    def made():
        data = make()
        return data[:dice.randint(len(data) // 3, len(data) * 9 // 10)]
    return made


KINDS = {
    "jpeg.jpg": jpeg, "jpeg-grey.jpg": lambda: jpeg("L"), "jpeg-cmyk.jpg": lambda: jpeg("CMYK"), "jpeg-ycck.jpg": jpeg_ycck,
    "jpeg-orientation.jpg": lambda: jpeg(exif=exif(dice.randint(1, 8))), "jpeg-segments.jpg": jpeg_segments,
    "jpeg-behind-end.jpg": jpeg_behind_end, "jpeg-cut.jpg": cut(jpeg),
    "png.png": png, "png-any.png": png_any, "png-16.png": png_16, "png-chunks.png": png_chunks,
    "png-transparent.png": lambda: png("P", transparency=dice.randrange(16)),
    "png-orientation.png": lambda: png("RGB", exif=exif(dice.randint(1, 8))), "png-cut.png": cut(png_any),
    "gif.gif": gif, "gif-frames.gif": gif_frames, "gif-transparent.gif": lambda: gif(transparency=dice.randrange(16)), "gif-cut.gif": cut(gif),
    "bmp.bmp": bmp_depth, "bmp-555.bmp": bmp_555, "bmp-os2.bmp": bmp_os2, "bmp-rle8.bmp": lambda: bmp_rle(8), "bmp-rle4.bmp": lambda: bmp_rle(4),
    "bmp-cut.bmp": cut(bmp_depth), "bmp-os2-cut.bmp": cut(bmp_os2),
    "webp.webp": webp, "webp-orientation.webp": lambda: webp(exif=exif(dice.randint(1, 8))), "webp-frames.webp": webp_frames, "webp-cut.webp": cut(webp),
    "tiff.tif": lambda: tiff(dice.choice(("1", "L", "RGB", "RGBA"))), "tiff-palette.tif": lambda: tiff("P"), "tiff-grey-alpha.tif": lambda: tiff("LA"),
    "tiff-cmyk.tif": lambda: tiff("CMYK"), "tiff-float.tif": lambda: encode(image("L").convert("F"), "TIFF"),
    "tiff-jpeg.tif": lambda: encode(image("RGB", (33, 17)), "TIFF", compression="jpeg"), "tiff-tiled.tif": tiff_tiled,
    "tiff-fax.tif": lambda: encode(image("1"), "TIFF", compression=dice.choice(("group3", "tiff_ccitt", "tiff_ccitt"))),
    "tiff-pages.tif": lambda: tiff("RGB", save_all=True, append_images=[image("L")]),
    "tiff-orientation.tif": lambda: encode(image(), "TIFF", tiffinfo={274: dice.randint(1, 8)}), "tiff-cut.tif": cut(lambda: tiff("RGB")),
    "tga.tga": tga, "tga-cut.tga": cut(tga), "pnm.pnm": pnm, "pnm-cut.pnm": cut(pnm), "ico.ico": ico, "ico-depths.ico": ico_depths, "ico-cut.ico": cut(ico),
}


def expected(data):
    """PIL's pixels; None where it refuses the file."""
    try:
        with Image.open(io.BytesIO(data)) as found:
            # PIL turns a TIFF by itself as it loads it.
            upright = found if found.format == "TIFF" else ImageOps.exif_transpose(found)
            return upright.convert("RGB")
    except Exception:  # PIL has a hundred ways to refuse a file.
        return None


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "expected").mkdir(parents=True)
    kinds = list(KINDS)
    for number in range(COUNT):
        name = kinds[number % len(kinds)]
        stem, ending = name.split(".")
        made = KINDS[name]()
        data, pixels = made if isinstance(made, tuple) else (made, expected(made))
        (FOLDER / f"{stem}-{number:03}.{ending}").write_bytes(data)
        if pixels:
            pixels.save(FOLDER / "expected" / f"{stem}-{number:03}.{ending}.ppm")
        elif "cut" not in name:
            print("PIL refuses", stem, number)


if __name__ == "__main__":
    main()
