"""The bundled model's own tokenizer: byte-level BPE learnt from what the model reads and says.

    python -m bundled.tokenizer --assets ASSETS --run RUN

BART's 50,000 tokens would be most of a small model. This one has every byte, so that any prompt can
be read, and a token for every word of the templates, so that answers are short. Words that are read
from pictures are left out of the corpus: capitals stay letters, and a word is spelt. Florence-2's
own tokens follow in their usual order.
"""

import argparse
import json
import re
from pathlib import Path
from random import Random

from tokenizers import Tokenizer as FastTokenizer
from tokenizers import models, pre_tokenizers, trainers

from .answers import COUNTS, PROMPTS, Answers, plural, sentence, with_article
from .assets import STRANGER, Assets
from .scenes import COLOURS, Recipe, SceneMaker
from .settings import SIDE

CONTROL = ("<s>", "<pad>", "</s>", "<unk>")
MASK = "<mask>"
LOCATIONS = tuple(f"<loc_{i}>" for i in range(1000))
FLORENCE = (
    "<od> </od> <ocr> </ocr>".split()
    + list(LOCATIONS)
    + (
        "<cap> </cap> <ncap> </ncap> <dcap> </dcap> <grounding> </grounding> <seg> </seg> <sep> <region_cap> "
        "</region_cap> <region_to_desciption> </region_to_desciption> <proposal> </proposal> <poly> </poly> <and>"
    ).split()
)
"""As Microsoft's processor adds them, misspelling included."""

IMAGE = "<image>"
"""Last, as in the native checkpoints."""

ROWS_MULTIPLE = 64
"""Embedding rows are padded to this, as in the native checkpoints."""

SCENES = 2000
"""Enough for every template to occur with many fillings."""

ANY_TEXT = (
    "What color is the background? How many objects are there? Is there a cat? Describe this image. "
    "Where is the dog? Find the red car. A photo of a person. The quick brown fox jumps over the lazy dog."
)
"""Merges for prompts that the model was not made for but people send."""


class Tokenizer:
    def __init__(self, file: Path) -> None:
        self.fast = FastTokenizer.from_file(str(file))
        self.ids: dict[str, list[int]] = {}
        self.image = self.fast.token_to_id(IMAGE)
        first = self.fast.token_to_id(LOCATIONS[0])
        self.locations = slice(first, first + len(LOCATIONS))
        self.rows = -(-(self.image + 1) // ROWS_MULTIPLE) * ROWS_MULTIPLE

    @staticmethod
    def read(file: Path) -> "Tokenizer":
        return Tokenizer(file)

    def encode(self, text: str) -> list[int]:
        """With <s> and </s>."""
        return self.fast.encode(text).ids

    def decode(self, ids: list[int]) -> str:
        kept = [i for i in ids if i >= len(CONTROL)]
        return self.fast.decode(kept, skip_special_tokens=False)


def corpus(assets: Assets) -> list[str]:
    random = Random("corpus")
    maker, answers = SceneMaker(assets), Answers(assets.names)
    texts = [*PROMPTS.values(), ANY_TEXT]
    for name in (*assets.names, STRANGER):
        forms = (name, with_article(name), plural(name), "large " + name, "small " + name, "the " + name)
        texts += [form for f in forms for form in (f, sentence(f), " " + f)]
        texts += [f"{sentence(count)} {plural(name)}" for count in COUNTS]
    texts += [f"{colour} on a {colour}" for colour in COLOURS]
    for _ in range(SCENES):
        scene = maker.make(random, Recipe())
        maker.draw(scene, SIDE, SIDE)
        for task in PROMPTS:
            answer = answers.about(scene, task, random, SIDE, SIDE)
            if answer is not None:
                texts += [answer.prompt, answer.text]
    unspelt = (re.sub(r"[A-Z]{2,}", "", text) for text in texts)
    return [part for text in unspelt for part in re.split(r"<loc_\d+>", text) if part]


def train(assets: Assets) -> dict:
    """tokenizer.json."""
    tokenizer = FastTokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=4000,  # never reached: merging ends when every word is whole
        special_tokens=list(CONTROL),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    tokenizer.train_from_iterator(corpus(assets), trainer)
    file = json.loads(tokenizer.to_str())
    vocabulary = file["model"]["vocab"]
    vocabulary[MASK] = len(vocabulary)
    added = [added_token(vocabulary[content], content, normalized=True) for content in (*CONTROL, MASK)]
    added[-1]["lstrip"] = True
    for content in (*FLORENCE, IMAGE):
        added.append(added_token(len(vocabulary) + len(added) - len(CONTROL) - 1, content, normalized=False))
    file["added_tokens"] = added
    file["pre_tokenizer"] = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    file["post_processor"] = {
        "type": "RobertaProcessing",
        "sep": ["</s>", vocabulary["</s>"]],
        "cls": ["<s>", vocabulary["<s>"]],
        "trim_offsets": True,
        "add_prefix_space": False,
    }
    file["decoder"] = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True}
    return file


def added_token(id: int, content: str, normalized: bool) -> dict:
    return {
        "id": id,
        "content": content,
        "single_word": False,
        "lstrip": False,
        "rstrip": False,
        "normalized": normalized,
        "special": True,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--assets", type=Path, required=True)
    parser.add_argument("--run", type=Path, required=True)
    options = parser.parse_args()
    options.run.mkdir(parents=True, exist_ok=True)
    file = train(Assets(options.assets))
    (options.run / "tokenizer.json").write_text(json.dumps(file, ensure_ascii=False) + "\n")
    print(f"{len(file['model']['vocab'])} tokens by BPE, {file['added_tokens'][-1]['id'] + 1} in all")


if __name__ == "__main__":
    main()
