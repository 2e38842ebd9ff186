"""Tool definitions as clients send them: names, descriptions, parameters and noise, seen or invented."""
import json
import random

from words import Words

# kind -> (names, descriptions, {slot: parameter names})
FOLDER_TOOLS = {
    "list": (
        "list list list_dir ls list_files list_directory dir listFiles Glob show_folder files".split(),
        (
            "List the files in a folder.",
            "List a directory.",
            "Lists files and folders.",
            "Show which files a folder has.",
            "List the entries of a directory; folders end with a slash.",
            "Returns the names of the files in a directory.",
        ),
        {"path": "path path dir directory folder".split()},
    ),
    "read": (
        "read read read_file cat view open_file view_file get_file readFile Read file_read show_file load_text".split(),
        (
            "Read a file.",
            "Read a text file.",
            "Return the text of a file.",
            "Show the content of a file.",
            "Print a file.",
            "Reads a file from the folder and returns its text.",
            "Open a file and return what is in it.",
        ),
        {"path": "path path file filename file_path filePath name".split()},
    ),
    "edit": (
        "edit edit edit_file replace replace_text str_replace patch change Edit update_file replace_in_file".split(),
        (
            "Replace text in a file.",
            "Edit a file: replace old text by new text.",
            "Replace one piece of text in a file by another.",
            "Change a file. The old text must match exactly.",
            "Replaces the first match of old with new.",
            "Replace an exact text, which must occur in the file, by a new one.",
        ),
        {
            "path": "path path file filename file_path".split(),
            "old": "old old old_text old_string find before old_str".split(),
            "new": "new new new_text new_string replacement after new_str".split(),
        },
    ),
    "search": (
        "search search grep find find_text search_files Grep search_text ripgrep find_in_files".split(),
        (
            "Search the files for a text.",
            "Find lines that contain a text.",
            "Search for a pattern in all files.",
            "Search text in the folder; prints path:line: text.",
            "Look for a word in every file.",
        ),
        {"query": "query query pattern text q needle term".split()},
    ),
    "run": (
        "run run run_command shell bash exec execute Bash terminal run_shell sh".split(),
        (
            "Run a command.",
            "Run a shell command.",
            "Execute a command in the shell and return its output.",
            "Runs a command in the folder and returns exit code and output.",
            "Run a program, for example the tests.",
        ),
        {"command": "command command cmd script commandline".split()},
    ),
    "write": (
        "write write_file create_file save_file save put_file new_file Write".split(),
        ("Write a file.", "Create a file with the given text.", "Save text to a file.", "Creates a new file."),
        {"path": "path path file filename".split(), "content": "content content text body data".split()},
    ),
}
SLOT_TEXT = {
    "path": ("Path of the file.", "The path", "Path relative to the folder", "File or folder name", "Where it is"),
    "old": ("Text to replace", "The exact old text.", "Text that is in the file"),
    "new": ("The new text.", "Replacement", "What to put there"),
    "query": ("Text to look for", "What to search.", "The pattern"),
    "command": ("The command line.", "Command to run", "What to run"),
    "content": ("The text.", "Content of the file", "What to write"),
}
EXTRA = (
    ("limit", "integer"),
    ("recursive", "boolean"),
    ("timeout", "integer"),
    ("offset", "integer"),
    ("encoding", "string"),
    ("verbose", "boolean"),
    ("max_results", "integer"),
    ("dry_run", "boolean"),
    ("timeout_ms", "number"),
    ("workdir", "string"),
)


class Parameter:
    def __init__(self, name, type_="string", description="", required=True, choices=None):
        self.name, self.type, self.description, self.required, self.choices = name, type_, description, required, choices

    def json(self, r):
        pairs = [("type", self.type)]
        if self.choices:
            pairs.append(("enum", self.choices))
        if self.description:
            pairs.insert(0 if r.random() < 0.15 else len(pairs), ("description", self.description))
        return dict(pairs)


class Tool:
    """One function: what the client offers, and which parameter takes which slot."""

    def __init__(self, name, description, parameters, slots=None):
        self.name, self.description, self.parameters = name, description, parameters
        self.slots = slots or {p.name: p.name for p in parameters}
        self.ask = self.wish = None  # how a tool that is not about files is asked for: (verb, article, object), or a row of the usual tools

    def arguments(self, values):
        """Values by slot, in the order of the schema."""
        return {
            p.name: values[slot] for p in self.parameters for slot in self.slots if self.slots[slot] == p.name and slot in values
        }

    def json(self, r, style):
        schema = [("type", "object"), ("properties", {p.name: p.json(r) for p in self.parameters})]
        required = [p.name for p in self.parameters if p.required]
        if required or style["required"]:
            schema.append(("required", required))
        if style["closed"]:
            schema.append(("additionalProperties", False))
        if style["shuffle"]:
            r.shuffle(schema)
        pairs = [("name", self.name)]
        if self.description:
            pairs.append(("description", self.description))
        pairs.append(("parameters", dict(schema)))
        if style["strict"] is not None:
            pairs.append(("strict", style["strict"]))
        if style["shuffle"]:
            r.shuffle(pairs)
        outer = [("type", "function"), ("function", dict(pairs))]
        return json.dumps(dict(reversed(outer) if style["flip"] else outer), ensure_ascii=False)


def announced(tool):
    """How chatml.jinja tells the model of a tool: what it does first, so that its name and parameters are read with that in mind."""
    function = tool["function"]
    first = lambda text: (text or "").strip().split("\n")[0]
    text = "\n<tool>" + first(function.get("description"))[:200] + "\n<name>" + function["name"]
    schema = function.get("parameters") or {}
    for name, parameter in (schema.get("properties") or {}).items():
        kind, choices = parameter.get("type"), parameter.get("enum")
        text += f"\n<parameter>{name}: " + ("one of " + ", ".join(choices) if choices else kind if isinstance(kind, str) else "any")
        text += "" if name in (schema.get("required") or []) else ", optional"
        text += ". " + first(parameter["description"])[:100] if parameter.get("description") else ""
    return text


def told(system, offered):
    """The text of the system message: what was said there, and the tools (JSON texts) behind it."""
    tools = "# Tools" + "".join(announced(json.loads(tool)) for tool in offered) if offered else ""
    return system + ("\n\n" if system and tools else "") + tools


def schema_style(r: random.Random):
    return {
        "closed": r.random() < 0.4,
        "strict": r.choice((None, None, True, False)),
        "shuffle": r.random() < 0.08,
        "flip": r.random() < 0.04,
        "required": r.random() < 0.3,
    }


def folder_tool(w: Words, kind: str, plain: float = 0.7) -> Tool:
    """A tool on files, mostly under a usual name, sometimes under one that only its description explains."""
    r = w.r
    names, descriptions, slots = FOLDER_TOOLS[kind]
    usual = r.random() < plain
    name = r.choice(names) if usual else w.invented() + (r.choice(("", "", "_file", "_x")))
    described = r.random() < 0.6
    parameters, mapping = [], {}
    for slot, options in slots.items():
        parameter = r.choice(options) if usual or described else slot
        if parameter in [p.name for p in parameters]:
            parameter = slot
        mapping[slot] = parameter
        optional = kind == "list" and r.random() < 0.3
        parameters.append(Parameter(parameter, "string", r.choice(SLOT_TEXT[slot]) if described else "", not optional))
    if r.random() < 0.12:
        r.shuffle(parameters)
    for extra, type_ in r.sample(EXTRA, r.choice((0, 0, 0, 0, 1, 1, 2))):
        parameters.append(Parameter(extra, type_, r.choice(("", "Optional.", "How many.")), False))
    return Tool(name, r.choice(descriptions), parameters, mapping)


def folder_tools(w: Words, needed, most: int = 6, plain: float = 0.7):
    """The needed kinds and some others, in any order, with distinct names."""
    r = w.r
    kinds = list(needed)
    others = [k for k in FOLDER_TOOLS if k not in kinds and (k != "write" or r.random() < 0.3)]
    r.shuffle(others)
    kinds += others[: r.choice((0, 0, 1, 2, 3, 6))]
    kinds = kinds[: max(most, len(needed))]
    if r.random() < 0.6:
        kinds.sort(key=list(FOLDER_TOOLS).index)
    else:
        r.shuffle(kinds)
    tools, names = {}, set()
    for kind in kinds:
        tool = folder_tool(w, kind, plain)
        while tool.name in names:
            tool = folder_tool(w, kind, plain)
        names.add(tool.name)
        tools[kind] = tool
    return tools


def _agent():
    """The five tools of the built-in agent, word for word."""
    words = {
        "list": ("List the files in a folder.", ("path",)),
        "read": ("Read a text file.", ("path",)),
        "edit": ("Replace text in a file.", ("path", "old", "new")),
        "search": ("Search the files for a text.", ("query",)),
        "run": ("Run a shell command.", ("command",)),
    }
    return {kind: Tool(kind, text, [Parameter(p) for p in names]) for kind, (text, names) in words.items()}


AGENT = _agent()
