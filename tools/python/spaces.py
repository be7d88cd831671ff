"""Writes test/fixtures/tokenizer/spaces.json: ids of random texts full of unusual spaces.

    python spaces.py

By Hugging Face tokenizers, with the vocabulary of test/fixtures/florence2/tokenizer. The texts are not in
the file: test/golden/spaces.test.ts makes the same ones from the same numbers, and compares a checksum
of all ids.
"""

import json
import zlib

from tokenizers import Tokenizer

from oracle.demo import ROOT

SPACES = ["\ufeff", "\u0085", "\u00a0", "\u2028", "\u3000", "\u200b", " ", "\n", "\t", "\r", "\x1c", "\x1f", "\u180e", "\u1680", "\u2029", "\u205f"]
WORDS = ["a", "red", "car", "ß", "日本", "1", "42", "'s", "'ll", "!", "…", "é", "😀", "_"]
TEXTS = 7000


def random_texts() -> list[str]:
    """A linear congruential generator, so that both languages make the same texts."""
    state = 7

    def draw(limit: int) -> int:
        nonlocal state
        state = (state * 1664525 + 1013904223) % 2**32
        return (state >> 16) % limit

    texts = []
    for _ in range(TEXTS):
        parts = []
        for _ in range(1 + draw(9)):
            kind = SPACES if draw(2) == 0 else WORDS
            parts.append(kind[draw(len(kind))])
        texts.append("".join(parts))
    return texts


def main() -> None:
    tokenizer = Tokenizer.from_file(str(ROOT / "test/fixtures/florence2/tokenizer/tokenizer.json"))
    ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in random_texts()]
    checksums = [zlib.crc32(",".join(map(str, row)).encode()) for row in ids]
    out = ROOT / "test" / "fixtures" / "tokenizer" / "spaces.json"
    out.write_text(json.dumps({"spaces": SPACES, "words": WORDS, "crc32": checksums}, separators=(",", ":")))


if __name__ == "__main__":
    main()
