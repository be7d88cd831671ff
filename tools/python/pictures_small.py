"""Icons, cursors, TGA, Netpbm and QOI for pictures.py: every form that Pillow reads and FloCap too.
Pillow writes few of them, so most are written here byte by byte."""

import io
import struct

import numpy as np


def saved(picture, format, **options):
    out = io.BytesIO()
    picture.save(out, format=format, **options)
    return out.getvalue()


# --- TGA ---------------------------------------------------------------------------------------


def tga(rows, width, height, kind, depth, flags=0, palette=b"", first=0, map_bits=0, id_section=b""):
    """`rows`: bytes as stored, the bottom row first unless flags say otherwise."""
    entries = len(palette) * 8 // map_bits if map_bits else 0
    header = struct.pack(
        "<BBBHHBHHHHBB",
        len(id_section), int(bool(map_bits)), kind, first, entries, map_bits, 0, 0, width, height, depth, flags,
    )  # fmt: skip
    return header + id_section + palette + rows


def tga_runs(pixels, across_rows=False):
    """[height, width, bytes] to packets; with `across_rows` they do not end with the row."""
    out = b""
    rows = [pixels.reshape(1, -1, pixels.shape[-1])] if across_rows else [pixels]
    for row in rows[0]:
        left = [bytes(pixel) for pixel in row]
        while left:
            run = 1
            while run < min(len(left), 128) and left[run] == left[0]:
                run += 1
            if run > 1:
                out, left = out + bytes([0x80 | (run - 1)]) + left[0], left[run:]
            else:
                count = min(len(left), 5)
                out, left = out + bytes([count - 1]) + b"".join(left[:count]), left[count:]
    return out


def tga_files(rgb, rgba):
    width, height = rgb.size
    bgr = np.asarray(rgb)[..., ::-1]
    bgra = np.asarray(rgba)[..., [2, 1, 0, 3]]
    grey = np.asarray(rgb.convert("L"))
    quantised = rgb.quantize(40)
    indices = np.asarray(quantised)
    table = np.array(quantised.getpalette()[:120], np.uint8).reshape(-1, 3)
    wide = np.asarray(rgb).astype(np.uint16)
    fifteen = wide[..., 0] >> 3 << 10 | wide[..., 1] >> 3 << 5 | wide[..., 2] >> 3
    fifteen = (fifteen | (np.arange(width, dtype=np.uint16) % 2 << 15)[None, :]).astype("<u2")
    fifteen = fifteen.view(np.uint8).reshape(height, width, 2)
    flat = np.repeat(grey[:, ::4], 4, axis=1)[:, :width]
    size = (width, height)
    yield "rgb.tga", saved(rgb, "TGA")
    yield "rgb-rle.tga", saved(rgb, "TGA", compression="tga_rle")
    yield "rgba.tga", saved(rgba, "TGA")
    yield "rgba-rle.tga", saved(rgba, "TGA", compression="tga_rle")
    yield "rgba-empty-alpha.tga", tga((bgra * [1, 1, 1, 0]).astype(np.uint8).tobytes(), *size, 2, 32, 8)
    yield "grey.tga", saved(rgb.convert("L"), "TGA")
    yield "grey-rle.tga", tga(tga_runs(flat[..., None]), *size, 11, 8)
    yield "grey-alpha.tga", saved(rgba.convert("LA"), "TGA")
    yield "bits.tga", tga(np.packbits(grey > 128, axis=1).tobytes(), *size, 3, 1)
    yield "palette.tga", saved(quantised, "TGA")
    yield "palette-rle.tga", saved(quantised, "TGA", compression="tga_rle")
    yield "palette-shifted.tga", tga(
        (indices + 7).tobytes(), *size, 1, 8, palette=table[:, ::-1].tobytes(), map_bits=24, first=7
    )
    yield "palette-short.tga", tga(indices.tobytes(), *size, 1, 8, palette=table[:20, ::-1].tobytes(), map_bits=24)
    yield "16.tga", tga(fifteen.tobytes(), *size, 2, 16)
    yield "16-rle.tga", tga(tga_runs(fifteen), *size, 10, 16)
    yield "top-down.tga", tga(bgr.tobytes(), *size, 2, 24, 0x20)
    yield "right-to-left.tga", tga(bgr.tobytes(), *size, 2, 24, 0x10)
    yield "top-down-right-to-left.tga", tga(bgr.tobytes(), *size, 2, 24, 0x30)
    yield "rle-across-rows.tga", tga(tga_runs(bgr, across_rows=True), *size, 10, 24)
    yield "id.tga", tga(bgr.tobytes(), *size, 2, 24, id_section=b"made by hand")


# --- Netpbm ------------------------------------------------------------------------------------


def text(values, across=17):
    words = [str(value) for value in np.asarray(values).reshape(-1)]
    return "\n".join(" ".join(words[i : i + across]) for i in range(0, len(words), across)).encode()


def netpbm_files(rgb):
    width, height = rgb.size
    colours = np.asarray(rgb)
    grey = np.asarray(rgb.convert("L"))
    bits = (grey > 128).astype(np.uint8)
    deep_grey = np.arange(width * height).reshape(height, width) % 700
    deep = colours.astype(np.uint16) * 4
    size = b"%d %d\n" % (width, height)
    yield "bits.pbm", b"P4\n" + size + np.packbits(bits, axis=1).tobytes()
    yield "bits-text.pbm", b"P1\n# a comment\n" + size + b"".join(b"%d" % bit for bit in bits.reshape(-1))
    yield "bits-text-spaced.pbm", b"P1 " + size + text(bits) + b"\n"
    yield "grey.pgm", saved(rgb.convert("L"), "PPM")
    yield "grey-text.pgm", b"P2\n" + size + b"255\n" + text(grey)
    yield "grey-15-levels.pgm", b"P5\n" + size + b"15\n" + (grey >> 4).tobytes()
    yield "grey-above-largest.pgm", b"P5\n" + size + b"100\n" + grey.tobytes()
    yield "grey-699.pgm", b"P5\n" + size + b"699\n" + deep_grey.astype(">u2").tobytes()
    yield "grey-16.pgm", b"P5\n" + size + b"65535\n" + deep_grey.astype(">u2").tobytes()
    yield "grey-16-text.pgm", b"P2\n" + size + b"65535\n" + text(deep_grey)
    yield "rgb.ppm", saved(rgb, "PPM")
    yield "rgb-text.ppm", b"P3\n" + size + b"255\n" + text(colours)
    yield "rgb-text-comments.ppm", b"P3 #one\n#two\n%d #three\n%d\n255\n# four\n" % (width, height) + text(colours).replace(
        b"\n", b" # more\r\n", 3
    )
    yield "rgb-comment-in-number.ppm", b"P6\n" + size + b"25# odd, and Pillow reads it\n5\n" + colours.tobytes()
    yield "rgb-37-levels.ppm", b"P6\n" + size + b"37\n" + (colours // 7).tobytes()
    yield "rgb-1023.ppm", b"P6\n" + size + b"1023\n" + deep.astype(">u2").tobytes()
    yield "two-pictures.ppm", saved(rgb, "PPM") * 2


# --- QOI ---------------------------------------------------------------------------------------


def qoi_files(rgb, rgba, flat):
    yield "rgb.qoi", saved(rgb, "QOI")
    yield "rgba.qoi", saved(rgba, "QOI")
    yield "flat.qoi", saved(flat, "QOI")  # runs, and colours that come again


# --- Windows icons and cursors -----------------------------------------------------------------


def dib(rows, width, height, bits, palette=b"", mask=b""):
    """A BMP without its file header, of twice the height for the mask below."""
    colours = len(palette) // 4
    header = struct.pack("<IiiHHIIiiII", 40, width, 2 * height, 1, bits, 0, 0, 0, 0, colours, 0)
    return header + palette + rows + mask


def padded(rows):
    rows = np.asarray(rows, np.uint8)
    return np.pad(rows, ((0, 0), (0, -rows.shape[1] % 4)))[::-1].tobytes()


def directory(kind, entries):
    """`entries`: (width, height, colours, bits, content)."""
    out, at = struct.pack("<HHH", 0, kind, len(entries)), 6 + 16 * len(entries)
    for width, height, colours, bits, content in entries:
        out += struct.pack("<BBBBHHII", width % 256, height % 256, colours, 0, 1, bits, len(content), at)
        at += len(content)
    return out + b"".join(entry[-1] for entry in entries)


def icon_files(scene, ramp_alpha):
    rgb = scene(32, 24)
    small = scene(16, 16)
    colours = np.asarray(rgb)
    rgba = np.asarray(ramp_alpha(rgb))
    clear = np.add.outer(np.arange(24), np.arange(32)) % 9 == 0
    mask = padded(np.packbits(clear, axis=1))
    p16, p200 = rgb.quantize(16), rgb.quantize(200)
    table = lambda p, count: np.pad(
        np.array(p.getpalette()[: 3 * count], np.uint8).reshape(-1, 3)[:, ::-1], ((0, 0), (0, 1))
    ).tobytes()
    nibbles = np.asarray(p16)
    nibbles = nibbles[:, 0::2] << 4 | nibbles[:, 1::2]
    bits = np.packbits(np.asarray(rgb.convert("1")), axis=1)
    two = bytes([10, 20, 200, 0, 240, 230, 20, 0])
    d1 = dib(padded(bits), 32, 24, 1, two, mask)
    d4 = dib(padded(nibbles), 32, 24, 4, table(p16, 16), mask)
    d8 = dib(padded(np.asarray(p200)), 32, 24, 8, table(p200, 200), mask)
    d24 = dib(padded(colours[..., ::-1].reshape(24, -1)), 32, 24, 24, mask=mask)
    d32 = dib(padded(rgba[..., [2, 1, 0, 3]].reshape(24, -1)), 32, 24, 32, mask=mask)
    little = dib(padded(np.asarray(small)[..., ::-1].reshape(16, -1)), 16, 16, 24, mask=bytes(64))
    yield "png.ico", saved(scene(48, 48), "ICO", sizes=[(16, 16), (48, 48), (32, 32)])
    yield "png-alpha.ico", saved(ramp_alpha(scene(40, 40)), "ICO", sizes=[(40, 40)])
    yield "1.ico", directory(1, [(32, 24, 2, 1, d1)])
    yield "4.ico", directory(1, [(32, 24, 16, 4, d4)])
    yield "8.ico", directory(1, [(32, 24, 0, 8, d8)])
    yield "24.ico", directory(1, [(32, 24, 0, 24, d24)])
    yield "32.ico", directory(1, [(32, 24, 0, 32, d32)])
    yield "small-first.ico", directory(1, [(16, 16, 0, 24, little), (32, 24, 0, 24, d24)])
    yield "one-size-three-depths.ico", directory(1, [(32, 24, 0, 32, d32), (32, 24, 16, 4, d4), (32, 24, 0, 24, d24)])
    yield "depths-by-colours.ico", directory(1, [(32, 24, 0, 0, d24), (32, 24, 16, 0, d4)])
    yield "256.ico", directory(1, [(16, 16, 0, 24, little), (256, 256, 0, 32, saved(scene(256, 256).quantize(8), "PNG"))])
    yield "24.cur", directory(2, [(16, 16, 0, 5, little), (32, 24, 0, 7, d24)])
    yield "32.cur", directory(2, [(32, 24, 0, 3, d32)])
    yield "8.cur", directory(2, [(32, 24, 0, 3, d8)])
