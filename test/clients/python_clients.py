"""Asks a running FloCap for structured answers with the Python clients that people use.

Usage: python python_clients.py BASE_URL PICTURE_DATA_URL; prints one JSON object: the answer to each
way of asking, and under "missing" the clients that cannot be imported here.
"""

import base64
import json
import sys

from pydantic import BaseModel


class Photo(BaseModel):
    title: str
    tags: list[str]
    mood: str | None


BASE_URL, PICTURE = sys.argv[1], sys.argv[2]


def messages(*texts):
    """Made for each request: instructor writes into the messages that it is given."""
    content = [{"type": "text", "text": text} for text in texts]
    return [
        {"role": "user", "content": [*content, {"type": "image_url", "image_url": {"url": PICTURE}}]}
    ]


def ask_openai():
    from openai import OpenAI

    client = OpenAI(base_url=BASE_URL, api_key="none")
    parsed = client.chat.completions.parse(model="x", messages=messages(), response_format=Photo)
    yield "openai", parsed.choices[0].message.parsed


def ask_instructor():
    import instructor
    from openai import OpenAI

    client = OpenAI(base_url=BASE_URL, api_key="none")
    for mode in (instructor.Mode.TOOLS, instructor.Mode.JSON, instructor.Mode.JSON_SCHEMA):
        patched = instructor.from_openai(client, mode=mode)
        yield f"instructor {mode.name}", patched.chat.completions.create(
            model="x", messages=messages(), response_model=Photo, max_retries=0
        )


def ask_pydantic_ai():
    from pydantic_ai import Agent, BinaryContent, NativeOutput, ToolOutput
    from pydantic_ai.models.openai import OpenAIChatModel
    from pydantic_ai.providers.openai import OpenAIProvider

    model = OpenAIChatModel("x", provider=OpenAIProvider(base_url=BASE_URL, api_key="none"))
    content = BinaryContent(data=base64.b64decode(PICTURE.split(",")[1]), media_type="image/png")
    for name, output in (("tool", ToolOutput(Photo)), ("native", NativeOutput(Photo))):
        yield f"pydantic-ai {name}", Agent(model, output_type=output).run_sync([content]).output


def ask_langchain():
    from langchain_core.messages import HumanMessage
    from langchain_openai import ChatOpenAI

    chat = ChatOpenAI(model="x", base_url=BASE_URL, api_key="none")
    prompt = json.dumps(Photo.model_json_schema())
    message = HumanMessage(content=messages(prompt)[0]["content"])
    for method in ("json_schema", "function_calling", "json_mode"):
        asked = chat.with_structured_output(Photo, method=method)
        yield f"langchain {method}", asked.invoke([message])


answers, missing = {}, []
for ask in (ask_openai, ask_instructor, ask_pydantic_ai, ask_langchain):
    try:
        answers.update({name: photo.model_dump() for name, photo in ask()})
    except ImportError as error:
        missing.append(f"{ask.__name__}: {error}")
print(json.dumps({"answers": answers, "missing": missing}))
