"""Trains the bundled model: first to see, then to speak.

    python -m bundled.train see   --assets ASSETS --run RUN --steps 1500
    python -m bundled.train speak --assets ASSETS --run RUN --steps 5000 --decay 1200

Every stage goes on from its newest checkpoint, RUN/<stage>/<step>, if there is one, exactly where it
was; `speak` else begins with what `see` has learnt. Both may begin with another model of the same
shape (`--warm`), such as the one that is bundled already.

The learning rate is constant until the last `--decay` steps, so that more steps can always be added
to a checkpoint without decay (`--decay 0`), and one with decay made from it in another folder
(`--from`). Stopping the processes, or killing them, loses at most the minutes since the last
checkpoint; their ids are in RUN/pids.
"""

import argparse
import os
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path

os.environ.setdefault("OMP_NUM_THREADS", "1")

import torch
import torch.multiprocessing as processes
from safetensors.torch import load_file
from tokenizers import Tokenizer as FastTokenizer
from torch import nn

from .assets import Assets
from .batches import Batches, curriculum
from .dense import DenseHeads, DenseTeacher
from .network import Florence2, initialise
from .settings import model_config
from .speech import Speech
from .team import Member, Shared
from .tokenizer import Tokenizer

WARM_UP_STEPS = 60
"""Steps; Muon's and Adam's first estimates are poor."""

HEADS_ALONE = 150
"""Steps before fresh heads may change a tower that came with `--warm`: they would spoil it at first."""

FLOOR = 0.02
"""Of the learning rate, at the end of the decay."""

REPORT_EVERY = 20
SAVE_SECONDS = 240


@dataclass
class Options:
    stage: str
    assets: Path
    run: Path
    steps: int
    decay: int
    batch: int
    members: int
    learning_rate: float
    device: str
    start: Path | None
    warm: Path | None


def learning_rate_factor(step: int, options: Options) -> float:
    warm = min(1.0, (step + 1) / WARM_UP_STEPS)
    left = options.steps - step
    if left > options.decay:
        return warm
    return warm * max(FLOOR, left / options.decay)


def build(options: Options, tokenizer: Tokenizer, teacher: DenseTeacher) -> nn.ModuleDict:
    torch.manual_seed(1)
    network = Florence2(model_config(tokenizer.rows, tokenizer.image))
    initialise(network, tokenizer.locations)
    return nn.ModuleDict({"network": network, "heads": DenseHeads(teacher.classes)})


def work(rank: int, options: Options, shared: Shared) -> None:
    torch.set_num_threads(1 if options.members > 1 or options.device == "cpu" else 4)
    device = torch.device(options.device)
    assets = Assets(options.assets)
    tokenizer = Tokenizer.read(options.run / "tokenizer.json")
    teacher = DenseTeacher(assets.names)
    modules = build(options, tokenizer, teacher).to(device)
    for name, parameter in modules.named_parameters():
        parameter.requires_grad_(options.stage == "speak" or sees(name))
    member = Member(shared, rank, modules, options.learning_rate)
    folder = options.run / options.stage
    step = pictures = 0
    source = options.start or newest_checkpoint(folder)
    if source is not None:
        step, pictures = load(source, member, modules)
    elif options.warm is not None:
        if rank == 0:
            warm_up(modules["network"], tokenizer, options.warm)
            shared.average.copy_(shared.parameters)
    elif options.stage == "speak":
        pictures = load_sight(options.run / "see", member, modules)
    elif rank == 0:
        shared.average.copy_(shared.parameters)
    member.wait()
    network, heads = modules["network"], modules["heads"]
    batches = Batches(assets, teacher, options.batch, rank)
    speech = Speech(tokenizer, assets.names)
    reporter = Reporter(options.run / options.stage / "log.txt" if rank == 0 else None)
    saved = time.time()
    for step in range(step, options.steps):
        progress = curriculum(options.stage, step * options.batch * options.members, options.steps - step, options.decay)
        batch = batches.make(step, progress)
        member.zero_gradients()
        with torch.autocast(device.type, torch.bfloat16):
            image_map = network.image_map(batch.pixels.to(device))
            alone = options.warm is not None and step < HEADS_ALONE
            lesson = image_map.detach() if alone else image_map
            loss, report = heads(lesson, batch.dense.to(device), progress.weights)
            if options.stage == "speak":
                loss = loss * progress.dense
                spoken, more = speech.loss(network, image_map, batch, progress)
                loss = loss + spoken
                report |= more
        loss.backward()
        pictures += options.batch * options.members
        factor = learning_rate_factor(step, options)
        report |= {"loss": loss.detach(), "norm": member.step(factor, step), "rate": factor}
        reporter.add(step, pictures, report)
        # All members must agree; the first one's clock decides.
        shared.norms[rank] = time.time() - saved if rank == 0 else 0
        if step % REPORT_EVERY == REPORT_EVERY - 1 or step == options.steps - 1:
            member.wait()
            due = float(shared.norms[0]) > SAVE_SECONDS or step == options.steps - 1
            member.wait()
            if due:
                save(folder, rank, step + 1, pictures, options, member, modules)
                saved = time.time()


def sees(name: str) -> bool:
    return "vision_tower" in name or name.startswith("heads.")


def save(
    folder: Path,
    rank: int,
    step: int,
    pictures: int,
    options: Options,
    member: Member,
    modules: nn.ModuleDict,
) -> None:
    """Written under another name, then renamed: a checkpoint is whole or is not there."""
    fresh = folder / "unfinished"
    fresh.mkdir(parents=True, exist_ok=True)
    torch.save(member.optimizer_state(), fresh / f"optimizer-{rank}.pt")
    if rank == 0:
        state = {
            "step": step,
            "pictures": pictures,
            "modules": {n: p.detach().clone() for n, p in modules.named_parameters()},
            "averages": member.averages(),
            "options": {k: str(v) for k, v in asdict(options).items()},
        }
        torch.save(state, fresh / "modules.pt")
    member.wait()
    if rank == 0:
        before = list_checkpoints(folder)
        fresh.rename(folder / str(step))
        for old in before:
            shutil.rmtree(old)
    member.wait()


def list_checkpoints(folder: Path) -> list[Path]:
    """Of a stage, by step."""
    return sorted((f for f in folder.glob("*") if f.name.isdecimal()), key=lambda f: int(f.name))


def newest_checkpoint(folder: Path) -> Path | None:
    return (list_checkpoints(folder) or [None])[-1]


def load(folder: Path, member: Member, modules: nn.ModuleDict) -> tuple[int, int]:
    """Steps of this stage, and pictures of all stages, so far."""
    state = torch.load(folder / "modules.pt", map_location="cpu")
    if member.rank == 0:
        fill(modules, state["modules"])
        member.load_averages(state["averages"])
    optimizer_state = {}
    for file in sorted(folder.glob("optimizer-*.pt")):
        optimizer_state |= torch.load(file, map_location="cpu")
    member.load_optimizer_state(optimizer_state)
    return state["step"], state["pictures"]


def load_sight(folder: Path, member: Member, modules: nn.ModuleDict) -> int:
    """Pictures seen for it."""
    checkpoint = newest_checkpoint(folder)
    if checkpoint is None:
        raise SystemExit(f"expected a checkpoint of the stage `see` in {folder}")
    state = torch.load(checkpoint / "modules.pt", map_location="cpu")
    if member.rank == 0:
        fill(modules, {n: p for n, p in state["modules"].items() if sees(n)})
        member.shared.average.copy_(member.shared.parameters)
    return state["pictures"]


@torch.no_grad()
def warm_up(network: Florence2, tokenizer: Tokenizer, model: Path) -> None:
    """Takes over every weight of the same name and shape, and embeddings by what their tokens say."""
    weights = {name: value.float() for name, value in load_file(model / "model.safetensors").items()}
    name = "model.language_model.shared.weight"
    theirs, other = weights.pop(name), FastTokenizer.from_file(str(model / "tokenizer.json"))
    own = network.model.language_model.shared.weight
    for token, row in tokenizer.fast.get_vocab().items():
        same = other.token_to_id(token)
        if same is not None:
            own[row] = theirs[same]
            continue
        parts = other.encode(tokenizer.fast.decode([row], skip_special_tokens=False), add_special_tokens=False).ids
        if parts:
            own[row] = theirs[parts].mean(0)
    named = dict(network.named_parameters())
    fill(network, {n: v for n, v in weights.items() if n in named and named[n].shape == v.shape})


@torch.no_grad()
def fill(modules: nn.Module, values: dict[str, torch.Tensor]) -> None:
    named = dict(modules.named_parameters())
    for name, value in values.items():
        named[name].copy_(value)


class Reporter:
    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.sums: dict[str, list[float]] = {}
        self.since = time.time()
        if file is not None:
            file.parent.mkdir(parents=True, exist_ok=True)

    def add(self, step: int, seen: int, report: dict[str, torch.Tensor | float]) -> None:
        if self.file is None:
            return
        for name, value in report.items():
            value = float(value)
            if value == value:  # no letters in a batch give no rate
                self.sums.setdefault(name, []).append(value)
        if step % REPORT_EVERY == REPORT_EVERY - 1:
            seconds = (time.time() - self.since) / REPORT_EVERY
            means = " ".join(f"{name} {sum(v) / len(v):.3f}" for name, v in self.sums.items())
            clock = time.strftime("%H:%M:%S")
            with self.file.open("a") as log:
                log.write(f"{clock} step {step + 1} seen {seen} {seconds:.2f}s {means}\n")
            self.sums, self.since = {}, time.time()


def parse() -> Options:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stage", choices=["see", "speak"])
    parser.add_argument("--assets", type=Path, required=True, help="what draw-assets.mjs wrote")
    parser.add_argument("--run", type=Path, required=True, help="folder of checkpoints and logs")
    parser.add_argument("--steps", type=int, required=True, help="in all, with those of the checkpoint")
    parser.add_argument("--decay", type=int, default=0, help="how many of them end the training")
    parser.add_argument("--batch", type=int, default=24, help="pictures of each member and step")
    parser.add_argument("--members", type=int, default=2, help="processes, one a core; 1 on a GPU")
    parser.add_argument("--learning-rate", type=float, default=2e-3)
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--from", dest="start", type=Path, help="another checkpoint to go on from")
    parser.add_argument("--warm", type=Path, help="folder of a model of the same shape to begin with")
    return Options(**vars(parser.parse_args()))


def main() -> None:
    options = parse()
    (options.run / options.stage).mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.read(options.run / "tokenizer.json")
    teacher = DenseTeacher(Assets(options.assets).names)
    size = sum(p.numel() for p in build(options, tokenizer, teacher).parameters())
    context = processes.get_context("spawn")
    shared = Shared.create(size, options.members, context.Barrier(options.members), torch.device(options.device))
    others = [context.Process(target=work, args=(rank, options, shared)) for rank in range(1, options.members)]
    for process in others:
        process.start()
    ids = [os.getpid(), *(process.pid for process in others)]
    (options.run / "pids").write_text(" ".join(map(str, ids)) + "\n")
    work(0, options, shared)
    for process in others:
        process.join()


if __name__ == "__main__":
    main()
