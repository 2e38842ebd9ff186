"""Jinja2 as the reference renders chat templates. Run by itself it answers JSON lines {"template", "variables"}, one at a time."""
import datetime, json, resource, signal, sys
from jinja2 import nodes
from jinja2.exceptions import TemplateSyntaxError
from jinja2.ext import Extension
from jinja2.sandbox import ImmutableSandboxedEnvironment


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


def make_environment():
    environment = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"])
    environment.filters["tojson"] = tojson
    environment.globals["raise_exception"] = refuse
    environment.globals["strftime_now"] = lambda f: datetime.datetime(2026, 3, 9, 14, 5, 7).strftime(f)
    return environment


environment = make_environment()


def render(source, variables):
    try:
        return {"output": environment.from_string(source).render(**variables)}
    except Refused as refused:
        return {"refused": str(refused)}
    except (TemplateSyntaxError, SyntaxError):
        return {"fault": "syntax"}
    except Exception as fault:
        # Jinja2 finds unknown filters and tests while it compiles
        return {"fault": "syntax" if "No filter" in str(fault) or "No test" in str(fault) else "render", "why": str(fault)[:200]}


class TooLong(Exception):
    pass


def ring(*_):
    raise TooLong()


def serve():
    signal.signal(signal.SIGALRM, ring)
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))  # a text of billions of characters is a fault
    for line in sys.stdin:
        case = json.loads(line)
        signal.alarm(5)
        try:
            answer = render(case["template"], case["variables"])
        except TooLong:
            answer = {"fault": "time"}
        signal.alarm(0)
        text = json.dumps(answer)
        sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve()
