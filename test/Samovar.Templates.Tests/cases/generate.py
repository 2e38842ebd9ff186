"""Writes expressions.json, constructs.json and rendered.json: what Jinja2 gives for the cases beside this file.

Run with any python3 that has jinja2. The environment is set up as the reference renders chat templates.
In expressions.txt and constructs.txt a line is a case, and U+23CE stands for a line end.
"""
import json, pathlib
from reference import render as answer

HERE = pathlib.Path(__file__).parent


def render(source, variables):
    return {key: value for key, value in answer(source, variables).items() if key != "why"}


def dump(name, cases):
    text = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (HERE / name).write_text("[\n" + text + "\n]\n", encoding="utf-8")


variables = json.loads((HERE / "variables.json").read_text(encoding="utf-8"))
sources = (HERE / "expressions.txt").read_text(encoding="utf-8").splitlines()
dump("expressions.json", [{"template": s} | render(s.replace("\u23ce", "\n"), variables) for s in sources if s])

constructs = []
for line in (HERE / "constructs.txt").read_text(encoding="utf-8").splitlines():
    if line and not line.startswith("# "):
        template, _, given = line.partition("\t{\"")
        template, given = template.replace("\u23ce", "\n"), json.loads("{\"" + given) if given else {}
        constructs.append({"template": template, "variables": given} | render(template, given))
dump("constructs.json", constructs)

rendered = []
for template in sorted((HERE / "templates").glob("*.jinja")):
    for conversation in sorted((HERE / "conversations").glob("*.json")):
        given = json.loads(conversation.read_text(encoding="utf-8"))
        rendered.append({"template": template.stem, "conversation": conversation.stem}
                        | render(template.read_text(encoding="utf-8"), given))
dump("rendered.json", rendered)
