"""Writes more than a thousand picture files into a folder, for `npm run faults:pictures`:

    python tools/python/many_pictures.py FOLDER    (needs what pictures.py needs)

FOLDER/<format>/whole    every form of the fixtures, and a matrix of modes, sizes, codings,
                         orientations and profiles as Pillow and its plug-ins write them
FOLDER/<format>/damaged  the same, cut short, with changed bytes, zeroed or repeated blocks
FOLDER/other/refused     formats that FloCap recognises only to refuse them, and files that are none

The same files at every run with the same versions: all randomness is seeded.
"""

import io
import random
import sys
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

from pictures import groups, ramp_alpha, saved, scene, swapped_primaries_profile

SIZES = [(1, 1), (1, 40), (53, 1), (64, 48), (48, 85), (96, 64), (200, 133), (31, 900), (640, 480)]
PREFIXES = {"jpg": "jpeg", "icon": "ico"}
REFUSED_FIXTURES = {"tiff-rgb-zstd.tiff", "tiff-lab.tiff"}
DAMAGED_PER_FORMAT = 60


def modes(picture):
    yield "rgb", picture
    yield "grey", picture.convert("L")
    yield "rgba", ramp_alpha(picture)
    yield "grey-alpha", ramp_alpha(picture.convert("L")).convert("LA")
    yield "palette", picture.quantize(40)
    yield "bits", picture.convert("1")
    yield "cmyk", picture.convert("CMYK")
    yield "grey-16", Image.fromarray(np.asarray(picture.convert("L")).astype(np.uint16) * 257)


def codings():
    """(format, ending, modes, options)"""
    jpeg = ("rgb", "grey", "cmyk")
    for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
        for progressive in (False, True):
            yield "jpeg", "jpg", jpeg, {"quality": 80, "subsampling": subsampling, "progressive": progressive}
    yield "png", "png", ("rgb", "grey", "rgba", "grey-alpha", "palette", "bits", "grey-16"), {}
    yield "webp", "webp", ("rgb", "rgba"), {"quality": 70}
    yield "webp", "webp", ("rgb", "rgba"), {"lossless": True}
    yield "gif", "gif", ("palette", "grey", "bits"), {}
    yield "bmp", "bmp", ("rgb", "grey", "rgba", "palette", "bits"), {}
    for compression in (None, "tiff_lzw", "tiff_adobe_deflate", "packbits"):
        yield "tiff", "tiff", ("rgb", "grey", "rgba", "palette", "cmyk", "grey-16"), {"compression": compression}
    yield "avif", "avif", ("rgb", "rgba"), {"quality": 60, "speed": 9}
    yield "heic", "heic", ("rgb", "grey", "rgba"), {"quality": 60}
    yield "jxl", "jxl", ("rgb", "grey", "rgba"), {"quality": 80, "effort": 3}
    yield "jxl", "jxl", ("rgb", "rgba"), {"lossless": True, "effort": 3}
    yield "ico", "ico", ("rgb", "rgba"), {}
    for compression in (None, "tga_rle"):
        yield "tga", "tga", ("rgb", "grey", "rgba", "grey-alpha", "palette"), {"compression": compression}
    yield "netpbm", "ppm", ("rgb", "grey", "bits", "grey-16"), {}
    yield "qoi", "qoi", ("rgb", "rgba"), {}


WRITERS = {"heic": "HEIF", "netpbm": "PPM"}


def matrix():
    for size in SIZES:
        pictures = dict(modes(scene(*size)))
        for number, (format, ending, names, options) in enumerate(codings()):
            if format == "ico" and not 16 <= min(size) <= max(size) <= 256:
                continue  # Pillow would write an icon without pictures
            if format in ("heic", "jxl", "avif") and size == (640, 480):
                continue  # slow to make, and no other form
            for name in names:
                try:
                    data = saved(pictures[name], WRITERS.get(format, format.upper()), **options)
                except (OSError, ValueError, RuntimeError, KeyError):
                    continue  # a writer that does not take this size or mode
                yield format, f"{name}-{size[0]}x{size[1]}-{number}.{ending}", data


def tagged():
    """Orientations and colour profiles, where a format has them."""
    picture = scene(96, 64)
    for format, ending in (("jpeg", "jpg"), ("png", "png"), ("webp", "webp"), ("tiff", "tiff"), ("avif", "avif"), ("heic", "heic")):
        writer = WRITERS.get(format, format.upper())
        for orientation in (*range(0, 10), 65535):
            exif = Image.Exif()
            exif[0x0112] = orientation
            yield format, f"orientation-{orientation}.{ending}", saved(picture, writer, exif=exif)
        yield format, f"profile.{ending}", saved(picture, writer, icc_profile=swapped_primaries_profile())
        yield format, f"no-profile.{ending}", saved(picture, writer, icc_profile=b"not a profile")


def whole():
    for prefix, files in groups():
        for name, data in files:
            if f"{prefix}-{name}" not in REFUSED_FIXTURES:
                yield PREFIXES.get(prefix, prefix), f"fixture-{name}", data
    yield from matrix()
    yield from tagged()


def damaged(data, chance):
    kind = chance.randrange(6)
    out = bytearray(data)
    if kind == 0:
        return data[: chance.randrange(1, len(data))]
    if kind == 1:
        for _ in range(chance.randrange(1, 9)):
            out[chance.randrange(len(out))] = chance.randrange(256)
    elif kind == 2:
        for _ in range(chance.randrange(1, 5)):  # the header
            out[chance.randrange(min(len(out), 64))] = chance.choice((0, 1, 127, 128, 255))
    elif kind == 3:
        at = chance.randrange(len(out))
        out[at : at + 64] = bytes(len(out[at : at + 64]))
    elif kind == 4:
        at = chance.randrange(len(out))
        out[at:at] = out[at // 2 : at // 2 + 100]
    else:
        at = chance.randrange(len(out))
        del out[at : at + chance.randrange(1, 30)]
    return bytes(out)


def refused():
    picture = scene(64, 48)
    for format, ending in (("JPEG2000", "jp2"), ("PCX", "pcx"), ("SGI", "sgi"), ("PDF", "pdf"), ("EPS", "eps"), ("DDS", "dds"), ("IM", "im"), ("SPIDER", "spi"), ("XBM", "xbm"), ("MSP", "msp")):
        mode = {"SPIDER": "F", "XBM": "1", "MSP": "1"}.get(format, "RGB")
        yield f"picture.{ending}", saved(picture.convert(mode), format)
    yield "drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    yield "psd.psd", b"8BPS\0\1" + bytes(20)
    yield "photo.cr3", b"\0\0\0\x18ftypcrx \0\0\0\1crx isom" + bytes(100)
    yield "film.mp4", b"\0\0\0\x18ftypisom\0\0\0\1isommp41" + bytes(100)
    yield "page.html", b"<!doctype html><html><body>Not found</body></html>"
    yield "archive.zip", b"PK\3\4" + bytes(60)
    yield "pam.pam", b"P7\nWIDTH 1\nHEIGHT 1\nDEPTH 3\nMAXVAL 255\nTUPLTYPE RGB\nENDHDR\n\1\2\3"
    yield "empty.jpg", b""
    yield "text.png", b"This is not a picture.\n"
    yield "pointer.jpg", b"version https://git-lfs.github.com/spec/v1\noid sha256:%064d\nsize 12345\n" % 0
    for number in range(20):
        yield f"noise-{number}.bin", random.Random(number).randbytes(300)


def main(folder):
    counts = {}

    def write(format, kind, name, data):
        place = folder / format / kind
        place.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
        counts[format, kind] = counts.get((format, kind), 0) + 1

    forms = {}
    for format, name, data in whole():
        write(format, "whole", name, data)
        forms.setdefault(format, []).append((name, data))
    for format, files in forms.items():
        chance = random.Random(zlib.crc32(format.encode()))
        for number in range(DAMAGED_PER_FORMAT):
            name, data = chance.choice(files)
            write(format, "damaged", f"{number}-{name}", damaged(data, chance))
    for name, data in refused():
        write("other", "refused", name, data)
    for (format, kind), count in sorted(counts.items()):
        print(f"{format:8} {kind:8} {count}")
    print(sum(counts.values()), "files")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
