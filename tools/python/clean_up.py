"""Writes test/fixtures/tokenizer/clean-up.json: texts that transformers makes of ids, with and without the
cleaning of spaces.

    python clean_up.py CLASSIC_PYTHON

By transformers 5 and, in the second environment, 4.49, with the vocabulary of
test/fixtures/florence2/tokenizer. The two differ: since version 5 the library leaves byte-level
vocabularies alone, whatever tokenizer_config.json says.
"""

import json
import random
import subprocess
import sys

from oracle.demo import ROOT

FOLDER = ROOT / "test/fixtures/florence2/tokenizer"
PARTS = ["a", "car", "the dog", "3", "Mary", " .", " ?", " !", " ,", " ' ", " n't", " 'm", " 's", " 've", " 're", " 'll", " ;", " :", ".", ",", "'", " ", "  ", "\n", " …"]
CASES = 200
FIXED = ["a car .", "Mary 's car", "it is n't", "I 'm here , you 're there !", "the dog ' s", "what ?", "we 've", "a 'll b", "x ; y : z", "a  .", ". .", " ' "]

DECODE = """
import json, sys
from transformers import PreTrainedTokenizerFast
out = {}
ids = None
texts = json.loads(sys.stdin.read())
import transformers
for setting in (True, False):
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=sys.argv[1], clean_up_tokenization_spaces=setting)
    rows = [tokenizer(text, add_special_tokens=False).input_ids for text in texts]
    out[str(setting).lower()] = [tokenizer.decode(row) for row in rows]
    out["ids"] = rows
out["version"] = transformers.__version__
print(json.dumps(out))
"""


def decode(python: str, texts: list[str]) -> dict:
    command = [python, "-c", DECODE, str(FOLDER / "tokenizer.json")]
    result = subprocess.run(command, input=json.dumps(texts), capture_output=True, text=True, check=True)
    return json.loads(result.stdout)


def main() -> None:
    draw = random.Random(18)
    texts = FIXED + ["".join(draw.choices(PARTS, k=draw.randint(1, 8))) for _ in range(CASES)]
    classic, modern = decode(sys.argv[1], texts), decode(sys.executable, texts)
    assert classic["ids"] == modern["ids"]
    # What the library did from version 5 on.
    assert modern["true"] == modern["false"] == classic["false"] != classic["true"]
    cases = [
        {"ids": ids, "cleaned": cleaned, "left": left}
        for ids, cleaned, left in zip(classic["ids"], classic["true"], modern["true"])
    ]
    out = ROOT / "test" / "fixtures" / "tokenizer" / "clean-up.json"
    library = {"cleaned": classic["version"], "left": modern["version"]}
    out.write_text(json.dumps({"library": library, "cases": cases}, separators=(",", ":"), ensure_ascii=False))


if __name__ == "__main__":
    main()
