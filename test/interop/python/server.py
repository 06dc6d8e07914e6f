"""The demo server of the official Python SDK: `server.py DEMO_JSON [http]`.

Over HTTP it says its address in the first line of standard output. It ends when its standard
input does.
"""

import base64
import functools
import json
import logging
import socket
import sys
import warnings
from collections import defaultdict
from typing import Annotated, Any, Literal

import anyio
import mcp_types as types
import uvicorn
from mcp.server import MCPServer, NotificationOptions
from mcp.server.mcpserver import AssistantMessage, Context, UserMessage
from mcp.server.mcpserver.exceptions import ResourceNotFoundError, ToolError
from mcp.server.stdio import stdio_server
from mcp.shared.message import ServerMessageMetadata
from pydantic import BaseModel, Field

Answers = dict[str, Any] | types.InputRequiredResult

given = json.loads(sys.argv[1])
demo = given["demo"]
doors: defaultdict[str, anyio.Event] = defaultdict(anyio.Event)
subscribed: set[str] = set()
# What it says about deprecated features would only be noise here.
warnings.simplefilter("ignore")

server = MCPServer(
    demo["name"],
    version=demo["version"],
    instructions=demo["instructions"],
    log_level="CRITICAL",
)
tool = functools.partial(server.tool, structured_output=False)


def is_modern(context: Context) -> bool:
    return context.protocol_version == "2026-07-28"


def said(text: str) -> types.TextContent:
    return types.TextContent(type="text", text=text)


class Sum(BaseModel):
    sum: float


@server.tool(
    title="Add",
    description="Adds two numbers.",
    annotations=types.ToolAnnotations(read_only_hint=True),
)
def add(a: float, b: float) -> Annotated[types.CallToolResult, Sum]:
    total = int(a + b)
    return types.CallToolResult(
        content=[said(json.dumps({"sum": total}, separators=(",", ":")))],
        structured_content={"sum": total},
    )


@server.tool()
def primes() -> list[int]:
    return [2, 3, 5]


@tool()
def echo(text: str) -> str:
    return text


@tool()
def show() -> types.CallToolResult:
    return types.CallToolResult.model_validate({"content": given["everyContent"]})


@tool()
def fail() -> str:
    raise ToolError("It failed on purpose")


@tool()
def trace(context: Context) -> types.CallToolResult:
    meta = context.request_context.meta or {}
    return types.CallToolResult(
        content=[said(str(meta.get("traceparent")))], _meta={"demo/seen": True}
    )


@tool()
def region(region: Annotated[str, Field(json_schema_extra={"x-mcp-header": "Region"})]) -> str:
    return region


@tool()
async def talk(context: Context) -> str:
    # In the legacy era this SDK leaves the level to whoever uses it.
    if is_modern(context):
        await context.log("debug", "Too quiet to be heard", logger_name=demo["loggerName"])
    await context.log("warning", {"half": "way"}, logger_name=demo["loggerName"])
    return "talked"


@tool(name="open")
async def open_door(door: str) -> str:
    doors[door].set()
    return f"Opened {door}"


@tool()
async def steps(door: str, context: Context) -> str:
    for step in (1, 2, 3):
        await context.report_progress(step, 3, f"Step {step}")
        await doors[f"{door} {step}"].wait()
    return "done"


@tool()
async def wait(door: str, context: Context) -> str:
    try:
        await context.report_progress(1)
        await anyio.sleep_forever()
    finally:
        doors[door].set()
    return "Nobody hears this"


@tool()
async def stopped(door: str) -> str:
    await doors[door].wait()
    return "stopped"


async def ask(context: Context, **questions: types.InputRequest) -> Answers:
    """Asks the user: in the modern era by a round of its own, and before that right here."""
    if is_modern(context):
        answers = context.input_responses or {}
        if all(key in answers for key in questions):
            return answers
        return types.InputRequiredResult(input_requests=questions)
    results = {
        "elicitation/create": types.ElicitResult,
        "sampling/createMessage": types.CreateMessageResult,
        "roots/list": types.ListRootsResult,
    }
    related = ServerMessageMetadata(related_request_id=context.request_id)
    return {
        key: await context.session.send_request(
            question, results[question.method], metadata=related
        )
        for key, question in questions.items()
    }


who_are_you = types.ElicitRequest(
    params=types.ElicitRequestFormParams(
        message="Who are you?", requested_schema=given["nameForm"]
    )
)


@tool()
async def ask_form(context: Context) -> str | types.InputRequiredResult:
    answers = await ask(context, who=who_are_you)
    if isinstance(answers, types.InputRequiredResult):
        return answers
    who = answers["who"]
    if who.action != "accept":
        raise ToolError(f"The user said {who.action}")
    return f"{who.content['name']} likes {who.content['color']}"


@tool()
async def ask_url(context: Context) -> str | types.InputRequiredResult:
    # Until 2025-11-25 such a question has an id, and from 2026-07-28 on it has none.
    extra = {} if is_modern(context) else {"elicitation_id": "confirm-1"}
    params = types.ElicitRequestURLParams(
        message="Please confirm", url=demo["confirmUrl"], **extra
    )
    answers = await ask(context, confirm=types.ElicitRequest(params=params))
    if isinstance(answers, types.InputRequiredResult):
        return answers
    return "confirmed" if answers["confirm"].action == "accept" else "refused"


@tool()
async def ask_model(context: Context) -> str | types.InputRequiredResult:
    params = types.CreateMessageRequestParams(
        messages=[types.SamplingMessage(role="user", content=said("Say hello"))], max_tokens=10
    )
    answers = await ask(context, model=types.CreateMessageRequest(params=params))
    if isinstance(answers, types.InputRequiredResult):
        return answers
    model = answers["model"]
    content = model.content.model_dump(by_alias=True, exclude_none=True)
    return f"{model.model}: {json.dumps(content, separators=(',', ':'))}"


@tool()
async def ask_roots(context: Context) -> str | types.InputRequiredResult:
    answers = await ask(context, roots=types.ListRootsRequest())
    if isinstance(answers, types.InputRequiredResult):
        return answers
    return " ".join(str(root.uri) for root in answers["roots"].roots)


@tool()
async def ask_both(context: Context) -> str | types.InputRequiredResult:
    await context.report_progress(1)
    answers = await ask(context, who=who_are_you, roots=types.ListRootsRequest())
    if isinstance(answers, types.InputRequiredResult):
        return answers
    return f"{answers['who'].content['name']} has {len(answers['roots'].roots)}"


@server.prompt()
async def ask_prompt(context: Context) -> str | types.InputRequiredResult:
    answers = await ask(context, who=who_are_you)
    if isinstance(answers, types.InputRequiredResult):
        return answers
    return f"Hello {answers['who'].content['name']}"


@server.prompt(description="Greets somebody.")
def greet(name: Annotated[str, Field(description="Who")], mood: str | None = None) -> list[Any]:
    picture = types.ImageContent.model_validate(given["everyContent"][1])
    return [UserMessage(f"Hello {name}"), AssistantMessage(picture)]


@server.completion()
async def complete(ref: Any, argument: Any, context: Any) -> types.Completion | None:
    chosen = (context.arguments if context else None) or {}
    candidates = {
        "name": demo["names"],
        "mood": [f"happy {chosen.get('name')}"],
        "id": demo["itemIds"],
    }[argument.name]
    values = [value for value in candidates if value.startswith(argument.value)]
    return types.Completion(values=values)


@tool()
async def touch(uri: str, context: Context) -> str:
    await context.notify_resource_updated(uri)
    if not is_modern(context) and uri in subscribed:
        await context.session.send_resource_updated(uri)
    return f"Touched {uri}"


grown: list[str] = []


@tool()
async def grow(list: Literal["tools", "prompts", "resources"], context: Context) -> str:
    name = f"grown_{len(grown) + 1}"
    grown.append(name)

    def give() -> str:
        return name

    session = context.session
    if list == "tools":
        server.add_tool(give, name=name)
        tell, tell_legacy = context.notify_tools_changed, session.send_tool_list_changed
    elif list == "prompts":
        server.prompt(name=name)(give)
        tell, tell_legacy = context.notify_prompts_changed, session.send_prompt_list_changed
    else:
        server.resource(f"demo://{name}", name=name)(give)
        tell, tell_legacy = context.notify_resources_changed, session.send_resource_list_changed
    await (tell() if is_modern(context) else tell_legacy())
    return name


@server.resource(demo["noteUri"], name="note", mime_type="text/plain")
def note() -> str:
    return demo["note"]


@server.resource(demo["bytesUri"], name="bytes", mime_type="application/octet-stream")
def data() -> bytes:
    return base64.b64decode(demo["bytes"])


@server.resource(demo["itemTemplate"], name="item")
def item(id: str) -> str:
    return f"Item {id}"


# The high-level server has no words for these, nor for announcing that lists change.
low_level = server._lowlevel_server


async def subscribe(_context: Any, params: types.SubscribeRequestParams) -> types.EmptyResult:
    subscribed.add(str(params.uri))
    return types.EmptyResult()


async def unsubscribe(_context: Any, params: types.UnsubscribeRequestParams) -> types.EmptyResult:
    subscribed.discard(str(params.uri))
    return types.EmptyResult()


async def set_level(_context: Any, _params: types.SetLevelRequestParams) -> types.EmptyResult:
    return types.EmptyResult()


low_level.add_request_handler("resources/subscribe", types.SubscribeRequestParams, subscribe)
low_level.add_request_handler("resources/unsubscribe", types.UnsubscribeRequestParams, unsubscribe)
low_level.add_request_handler("logging/setLevel", types.SetLevelRequestParams, set_level)
low_level.create_initialization_options = functools.partial(
    low_level.create_initialization_options, NotificationOptions(True, True, True)
)


async def serve_stdio() -> None:
    async with stdio_server() as (reader, writer):
        await low_level.run(reader, writer, low_level.create_initialization_options())


async def serve_http() -> None:
    # With its protocol named: only then does asyncio send small answers without delay.
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.bind(("127.0.0.1", 0))
    listening.listen()
    config = uvicorn.Config(server.streamable_http_app(), log_level="critical")
    http = uvicorn.Server(config)

    async def end_with_input() -> None:
        await anyio.to_thread.run_sync(sys.stdin.read)
        http.should_exit = http.force_exit = True

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(end_with_input)
        print(f"http://127.0.0.1:{listening.getsockname()[1]}/mcp", flush=True)
        await http.serve(sockets=[listening])


logging.disable(logging.CRITICAL)
anyio.run(serve_http if sys.argv[2:] == ["http"] else serve_stdio)
