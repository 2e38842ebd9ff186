"""Writes expressions.json and rendered.json: what Jinja2 gives for the cases beside this file.

Run with any python3 that has jinja2. The environment is set up as the reference renders chat templates.
In expressions.txt a line is a case, and U+23CE stands for a line end.
"""
import datetime, json, pathlib
from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment

HERE = pathlib.Path(__file__).parent


class Refused(Exception):
    pass


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return nodes.CallBlock(self.call_method("_pass"), [], [], body).set_lineno(line)

    def _pass(self, caller):
        return caller()


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def refuse(message):
    raise Refused(message)


environment = ImmutableSandboxedEnvironment(
    trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"])
environment.filters["tojson"] = tojson
environment.globals["raise_exception"] = refuse
environment.globals["strftime_now"] = lambda f: datetime.datetime(2026, 3, 9, 14, 5, 7).strftime(f)


def render(source, variables):
    try:
        return {"output": environment.from_string(source).render(**variables)}
    except Refused as refused:
        return {"refused": str(refused)}
    except TemplateSyntaxError:
        return {"fault": "syntax"}
    except Exception as fault:
        # Jinja2 finds unknown filters and tests while it compiles
        return {"fault": "syntax" if "No filter" in str(fault) or "No test" in str(fault) else "render"}


def dump(name, cases):
    text = ",\n".join(json.dumps(case, ensure_ascii=False) for case in cases)
    (HERE / name).write_text("[\n" + text + "\n]\n", encoding="utf-8")


variables = json.loads((HERE / "variables.json").read_text(encoding="utf-8"))
sources = (HERE / "expressions.txt").read_text(encoding="utf-8").splitlines()
dump("expressions.json", [{"template": s} | render(s.replace("\u23ce", "\n"), variables) for s in sources if s])

rendered = []
for template in sorted((HERE / "templates").glob("*.jinja")):
    for conversation in sorted((HERE / "conversations").glob("*.json")):
        given = json.loads(conversation.read_text(encoding="utf-8"))
        rendered.append({"template": template.stem, "conversation": conversation.stem}
                        | render(template.read_text(encoding="utf-8"), given))
dump("rendered.json", rendered)
