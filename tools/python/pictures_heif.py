"""HEIC pictures for pictures.py. pillow-heif encodes; what it cannot write (grids of tiles, each
turn and mirroring, crops, general brands) is put together here from its HEVC data, box by box.
pillow-heif reads all of it, so the expectation is always that of a reader of its own."""

import io
import struct

import numpy as np
import pillow_heif
from PIL import Image

pillow_heif.register_heif_opener()


def box(kind, *parts):
    content = b"".join(parts)
    return struct.pack(">I", 8 + len(content)) + kind + content


def full_box(kind, version, flags, *parts):
    return box(kind, struct.pack(">I", version << 24 | flags), *parts)


def encode(picture, **options):
    out = io.BytesIO()
    picture.save(out, format="HEIF", **{"quality": 80, **options})
    return out.getvalue()


def hevc(picture, **options):
    """The decoder's configuration (an `hvcC` box) and the coded picture."""
    data = encode(picture, **options)
    at = data.index(b"hvcC") - 4
    configuration = data[at : at + struct.unpack_from(">I", data, at)[0]]
    at = data.index(b"mdat") - 4
    return configuration, data[at + 8 : at + struct.unpack_from(">I", data, at)[0]]


def ispe(width, height):
    return full_box(b"ispe", 0, 0, struct.pack(">II", width, height))


def irot(quarters):
    return box(b"irot", bytes([quarters]))


def imir(axis):
    return box(b"imir", bytes([axis]))


def clap(width, height, left, top, full_width, full_height):
    """A crop, which the box states by its centre."""
    fractions = [
        (width, 1), (height, 1),
        (2 * left + width - full_width, 2), (2 * top + height - full_height, 2),
    ]  # fmt: skip
    return box(b"clap", b"".join(struct.pack(">iI", *fraction) for fraction in fractions))


def grid(rows, columns, width, height):
    return struct.pack(">BBBBHH", 0, 0, rows - 1, columns - 1, width, height)


def heif(items, primary=1, references=(), brands=(b"heic", b"mif1", b"heic")):
    """`items`: (type, data, [property boxes]) counted from 1; `references`: (kind, from, [to])."""
    properties, associations = [], b""
    for number, (_, _, boxes) in enumerate(items, 1):
        for one in boxes:
            if one not in properties:
                properties.append(one)
        indices = bytes(properties.index(one) + 1 for one in boxes)
        associations += struct.pack(">HB", number, len(indices)) + indices
    infos = [
        full_box(b"infe", 2, 0, struct.pack(">HH", number, 0), kind, b"\0")
        for number, (kind, _, _) in enumerate(items, 1)
    ]
    refs = [
        box(kind, struct.pack(">HH", source, len(targets)), *(struct.pack(">H", t) for t in targets))
        for kind, source, targets in references
    ]
    ftyp = box(b"ftyp", brands[0], b"\0\0\0\0", *brands[1:])

    def meta(first):
        locations, at = b"", first
        for number, (_, data, _) in enumerate(items, 1):
            locations += struct.pack(">HHHII", number, 0, 1, at, len(data))
            at += len(data)
        return full_box(
            b"meta", 0, 0,
            full_box(b"hdlr", 0, 0, b"\0\0\0\0pict", bytes(13)),
            full_box(b"pitm", 0, 0, struct.pack(">H", primary)),
            full_box(b"iinf", 0, 0, struct.pack(">H", len(items)), *infos),
            full_box(b"iref", 0, 0, *refs) if refs else b"",
            box(
                b"iprp",
                box(b"ipco", *properties),
                full_box(b"ipma", 0, 0, struct.pack(">I", len(items)), associations),
            ),
            full_box(b"iloc", 0, 0, b"\x44\0", struct.pack(">H", len(items)), locations),
        )  # fmt: skip

    first = len(ftyp) + len(meta(0)) + 8
    return ftyp + meta(first) + box(b"mdat", *(data for _, data, _ in items))


def still(picture, *extra, **options):
    """One HEVC picture with more properties: turns, mirroring, crops."""
    configuration, data = hevc(picture)
    return heif([(b"hvc1", data, [configuration, ispe(*picture.size), *extra])], **options)


def tiled(picture, side, width, height, *extra):
    """A grid of square tiles that shows the upper left `width` x `height` of the picture."""
    columns, rows = -(-width // side), -(-height // side)
    tiles = [
        picture.crop((x * side, y * side, (x + 1) * side, (y + 1) * side))
        for y in range(rows)
        for x in range(columns)
    ]
    items = [(b"grid", grid(rows, columns, width, height), [ispe(width, height), *extra])]
    for tile in tiles:
        configuration, data = hevc(tile)
        items.append((b"hvc1", data, [configuration, ispe(side, side)]))
    return heif(items, references=[(b"dimg", 1, list(range(2, len(items) + 1)))])


def ten_bits(picture):
    wide = np.asarray(picture).astype("<u2") * 257
    image = pillow_heif.from_bytes("RGB;16", picture.size, wide.tobytes())
    out = io.BytesIO()
    image.save(out, quality=80)
    return out.getvalue()


def heif_files(scene, ramp_alpha, profile):
    rgb = scene(96, 64)  # libheif pads what is smaller than 64 and crops it again
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "420.heic", encode(rgb)
    yield "444.heic", encode(rgb, chroma=444)
    yield "odd-size.heic", encode(scene())
    yield "grey.heic", encode(rgb.convert("L"))
    yield "alpha.heic", encode(ramp_alpha(rgb))
    yield "10-bit.heic", ten_bits(rgb)
    yield "profile.heic", encode(rgb, icc_profile=profile)
    yield "exif-orientation-6.heic", encode(rgb, exif=exif)
    for quarters in (1, 2, 3):
        yield f"turned-{90 * quarters}.heic", still(rgb, irot(quarters))
    for axis in (0, 1):
        yield f"mirrored-{axis}.heic", still(rgb, imir(axis))
    yield "turned-and-mirrored.heic", still(rgb, irot(1), imir(0))
    yield "cropped.heic", still(rgb, clap(40, 32, 8, 6, 96, 64))
    yield "grid.heic", tiled(scene(128, 128), 64, 100, 90)
    yield "grid-turned.heic", tiled(scene(128, 128), 64, 100, 90, irot(3))
    yield "general-brand.heic", still(rgb, brands=(b"mif1", b"mif1", b"miaf"))
    first, second = hevc(scene(64, 64)), hevc(rgb)
    yield "second-is-main.heic", heif(
        [(b"hvc1", first[1], [first[0], ispe(64, 64)]), (b"hvc1", second[1], [second[0], ispe(96, 64)])],
        primary=2,
    )
