"""The lesson in speech: questions about the pictures of a batch, and how wrong the answers are."""

import torch
from torch import Tensor
from torch.nn import functional as F

from bart import EOS, PAD

from .answers import Answer, Answers
from .batches import Batch, Progress
from .network import Florence2
from .settings import SIDE
from .tokenizer import Tokenizer

QUESTIONS = 3
"""About each picture: they share its way through the vision tower."""

TASK_WEIGHTS = {
    "<CAPTION>": 1.0,
    "<DETAILED_CAPTION>": 1.0,
    "<MORE_DETAILED_CAPTION>": 1.2,
    "<OD>": 1.2,
    "<DENSE_REGION_CAPTION>": 0.6,
    "<REGION_PROPOSAL>": 0.5,
    "<CAPTION_TO_PHRASE_GROUNDING>": 1.0,
    "<OPEN_VOCABULARY_DETECTION>": 1.2,
    "<REFERRING_EXPRESSION_SEGMENTATION>": 1.0,
    "<REGION_TO_SEGMENTATION>": 0.7,
    "<REGION_TO_CATEGORY>": 0.7,
    "<REGION_TO_DESCRIPTION>": 0.6,
    "<REGION_TO_OCR>": 1.0,
    "<OCR>": 2.4,
    "<OCR_WITH_REGION>": 1.2,
}
READING = ("<OCR>", "<OCR_WITH_REGION>", "<REGION_TO_OCR>")
NOTHING_TO_READ = 0.06
"""Of its weight, that reading has for a picture without a word: the right answer is soon learnt."""

LOCATION_WEIGHT = 0.5
"""Of a location against a word: it is never certain, so its loss stays large."""

CHUNKS = 3
"""Answers of like length are worked on together, or most of the work would be padding."""


class Speech:
    def __init__(self, tokenizer: Tokenizer, names: list[str]) -> None:
        self.tokenizer = tokenizer
        self.answers = Answers(names)

    def questions(self, batch: Batch) -> list[tuple[int, Answer]]:
        random = batch.random
        asked = []
        for index, scene in enumerate(batch.scenes):
            if scene.crowded:
                continue
            weights = {
                task: weight * (NOTHING_TO_READ if task in READING and scene.word is None else 1)
                for task, weight in TASK_WEIGHTS.items()
            }
            answers: list[Answer] = []
            while len(answers) < QUESTIONS:
                task = random.choices(list(weights), list(weights.values()))[0]
                answer = self.answers.about(scene, task, random, SIDE, SIDE)
                if answer is not None:
                    answers.append(answer)
            asked += [(index, answer) for answer in answers]
        return asked

    def chunks(self, batch: Batch) -> list[tuple[Tensor, Tensor, Tensor]]:
        """Picture of each row, prompts [R, P] and answers [R, T] behind their start token."""
        encode = self.tokenizer.encode
        rows = [(i, encode(answer.prompt), encode(answer.text)) for i, answer in self.questions(batch)]
        rows.sort(key=lambda row: len(row[2]))
        size = -(-len(rows) // CHUNKS)
        return [
            (
                torch.tensor([i for i, _, _ in chunk]),
                padded([prompt for _, prompt, _ in chunk]),
                padded([[EOS, *answer] for _, _, answer in chunk]),
            )
            for chunk in (rows[start : start + size] for start in range(0, len(rows), size))
        ]

    def loss(
        self, network: Florence2, image_map: Tensor, batch: Batch, progress: Progress
    ) -> tuple[Tensor, dict[str, Tensor | float]]:
        tokens = network.image_tokens(image_map)
        device = tokens.device
        first, last = self.tokenizer.locations.start, self.tokenizer.locations.stop
        blur = soft_targets(progress.spread, last - first, device)
        text_loss = location_loss = tokens.new_zeros((), dtype=torch.float32)
        texts = places = right = 0
        distance = 0.0
        for pictures, prompts, answers in self.chunks(batch):
            encoded, mask = network.encode(tokens[pictures.to(device)], prompts.to(device))
            hidden = network.decode(encoded, mask, answers[:, :-1].to(device))
            wanted = answers[:, 1:].to(device)
            said = wanted != PAD
            wanted = wanted[said]
            scores = torch.log_softmax(network.logits(hidden[said]).float(), -1)
            placed = (wanted >= first) & (wanted < last)
            text_loss = text_loss - scores[~placed].gather(1, wanted[~placed, None]).sum()
            bins = wanted[placed] - first
            location_loss = location_loss - (scores[placed][:, first:last] * blur[bins]).sum()
            with torch.no_grad():
                best = scores.argmax(-1)
                right += int((best == wanted)[~placed].sum())
                distance += float((best[placed] - wanted[placed]).abs().clamp(max=300).sum())
            texts += int((~placed).sum())
            places += int(placed.sum())
        loss = (text_loss + LOCATION_WEIGHT * location_loss) / (texts + places)
        return loss, {
            "text": float(text_loss.detach()) / texts,
            "token": right / texts,
            "location": float(location_loss.detach()) / max(1, places),
            "distance": distance / max(1, places),
        }


def padded(rows: list[list[int]]) -> Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [PAD] * (longest - len(row)) for row in rows])


def soft_targets(spread: float, bins: int, device: torch.device) -> Tensor:
    """[bins, bins]: a normal distribution around each location."""
    place = torch.arange(bins, device=device).float()
    density = torch.exp(-((place[None] - place[:, None]) ** 2) / (2 * spread**2))
    return density / density.sum(1, keepdim=True)
