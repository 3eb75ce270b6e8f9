"""Writes decoding/: small images in every format and mode, and decoding/expected/*.ppm: what PIL makes of them.

The images come from a formula. What PIL 9.4 cannot write is written by hand, by libjpeg-turbo's cjpeg (package libjpeg-turbo-progs)
or by ImageMagick 6's convert-im6 (package imagemagick). cases/ is not written here: see README.md."""
import shutil
import struct
import subprocess
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

FOLDER = Path(__file__).parent / "decoding"


def image(width, height):
    """Soft colors, a hard edge and a little texture: what codecs treat differently."""
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
        save(f"jpeg-{width}x{height}.jpg", image(width, height), quality=90)
    for orientation in range(1, 9):
        save(f"jpeg-orientation-{orientation}.jpg", image(41, 35), quality=90,
             exif=exif(orientation, "MM" if orientation % 2 else "II"))
    save("jpeg-cmyk-orientation-6.jpg", image(23, 35).convert("CMYK"), quality=90, exif=exif(6, "II"))
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
    rgb.quantize(16).save(FOLDER / "gif-animated.gif", save_all=True, append_images=[image(30, 20).quantize(8).resize(rgb.size)])
    expect("gif-animated.gif")
    for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        save(f"tiff-{compression.replace('tiff_', '')}.tiff", rgb, compression=compression)
    for mode in ("1", "L", "P", "RGBA"):
        save(f"tiff-{mode.lower()}.tiff", rgba.convert(mode) if mode != "P" else rgb.quantize(64), compression="tiff_lzw")
    turned = image(31, 22)
    save("webp-orientation-6.webp", turned, lossless=True, exif=exif(6, "II"))
    save("png-orientation-8.png", turned, exif=exif(8, "II"))
    save("tiff-orientation-3.tiff", turned, tiffinfo={0x0112: 3})
    save("tiff-group4.tiff", rgb.convert("1"), compression="group4")


def run(name, image, *command, convert=None):
    """Writes a file by a program that reads a PPM from its input."""
    header = f"P6\n{image.width} {image.height}\n255\n".encode()
    done = subprocess.run(command, input=header + image.tobytes(), stdout=subprocess.PIPE, check=True)
    (FOLDER / name).write_bytes(done.stdout)
    expect(name, convert)


def magick(name, image, *options, to=None, convert=None):
    run(name, image, "convert-im6", "ppm:-", "-strip", "-define", "png:exclude-chunks=date,time", *options,
        f"{to or Path(name).suffix[1:]}:-", convert=convert)


def more_jpegs(rgb):
    for name, sampling in (("440", "1x2"), ("411", "4x1"), ("410", "4x2")):
        run(f"jpeg-{name}.jpg", rgb, "cjpeg", "-quality", "90", "-sample", sampling)
        run(f"jpeg-{name}-progressive.jpg", rgb, "cjpeg", "-quality", "60", "-sample", sampling, "-progressive")
    run("jpeg-restart.jpg", rgb, "cjpeg", "-quality", "75", "-restart", "1")
    run("jpeg-rgb.jpg", rgb, "cjpeg", "-quality", "90", "-rgb")
    run("jpeg-arithmetic.jpg", rgb, "cjpeg", "-quality", "90", "-arithmetic")
    run("jpeg-low.jpg", rgb, "cjpeg", "-quality", "20")
    save("jpeg-high-progressive.jpg", rgb, quality=100, subsampling=2, progressive=True)
    # Some scanners write zeros between segments.
    data = (FOLDER / "jpeg-420.jpg").read_bytes()
    table = data.index(b"\xff\xdb")
    (FOLDER / "jpeg-zeros-between.jpg").write_bytes(data[:table] + b"\0\0\0" + data[table:])
    expect("jpeg-zeros-between.jpg")


def more_pngs(rgb):
    save("png-transparent-color.png", rgb, transparency=rgb.getpixel((3, 3)))
    frames = [rgb, rgb.transpose(Image.Transpose.ROTATE_180)]
    frames[0].save(FOLDER / "png-animated.png", save_all=True, append_images=frames[1:], duration=100)
    expect("png-animated.png")
    data = (FOLDER / "png-rgb.png").read_bytes()
    for name, content in (("gamma", b"gAMA" + struct.pack(">I", 45455)), ("text", b"tEXtComment\0nothing")):
        chunk = struct.pack(">I", len(content) - 4) + content + struct.pack(">I", zlib.crc32(content))
        (FOLDER / f"png-{name}.png").write_bytes(data[:33] + chunk + data[33:])
        expect(f"png-{name}.png")
    for orientation in (3, 6):
        save(f"png-orientation-{orientation}.png", image(17, 11), exif=exif(orientation, "MM" if orientation == 3 else "II"))


def more_webps(rgb):
    rgb.save(FOLDER / "webp-animated.webp", save_all=True, append_images=[rgb.transpose(Image.Transpose.ROTATE_180)], quality=70)
    expect("webp-animated.webp")
    alpha = rgb.copy()
    alpha.putalpha(Image.linear_gradient("L").resize(rgb.size))
    save("webp-lossy-alpha.webp", alpha, quality=60)


def more_bitmaps(rgb):
    magick("bmp-rle8.bmp", rgb, "-colors", "64", "-type", "palette", "-compress", "RLE")
    magick("bmp-os2.bmp", rgb, to="bmp2")
    magick("bmp-v5.bmp", rgb, to="bmp")
    size = struct.pack("<I", 40) + struct.pack("<ii", rgb.width, -rgb.height)
    rows = np.asarray(rgb)[:, :, ::-1]
    padding = -rgb.width * 3 % 4
    data = b"".join(row.tobytes() + bytes(padding) for row in rows)
    info = size + struct.pack("<HHIIiiII", 1, 24, 0, len(data), 2835, 2835, 0, 0)
    (FOLDER / "bmp-top-down.bmp").write_bytes(b"BM" + struct.pack("<IHHI", 54 + len(data), 0, 0, 54) + info + data)
    expect("bmp-top-down.bmp")
    samples = np.asarray(rgb).astype(np.uint16)
    words = (samples[..., 0] >> 3 << 11) | (samples[..., 1] >> 2 << 5) | (samples[..., 2] >> 3)
    data = b"".join(row.tobytes() + bytes(-rgb.width * 2 % 4) for row in words[::-1].astype("<u2"))
    info = struct.pack("<IiiHHIIiiII", 40, rgb.width, rgb.height, 1, 16, 3, len(data), 2835, 2835, 0, 0)
    masks = struct.pack("<III", 0xF800, 0x07E0, 0x001F)
    (FOLDER / "bmp-565.bmp").write_bytes(b"BM" + struct.pack("<IHHI", 66 + len(data), 0, 0, 66) + info + masks + data)
    expect("bmp-565.bmp")


def icons(rgb):
    square = rgb.crop((0, 0, 32, 32))
    save("ico-png.ico", square, sizes=[(16, 16), (32, 32)])
    save("ico-bmp.ico", square, sizes=[(16, 16), (32, 32)], bitmap_format="bmp")


def targas(rgb):
    alpha = rgb.copy()
    alpha.putalpha(Image.linear_gradient("L").resize(rgb.size))
    flat = rgb.point(lambda v: v & 0xC0)
    for name, image in (("rgb", flat), ("rgba", alpha), ("grey", flat.convert("L")), ("palette", flat.quantize(16, dither=0))):
        save(f"tga-{name}.tga", image)
        save(f"tga-{name}-rle.tga", image, compression="tga_rle")
    save("tga-top-down.tga", rgb, orientation=1)


def pixmaps(rgb):
    grey = np.asarray(rgb.convert("L")).astype(int)
    samples = np.asarray(rgb).astype(int)
    height, width = grey.shape
    size = f"{width} {height}\n"

    def text(values):
        return "\n".join(" ".join(str(value) for value in row.reshape(-1)) for row in values).encode()

    def write(name, head, body, convert=None):
        (FOLDER / name).write_bytes(head.encode() + body)
        expect(name, convert)

    write("pnm-1.pbm", "P1\n" + size, text((grey < 128).astype(int)))
    write("pnm-1-dense.pbm", "P1\n# no spaces\n" + size, b"\n".join("".join(map(str, row)).encode() for row in (grey < 128).astype(int)))
    write("pnm-2.pgm", "P2\n" + size + "255\n", text(grey))
    write("pnm-3.ppm", "P3\n" + size + "15\n", text(samples >> 4))
    write("pnm-4.pbm", "P4\n" + size, np.packbits(grey < 128, axis=1).tobytes())
    write("pnm-5.pgm", "P5 # grey\n" + size + "255\n", grey.astype(np.uint8).tobytes())
    write("pnm-5-100.pgm", "P5\n" + size + "100\n", (grey * 100 // 255).astype(np.uint8).tobytes())
    # PIL clips 16-bit grey at 255; everybody else scales it.
    scaled = Image.fromarray(grey.astype(np.uint8)).convert("RGB")
    write("pnm-5-16.pgm", "P5\n" + size + "65535\n", (grey * 257).astype(">u2").tobytes(), lambda _: scaled)
    write("pnm-6.ppm", "P6\n" + size + "255\n", samples.astype(np.uint8).tobytes())
    write("pnm-6-16.ppm", "P6\n" + size + "65535\n", (samples * 257 - 100).clip(0).astype(">u2").tobytes())
    write("pnm-6-1000.ppm", "P6\n" + size + "1000\n", (samples * 1000 // 255).astype(">u2").tobytes())


def more_tiffs(rgb):
    magick("tiff-planar.tiff", rgb, "-interlace", "plane", "-compress", "none")
    magick("tiff-planar-lzw.tiff", rgb, "-interlace", "plane", "-compress", "LZW", "-define", "tiff:predictor=1",
           "-define", "tiff:rows-per-strip=5")
    magick("tiff-big.tiff", rgb, "-compress", "Zip", to="tiff64")
    magick("tiff-big-endian.tiff", rgb, "-endian", "MSB", "-compress", "LZW")
    magick("tiff-predictor.tiff", rgb, "-compress", "Zip", "-define", "tiff:predictor=2", "-define", "tiff:rows-per-strip=4")
    magick("tiff-strips-packbits.tiff", rgb.point(lambda v: v & 0xC0), "-compress", "RLE", "-define", "tiff:rows-per-strip=3")
    wide = image(150, 120)
    magick("tiff-lzw-long.tiff", wide.point(lambda v: v & 0xF0), "-compress", "LZW", "-define", "tiff:rows-per-strip=120")
    rgb.save(FOLDER / "tiff-pages.tiff", compression="tiff_lzw", save_all=True, append_images=[image(9, 9)])
    expect("tiff-pages.tiff")
    bits = rgb.convert("1")
    for black in (0, 1):
        save(f"tiff-group4-{'black' if black else 'white'}-is-zero.tiff", bits, compression="group4", tiffinfo={262: black})
    grey = np.asarray(rgb.convert("L"))
    for name, endian in (("", "<"), ("-big-endian", ">")):
        tiff(f"tiff-rgb-16{name}.tiff", (np.asarray(rgb).astype(np.uint16) * 257), 16, 2, endian)
        expect(f"tiff-rgb-16{name}.tiff", lambda _: rgb)
    tiff("tiff-grey-16.tiff", grey[..., None].astype(np.uint16) * 257, 16, 1)
    # PIL clips 16-bit grey at 255; everybody else scales it.
    expect("tiff-grey-16.tiff", lambda _: Image.fromarray(grey).convert("RGB"))
    tiff("tiff-grey-4.tiff", grey[..., None] >> 4, 4, 1)
    expect("tiff-grey-4.tiff")
    tiff("tiff-white-is-zero.tiff", 255 - grey[..., None], 8, 0)
    expect("tiff-white-is-zero.tiff")
    for orientation in (6,):
        tiff(f"tiff-orientation-{orientation}.tiff", np.asarray(rgb), 8, 2, orientation=orientation)
        # PIL 9.4 turns this one twice.
        expect(f"tiff-orientation-{orientation}.tiff", lambda _: rgb.transpose(Image.Transpose.ROTATE_270))


def tiff(name, samples, bits, photometric, endian="<", orientation=1):
    """Writes an uncompressed TIFF of one strip by hand. samples: H×W×C of the depth given."""
    height, width, channels = samples.shape
    if bits == 16:
        data = samples.astype(endian + "u2").tobytes()
    elif bits == 8:
        data = samples.astype(np.uint8).tobytes()
    else:
        every = np.unpackbits(samples.astype(np.uint8), axis=2)[:, :, -bits:].reshape(height, -1)
        data = np.packbits(every, axis=1).tobytes()
    depths_at, start = 8, 8 + 2 * channels + 2 * channels % 4
    tags = [(256, 4, width), (257, 4, height), (258, 3, bits), (259, 3, 1), (262, 3, photometric), (273, 4, start), (274, 3, orientation),
            (277, 3, channels), (278, 4, height), (279, 4, len(data))]
    directory = struct.pack(endian + "H", len(tags))
    for tag, kind, value in tags:
        count = channels if tag == 258 else 1
        if tag == 258 and channels > 2:
            content = struct.pack(endian + "I", depths_at)
        else:
            content = struct.pack(endian + "HH" if kind == 3 else endian + "I", *((value, 0) if kind == 3 else (value,)))
        directory += struct.pack(endian + "HHI", tag, kind, count) + content
    head = (b"II*\0" if endian == "<" else b"MM\0*") + struct.pack(endian + "I", start + len(data) + len(data) % 2)
    depths = struct.pack(endian + f"{channels}H", *[bits] * channels).ljust(start - 8, b"\0")
    (FOLDER / name).write_bytes(head + depths + data + bytes(len(data) % 2) + directory + bytes(4))


def main():
    for path in (*FOLDER.glob("*.*"), *FOLDER.glob("expected/*.ppm")):
        path.unlink()
    (FOLDER / "expected").mkdir(parents=True, exist_ok=True)
    rgb = image(45, 37)
    jpegs(rgb)
    pngs(rgb)
    others(rgb)
    small = image(29, 23)
    more_jpegs(small)
    more_pngs(small)
    more_webps(small)
    more_bitmaps(small)
    icons(image(33, 33))
    targas(small)
    pixmaps(small)
    more_tiffs(small)


if __name__ == "__main__":
    main()
