"""Joins the two runs of reference.py into test/fixtures/search/{search,logits}.json.

    python merge.py CLASSIC.json VECTORISED.json FIXTURES_DIR

Drops, by name and aloud, every case whose ids were decided by rounding (`plain` and `exact` disagree);
in tie cases takes the `stable` run and marks where torch.topk's own order of equal values gave others.
"""

import json
import sys
import zlib
from dataclasses import asdict
from pathlib import Path

import numpy as np

from cases import MODELS, Case, all_cases
from table_model import BOS, START

# Accumulated float32 differences of log_softmax over 400 steps; measured maximum 4.4e-6.
SCORE_TOLERANCE = 1e-5


def camel(name: str) -> str:
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


def camel_keys(fields: dict) -> dict:
    return {camel(key): value for key, value in fields.items()}


def shortest(value: float) -> float:
    """The shortest decimal that reads back as the same float32."""
    return float(str(np.float32(value)))


def rule_result(case: Case, runs: dict) -> dict | None:
    chosen = runs["stable" if MODELS[case.model].tie_step else "exact"]
    plain = runs["plain"]
    result = {"ids": chosen["ids"], "steps": chosen["steps"]}
    if chosen["scores"] is not None:
        result["exactScores"] = [shortest(score) for score in chosen["scores"]]
    same = plain["ids"] == chosen["ids"] and plain["steps"] == chosen["steps"]
    if MODELS[case.model].tie_step:
        if not same:
            result["torchTopkDiffers"] = True
        return result
    if not same:
        return None
    if plain["scores"] is not None:
        for a, b in zip(plain["scores"], chosen["scores"]):
            assert abs(a - b) <= SCORE_TOLERANCE * max(1.0, abs(b)), (case.name, a, b)
        result["scores"] = [shortest(score) for score in plain["scores"]]
    return result


def fixture(case: Case, classic: dict, vectorised: dict) -> dict:
    fields = asdict(case)
    options = {
        camel(key): fields[key]
        for key in (
            "num_beams",
            "max_new_tokens",
            "early_stopping",
            "length_penalty",
            "no_repeat_ngram_size",
            "num_return_sequences",
        )
    }
    row = {"name": case.name, "model": case.model, "options": options}
    if not case.forced_eos:
        row["forcedEos"] = False
    if case.prefix:
        row["prefix"] = list(case.prefix)
    if vectorised["ids"] == classic["ids"]:
        vectorised = {key: value for key, value in vectorised.items() if key != "ids"}
    return row | {"classic": classic, "vectorised": vectorised}


def logits_checks() -> list[dict]:
    checks = []
    for index, model in enumerate(MODELS):
        for prefix in ([START], [START, BOS], [START, BOS, 5, 9, 5, 9, 5], [START, BOS, *range(3, 30)]):
            logits = model.logits(prefix)
            order = np.lexsort((np.arange(model.vocab), -logits))
            checks.append(
                {
                    "model": index,
                    "prefix": prefix,
                    "crc32": zlib.crc32(logits.astype("<f4").tobytes()),
                    "best": [[int(t), shortest(logits[t])] for t in order[:3]],
                }
            )
    return checks


def write(path: Path, head: dict, rows_key: str, rows: list[dict]) -> None:
    """One row a line, so that a diff shows which case changed."""
    compact = {"separators": (",", ":")}
    lines = ",\n".join(json.dumps(row, **compact) for row in rows)
    opening = json.dumps(head, **compact)[:-1]
    path.write_text(f'{opening},\n"{rows_key}":[\n{lines}\n]}}\n')


def main() -> None:
    classic_file, vectorised_file, folder = sys.argv[1:]
    classic, vectorised = (json.loads(Path(p).read_text()) for p in (classic_file, vectorised_file))
    rows, dropped, unspecified = [], [], []
    for case in all_cases():
        a = rule_result(case, classic["results"][case.name])
        b = rule_result(case, vectorised["results"][case.name])
        if a is None or b is None:
            dropped.append(case.name)
            continue
        if "torchTopkDiffers" in a or "torchTopkDiffers" in b:
            unspecified.append(case.name)
        rows.append(fixture(case, a, b))
    head = {
        "transformers": {"classic": classic["transformers"], "vectorised": vectorised["transformers"]},
        "torch": [classic["torch"], vectorised["torch"]],
        "models": [camel_keys(asdict(model)) for model in MODELS],
    }
    out = Path(folder)
    write(out / "search.json", head, "cases", rows)
    (out / "logits.json").write_text(
        "[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in logits_checks()) + "\n]\n"
    )
    print(f"{len(rows)} cases kept")
    print(f"dropped, decided by rounding: {dropped}")
    print(f"torch.topk orders equal values otherwise: {len(unspecified)}: {' '.join(unspecified)}")


if __name__ == "__main__":
    main()
