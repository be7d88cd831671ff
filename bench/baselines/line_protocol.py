"""The benchmark's protocol for programs in Python; see ../contender.mjs. One line of JSON a request and
an answer, one request after the other."""

import json
import sys
from pathlib import Path


def serve(caption):
    """`caption(picture bytes, tokens, beams)` gives token ids without the start token, and the text."""
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        try:
            ids, text = caption(Path(request["picture"]).read_bytes(), request["tokens"], request["beams"])
            answer = {"tokens": len(ids), "text": text}
        except Exception as error:  # The benchmark ends with this message.
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"id": request["id"], **answer}), flush=True)
