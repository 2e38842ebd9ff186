"""The tools for real: list, read, edit, search, run and write in a temporary folder."""
import os
import subprocess

from world import Missing, World


class Folder:
    """A world on disk, which answers in the words of the built-in agent."""

    def __init__(self, root, files):
        self.root = root
        for path, text in files.items():
            self.put(path, text)

    def put(self, path, text):
        full = os.path.join(self.root, path)
        os.makedirs(os.path.dirname(full), exist_ok=True)
        with open(full, "w") as file:
            file.write(text)
        if path.endswith(".sh"):
            os.chmod(full, 0o755)

    @property
    def files(self):
        out = {}
        for folder, folders, names in os.walk(self.root):
            folders[:] = [f for f in folders if f != "__pycache__"]
            for name in names:
                full = os.path.join(folder, name)
                with open(full, errors="replace") as file:
                    out[os.path.relpath(full, self.root)] = file.read()
        return out

    def _inside(self, path):
        return World.clean(path)

    def list(self, path="."):
        clean = self._inside(path)
        full = os.path.join(self.root, clean)
        if not os.path.isdir(full):
            raise Missing(f"error: no such folder: {path}")
        names = sorted(n + ("/" if os.path.isdir(os.path.join(full, n)) else "") for n in os.listdir(full) if n != "__pycache__")
        return "\n".join(names) or "(empty)"

    def read(self, path):
        files = self.files
        if self._inside(path) not in files:
            raise Missing(f"error: no such file: {path}")
        return files[self._inside(path)].rstrip("\n")

    def edit(self, path, old, new):
        files, clean = self.files, self._inside(path)
        if clean not in files:
            raise Missing(f"error: no such file: {path}")
        if not old or old not in files[clean]:
            raise Missing(f"error: the old text was not found in {path}")
        self.put(clean, files[clean].replace(old, new, 1))
        return f"edited {path}"

    def write(self, path, content):
        self.put(self._inside(path), content + "\n")
        return f"wrote {path}"

    def search(self, query):
        files = self.files
        return (
            "\n".join(
                f"{p}:{n}: {line.strip()}"
                for p in sorted(files)
                for n, line in enumerate(files[p].splitlines(), 1)
                if query in line
            )
            or "no matches"
        )

    def run(self, command):
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=30,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        return f"exit code {done.returncode}\n{done.stdout}".rstrip("\n")

    def act(self, kind, slots):
        try:
            return getattr(self, kind)(**slots)
        except Missing as error:
            return str(error)
