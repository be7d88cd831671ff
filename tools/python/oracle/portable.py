"""Weights as a pure function of (seed, native tensor name, index): no checkpoint need be stored.

Every value is built from integers, so NumPy here and TypeScript in test/support/random-checkpoint.ts
get the same bits, and it is exactly representable in the dtype it is stored in.

    h = FNV-1a-32(utf-8 name) xor seed
    x = fmix32(h + index * 0x9E3779B9 mod 2^32)       (fmix32: the finaliser of MurmurHash3)
    k = the top `bits` bits of x as a signed integer
    value = (2 k + 1) / 2^bits * 2^exponent           (norm weights: 1 + that)

An odd numerator below 2^bits needs at most `bits` significant bits. `index` counts in C order of the
native shape. The exponent comes from the tensor's role and fan-in; it is chosen so that activations
keep a size near one and attention is neither flat nor saturated.
"""

import numpy as np

from .tensors import Tensor

# Significant bits of a value in each dtype: float16 has 11, bfloat16 8, float32 24.
VALUE_BITS = {"F16": 10, "BF16": 8, "F32": 20, "F64": 20}
# Norm weights lie in (0.75, 1.25); the spacing of representable numbers just below 2 bounds their bits.
NORM_BITS = {"F16": 8, "BF16": 5, "F32": 20, "F64": 20}
NORM_EXPONENT = -2

# Matrices: value range is 2^(exponent - floor(bit_length(fan_in) / 2)), so that an output has about
# 0.4 to 0.6 times 2^exponent the size of its inputs. Vectors and position tables: 2^exponent as it is.
EXPONENTS = {
    "conv": 1,
    "depthwise": 0,
    "window_attn_qkv": 1,
    "channel_attn_qkv": 1,
    "vision_fc1": 1,
    "vision_out": 1,
    "projection": 1,
    "embedding": 3,
    "self_attn_qk": 2,
    "encoder_attn_qk": 2,
    "text_v": 1,
    "text_fc1": 1,
    "text_out": 1,
}
FIXED_EXPONENTS = {"bias": -2, "position": 1, "map_position": -1, "logits_bias": 1}

# The embedding row of </s> is this many powers of two larger than the others, so that its logit
# varies more and some answers end by themselves.
EOS_ID = 2
EOS_EXTRA_EXPONENT = 1

_FNV_OFFSET = 0x811C9DC5
_FNV_PRIME = 0x01000193
_GOLDEN = 0x9E3779B9
_MASK = 0xFFFFFFFF


def fnv1a32(text: str) -> int:
    h = _FNV_OFFSET
    for byte in text.encode("utf-8"):
        h = ((h ^ byte) * _FNV_PRIME) & _MASK
    return h


def _signed_bits(name: str, seed: int, count: int, bits: int) -> np.ndarray:
    """`count` signed integers of `bits` bits, as float64 (exact)."""
    h = np.uint64(fnv1a32(name) ^ seed)
    x = (h + np.arange(count, dtype=np.uint64) * np.uint64(_GOLDEN)) & np.uint64(_MASK)
    x ^= x >> np.uint64(16)
    x = (x * np.uint64(0x85EBCA6B)) & np.uint64(_MASK)
    x ^= x >> np.uint64(13)
    x = (x * np.uint64(0xC2B2AE35)) & np.uint64(_MASK)
    x ^= x >> np.uint64(16)
    top = (x >> np.uint64(32 - bits)).astype(np.int64)
    return (top - (1 << (bits - 1))).astype(np.float64)


def tensor_dtype(tensor: Tensor, dtype: str) -> str:
    """The dtype a tensor is stored in. 'mixed' stands for files whose tensors differ."""
    if dtype != "mixed":
        return dtype
    if tensor.role in ("norm_weight", "position", "map_position", "temporal"):
        return "F32"
    return "BF16" if tensor.role == "bias" else "F16"


def tensor_values(tensor: Tensor, seed: int, dtype: str) -> np.ndarray:
    """The tensor in its native shape, float32, every value exact in its stored dtype."""
    stored = tensor_dtype(tensor, dtype)
    count = int(np.prod(tensor.shape))
    if tensor.role == "norm_weight":
        bits, exponent, offset = NORM_BITS[stored], NORM_EXPONENT, 1.0
    else:
        bits, offset = VALUE_BITS[stored], 0.0
        exponent = FIXED_EXPONENTS.get(tensor.role)
        if exponent is None:
            exponent = EXPONENTS.get(tensor.role, 0) - (tensor.fan_in.bit_length() >> 1)
    k = _signed_bits(tensor.name, seed, count, bits)
    values = ((2.0 * k + 1.0) * 2.0 ** (exponent - bits) + offset).reshape(tensor.shape)
    if tensor.role == "embedding":
        values[EOS_ID] *= 2.0**EOS_EXTRA_EXPONENT
    if tensor.role == "temporal":
        # Row 0 of the sine/cosine table, the only one that a single picture uses.
        values[0, 0::2] = 0.0
        values[0, 1::2] = 1.0
    return values.astype(np.float32)
