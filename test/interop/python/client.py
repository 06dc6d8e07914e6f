"""A client of the official Python SDK that is led by lines of JSON: `client.py TARGET_JSON`.

Each line of standard input is something to do, the end of a call, or the answer to a question.
Each line of standard output is an outcome, something that the server sent, or a question.
"""

import contextlib
import json
import sys
import warnings
from typing import Any

import anyio
import httpx2
import mcp_types as types
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamable_http_client

target = json.loads(sys.argv[1])
is_modern = target["era"] == "modern"
questions: dict[int, tuple[anyio.Event, list[Any]]] = {}
running: dict[int, anyio.CancelScope] = {}
watching: dict[int, anyio.Event] = {}
standing = anyio.Event()
# What it says about deprecated features would only be noise here.
warnings.simplefilter("ignore")


def plain(value: Any) -> Any:
    return value.model_dump(by_alias=True, mode="json", exclude_none=True)


def say(**line: Any) -> None:
    print(json.dumps(line), flush=True)


async def ask(kind: str, params: Any) -> Any:
    """Passes a question of the server on, and waits for the line that answers it."""
    number = len(questions)
    answered, answer = questions[number] = (anyio.Event(), [])
    say(ask=number, kind=kind, params=params)
    await answered.wait()
    return answer[0]


async def on_elicitation(_context: Any, params: Any) -> types.ElicitResult:
    kind = "url" if params.mode == "url" else "form"
    return types.ElicitResult.model_validate(await ask(kind, plain(params)))


async def on_sampling(_context: Any, params: Any) -> types.CreateMessageResult:
    text = types.TextContent(type="text", text=await ask("sample", plain(params)))
    return types.CreateMessageResult(model=target["model"], role="assistant", content=text)


async def on_roots(_context: Any) -> types.ListRootsResult:
    return types.ListRootsResult.model_validate({"roots": await ask("roots", {})})


async def on_log(params: Any) -> None:
    say(log=plain(params))


async def on_message(message: Any) -> None:
    if isinstance(message, types.ResourceUpdatedNotification):
        say(change=str(message.params.uri))
    method = getattr(message, "method", "")
    if method.endswith("/list_changed"):
        say(change=method.split("/")[1])


async def on_response(response: Any) -> None:
    if response.request.method == "GET" and response.status_code == 200:
        standing.set()


async def all_pages(read: Any, member: str) -> list[Any]:
    items: list[Any] = []
    cursor: str | None = None
    while True:
        page = await read(cursor=cursor)
        items += [plain(item) for item in getattr(page, member)]
        cursor = page.next_cursor
        if cursor is None:
            return items


async def do_list(client: Client, what: str) -> Any:
    return await {
        "tools": lambda: all_pages(client.list_tools, "tools"),
        "prompts": lambda: all_pages(client.list_prompts, "prompts"),
        "resources": lambda: all_pages(client.list_resources, "resources"),
        "templates": lambda: all_pages(client.list_resource_templates, "resource_templates"),
    }[what]()


async def do_call(client: Client, number: int, wish: Any) -> Any:
    async def on_progress(done: float, of: float | None, message: str | None) -> None:
        say(progress=number, step={"done": done, "of": of, "message": message})

    answer = await client.call_tool(
        wish["name"],
        wish["args"],
        progress_callback=on_progress if wish["progress"] else None,
        meta=wish.get("meta"),
    )
    return plain(answer)


async def do_complete(client: Client, wish: Any) -> Any:
    kinds = {
        "ref/prompt": types.PromptReference,
        "ref/resource": types.ResourceTemplateReference,
    }
    ref = kinds[wish["ref"]["type"]].model_validate(wish["ref"])
    chosen = wish.get("context", {}).get("arguments")
    return (await client.complete(ref, wish["argument"], chosen)).completion.values


async def do_watch(client: Client, number: int, wish: Any) -> None:
    """Watches until `unwatch`; answers by itself once it is listening."""
    lists, uris = wish.get("lists") or [], wish.get("uris") or []
    if not is_modern:
        for uri in uris:
            await client.subscribe_resource(uri)
        return say(done=number, value=None)
    wanted = {f"{name}_list_changed": True for name in lists}
    async with client.listen(**wanted, resource_subscriptions=uris) as changes:
        watching[number] = anyio.Event()
        say(done=number, value=None)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(hear, changes)
            await watching[number].wait()
            tasks.cancel_scope.cancel()


async def hear(changes: Any) -> None:
    async for _change in changes:
        # The notification itself reaches `on_message`.
        pass


async def do_unwatch(client: Client, wish: Any) -> None:
    if is_modern:
        return watching[wish["number"]].set()
    for uri in wish.get("uris") or []:
        await client.unsubscribe_resource(uri)


async def outcome(client: Client, number: int, what: str, wish: Any) -> Any:
    if what == "list":
        return await do_list(client, wish)
    if what == "call":
        return await do_call(client, number, wish)
    if what == "read":
        return [plain(item) for item in (await client.read_resource(wish)).contents]
    if what == "prompt":
        answer = await client.get_prompt(wish["name"], wish["args"])
        return [plain(message) for message in answer.messages]
    if what == "complete":
        return await do_complete(client, wish)
    if what == "ping":
        return plain(await client.send_ping()) and None
    if what == "unwatch":
        return await do_unwatch(client, wish)
    raise ValueError(f"Cannot {what}")


async def do(client: Client, number: int, what: str, wish: Any) -> None:
    try:
        with anyio.CancelScope() as scope:
            running[number] = scope
            if what == "watch":
                return await do_watch(client, number, wish)
            say(done=number, value=await outcome(client, number, what, wish))
        if scope.cancelled_caught:
            say(done=number, error={"message": "Cancelled"})
    except MCPError as error:
        say(done=number, error={"message": error.message, "code": error.code})
    except Exception as error:
        say(done=number, error={"message": str(error)})
    finally:
        running.pop(number, None)


async def lead(client: Client) -> None:
    """Does what the lines say, until there are no more."""
    async with anyio.create_task_group() as tasks:
        while text := await anyio.to_thread.run_sync(sys.stdin.readline, abandon_on_cancel=True):
            line = json.loads(text)
            if "answer" in line:
                answered, answer = questions[line["answer"]]
                answer.append(line["value"])
                answered.set()
            elif "cancel" in line:
                if line["cancel"] in running:
                    running[line["cancel"]].cancel()
            else:
                tasks.start_soon(do, client, line["do"], line["what"], line["wish"])
        tasks.cancel_scope.cancel()


async def main() -> None:
    async with contextlib.AsyncExitStack() as stack:
        if "url" in target:
            hooks: Any = {"response": [on_response]}
            http = httpx2.AsyncClient(event_hooks=hooks, timeout=30)
            await stack.enter_async_context(http)
            transport = streamable_http_client(target["url"], http_client=http)
        else:
            quiet = stack.enter_context(open("/dev/null", "w"))
            transport = stdio_client(StdioServerParameters(**target["program"]), errlog=quiet)
        client = Client(
            transport,
            mode=target["mode"],
            client_info=types.Implementation(**target["client"]),
            elicitation_callback=on_elicitation,
            sampling_callback=on_sampling,
            list_roots_callback=on_roots,
            logging_callback=on_log,
            message_handler=on_message,
            log_level="info",
        )
        await stack.enter_async_context(client)
        if not is_modern:
            await client.set_logging_level("info")
            if "url" in target:
                await standing.wait()
        say(
            connected={
                "protocolVersion": client.protocol_version,
                "server": plain(client.server_info) if client.server_info else None,
                "capabilities": plain(client.server_capabilities),
                "instructions": client.instructions,
            }
        )
        await lead(client)


anyio.run(main)
