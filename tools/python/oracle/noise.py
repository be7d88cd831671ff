"""Noise on the logits: a case whose answer it changes is a near-tie, and no fixture for exact ids."""

import torch

# How far rounding moves the logits was measured as float32 against float64 arithmetic: up to 6e-4 on
# the random checkpoints, whose attention is sharp, and 1.4e-5 on the bundled model. The noise is far
# above that, as two correct float32 implementations may differ more over a long answer.
RANDOM_CHECKPOINT_NOISE = 4e-3
DEMO_NOISE = 1e-3


def add_noise(lm_head: torch.nn.Module, size: float) -> None:
    """Adds uniform noise of +-size to every logit, the same on every run."""
    generator = torch.Generator().manual_seed(7)

    def noisy(_module: torch.nn.Module, _inputs: object, logits: torch.Tensor) -> torch.Tensor:
        noise = torch.rand(logits.shape, generator=generator, dtype=torch.float32)
        return logits + (noise * 2 - 1) * size

    lm_head.register_forward_hook(noisy)
