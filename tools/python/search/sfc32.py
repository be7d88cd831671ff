"""Numbers of SFC32 for test/fixtures/search/random.json, written from PractRand's definition.

    python sfc32.py FIXTURES_DIR

    output = a + b + counter; counter += 1; a = b ^ (b >> 9); b = c + (c << 3);
    c = rotate_left(c, 21) + output                                  (all of it modulo 2 ** 32)

A seed is split into a (low word) and b (high word), c is the stream, and 15 outputs are discarded.
A number in [0, 1) is 27 high bits of one output and 26 of the next.
"""

import json
import sys
from fractions import Fraction
from pathlib import Path

WORD = 2**32


def outputs(seed: int, stream: int):
    a, b, c, counter = seed % WORD, (seed // WORD) % WORD, stream % WORD, 1
    while True:
        output = (a + b + counter) % WORD
        counter = (counter + 1) % WORD
        a = b ^ (b >> 9)
        b = (c + c * 8) % WORD
        c = ((c << 21) % WORD + (c >> 11) + output) % WORD
        yield output


def numbers(seed: int, stream: int, count: int) -> list[float]:
    words = outputs(seed, stream)
    for _ in range(15):
        next(words)
    result = []
    for _ in range(count):
        high, low = next(words) // 2**5, next(words) // 2**6
        result.append(float(Fraction(high * 2**26 + low, 2**53)))
    return result


def main() -> None:
    rows = [
        {"seed": seed, "stream": stream, "numbers": numbers(seed, stream, 6)}
        for seed in (0, 1, -1, 42, 2**32, 2**53 - 1, -(2**53) + 1)
        for stream in (0, 1, 7)
    ]
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    (Path(sys.argv[1]) / "random.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
