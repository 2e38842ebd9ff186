using System.Text;
using System.Text.Unicode;

namespace Samovar.Cli.Agents;

/// <summary>The one folder an agent may touch: every path is resolved, links included, and must stay inside.</summary>
internal sealed class Workspace
{
    private const int FileBytesMax = 256 << 10, ResultCharsMax = 16 << 10, EntriesMax = 500, HitsMax = 100;
    private const int LinksMax = 40, PathCharsMax = 4096; // as systems have them
    private const string Empty = "(empty)";
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
        if (sorted.Count == 0) return Empty;
        return string.Join('\n', sorted.Take(EntriesMax)) + (sorted.Count > EntriesMax ? "\n…" : "");
    }

    public string Read(string path)
    {
        var file = Inside(path);
        if (!File.Exists(file)) return $"error: no such file: {path}";
        if (IsEmpty(file)) return Empty;
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
        var (bytes, sought) = (IsEmpty(file) ? [] : File.ReadAllBytes(file), Encoding.UTF8.GetBytes(old));
        if (IsWide(bytes)) return $"error: {path} is UTF-16 or binary: only text in UTF-8 can be edited";
        var at = sought.Length == 0 ? -1 : bytes.AsSpan().IndexOf(sought);
        if (at < 0)
            return old.Contains(Unreadable) && !Utf8.IsValid(bytes)
                ? $"error: {Unreadable} stands for bytes of {path} that are not UTF-8: leave them out of the old text"
                : $"error: the old text was not found in {path}";
        Replace(file, [.. bytes.AsSpan(0, at), .. Encoding.UTF8.GetBytes(@new), .. bytes.AsSpan(at + sought.Length)]);
        return $"edited {path}";
    }

    /// <summary>Whether nothing is in it. It is never opened then: what looks so may be a pipe, which waits for somebody to write, or a
    /// device that never ends.</summary>
    private static bool IsEmpty(string file) => new FileInfo(file).Length == 0;

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

    /// <summary>Lines that contain the text, as <c>path:line: text</c>. What cannot be read is passed over.</summary>
    public string Search(string query)
    {
        if (query.Length == 0) return "error: nothing to search for";
        var found = new StringBuilder();
        var hits = 0;
        foreach (var file in Files(_root))
        {
            var number = 0;
            foreach (var line in Lines(file))
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

    private static string[] Lines(string file)
    {
        try { return new FileInfo(file).Length is > 0 and <= FileBytesMax ? File.ReadAllLines(file) : []; }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException) { return []; }
    }

    private static IEnumerable<string> Files(string folder)
    {
        foreach (var file in Own(folder, Directory.EnumerateFiles)) yield return file;
        foreach (var inner in Own(folder, Directory.EnumerateDirectories))
        {
            if (Skipped.Contains(Path.GetFileName(inner))) continue;
            foreach (var file in Files(inner)) yield return file;
        }
    }

    /// <summary>What a folder has that is no link, sorted.</summary>
    private static List<string> Own(string folder, Func<string, IEnumerable<string>> list)
    {
        try { return [.. list(folder).Where(static path => new FileInfo(path).LinkTarget is null).Order(StringComparer.Ordinal)]; }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException) { return []; }
    }

    private string Inside(string path)
    {
        if (path.Length > PathCharsMax) throw new PathTooLongException("the path is too long");
        var full = Real(Path.GetFullPath(Path.Combine(_root, path.Length == 0 ? "." : path.TrimStart('/'))));
        var inner = Path.EndsInDirectorySeparator(_root) ? _root : _root + Path.DirectorySeparatorChar; // the root of a disk ends so itself
        if (full == _root || full.StartsWith(inner, StringComparison.Ordinal)) return full;
        throw new UnauthorizedAccessException($"{path} is outside of the folder");
    }

    /// <summary>The path with every link on the way resolved.</summary>
    private static string Real(string path)
    {
        var links = 0;
        return Real(path, ref links);
    }

    /// <param name="links">Those on the whole way: each may lead through others, which lead through others.</param>
    private static string Real(string path, ref int links)
    {
        var real = Path.GetPathRoot(path)!;
        foreach (var name in path[real.Length..].Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries))
        {
            var next = Path.Combine(real, name);
            if (new FileInfo(next).LinkTarget is not { } target)
            {
                real = next;
                continue;
            }
            if (++links > LinksMax) throw new UnauthorizedAccessException($"{path} goes through too many links");
            real = Real(Path.GetFullPath(target, real), ref links);
        }
        return real;
    }
}
