"""Asks a running FloCap for structured answers with the Python clients that people use.

Usage: python python_clients.py BASE_URL PICTURE_DATA_URL; prints one JSON object.
"""

import json
import sys

import instructor
from langchain_core.messages import HumanMessage
from langchain_openai import ChatOpenAI
from openai import OpenAI
from pydantic import BaseModel
from pydantic_ai import Agent, BinaryContent, NativeOutput, ToolOutput
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider

import base64


class Photo(BaseModel):
    title: str
    tags: list[str]
    mood: str | None


base_url, picture = sys.argv[1], sys.argv[2]
client = OpenAI(base_url=base_url, api_key="none")
messages = [
    {"role": "user", "content": [{"type": "image_url", "image_url": {"url": picture}}]}
]
answers = {}

parsed = client.chat.completions.parse(model="x", messages=messages, response_format=Photo)
answers["openai"] = parsed.choices[0].message.parsed.model_dump()

for mode in (instructor.Mode.TOOLS, instructor.Mode.JSON, instructor.Mode.JSON_SCHEMA):
    patched = instructor.from_openai(client, mode=mode)
    made = patched.create(model="x", messages=messages, response_model=Photo, max_retries=0)
    answers[f"instructor {mode.name}"] = made.model_dump()

model = OpenAIChatModel("x", provider=OpenAIProvider(base_url=base_url, api_key="none"))
content = BinaryContent(data=base64.b64decode(picture.split(",")[1]), media_type="image/png")
for name, output in (("tool", ToolOutput(Photo)), ("native", NativeOutput(Photo))):
    result = Agent(model, output_type=output, retries=0).run_sync([content])
    answers[f"pydantic-ai {name}"] = result.output.model_dump()

chat = ChatOpenAI(model="x", base_url=base_url, api_key="none")
prompt = {"type": "text", "text": json.dumps(Photo.model_json_schema())}
message = HumanMessage(content=[prompt, *messages[0]["content"]])
for method in ("json_schema", "function_calling", "json_mode"):
    made = chat.with_structured_output(Photo, method=method).invoke([message])
    answers[f"langchain {method}"] = made.model_dump()

print(json.dumps(answers))
