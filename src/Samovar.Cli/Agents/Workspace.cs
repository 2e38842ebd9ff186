using System.Text;
using System.Text.Unicode;

namespace Samovar.Cli.Agents;

/// <summary>The one folder an agent may touch: every path is resolved, links included, and must stay inside.</summary>
internal sealed class Workspace
{
    private const int FileBytesMax = 256 << 10, ResultCharsMax = 16 << 10, EntriesMax = 500, HitsMax = 100, LinksMax = 40;
    private static readonly string[] Skipped = [".git", "node_modules", "bin", "obj", ".venv", "__pycache__"];
    private const char Unreadable = '\uFFFD'; // what a reader shows in place of foreign bytes
    private readonly string _root;

    public Workspace(string folder) => _root = Real(Path.GetFullPath(folder));

    public string Root => _root;

    /// <summary>Names in a folder, sorted; folders end with a slash.</summary>
    public string List(string path)
    {
        var folder = Inside(path);
        if (!Directory.Exists(folder)) return $"error: no such folder: {path}";
        var names = Directory.EnumerateFileSystemEntries(folder).Select(entry => Path.GetFileName(entry) + (Directory.Exists(entry) ? "/"
            : ""));
        var sorted = names.Order(StringComparer.Ordinal).Take(EntriesMax + 1).ToList();
        if (sorted.Count == 0) return "(empty)";
        return string.Join('\n', sorted.Take(EntriesMax)) + (sorted.Count > EntriesMax ? "\n…" : "");
    }

    public string Read(string path)
    {
        var file = Inside(path);
        if (!File.Exists(file)) return $"error: no such file: {path}";
        if (new FileInfo(file).Length > FileBytesMax) return $"error: {path} is larger than {FileBytesMax / 1024} KB";
        return Shorten(File.ReadAllText(file).TrimEnd('\n'));
    }

    /// <summary>Replaces the first exact match of <paramref name="old"/>. All else in the file stays as it is, byte by byte: its mark at
    /// the start, and what is not UTF-8.</summary>
    public string Edit(string path, string old, string @new)
    {
        var file = Inside(path);
        if (!File.Exists(file)) return $"error: no such file: {path}";
        if (new FileInfo(file).Length > FileBytesMax) return $"error: {path} is larger than {FileBytesMax / 1024} KB";
        var (bytes, sought) = (File.ReadAllBytes(file), Encoding.UTF8.GetBytes(old));
        if (IsWide(bytes)) return $"error: {path} is UTF-16 or binary: only text in UTF-8 can be edited";
        var at = sought.Length == 0 ? -1 : bytes.AsSpan().IndexOf(sought);
        if (at < 0)
            return old.Contains(Unreadable) && !Utf8.IsValid(bytes)
                ? $"error: {Unreadable} stands for bytes of {path} that are not UTF-8: leave them out of the old text"
                : $"error: the old text was not found in {path}";
        Replace(file, [.. bytes.AsSpan(0, at), .. Encoding.UTF8.GetBytes(@new), .. bytes.AsSpan(at + sought.Length)]);
        return $"edited {path}";
    }

    /// <summary>Text whose letters have two or four bytes, with a mark at its start or without: UTF-8 in the midst of it would break
    /// it.</summary>
    private static bool IsWide(ReadOnlySpan<byte> bytes) =>
        bytes is [0xFF, 0xFE, ..] or [0xFE, 0xFF, ..] || bytes.Contains((byte)0);

    /// <summary>All or nothing: a disk that is full must not cost the file.</summary>
    /// <remarks>The new file is of a name that nobody can foresee, and is never opened through a link that is there already.</remarks>
    private static void Replace(string file, byte[] bytes)
    {
        var written = Path.Combine(Path.GetDirectoryName(file)!, $".{Path.GetRandomFileName()}.samovar-new");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = File.GetUnixFileMode(file);
        using var stream = new FileStream(written, options);
        try
        {
            if (options.UnixCreateMode is { } mode && !OperatingSystem.IsWindows()) File.SetUnixFileMode(stream.SafeFileHandle, mode);
            stream.Write(bytes);
            stream.Close();
            File.Move(written, file, overwrite: true);
        }
        catch
        {
            stream.Close();
            File.Delete(written);
            throw;
        }
    }

    /// <summary>Lines that contain the text, as <c>path:line: text</c>.</summary>
    public string Search(string query)
    {
        if (query.Length == 0) return "error: nothing to search for";
        var found = new StringBuilder();
        var hits = 0;
        foreach (var file in Files(_root))
        {
            if (new FileInfo(file).Length > FileBytesMax) continue;
            var number = 0;
            foreach (var line in File.ReadLines(file))
            {
                number++;
                if (!line.Contains(query, StringComparison.Ordinal)) continue;
                if (++hits > HitsMax) return found.Append('…').ToString();
                if (hits > 1) found.Append('\n');
                found.Append(Path.GetRelativePath(_root, file)).Append(':').Append(number).Append(": ").Append(line.Trim());
            }
        }
        return hits == 0 ? "no matches" : Shorten(found.ToString());
    }

    /// <summary>At most what a model should be handed at once; the end matters more than the start.</summary>
    public static string Shorten(string text)
    {
        if (text.Length <= ResultCharsMax) return text;
        var (head, tail) = (ResultCharsMax / 4, text.Length - ResultCharsMax * 3 / 4);
        if (char.IsSurrogatePair(text, head - 1)) head--; // half a letter is none
        if (char.IsSurrogatePair(text, tail - 1)) tail++;
        return string.Concat(text.AsSpan(0, head), "\n…\n", text.AsSpan(tail));
    }

    private static IEnumerable<string> Files(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
            if (new FileInfo(file).LinkTarget is null) yield return file;
        foreach (var inner in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            if (Skipped.Contains(Path.GetFileName(inner)) || new DirectoryInfo(inner).LinkTarget is not null) continue;
            foreach (var file in Files(inner)) yield return file;
        }
    }

    private string Inside(string path)
    {
        var full = Real(Path.GetFullPath(Path.Combine(_root, path.Length == 0 ? "." : path.TrimStart('/'))));
        if (full == _root || full.StartsWith(_root + Path.DirectorySeparatorChar, StringComparison.Ordinal)) return full;
        throw new UnauthorizedAccessException($"{path} is outside of the folder");
    }

    /// <summary>The path with every link on the way resolved.</summary>
    private static string Real(string path, int linksLeft = LinksMax)
    {
        if (linksLeft == 0) throw new UnauthorizedAccessException($"{path} goes through too many links");
        var real = Path.GetPathRoot(path)!;
        foreach (var name in path[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, name);
            real = new FileInfo(next).LinkTarget is { } target ? Real(Path.GetFullPath(target, real), linksLeft - 1) : next;
        }
        return real;
    }
}
