"""Writes decoding/: small pictures in every format and mode, and decoding/expected/*.ppm: what PIL makes of them.

The pictures come from a formula; of what PIL 9.4 cannot write, PNGs are written by hand."""
import shutil
import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

FOLDER = Path(__file__).parent / "decoding"


def picture(width, height):
    """Soft colours, a hard edge and a little texture: what codecs treat differently."""
    y, x = np.mgrid[0:height, 0:width] / 16
    red = 128 + 100 * np.sin(x * 1.3 + y * 0.4)
    green = 128 + 90 * np.cos(y * 1.1 - x * 0.7)
    blue = np.where((x - 1.2) ** 2 + (y - 1.1) ** 2 < 0.5, 230, 60 + 30 * x)
    texture = 12 * ((np.arange(height)[:, None] * 7 + np.arange(width)[None, :] * 13) % 5 - 2)
    return Image.fromarray(np.clip(np.stack([red, green, blue], -1) + texture[..., None], 0, 255).astype(np.uint8))


def png(name, samples, bits, color_type, interlaced=False):
    """Writes a PNG by hand. samples: H×W×C of the depth given."""
    height, width, channels = samples.shape

    def rows(part):
        for row in part:
            if bits == 16:
                yield b"\0" + row.astype(">u2").tobytes()
            else:
                every = np.unpackbits(row.reshape(-1, 1).astype(np.uint8), axis=1)[:, 8 - bits:]
                yield b"\0" + np.packbits(every.reshape(-1)).tobytes()

    passes = [samples]
    if interlaced:
        grid = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
        passes = [samples[top::down, left::right] for top, left, down, right in grid]
    data = b"".join(row for part in passes if part.size for row in rows(part))

    def chunk(kind, content):
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, int(interlaced))
    (FOLDER / name).write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b""))


def save(name, image, **options):
    image.save(FOLDER / name, **options)
    expect(name)


def expect(name, convert=None):
    with Image.open(FOLDER / name) as image:
        # PIL turns a TIFF by itself as it loads it.
        upright = image if image.format == "TIFF" else ImageOps.exif_transpose(image)
        pixels = convert(upright) if convert else upright.convert("RGB")
    pixels.save(FOLDER / "expected" / f"{name}.ppm")


def exif(orientation, byte_order):
    data = Image.Exif()
    data[0x0112] = orientation
    encoded = bytearray(data.tobytes())
    if byte_order == "MM":
        # PIL writes little-endian; the same single-entry directory by hand, big-endian.
        encoded = (b"Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01" + bytes([0, orientation, 0, 0]) + b"\0\0\0\0")
    return bytes(encoded)


def jpegs(rgb):
    for name, subsampling in (("444", 0), ("422", 1), ("420", 2)):
        save(f"jpeg-{name}.jpg", rgb, quality=90, subsampling=subsampling)
    save("jpeg-progressive.jpg", rgb, quality=85, progressive=True)
    save("jpeg-grey.jpg", rgb.convert("L"), quality=90)
    save("jpeg-grey-progressive.jpg", rgb.convert("L"), quality=90, progressive=True)
    save("jpeg-cmyk.jpg", rgb.convert("CMYK"), quality=90)
    for width, height in ((1, 1), (1, 17), (33, 2), (7, 9)):
        save(f"jpeg-{width}x{height}.jpg", picture(width, height), quality=90)
    for orientation in range(1, 9):
        save(f"jpeg-orientation-{orientation}.jpg", picture(41, 35), quality=90,
             exif=exif(orientation, "MM" if orientation % 2 else "II"))
    save("jpeg-cmyk-orientation-6.jpg", picture(23, 35).convert("CMYK"), quality=90, exif=exif(6, "II"))
    # Adobe's four-channel variant of YCbCr: the same data with the transform flag set.
    data = (FOLDER / "jpeg-cmyk.jpg").read_bytes()
    adobe = data.index(b"Adobe")
    (FOLDER / "jpeg-ycck.jpg").write_bytes(data[:adobe + 11] + b"\x02" + data[adobe + 12:])
    expect("jpeg-ycck.jpg")


def pngs(rgb):
    alpha = Image.fromarray((np.add.outer(np.arange(rgb.height), np.arange(rgb.width)) * 5 % 256).astype(np.uint8))
    rgba = rgb.copy()
    rgba.putalpha(alpha)
    save("png-rgb.png", rgb)
    save("png-rgba.png", rgba)
    save("png-grey.png", rgb.convert("L"))
    save("png-grey-alpha.png", rgba.convert("LA"))
    save("png-1bit.png", rgb.convert("1"))
    for bits in (1, 2, 4, 8):
        save(f"png-palette-{bits}.png", rgb.quantize(min(2 ** bits, 200), dither=0), bits=bits)
    save("png-palette-transparent.png", rgb.quantize(16, dither=0), transparency=3)
    grey16 = Image.fromarray((np.asarray(rgb.convert("L")).astype(np.uint16) * 257).astype(np.int32), "I")
    grey16.save(FOLDER / "png-grey-16.png")
    # PIL clips 16-bit grey at 255; everybody else scales it.
    expect("png-grey-16.png", lambda p: Image.fromarray((np.asarray(p) // 257).astype(np.uint8)).convert("RGB"))
    samples = np.asarray(rgb)
    png("png-interlaced.png", samples, 8, 2, interlaced=True)
    expect("png-interlaced.png")
    png("png-rgb-16.png", samples.astype(np.uint16) * 257, 16, 2)
    expect("png-rgb-16.png")
    png("png-rgba-16-interlaced.png", np.asarray(rgba).astype(np.uint16) * 257, 16, 6, interlaced=True)
    expect("png-rgba-16-interlaced.png")
    for bits in (2, 4):
        png(f"png-grey-{bits}.png", samples[..., 1:2] >> (8 - bits), bits, 0)
        expect(f"png-grey-{bits}.png", lambda p, top=2 ** bits - 1, b=bits: Image.fromarray(
            ((samples[..., 1] >> (8 - b)) * (255 // top)).astype(np.uint8)).convert("RGB"))


def others(rgb):
    save("webp-lossy.webp", rgb, quality=80)
    save("webp-lossless.webp", rgb, lossless=True)
    rgba = rgb.copy()
    rgba.putalpha(Image.linear_gradient("L").resize(rgb.size).point(lambda v: max(v, 128)))
    save("webp-alpha.webp", rgba, lossless=True, exact=True)
    for mode in ("1", "L", "P", "RGB", "RGBA"):
        save(f"bmp-{mode.lower()}.bmp", rgba.convert(mode) if mode != "P" else rgb.quantize(64))
    save("gif.gif", rgb.quantize(64))
    save("gif-interlaced.gif", rgb.quantize(32), interlace=1)
    rgb.quantize(16).save(FOLDER / "gif-animated.gif", save_all=True, append_images=[picture(30, 20).quantize(8).resize(rgb.size)])
    expect("gif-animated.gif")
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        save(f"tiff-{compression.replace('tiff_', '')}.tiff", rgb, compression=compression)
    for mode in ("1", "L", "P", "RGBA"):
        save(f"tiff-{mode.lower()}.tiff", rgba.convert(mode) if mode != "P" else rgb.quantize(64), compression="tiff_lzw")
    turned = picture(31, 22)
    save("webp-orientation-6.webp", turned, lossless=True, exif=exif(6, "II"))
    save("png-orientation-8.png", turned, exif=exif(8, "II"))
    save("tiff-orientation-3.tiff", turned, tiffinfo={0x0112: 3})
    save("tiff-group4.tiff", rgb.convert("1"), compression="group4")


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    (FOLDER / "expected").mkdir(parents=True)
    rgb = picture(45, 37)
    jpegs(rgb)
    pngs(rgb)
    others(rgb)


if __name__ == "__main__":
    main()
