"""Noise on the logits: a case whose answer it changes is a near-tie, and no fixture for exact ids."""

import torch

# Far above what two correct float32 implementations differ by, far below a usual gap.
LOGIT_NOISE = 2e-4


def add_noise(lm_head: torch.nn.Module) -> None:
    """Adds uniform noise of +-LOGIT_NOISE to every logit, the same on every run."""
    generator = torch.Generator().manual_seed(7)

    def noisy(_module: torch.nn.Module, _inputs: object, logits: torch.Tensor) -> torch.Tensor:
        noise = torch.rand(logits.shape, generator=generator, dtype=torch.float32)
        return logits + (noise * 2 - 1) * LOGIT_NOISE

    lm_head.register_forward_hook(noisy)
