"""Pictures that say how they are turned in uncommon places, and what Pillow makes of them.

EXIF in a PNG behind the pixels or as text, XMP alone, both at once: files and orientations.json in
test/fixtures/orientation, with the size and the sha256 of `ImageOps.exif_transpose`.

Run from the repository root:  python tools/python/orientations.py   (needs Pillow)
"""

import hashlib
import io
import json
import struct
import zlib
from pathlib import Path

import PIL
from PIL import Image, ImageOps

FOLDER = Path("test/fixtures/orientation")
TURNED = 6  # a phone held upright
XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>'
    b"</rdf:RDF></x:xmpmeta>"
)
IHDR_END = 33
IEND_BYTES = 12


def picture():
    image = Image.new("RGB", (6, 4))
    image.putdata([(i * 10, 200 - i * 8, (i * 37) % 256) for i in range(24)])
    return image


def saved(file_format, **options):
    out = io.BytesIO()
    picture().save(out, file_format, **options)
    return out.getvalue()


def exif(orientation):
    tags = Image.Exif()
    tags[274] = orientation
    return tags.tobytes()


def chunk(kind, content):
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def files():
    png = saved("PNG")
    block = exif(TURNED)
    tiff = block.removeprefix(b"Exif\0\0")
    profile = b"\nexif\n%8d\n" % len(block) + block.hex().encode() + b"\n"
    text = chunk(b"tEXt", b"Raw profile type exif\0" + profile)
    packed = chunk(b"zTXt", b"Raw profile type exif\0\0" + zlib.compress(profile))
    xmp = chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
    packed_xmp = chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + zlib.compress(XMP))

    def early(extra):
        return png[:IHDR_END] + extra + png[IHDR_END:]

    def late(extra):
        return png[:-IEND_BYTES] + extra + png[-IEND_BYTES:]

    yield "png-exif-behind-pixels.png", late(chunk(b"eXIf", tiff))
    yield "png-profile-text.png", early(text)
    yield "png-profile-packed.png", early(packed)
    yield "png-profile-behind-pixels.png", late(packed)
    yield "png-xmp.png", early(xmp)
    yield "png-xmp-packed.png", early(packed_xmp)
    yield "jpg-xmp.jpg", saved("JPEG", xmp=XMP, quality=95)
    yield "jpg-upright-exif-over-xmp.jpg", saved("JPEG", xmp=XMP, exif=exif(1), quality=95)
    yield "webp-xmp.webp", saved("WEBP", xmp=XMP, lossless=True)
    yield "avif-xmp.avif", saved("AVIF", xmp=XMP, quality=100, subsampling="4:4:4")
    yield "avif-container.avif", saved("AVIF", exif=block, quality=100, subsampling="4:4:4")


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    pictures = {}
    for name, data in files():
        (FOLDER / name).write_bytes(data)
        upright = ImageOps.exif_transpose(Image.open(io.BytesIO(data))).convert("RGB")
        pictures[name] = {
            "size": list(upright.size),
            "rgb": hashlib.sha256(upright.tobytes()).hexdigest(),
        }
    text = json.dumps({"made_by": {"pillow": PIL.__version__}, "pictures": pictures}, indent=1)
    (FOLDER / "orientations.json").write_text(text + "\n")
    print(f"{len(pictures)} pictures")


if __name__ == "__main__":
    main()
