"""The table language model: logits that Python and TypeScript compute to the same bits.

A search can be compared with the reference only if both see the same numbers. A neural network gives
other bits in every runtime; this model gives the same ones, because it is nothing but 32-bit integer
hashing and IEEE double arithmetic (+ - * / floor), rounded to float32 once at the end.
Its twin is test/support/table-model.ts; test/fixtures/search/logits.json holds both to each other.
"""

from dataclasses import dataclass

import numpy as np

START = EOS = 2
BOS = 0
PAD = 1

WHOLE_PREFIX = -1
"""`context` value: the hash takes in every token so far."""
POSITION = 0
"""`context` value: the hash takes in only how many tokens there are, so all beams see one row."""


@dataclass(frozen=True)
class TableModel:
    seed: int
    vocab: int
    context: int
    """How many of the newest tokens choose the row; or WHOLE_PREFIX, or POSITION."""
    scale: float
    """Logit of the very best token, about."""
    sharpness: float
    """Smaller is more peaked: the j-th best token has a logit near scale * sharpness / (j + sharpness)."""
    eos_bias: float = 0.0
    eos_slope: float = 0.0
    """The end token's logit gains eos_bias + eos_slope * (tokens so far)."""
    repeat_bonus: float = 0.0
    """Added to each token that already followed the newest token: makes the model want to repeat."""
    tie_step: float = 0.0
    """Not 0: logits are rounded down to multiples of it, so that many are exactly equal."""

    def logits(self, prefix: list[int]) -> np.ndarray:
        """float32 [vocab], for the token after `prefix`."""
        row = np.uint32(self._row_hash(prefix))
        with np.errstate(over="ignore"):
            key = (np.arange(1, self.vocab + 1, dtype=np.uint32) * np.uint32(0x85EBCA77)) ^ row
            unit = _mix_array(key).astype(np.float64) / 4294967296.0
        floor = self.sharpness / self.vocab
        logits = (self.scale * floor) / ((1.0 - unit) + floor)
        logits[EOS] = logits[EOS] + (self.eos_bias + self.eos_slope * len(prefix))
        if self.repeat_bonus != 0.0:
            followers = {b for a, b in zip(prefix, prefix[1:]) if a == prefix[-1]}
            for token in followers:
                logits[token] = logits[token] + self.repeat_bonus
        if self.tie_step != 0.0:
            logits = np.floor(logits / self.tie_step) * self.tie_step
        return logits.astype(np.float32)

    def _row_hash(self, prefix: list[int]) -> int:
        row = _mix((self.seed ^ 0x9E3779B9) & 0xFFFFFFFF)
        if self.context == POSITION:
            seen = [len(prefix)]
        elif self.context == WHOLE_PREFIX:
            seen = prefix
        else:
            seen = prefix[-self.context :]
        for number in seen:
            row = _mix((row + (number + 1) * 0x9E3779B1) & 0xFFFFFFFF)
        return row


def _mix(h: int) -> int:
    """The 32-bit finaliser of MurmurHash3."""
    h ^= h >> 16
    h = (h * 0x85EBCA6B) & 0xFFFFFFFF
    h ^= h >> 13
    h = (h * 0xC2B2AE35) & 0xFFFFFFFF
    return h ^ (h >> 16)


def _mix_array(h: np.ndarray) -> np.ndarray:
    h = h ^ (h >> np.uint32(16))
    h = h * np.uint32(0x85EBCA6B)
    h = h ^ (h >> np.uint32(13))
    h = h * np.uint32(0xC2B2AE35)
    return h ^ (h >> np.uint32(16))
