"""Does chatml.jinja render conversations exactly as training saw them, and does it only ever append? Needs python3-jinja2."""
import json
import random

import jinja2

from corpus import scene


def main():
    with open("chatml.jinja") as file:
        source = file.read().rstrip("\n")
    environment = jinja2.Environment(trim_blocks=True, lstrip_blocks=True)
    environment.filters["tojson"] = lambda x: json.dumps(x, ensure_ascii=False)
    template, r, count = environment.from_string(source), random.Random(3), 0
    plain = jinja2.Environment()
    plain.filters["tojson"] = environment.filters["tojson"]
    bare = plain.from_string(source)
    for i in range(300):
        s = scene(r, longest=3)
        messages = [{"role": "system", "content": s.system}] if s.system else []
        for role, content, calls, _ in s.messages:
            message = {"role": role, "content": content}
            if calls:
                as_text = i % 2
                message["tool_calls"] = [
                    {
                        "type": "function",
                        "id": "x",
                        "function": {"name": name, "arguments": json.dumps(a, ensure_ascii=False) if as_text else a},
                    }
                    for name, a in calls
                ]
            messages.append(message)
        tools = [json.loads(t) for t in s.offered]
        whole = template.render(messages=messages, tools=tools, add_generation_prompt=False)
        assert whole == s.text(), (whole, s.text())
        assert whole == bare.render(messages=messages, tools=tools, add_generation_prompt=False)
        for n in range(1, len(messages)):
            part = template.render(messages=messages[:n], tools=tools, add_generation_prompt=False)
            assert whole.startswith(part)
            if messages[n]["role"] == "assistant":
                assert whole.startswith(template.render(messages=messages[:n], tools=tools, add_generation_prompt=True))
            count += 1
    print(f"300 conversations rendered as trained, {count} beginnings are beginnings of the whole")


if __name__ == "__main__":
    main()
