"""Several single-threaded processes that train one network in shared memory.

On a few CPU cores this is faster than threads, and a process that others hold up, or stop and
continue, costs only time: everyone waits at the next barrier. Parameters, their running average and
every member's gradients lie in shared memory. Each member updates the parameters that it owns,
from everybody's gradients, so the optimiser's work and state are divided too. With one member, as on
a GPU, nothing is shared and nothing is waited for.
"""

import math
from dataclasses import dataclass
from multiprocessing.synchronize import Barrier as BarrierType

import torch
from torch import Tensor, nn

AVERAGE_HALF_LIFE = 400
"""Steps after which a weight's value counts half in the running average."""

LARGEST_NORM = 1.0
"""Gradients longer than this are shortened: one odd batch must not undo a hundred good ones."""


@dataclass
class Shared:
    """Made by the parent, inherited by the members."""

    parameters: Tensor
    average: Tensor
    gradients: Tensor
    norms: Tensor
    barrier: BarrierType

    @staticmethod
    def create(size: int, members: int, barrier: BarrierType, device: torch.device) -> "Shared":
        rows = [torch.zeros(shape, device=device) for shape in ((size,), (size,), (members, size), (members,))]
        if members > 1:
            for row in rows:
                row.share_memory_()
        return Shared(*rows, barrier)


class Member:
    def __init__(self, shared: Shared, rank: int, modules: nn.ModuleDict, learning_rate: float) -> None:
        self.shared, self.rank = shared, rank
        self.members = len(shared.gradients)
        self.learning_rate = learning_rate
        self.named = dict(modules.named_parameters())
        self.places: dict[str, slice] = {}
        start = 0
        for name, parameter in self.named.items():
            place = self.places[name] = slice(start, start + parameter.numel())
            start = place.stop
            if rank == 0:
                shared.parameters[place] = parameter.data.reshape(-1).to(shared.parameters.device)
        self.wait()
        for name, parameter in self.named.items():
            place = self.places[name]
            parameter.data = shared.parameters[place].view(parameter.shape)
            parameter.grad = shared.gradients[rank, place].view(parameter.shape)
        self.own = self.divide()[rank]
        self.optimizers = make_optimizers({name: self.named[name] for name in self.own}, learning_rate)

    def divide(self) -> list[list[str]]:
        """Names of what is trained by owner, so that each has about the same work: orthogonalising costs most."""
        loads = [0.0] * self.members
        owned: list[list[str]] = [[] for _ in loads]
        work = {
            name: p.numel() * (min(p.shape) if is_hidden(name, p) else 8)
            for name, p in self.named.items()
            if p.requires_grad
        }
        for name in sorted(work, key=work.get, reverse=True):
            owner = loads.index(min(loads))
            loads[owner] += work[name]
            owned[owner].append(name)
        return owned

    def wait(self) -> None:
        if self.members > 1:
            self.shared.barrier.wait()

    def zero_gradients(self) -> None:
        self.shared.gradients[self.rank].zero_()

    def step(self, rate: float, steps_so_far: int) -> float:
        """After backward(): one update, at `rate` of the learning rate. Gives the gradient's norm."""
        self.wait()
        mine, others = self.shared.gradients[self.rank], [g for g in range(self.members) if g != self.rank]
        square = 0.0
        for name in self.own:
            place = self.places[name]
            for other in others:
                mine[place] += self.shared.gradients[other, place]
            if others:
                mine[place] /= self.members
            square += float(mine[place].square().sum())
        self.shared.norms[self.rank] = square
        self.wait()
        norm = math.sqrt(float(self.shared.norms.sum()))
        if norm > LARGEST_NORM:
            for name in self.own:
                mine[self.places[name]] *= LARGEST_NORM / norm
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                group["lr"] = self.learning_rate * rate
            optimizer.step()
        # A young average must not be full of the beginning.
        keep = min(0.5 ** (1 / AVERAGE_HALF_LIFE), (1 + steps_so_far) / (10 + steps_so_far))
        for name in self.own:
            place = self.places[name]
            self.shared.average[place].lerp_(self.shared.parameters[place], 1 - keep)
        self.wait()
        return norm

    def averages(self) -> dict[str, Tensor]:
        return {
            name: self.shared.average[self.places[name]].view(parameter.shape).clone()
            for name, parameter in self.named.items()
        }

    def load_averages(self, averages: dict[str, Tensor]) -> None:
        for name, value in averages.items():
            self.shared.average[self.places[name]] = value.reshape(-1).to(self.shared.average.device)

    def optimizer_state(self) -> dict[str, dict]:
        """By parameter, so that another number of members can go on from it."""
        state: dict[str, dict] = {}
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                for name, parameter in zip(group["names"], group["params"]):
                    state[name] = optimizer.state[parameter]
        return state

    def load_optimizer_state(self, state: dict[str, dict]) -> None:
        for optimizer in self.optimizers:
            for group in optimizer.param_groups:
                for name, parameter in zip(group["names"], group["params"]):
                    if name in state:
                        optimizer.state[parameter] = {
                            key: value.to(parameter.device) if key != "step" else value
                            for key, value in state[name].items()
                        }


def is_hidden(name: str, parameter: Tensor) -> bool:
    """A matrix between hidden layers: neither table, convolution nor auxiliary head."""
    return parameter.dim() == 2 and "embed" not in name and "shared" not in name and "heads." not in name


def make_optimizers(parameters: dict[str, Tensor], learning_rate: float) -> list[torch.optim.Optimizer]:
    """Muon for the hidden matrices, AdamW for the rest.

    Orthogonal updates teach rare things beside common ones.
    """
    hidden = {n: p for n, p in parameters.items() if is_hidden(n, p)}
    tables = {n: p for n, p in parameters.items() if n not in hidden}
    optimizers: list[torch.optim.Optimizer] = []
    if hidden:
        group = {"params": list(hidden.values()), "names": list(hidden)}
        optimizers.append(
            torch.optim.Muon([group], lr=learning_rate, weight_decay=0.02, momentum=0.95, adjust_lr_fn="match_rms_adamw")
        )
    if tables:
        group = {"params": list(tables.values()), "names": list(tables)}
        optimizers.append(torch.optim.AdamW([group], lr=learning_rate, betas=(0.9, 0.98), weight_decay=0.0, foreach=True))
    return optimizers
