"""Task and input to the ids that the text encoder reads, as Florence2Processor builds them."""

import json
from dataclasses import dataclass
from pathlib import Path

from tokenizers import Tokenizer


@dataclass(frozen=True)
class Prompt:
    task: str
    input: str | None
    text: str
    ids: list[int]


class PromptMaker:
    def __init__(self, model_folder: Path) -> None:
        tables = json.loads((model_folder / "preprocessor_config.json").read_text())
        self._without_input = tables["task_prompts_without_inputs"]
        self._with_input = tables["task_prompts_with_input"]
        self._tokenizer = Tokenizer.from_file(str(model_folder / "tokenizer.json"))

    def make(self, task: str, value: str | None = None) -> Prompt:
        if value is None:
            text = self._without_input[task]
        else:
            text = self._with_input[task].replace("{input}", value)
        # The tokenizer's own post-processor puts <s> and </s> around it.
        return Prompt(task, value, text, self._tokenizer.encode(text).ids)

    def decode(self, ids: list[int]) -> str:
        """The answer's text without special tokens; <loc_n> and the like are ordinary here."""
        return self._tokenizer.decode(ids, skip_special_tokens=True)
