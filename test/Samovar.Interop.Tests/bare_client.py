import asyncio, json, sys, websockets  # the simplest client there is: the task once, then only tool results

async def main(url):
    async with websockets.connect(url, max_size=None) as socket:
        tool = {"type": "function", "name": "look", "parameters": {"type": "object", "properties": {"where": {"type": "string"}}, "required": ["where"]}}
        frame, looked = {"model": "any", "tools": [tool], "input": [{"role": "user", "content": "[[steps=3]] [[final=INTEROP OK]]"}]}, 0
        while True:
            await socket.send(json.dumps(frame))
            while (event := json.loads(await socket.recv()))["type"] != "response.completed": assert event["type"] != "error", event
            calls = [item for item in event["output"] if item["type"] == "function_call"]
            if not calls: return print(f"looked {looked} times:", event["output"][0]["content"][0]["text"])
            frame, looked = {"input": [{"type": "function_call_output", "call_id": call["call_id"], "output": "seen"} for call in calls]}, looked + len(calls)

asyncio.run(main(sys.argv[1]))
