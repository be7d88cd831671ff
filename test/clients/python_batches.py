# OpenAI's client for Python over files and batches: what it reads goes to standard output as JSON.
import json
import sys

from openai import OpenAI

base_url, picture = sys.argv[1:3]
client = OpenAI(base_url=base_url, api_key="none")
with open(picture, "rb") as file:
    vision = client.files.create(file=file, purpose="vision")


def line(custom_id):
    content = [{"type": "file", "file": {"file_id": vision.id}}]
    return json.dumps({
        "custom_id": custom_id,
        "method": "POST",
        "url": "/v1/chat/completions",
        "body": {"model": "m", "messages": [{"role": "user", "content": content}]},
    })


lines = "\n".join(line(f"line-{number}") for number in range(3))
uploaded = client.files.create(file=("in.jsonl", lines.encode()), purpose="batch")
batch = client.batches.create(
    input_file_id=uploaded.id, endpoint="/v1/chat/completions", completion_window="24h"
)
while batch.status not in ("completed", "failed", "expired", "cancelled"):
    batch = client.batches.retrieve(batch.id)
answers = [json.loads(each) for each in client.files.content(batch.output_file_id).iter_lines()]

# Far more than are answered before it is cancelled.
many = "\n".join(line(f"many-{number}") for number in range(600))
uploaded_many = client.files.create(file=("many.jsonl", many.encode()), purpose="batch")
cancelled = client.batches.create(
    input_file_id=uploaded_many.id, endpoint="/v1/chat/completions", completion_window="24h"
)
cancelled = client.batches.cancel(cancelled.id)
while cancelled.status not in ("completed", "failed", "expired", "cancelled"):
    cancelled = client.batches.retrieve(cancelled.id)

print(json.dumps({
    "status": batch.status,
    "counts": batch.request_counts.model_dump(),
    "ids": sorted(each["custom_id"] for each in answers),
    "files": sorted({each.purpose for each in client.files.list()}),
    "batches": [each.id for each in client.batches.list(limit=5)] == [cancelled.id, batch.id],
    "cancelled": cancelled.status,
    "deleted": client.files.delete(uploaded.id).deleted,
}))
