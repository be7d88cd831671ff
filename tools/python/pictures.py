"""Writes test/fixtures/pictures: small picture files of every form that FloCap reads, and what
Pillow makes of each (pictures.json: sha256 of `convert("RGB")` and of its 768x768 bicubic resize).

Pillow is the oracle because Microsoft's Florence-2 processor decodes and resizes with it. Forms
that Pillow cannot write (16-bit alpha PNG, interlaced PNG, most BMP variants ...) are written here
byte by byte; Pillow still reads them, so the expectation is always Pillow's own.

Run from the repository root:  python tools/python/pictures.py   (needs Pillow, numpy, pillow-heif)
"""

import hashlib
import io
import json
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL
import pillow_heif
from PIL import Image, ImageCms, ImageOps, features

from pictures_heif import heif_files
from pictures_jxl import jxl_files
from pictures_small import icon_files, netpbm_files, qoi_files, tga_files

FOLDER = Path(__file__).resolve().parents[2] / "test" / "fixtures" / "pictures"
WIDTH, HEIGHT = 41, 31  # odd, so that chroma subsampling and row padding meet a ragged edge
MODEL_SIDE = 768


def scene(width=WIDTH, height=HEIGHT, seed=7):
    """A gradient with hard edges, saturated patches and a little noise."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    picture = np.stack(
        [255 * x / max(width - 1, 1), 255 * y / max(height - 1, 1), 128 + 120 * np.sin((x + y) / 5)],
        axis=-1,
    )
    picture[height // 4 : height // 2, width // 5 : width // 2] = (230, 20, 40)
    picture[height // 2 : -2, width // 2 : width // 2 + 3] = (10, 10, 250)
    picture += np.random.RandomState(seed).normal(0, 6, picture.shape)
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


def saved(picture, format, **options):
    out = io.BytesIO()
    picture.save(out, format=format, **options)
    return out.getvalue()


def ramp_alpha(picture):
    """Alpha from 0 to 255 from left to right, with colours kept under alpha 0."""
    alpha = np.tile(np.linspace(0, 255, picture.width).astype(np.uint8), (picture.height, 1))
    picture = picture.copy()
    picture.putalpha(Image.fromarray(alpha))
    return picture


def swapped_primaries_profile():
    """An sRGB profile with red and green exchanged: any colour management becomes plain to see."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)  # else each run writes its own time
    profile[84:100] = bytes(16)
    places = {}
    for index in range(struct.unpack_from(">I", profile, 128)[0]):
        at = 132 + 12 * index
        places[bytes(profile[at : at + 4])] = at
    red, green = places[b"rXYZ"], places[b"gXYZ"]
    profile[red : red + 4], profile[green : green + 4] = b"gXYZ", b"rXYZ"
    return bytes(profile)


# --- PNG, written by hand where Pillow cannot --------------------------------------------------

ADAM7 = [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]


def png_chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def packed_rows(samples, depth):
    """[height, width, channels] integers to PNG scanlines with filter type 0."""
    rows = b""
    for row in samples:
        flat = row.reshape(-1)
        if depth == 16:
            data = flat.astype(">u2").tobytes()
        elif depth == 8:
            data = flat.astype(np.uint8).tobytes()
        else:
            bits = ((flat[:, None] >> np.arange(depth - 1, -1, -1)) & 1).astype(np.uint8)
            data = np.packbits(bits.reshape(-1)).tobytes()
        rows += b"\0" + data
    return rows


def png(samples, depth, colour_type, chunks=(), interlaced=False):
    samples = np.asarray(samples)
    height, width = samples.shape[:2]
    samples = samples.reshape(height, width, -1)
    if interlaced:
        passes = [samples[y::dy, x::dx] for x, y, dx, dy in ADAM7]
        data = b"".join(packed_rows(p, depth) for p in passes if p.size)
    else:
        data = packed_rows(samples, depth)
    header = struct.pack(">IIBBBBB", width, height, depth, colour_type, 0, 0, int(interlaced))
    body = b"".join(png_chunk(kind, content) for kind, content in chunks)
    return (
        b"\x89PNG\r\n\x1a\n"
        + png_chunk(b"IHDR", header)
        + body
        + png_chunk(b"IDAT", zlib.compress(data, 9))
        + png_chunk(b"IEND", b"")
    )


def png_files():
    rgb = scene()
    grey = rgb.convert("L")
    palette = rgb.quantize(40)
    deep = (np.asarray(rgb).astype(np.int64) * 257 + np.arange(WIDTH)[None, :, None]) % 65536
    deep_grey = np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH) % 700  # both sides of the clip at 255
    deep_alpha = np.broadcast_to(np.arange(WIDTH)[None, :, None] * 1500, (HEIGHT, WIDTH, 1))
    indices = np.asarray(palette)
    plte = (b"PLTE", bytes(palette.getpalette()))
    exif = Image.Exif()
    exif[0x0112] = 6
    low = np.asarray(grey)
    yield "grey-8.png", saved(grey, "PNG")
    yield "grey-1.png", saved(grey.convert("1"), "PNG")
    yield "grey-2.png", png(low >> 6, 2, 0)
    yield "grey-4.png", png(low >> 4, 4, 0)
    yield "grey-16.png", png(deep_grey, 16, 0)
    yield "grey-8-transparent-key.png", png(low, 8, 0, [(b"tRNS", b"\0\x50")])
    yield "grey-16-transparent-key.png", png(deep_grey, 16, 0, [(b"tRNS", b"\0\x50")])
    yield "grey-alpha-8.png", saved(ramp_alpha(grey), "PNG")
    yield "grey-alpha-16.png", png(np.concatenate([deep[..., :1], deep_alpha], -1), 16, 4)
    yield "palette-8.png", saved(palette, "PNG")
    yield "palette-1.png", saved(rgb.quantize(2), "PNG")
    yield "palette-2.png", saved(rgb.quantize(4), "PNG")
    yield "palette-4.png", saved(rgb.quantize(15), "PNG")
    yield "palette-8-transparent.png", saved(palette, "PNG", transparency=bytes(range(0, 240, 6)))
    yield "palette-8-transparent-index.png", saved(palette, "PNG", transparency=3)
    yield "palette-8-interlaced.png", png(indices, 8, 3, [plte], interlaced=True)
    yield "palette-8-short.png", png(indices, 8, 3, [(b"PLTE", plte[1][:60])])
    yield "rgb-8.png", saved(rgb, "PNG")
    yield "rgb-8-interlaced.png", png(np.asarray(rgb), 8, 2, interlaced=True)
    yield "rgb-8-transparent-key.png", saved(rgb, "PNG", transparency=rgb.getpixel((3, 3)))
    yield "rgb-8-profile.png", saved(rgb, "PNG", icc_profile=swapped_primaries_profile())
    yield "rgb-8-gamma.png", png(np.asarray(rgb), 8, 2, [(b"gAMA", struct.pack(">I", 100000))])
    yield "rgb-8-significant-bits.png", png(np.asarray(rgb), 8, 2, [(b"sBIT", b"\5\6\5")])
    yield "rgb-16.png", png(deep, 16, 2)
    yield "rgb-16-profile.png", png(
        deep, 16, 2, [(b"iCCP", b"x\0\0" + zlib.compress(swapped_primaries_profile()))]
    )
    yield "rgba-8.png", saved(ramp_alpha(rgb), "PNG")
    yield "rgba-16.png", png(np.concatenate([deep, deep_alpha], -1), 16, 6)
    yield "rgb-8-orientation-6.png", saved(rgb, "PNG", exif=exif)
    yield "size-1x1.png", saved(scene(1, 1), "PNG")
    yield "size-1x37.png", saved(scene(1, 37), "PNG")
    yield "size-53x1.png", saved(scene(53, 1), "PNG")
    yield "size-768x5.png", saved(scene(768, 5), "PNG")
    frames = [scene(24, 18, seed) for seed in (1, 2, 3)]
    yield "animated.png", saved(frames[0], "PNG", save_all=True, append_images=frames[1:])
    yield "animated-default-image.png", saved(
        frames[0], "PNG", save_all=True, append_images=frames[1:], default_image=True
    )


# --- JPEG ------------------------------------------------------------------------------------


def jpeg_files():
    rgb = scene()
    yield "420.jpg", saved(rgb, "JPEG", quality=85, subsampling="4:2:0")
    yield "422.jpg", saved(rgb, "JPEG", quality=85, subsampling="4:2:2")
    yield "444.jpg", saved(rgb, "JPEG", quality=85, subsampling="4:4:4")
    yield "grey.jpg", saved(rgb.convert("L"), "JPEG", quality=85)
    yield "progressive.jpg", saved(rgb, "JPEG", quality=85, progressive=True)
    yield "restart-markers.jpg", saved(rgb, "JPEG", quality=85, restart_marker_blocks=2)
    yield "stored-as-rgb.jpg", saved(rgb, "JPEG", quality=85, keep_rgb=True)
    cmyk = saved(cmyk_scene(), "JPEG", quality=85)
    adobe = cmyk.index(b"\xff\xee")
    length = struct.unpack_from(">H", cmyk, adobe + 2)[0]
    yield "cmyk.jpg", cmyk
    yield "cmyk-without-adobe-marker.jpg", cmyk[:adobe] + cmyk[adobe + 2 + length :]
    yield "ycck.jpg", cmyk[: adobe + 1 + length] + b"\2" + cmyk[adobe + 2 + length :]
    yield "profile.jpg", saved(rgb, "JPEG", quality=85, icc_profile=swapped_primaries_profile())
    yield "size-1x1.jpg", saved(scene(1, 1), "JPEG")
    yield "size-3x50.jpg", saved(scene(3, 50), "JPEG", subsampling="4:2:0")
    for orientation in range(1, 9):
        exif = Image.Exif()
        exif[0x0112] = orientation
        yield f"orientation-{orientation}.jpg", saved(rgb, "JPEG", quality=60, exif=exif)


def cmyk_scene():
    bands = [scene(seed=seed).convert("L") for seed in (1, 2, 3, 4)]
    return Image.merge(
        "CMYK",
        [bands[0], bands[1].transpose(0), bands[2].transpose(1), bands[3].point(lambda v: v // 3)],
    )


# --- GIF -------------------------------------------------------------------------------------


def gif(width, height, frames, global_palette=None, version=b"GIF89a"):
    """`frames`: (left, top, indices, options); Pillow's own writer cannot place a first frame."""
    out = version + struct.pack("<HH", width, height)
    out += struct.pack("BBB", (0x80 | palette_bits(global_palette)) if global_palette else 0, 0, 0)
    out += global_palette or b""
    for left, top, indices, options in frames:
        if "transparency" in options:
            out += b"!\xf9\x04" + struct.pack("<BHBB", 1, 5, options["transparency"], 0)
        local = options.get("palette")
        flags = (0x80 | palette_bits(local)) if local else 0
        rows = np.asarray(indices)
        if options.get("interlaced"):
            flags |= 0x40
            order = [*range(0, len(rows), 8), *range(4, len(rows), 8), *range(2, len(rows), 4), *range(1, len(rows), 2)]
            rows = rows[order]
        out += b"," + struct.pack("<HHHHB", left, top, rows.shape[1], rows.shape[0], flags)
        out += (local or b"") + gif_pixels(rows)
    return out + b";"


def palette_bits(palette):
    return (len(palette) // 3).bit_length() - 2


def gif_pixels(rows):
    """8-bit LZW that never grows its table: a clear code before every 200 literals."""
    bits = []
    flat = rows.reshape(-1).tolist()
    for start in range(0, len(flat), 200):
        bits += [256, *flat[start : start + 200]]
    bits.append(257)
    value = sum(code << (9 * index) for index, code in enumerate(bits))
    data = value.to_bytes((9 * len(bits) + 7) // 8, "little")
    blocks = [data[i : i + 255] for i in range(0, len(data), 255)]
    return b"\x08" + b"".join(bytes([len(block)]) + block for block in blocks) + b"\0"


def gif_files():
    rgb = scene()
    big = scene(120, 90).quantize(256)
    palette = rgb.quantize(64)
    indices = np.asarray(palette)
    table = bytes(palette.getpalette()[:192]).ljust(192, b"\0")
    grey_table = bytes(np.repeat(np.arange(64), 3).astype(np.uint8))
    frames = [scene(seed=seed) for seed in (1, 2, 3)]
    yield "animated.gif", saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    yield "palette.gif", saved(palette, "GIF")
    yield "table-full.gif", saved(big, "GIF")  # enough codes to fill the 4096-entry table
    yield "two-colours.gif", saved(rgb.convert("1"), "GIF")
    yield "grey.gif", saved(rgb.convert("L"), "GIF")
    yield "transparent.gif", saved(palette, "GIF", transparency=5)
    yield "interlaced.gif", gif(WIDTH, HEIGHT, [(0, 0, indices, {"interlaced": True})], table)
    yield "old-version.gif", gif(WIDTH, HEIGHT, [(0, 0, indices, {})], table, b"GIF87a")
    yield "local-palette.gif", gif(WIDTH, HEIGHT, [(0, 0, indices, {"palette": table})])
    yield "no-palette.gif", gif(WIDTH, HEIGHT, [(0, 0, indices, {})])
    yield "grey-ramp-palette.gif", gif(WIDTH, HEIGHT, [(0, 0, indices, {})], grey_table)
    yield "short-palette.gif", gif(WIDTH, HEIGHT, [(0, 0, indices, {})], table[:48])
    yield "placed.gif", gif(WIDTH + 9, HEIGHT + 7, [(4, 5, indices, {})], table)
    yield "placed-transparent.gif", gif(
        WIDTH + 9, HEIGHT + 7, [(4, 5, indices, {"transparency": 9})], table
    )
    yield "beyond-screen.gif", gif(WIDTH - 9, HEIGHT - 7, [(2, 3, indices, {})], table)


# --- WebP, AVIF, TIFF --------------------------------------------------------------------------


def webp_files():
    rgb = scene()
    exif = Image.Exif()
    exif[0x0112] = 6
    frames = [scene(seed=seed) for seed in (1, 2, 3)]
    clear = [ramp_alpha(frame) for frame in frames]
    yield "lossy.webp", saved(rgb, "WEBP", quality=75)
    yield "lossless.webp", saved(rgb.quantize(24).convert("RGB"), "WEBP", lossless=True)
    yield "lossy-alpha.webp", saved(ramp_alpha(rgb), "WEBP", quality=75)
    yield "lossless-alpha.webp", saved(ramp_alpha(rgb), "WEBP", lossless=True, exact=True)
    yield "lossless-alpha-cleared.webp", saved(ramp_alpha(rgb), "WEBP", lossless=True)
    yield "animated.webp", saved(frames[0], "WEBP", save_all=True, append_images=frames[1:], quality=60)
    yield "animated-alpha.webp", saved(
        clear[0], "WEBP", save_all=True, append_images=clear[1:], lossless=True, exact=True
    )
    yield "placed.webp", placed_webp(ramp_alpha(rgb), 4, 6, WIDTH + 10, HEIGHT + 10)
    yield "profile.webp", saved(rgb, "WEBP", quality=75, icc_profile=swapped_primaries_profile())
    yield "orientation-6.webp", saved(rgb, "WEBP", quality=75, exif=exif)


def webp_chunk(kind, data):
    return kind + struct.pack("<I", len(data)) + data + b"\0" * (len(data) % 2)


def placed_webp(frame, left, top, width, height):
    """An animation whose first frame covers only a part of its canvas, which has a red background."""
    still = saved(frame, "WEBP", lossless=True, exact=True)
    pixels = still[still.index(b"VP8L") :]
    u24 = lambda value: struct.pack("<I", value)[:3]
    place = u24(left // 2) + u24(top // 2) + u24(frame.width - 1) + u24(frame.height - 1)
    content = webp_chunk(b"VP8X", b"\x12\0\0\0" + u24(width - 1) + u24(height - 1))
    content += webp_chunk(b"ANIM", b"\0\0\xff\xff" + b"\0\0")
    content += webp_chunk(b"ANMF", place + u24(100) + b"\0" + pixels) * 2
    return b"RIFF" + struct.pack("<I", 4 + len(content)) + b"WEBP" + content


def avif_files():
    rgb = scene(64, 48)
    options = {"quality": 80, "speed": 8}
    yield "420.avif", saved(rgb, "AVIF", subsampling="4:2:0", **options)
    yield "444.avif", saved(rgb, "AVIF", subsampling="4:4:4", **options)
    yield "grey.avif", saved(rgb.convert("L"), "AVIF", **options)
    yield "alpha.avif", saved(ramp_alpha(rgb), "AVIF", subsampling="4:4:4", **options)
    frames = [scene(32, 24, seed) for seed in (1, 2)]
    yield "animated.avif", saved(
        frames[0], "AVIF", save_all=True, append_images=frames[1:], subsampling="4:4:4", **options
    )
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "orientation-6.avif", saved(rgb, "AVIF", subsampling="4:4:4", exif=exif, **options)


def tiff(samples, bits, photometric, order="<", extra=None, tags=()):
    """One uncompressed strip. `samples`: [height, width, channels]."""
    samples = np.asarray(samples)
    height, width = samples.shape[:2]
    samples = samples.reshape(height, width, -1)
    channels = samples.shape[2]
    data = samples.astype({8: "u1", 16: order + "i4", 32: order + "f4"}[bits])
    data = (data.astype(order + "u2") if bits == 16 else data).tobytes()
    entries = [
        (256, 4, [width]), (257, 4, [height]), (258, 3, [bits] * channels), (259, 3, [1]),
        (262, 3, [photometric]), (273, 4, [None]), (277, 3, [channels]), (278, 4, [height]),
        (279, 4, [len(data)]), *tags,
    ]  # fmt: skip
    if extra is not None:
        entries.append((338, 3, [extra]))
    entries.sort(key=lambda entry: entry[0])
    directory_size = 2 + 12 * len(entries) + 4
    spill, spill_at = b"", 8 + directory_size
    pixels_at = spill_at + sum(
        size for _, kind, values in entries if (size := len(values) * {3: 2, 4: 4}[kind]) > 4
    )
    out = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "IH", 8, len(entries))
    for tag, kind, values in entries:
        values = [pixels_at if value is None else value for value in values]
        packed = struct.pack(order + ("H" if kind == 3 else "I") * len(values), *values)
        if len(packed) > 4:
            out += struct.pack(order + "HHII", tag, kind, len(values), spill_at + len(spill))
            spill += packed
        else:
            out += struct.pack(order + "HHI", tag, kind, len(values)) + packed.ljust(4, b"\0")
    return out + struct.pack(order + "I", 0) + spill + data


def tiff_files():
    rgb = scene()
    colours = np.asarray(rgb)
    grey = np.asarray(rgb.convert("L"))
    deep = (colours.astype(np.int64) * 257 + np.arange(WIDTH)[None, :, None]) % 65536
    deep_grey = np.arange(WIDTH * HEIGHT).reshape(HEIGHT, WIDTH) % 700
    alpha = np.broadcast_to(np.arange(WIDTH)[None, :, None] * 6, (HEIGHT, WIDTH, 1))
    yield "rgb-raw.tiff", saved(rgb, "TIFF")
    yield "rgb-lzw.tiff", saved(rgb, "TIFF", compression="tiff_lzw")
    yield "rgb-lzw-predictor.tiff", saved(rgb, "TIFF", compression="tiff_lzw", tiffinfo={317: 2})
    yield "rgb-deflate.tiff", saved(rgb, "TIFF", compression="tiff_adobe_deflate")
    yield "rgb-packbits.tiff", saved(rgb, "TIFF", compression="packbits")
    yield "rgb-zstd.tiff", saved(rgb, "TIFF", compression="zstd")
    yield "rgb-jpeg.tiff", saved(rgb, "TIFF", compression="jpeg", quality=85)
    yield "rgb-big-endian.tiff", tiff(colours, 8, 2, ">")
    yield "rgb-profile.tiff", saved(rgb, "TIFF", icc_profile=swapped_primaries_profile())
    yield "rgb-16.tiff", tiff(deep, 16, 2)
    yield "rgb-16-big-endian.tiff", tiff(deep, 16, 2, ">")
    yield "rgb-big-file.tiff", saved(rgb, "TIFF", compression="tiff_lzw", big_tiff=True)
    yield "lab.tiff", tiff(colours, 8, 8)
    yield "rgb-orientation-6.tiff", tiff(colours, 8, 2, tags=[(274, 3, [6])])
    yield "rgb-orientation-9.tiff", tiff(colours, 8, 2, tags=[(274, 3, [9])])  # means nothing
    yield "rgb-orientation-0.tiff", tiff(colours, 8, 2, ">", tags=[(274, 3, [0])])
    yield "rgba.tiff", saved(ramp_alpha(rgb), "TIFF", compression="tiff_lzw")
    yield "rgba-premultiplied.tiff", tiff(np.concatenate([np.minimum(colours, alpha), alpha], -1), 8, 2, extra=1)
    yield "rgb-unused-fourth.tiff", tiff(np.concatenate([colours, alpha], -1), 8, 2, extra=0)
    yield "grey.tiff", saved(rgb.convert("L"), "TIFF", compression="tiff_lzw")
    yield "grey-white-is-zero.tiff", tiff(grey, 8, 0)
    yield "grey-16.tiff", tiff(deep_grey, 16, 1)
    yield "grey-16-signed.tiff", tiff(deep_grey - 200, 16, 1, tags=[(339, 3, [2])])
    yield "grey-float.tiff", tiff(deep_grey - 200.5, 32, 1, tags=[(339, 3, [3])])
    yield "grey-alpha.tiff", saved(ramp_alpha(rgb.convert("L")), "TIFF", compression="tiff_lzw")
    yield "palette.tiff", saved(rgb.quantize(40), "TIFF", compression="tiff_lzw")
    yield "bilevel-group3.tiff", saved(rgb.convert("1"), "TIFF", compression="group3")
    yield "bilevel-group4.tiff", saved(rgb.convert("1"), "TIFF", compression="group4")
    yield "cmyk.tiff", saved(cmyk_scene(), "TIFF", compression="tiff_lzw")
    yield "pages.tiff", saved(scene(seed=1), "TIFF", save_all=True, append_images=[scene(9, 9)], compression="tiff_lzw")


# --- BMP -------------------------------------------------------------------------------------


def bmp(rows, width, height, bits, *, palette=b"", compression=0, masks=b"", header=40, top_down=False, colours=0):
    """`rows`: pixel bytes as stored (bottom row first unless top_down)."""
    signed_height = -height if top_down else height
    if header == 12:
        info = struct.pack("<IHHHH", 12, width, height, 1, bits)
    else:
        info = struct.pack(
            "<IiiHHIIiiII", header, width, signed_height, 1, bits, compression, len(rows), 2835, 2835, colours, 0
        )
        info += (masks if header > 40 else b"").ljust(header - 40, b"\0")
    after = masks if header == 40 else b""
    offset = 14 + len(info) + len(after) + len(palette)
    return b"BM" + struct.pack("<IHHI", offset + len(rows), 0, 0, offset) + info + after + palette + rows


def bmp_rows(packed, top_down=False):
    """[height, bytes] to stored rows: padded to 4 bytes, bottom first."""
    packed = np.asarray(packed, np.uint8)
    padded = np.pad(packed, ((0, 0), (0, -packed.shape[1] % 4)))
    return (padded if top_down else padded[::-1]).tobytes()


def bgrx(palette, count):
    table = np.zeros((count, 4), np.uint8)
    entries = np.array(palette, np.uint8).reshape(-1, 3)[:count]
    table[: len(entries), :3] = entries[:, ::-1]
    return table.tobytes()


def bmp_rle8(indices):
    """Encoded runs, absolute runs, a delta and ends of line, bottom row first."""
    out = b""
    for y, row in enumerate(indices[::-1]):
        row = row.tolist()
        if y == 2:
            out += bytes([0, 2, 3, 0])  # skip three pixels
            row = row[3:]
        while row:
            run = 1
            while run < len(row) and run < 255 and row[run] == row[0]:
                run += 1
            if run > 2 or len(row) < 3:
                out, row = out + bytes([run, row[0]]), row[run:]
            else:
                count = min(len(row), 7)
                out += bytes([0, count, *row[:count]]) + (b"\0" if count % 2 else b"")
                row = row[count:]
        out += bytes([0, 0])
    return out + bytes([0, 1])


def bmp_rle4(indices, literals):
    """`literals` is the length of its literal runs, 5 or 6; either takes three bytes and a fourth to align."""
    out = b""
    for row in indices[::-1]:
        row = row.tolist()
        while row:
            if len(row) >= literals and len(out) % 4 == 0:
                part, row = row[:literals], row[literals:]
                nibbles = [*part, 0]
                out += bytes([0, literals]) + bytes(nibbles[i] << 4 | nibbles[i + 1] for i in (0, 2, 4)) + b"\0"
            else:
                part, row = row[:2], row[2:]
                out += bytes([len(part), part[0] << 4 | part[-1]])
        out += bytes([0, 0])
    return out + bytes([0, 1])


def bmp_files():
    rgb = scene()
    colours = np.asarray(rgb)
    size = (WIDTH, HEIGHT)
    p256, p16, p2 = rgb.quantize(200), rgb.quantize(16), rgb.quantize(2)
    i256, i16, i2 = (np.asarray(p) for p in (p256, p16, p2))
    nibbles = np.pad(i16, ((0, 0), (0, WIDTH % 2)))
    nibbles = nibbles[:, 0::2] << 4 | nibbles[:, 1::2]
    wide = colours.astype(np.uint16)
    five = (wide[..., 0] >> 3 << 10 | wide[..., 1] >> 3 << 5 | wide[..., 2] >> 3).astype("<u2")
    six = (wide[..., 0] >> 3 << 11 | wide[..., 1] >> 2 << 5 | wide[..., 2] >> 3).astype("<u2")
    words = lambda a: a.view(np.uint8).reshape(HEIGHT, -1)
    bgra = np.asarray(ramp_alpha(rgb))[..., [2, 1, 0, 3]].reshape(HEIGHT, -1)
    rgba = np.asarray(ramp_alpha(rgb)).reshape(HEIGHT, -1)
    mask = lambda *values: struct.pack("<" + "I" * len(values), *values)
    grey_table = bgrx(np.repeat(np.arange(256), 3), 256)
    yield "1.bmp", bmp(bmp_rows(np.packbits(i2, axis=1)), *size, 1, palette=bgrx(p2.getpalette(), 2))
    yield "1-black-and-white.bmp", saved(rgb.convert("1"), "BMP")
    yield "4.bmp", bmp(bmp_rows(nibbles), *size, 4, palette=bgrx(p16.getpalette(), 16))
    yield "8.bmp", saved(p256, "BMP")
    yield "8-few-colours.bmp", bmp(bmp_rows(i16), *size, 8, palette=bgrx(p16.getpalette(), 16), colours=16)
    yield "8-grey.bmp", bmp(bmp_rows(np.asarray(rgb.convert("L"))), *size, 8, palette=grey_table)
    yield "8-rle.bmp", bmp(bmp_rle8(i256 // 9), *size, 8, palette=bgrx(p256.getpalette(), 256), compression=1)
    for name, literals in (("4-rle.bmp", 6), ("4-rle-odd-runs.bmp", 5)):
        runs = bmp_rle4(i16, literals)
        yield name, bmp(runs, *size, 4, palette=bgrx(p16.getpalette(), 16), compression=2)
    yield "16.bmp", bmp(bmp_rows(words(five)), *size, 16)
    yield "16-bitfields-555.bmp", bmp(bmp_rows(words(five)), *size, 16, compression=3, masks=mask(0x7C00, 0x3E0, 0x1F))
    yield "16-bitfields-565.bmp", bmp(bmp_rows(words(six)), *size, 16, compression=3, masks=mask(0xF800, 0x7E0, 0x1F))
    yield "24.bmp", saved(rgb, "BMP")
    yield "24-top-down.bmp", bmp(bmp_rows(colours[..., ::-1].reshape(HEIGHT, -1), True), *size, 24, top_down=True)
    yield "24-core-header.bmp", bmp(bmp_rows(colours[..., ::-1].reshape(HEIGHT, -1)), *size, 24, header=12)
    yield "32.bmp", bmp(bmp_rows(bgra), *size, 32)
    yield "32-bitfields-v4.bmp", bmp(bmp_rows(bgra), *size, 32, compression=3, header=108, masks=mask(0xFF0000, 0xFF00, 0xFF, 0xFF000000))
    yield "32-bitfields-v5-rgba.bmp", bmp(bmp_rows(rgba), *size, 32, compression=3, header=124, masks=mask(0xFF, 0xFF00, 0xFF0000, 0xFF000000))


# --- what Pillow makes of them ---------------------------------------------------------------


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def expectation(data):
    picture = Image.open(io.BytesIO(data))
    mode = picture.mode
    rgb = picture.convert("RGB")
    upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
    resized = rgb.resize((MODEL_SIDE, MODEL_SIDE), Image.Resampling.BICUBIC)
    out = {
        "mode": mode,
        "size": list(rgb.size),
        "rgb": sha256(rgb.tobytes()),
        "resized": sha256(resized.tobytes()),
    }
    if upright.tobytes() != rgb.tobytes() or upright.size != rgb.size:
        out["upright"] = {"size": list(upright.size), "rgb": sha256(upright.tobytes())}
    return out, upright


def is_inexact(name):
    """Where decoders differ by rounding the pixels are kept, so that it can be measured."""
    if name.startswith("avif"):
        return "grey" not in name
    if name.startswith("jxl"):
        return "lossless" not in name
    return name in ("tiff-rgba-premultiplied.tiff", "heic-444.heic", "heic-10-bit.heic")


def groups():
    yield "png", png_files()
    yield "jpg", jpeg_files()
    yield "gif", gif_files()
    yield "webp", webp_files()
    yield "avif", avif_files()
    yield "tiff", tiff_files()
    yield "bmp", bmp_files()
    yield "heic", heif_files(scene, ramp_alpha, swapped_primaries_profile())
    yield "jxl", jxl_files(scene, ramp_alpha, saved(scene(64, 48), "JPEG", quality=85))
    yield "icon", icon_files(scene, ramp_alpha)
    yield "tga", tga_files(scene(), ramp_alpha(scene()))
    yield "netpbm", netpbm_files(scene(17, 13))
    yield "qoi", qoi_files(scene(), ramp_alpha(scene()), scene().quantize(5).convert("RGB"))


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        if old.suffix != ".md":
            old.unlink()
    pictures = {}
    for prefix, files in groups():
        for name, data in files:
            name = f"{prefix}-{name}"
            (FOLDER / name).write_bytes(data)
            pictures[name], upright = expectation(data)
            if is_inexact(name):
                (FOLDER / f"{name}.expected.png").write_bytes(saved(upright, "PNG"))
    made_by = {
        "pillow": PIL.__version__,
        "numpy": np.__version__,
        "pillow_heif": pillow_heif.__version__,
        "libheif": pillow_heif.libheif_version(),
        **{name: features.version(name) for name in ("libjpeg_turbo", "webp", "avif", "zlib", "libtiff")},
    }
    text = json.dumps({"made_by": made_by, "pictures": pictures}, indent=1)
    (FOLDER / "pictures.json").write_text(text + "\n")
    total = sum(path.stat().st_size for path in FOLDER.iterdir())
    print(f"{len(pictures)} pictures, {total} bytes")


if __name__ == "__main__":
    main()
