"""A folder of files in memory, and tools that act on it the way real tools do."""
import posixpath


# how Codex tells what a command printed (seen from its exec_command, 0.169)
CHUNK = (
    "Chunk ID: {chunk}\nWall time: {wall:.4f} seconds\nProcess exited with code {0}\nOriginal token count: {count}\nOutput:\n{1}\n"
)


class Missing(Exception):
    """A tool's error text."""


class World:
    """Files by path, and what `run` answers. The style says how results are printed."""

    def __init__(self, r, files=None):
        self.r, self.files = r, dict(files or {})
        self.runner = None  # command -> (exit code, output)
        self.style = {
            "missing": r.choice(
                (
                    "error: no such file: {}",
                    "error: {} not found",
                    "not found: {}",
                    "No such file or directory: {}",
                    "error: file not found: {}",
                    "ENOENT: no such file or directory, open '{}'",
                )
            ),
            "edited": r.choice(
                ("ok", "edited {}", "edited {}", "edited {}", "Edited {}.", "done", "replaced 1 occurrence in {}", "{} updated")
            ),
            "unmatched": r.choice(
                (
                    "error: the old text was not found in {}",
                    "error: old text not found in {}",
                    "old text not found",
                    "error: no match in {}",
                )
            ),
            "nothing": r.choice(("no matches", "no matches", "No matches found.", "", "nothing found", "(no matches)")),
            "hit": r.choice(("{}:{}: {}", "{}:{}: {}", "{}:{}:{}")),
            "written": r.choice(("ok", "wrote {}", "created {}", "saved {}")),
            "exit": r.choice(
                (
                    "exit code {}\n{}",
                    "exit code {}\n{}",
                    "exit code: {}\n{}",
                    "{1}\n(exit code {0})",
                    "{1}",
                    "[exit {0}]\n{1}",
                    "{1}\nexit {0}",
                    "exit {}\n{}",
                    CHUNK,
                )
            ),
            "list": r.choice(("plain", "plain", "plain", "plain", "deep", "sizes", "kind", "spaces")),
            "empty": r.choice(("(empty)", "", "empty", "(empty folder)")),
        }

    @staticmethod
    def clean(path: str) -> str:
        path = posixpath.normpath("/" + path).lstrip("/")
        return "" if path == "." else path

    def read(self, path):
        clean = self.clean(path)
        if clean not in self.files:
            raise Missing(self.style["missing"].format(path))
        return self.files[clean].rstrip("\n")

    def write(self, path, content):
        self.files[self.clean(path)] = content + "\n"
        return self.style["written"].format(path)

    def edit(self, path, old, new):
        clean = self.clean(path)
        if clean not in self.files:
            raise Missing(self.style["missing"].format(path))
        if self.files[clean].count(old) < 1 or not old:
            raise Missing(self.style["unmatched"].format(path))
        self.files[clean] = self.files[clean].replace(old, new, 1)
        return self.style["edited"].format(path)

    def entries(self, path):
        """Names in a folder, folders with a slash at the end; None if it is not there."""
        clean = self.clean(path)
        inside = [p[len(clean) + 1 :] if clean else p for p in self.files if not clean or p.startswith(clean + "/")]
        if not inside and clean:
            return None
        return sorted({name.split("/")[0] + ("/" if "/" in name else "") for name in inside})

    def list(self, path="."):
        names = self.entries(path)
        if names is None:
            raise Missing(self.style["missing"].format(path))
        clean, how = self.clean(path), self.style["list"]
        if not names:
            return self.style["empty"]
        if how == "deep":
            return "\n".join(sorted(p for p in self.files if not clean or p.startswith(clean + "/")))
        if how == "sizes":
            size = lambda n: len(self.files[(clean + "/" if clean else "") + n])
            return "\n".join(n if n.endswith("/") else f"{n} ({size(n)} bytes)" for n in names)
        if how == "kind":
            return "\n".join(("dir  " if n.endswith("/") else "file ") + n.rstrip("/") for n in names)
        return ("  " if how == "spaces" else "\n").join(names)

    def hits(self, query):
        """(path, number, line) of every line that has the text."""
        return [
            (path, number, line)
            for path in sorted(self.files)
            for number, line in enumerate(self.files[path].splitlines(), 1)
            if query in line
        ]

    def search(self, query):
        hits = [self.style["hit"].format(path, number, line.strip()) for path, number, line in self.hits(query)]
        return "\n".join(hits) or self.style["nothing"]

    def ran(self, command):
        """(exit code, what it prints)"""
        return self.runner(self, command) if self.runner else (127, f"sh: 1: {command.split()[0]}: not found")

    def run(self, command):
        return self.printed(*self.ran(command))

    def printed(self, code, output):
        """What a tool says that ran a command."""
        if self.style["exit"] != CHUNK:
            return self.style["exit"].format(code, output.rstrip("\n"))
        text = CHUNK if output else CHUNK[:-1]
        chunk, wall = f"{self.r.getrandbits(24):06x}", self.r.choice((0, 0, self.r.random() / 8, self.r.random() * 3))
        return text.format(code, output.rstrip("\n"), chunk=chunk, wall=wall, count=(len(output) + 3) // 4)

    def act(self, kind, slots):
        """The tool's result, or its error, as text."""
        try:
            return getattr(self, kind)(**slots)
        except Missing as error:
            return str(error)
