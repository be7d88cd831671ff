"""JPEG XL pictures for pictures.py. pillow-jxl-plugin encodes; an orientation in the codestream, which
it cannot write, is put into the header of a picture that says nothing else there."""

import io

import pillow_jxl  # noqa: F401  registers itself with Pillow
from PIL import Image


def encode(picture, **options):
    out = io.BytesIO()
    picture.save(out, format="JXL", **options)
    return out.getvalue()


class Bits:
    """Fields from the lowest bit of each byte up."""

    def __init__(self, data=b""):
        self.bits = [byte >> i & 1 for byte in data for i in range(8)]
        self.at = 0

    def read(self, count):
        field = self.bits[self.at : self.at + count]
        self.at += count
        return sum(bit << i for i, bit in enumerate(field))

    def write(self, value, count):
        self.bits += [value >> i & 1 for i in range(count)]

    def bytes(self):
        padded = self.bits + [0] * (-len(self.bits) % 8)
        return bytes(sum(bit << i for i, bit in enumerate(padded[at : at + 8])) for at in range(0, len(padded), 8))


def size_bits(header):
    """Moves past the size."""
    start = header.at
    small = header.read(1)
    side = lambda: header.read(5) if small else header.read([9, 13, 18, 30][header.read(2)])
    side()
    if header.read(3) == 0:
        side()
    return header.bits[start : header.at]


def turned(codestream, orientation):
    """A lossy 8-bit picture, whose metadata are all defaults, with an orientation."""
    header = Bits(codestream[:40])
    assert header.read(16) == 0x0AFF
    size = size_bits(header)
    assert header.read(2) == 3, "defaults for metadata and transforms"
    rest = codestream[(header.at + 7) // 8 :]
    out = Bits(b"\xff\x0a")
    out.bits += size
    out.write(0, 1)  # not all defaults
    out.write(1, 1)  # extra fields
    out.write(orientation - 1, 3)
    out.write(0, 3)  # no intrinsic size, preview or animation
    out.write(0, 3)  # integers of 8 bits
    out.write(1, 1)  # 16-bit buffers suffice
    out.write(0, 2)  # no extra channels
    out.write(1, 1)  # XYB
    out.write(1, 1)  # colours: defaults
    out.write(1, 1)  # tone mapping: defaults
    out.write(0, 2)  # no extensions
    out.write(1, 1)  # transforms: defaults
    return out.bytes() + rest


def jxl_files(scene, ramp_alpha, jpeg):
    rgb = scene(64, 48)
    lossy = encode(rgb, quality=90)
    yield "lossy.jxl", lossy
    yield "lossless.jxl", encode(rgb, lossless=True)
    yield "grey.jxl", encode(rgb.convert("L"), quality=90)
    yield "lossless-grey.jxl", encode(rgb.convert("L"), lossless=True)
    yield "lossless-alpha.jxl", encode(ramp_alpha(rgb), lossless=True)
    yield "lossy-alpha.jxl", encode(ramp_alpha(rgb), quality=90)
    yield "lossless-odd-size.jxl", encode(scene(), lossless=True)
    yield "lossless-boxed.jxl", encode(rgb, lossless=True, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0", use_container=True)
    yield "from-jpeg.jxl", encode(Image.open(io.BytesIO(jpeg)), lossless_jpeg=True)
    for orientation in range(2, 9):
        yield f"orientation-{orientation}.jxl", turned(lossy, orientation)
