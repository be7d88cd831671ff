"""The table models and the searches over them: everything that the fixtures cover, and nothing random.

Random draws come from a seeded generator, so that the list is the same wherever it is made.
"""

from dataclasses import dataclass
from random import Random

from table_model import POSITION, WHOLE_PREFIX, TableModel

CASES_PER_MODEL = 15
CASES_PER_COMPETING_MODEL = 24
LENGTH_PENALTIES = (1.0, 1.0, 0.5, 2.0, 0.0, -1.0)
EARLY_STOPPING = (False, False, True, "never")


def ordinary(seed, vocab, context, scale, sharpness, eos_bias, eos_slope, repeat_bonus=0.0):
    return TableModel(seed, vocab, context, scale, sharpness, eos_bias, eos_slope, repeat_bonus)


# Ordinary models: an end token that grows likelier by length gives answers of all lengths ...
MODELS: list[TableModel] = [
    ordinary(101, 40, 2, 9.0, 1.0, -3.0, 0.3),
    ordinary(102, 40, WHOLE_PREFIX, 6.0, 1.0, -2.0, 0.15),
    ordinary(103, 64, 1, 10.0, 0.5, -4.0, 0.4, 4.0),
    ordinary(104, 97, 3, 14.0, 1.0, -1.0, 0.25),
    ordinary(105, 200, POSITION, 10.0, 1.5, -1.0, 0.3),
    ordinary(106, 333, WHOLE_PREFIX, 20.0, 1.0, -6.0, 0.6),
    ordinary(107, 333, 1, 24.0, 0.5, -4.0, 0.5, 6.0),
    ordinary(108, 700, WHOLE_PREFIX, 22.0, 1.0, -4.0, 0.5, 2.0),
    ordinary(109, 1000, 2, 18.0, 1.0, -3.0, 0.4),
    ordinary(110, 1500, 2, 24.0, 1.0, -5.0, 0.5, 5.0),
    ordinary(111, 3000, 2, 28.0, 1.0, -4.0, 0.6),
]
ORDINARY = range(len(MODELS))

# ... and one that competes from the start, for beams that end at many lengths: here the bookkeepings,
# the stopping rules and the length penalties part ways.
MODELS += [
    ordinary(121, 48, WHOLE_PREFIX, 10.0, 1.0, 3.0, 0.02),
    ordinary(122, 97, WHOLE_PREFIX, 8.0, 2.0, 2.0, 0.03),
    ordinary(123, 128, 2, 18.0, 1.0, 5.0, 0.02, 3.0),
    ordinary(124, 200, 2, 12.0, 1.0, 3.5, 0.05),
    ordinary(125, 333, WHOLE_PREFIX, 16.0, 1.0, 5.0, 0.03),
    ordinary(126, 500, 3, 16.0, 1.0, 4.0, 0.05),
    ordinary(127, 1000, WHOLE_PREFIX, 26.0, 0.5, 5.0, 0.04),
    ordinary(128, 2000, WHOLE_PREFIX, 30.0, 1.0, 8.0, 0.05),
    ordinary(129, 3000, WHOLE_PREFIX, 20.0, 2.0, 7.0, 0.03),
]
COMPETING = range(ORDINARY.stop, len(MODELS))

# Models that never want to end: their answers run into the limit or into the ban.
MODELS += [
    ordinary(201, 60, 2, 12.0, 1.0, -30.0, 0.0, 3.0),
    ordinary(202, 300, WHOLE_PREFIX, 20.0, 1.0, -30.0, 0.0),
    ordinary(203, 900, 1, 30.0, 0.5, -40.0, 0.0, 8.0),
    ordinary(204, 1200, 3, 34.0, 0.5, -40.0, 0.0),
]
ENDLESS = range(COMPETING.stop, len(MODELS))

# Models that would go round in circles, so that the n-gram ban decides nearly every answer.
MODELS += [
    ordinary(251, 60, 1, 8.0, 1.0, -3.0, 0.25, 9.0),
    ordinary(252, 150, WHOLE_PREFIX, 10.0, 1.0, -2.0, 0.3, 12.0),
    ordinary(253, 400, 2, 14.0, 1.0, -4.0, 0.3, 14.0),
    ordinary(254, 1000, 1, 20.0, 1.0, -3.0, 0.35, 16.0),
]
LOOPING = range(ENDLESS.stop, len(MODELS))

# Models that end after 300 tokens and more.
MODELS += [
    ordinary(301, 50, 2, 14.0, 0.5, -80.0, 0.25, 2.0),
    ordinary(302, 150, WHOLE_PREFIX, 22.0, 0.5, -80.0, 0.26),
    ordinary(303, 600, 3, 30.0, 0.5, -100.0, 0.32, 4.0),
    ordinary(304, 3000, 2, 40.0, 0.5, -120.0, 0.38, 4.0),
]
LONG = range(LOOPING.stop, len(MODELS))

# Models with exact ties, within a row and (POSITION) between beams.
MODELS += [
    TableModel(401, 40, 2, 8.0, 1.0, -2.0, 0.25, 0.0, tie_step=0.5),
    TableModel(402, 80, POSITION, 10.0, 1.0, -2.0, 0.25, 0.0, tie_step=1.0),
    TableModel(403, 300, WHOLE_PREFIX, 12.0, 2.0, 0.0, 0.25, 0.0, tie_step=1.0),
    TableModel(404, 1000, POSITION, 16.0, 2.0, -1.0, 0.5, 2.0, tie_step=2.0),
]
TIED = range(LONG.stop, len(MODELS))


@dataclass(frozen=True)
class Case:
    name: str
    model: int
    num_beams: int
    max_new_tokens: int
    early_stopping: bool | str
    length_penalty: float
    no_repeat_ngram_size: int
    num_return_sequences: int
    forced_eos: bool
    prefix: tuple[int, ...]


def all_cases() -> list[Case]:
    random = Random(20_260_101)
    cases: list[Case] = []
    for model in ORDINARY:
        for _ in range(CASES_PER_MODEL):
            limit = random.choice((4, 8, 16, 24, 40, 64))
            cases.append(draw(random, "ordinary", len(cases), model, limit))
    for model in COMPETING:
        for _ in range(CASES_PER_COMPETING_MODEL):
            cases.append(draw(random, "competing", len(cases), model, random.choice((8, 24, 64, 120))))
    for model in ENDLESS:
        for _ in range(12):
            limit = random.choice((4, 5, 12, 30, 60, 100))
            cases.append(draw(random, "limit", len(cases), model, limit))
    for model in LOOPING:
        for _ in range(CASES_PER_MODEL):
            cases.append(draw(random, "looping", len(cases), model, random.choice((16, 40, 80))))
    for model in LONG:
        for beams in (1, 2, 3, 3, 3, 4, 5, 8):
            limit = random.choice((320, 360, 400))
            cases.append(draw(random, "long", len(cases), model, limit, beams, True))
    for model in TIED:
        for _ in range(10):
            cases.append(draw(random, "tied", len(cases), model, random.choice((8, 16, 30))))
    # The settings that FloCap itself runs with, over every model.
    for model in range(len(MODELS)):
        for early in (False, True):
            cases.append(
                Case(f"flocap-{len(cases)}", model, 3, 120, early, 1.0, 3, 1, True, ()),
            )
    # As short as it gets: nothing, or next to nothing, is left to choose.
    for model in (0, 6, 10):
        for limit in (1, 2, 3):
            for beams in (1, 3):
                cases.append(
                    Case(f"short-{len(cases)}", model, beams, limit, False, 1.0, 3, 1, True, ()),
                )
    return cases


def draw(random, kind, number, model, max_new_tokens, num_beams=None, long=False) -> Case:
    num_beams = num_beams or random.choice((1, 2, 3, 3, 3, 4, 5, 6, 7, 8))
    vocab = MODELS[model].vocab
    # A bigram ban exhausts a small vocabulary in a long answer; then there is nothing to compare.
    ngrams = (0, 3, 3, 3, 4) if long or vocab < 60 else (0, 2, 3, 3, 3, 4)
    return Case(
        name=f"{kind}-{number}",
        model=model,
        num_beams=num_beams,
        max_new_tokens=max_new_tokens,
        early_stopping=random.choice(EARLY_STOPPING),
        length_penalty=random.choice(LENGTH_PENALTIES),
        no_repeat_ngram_size=random.choice(ngrams),
        num_return_sequences=1 if long else random.randint(1, num_beams),
        forced_eos=random.random() < 0.85,
        prefix=tuple(
            random.randrange(3, vocab) for _ in range(random.choice((0, 0, 0, 0, 1, 3, 7)))
        ),
    )
