using Samovar.Cli.Agents;

namespace Samovar.Cli.Connect.Edits;

/// <summary>What is known of a file that was connected.</summary>
/// <param name="Path">Where <paramref name="Before"/> lies.</param>
/// <param name="Before">What the file would be if it had not been connected.</param>
/// <param name="Written">The same with ours in it, and nothing of anybody else's; null where that was not kept.</param>
/// <param name="Digest">Of the text that was written to the file.</param>
internal sealed record Kept(string Path, FileState Before, string? Written, string Digest);

/// <summary>The copies beside a connected file, which say what is ours in it and what is not. The names say what was written then:
/// <c>config.toml.before-samovar-DIGEST</c> (<c>….none-before-samovar-DIGEST</c> where there was none) and
/// <c>config.toml.written-samovar-DIGEST</c>.</summary>
/// <param name="places">The file by its own name, and by the name of what it leads to where it is a link: it may have become one since, or
/// ceased to be one. What is new is kept beside the first.</param>
internal sealed class KeptCopies(params IReadOnlyList<string> places)
{
    private const string Was = ".before-samovar-", WasNot = ".none-before-samovar-", Wrote = ".written-samovar-";

    public bool Any => Found(Was).Concat(Found(WasNot)).Any();

    /// <summary>What is kept for the text that the file has; else, where it was changed since, the newest.</summary>
    /// <exception cref="UsageException">It cannot be read.</exception>
    public Kept? Find(FileState now)
    {
        var all = Found(Was).Concat(Found(WasNot)).ToList();
        var path = all.Find(one => DigestOf(one) == now.Digest) ?? all.MaxBy(File.GetLastWriteTimeUtc);
        if (path is null) return null;
        var digest = DigestOf(path);
        var kind = path.EndsWith(WasNot + digest, StringComparison.Ordinal) ? WasNot : Was;
        var written = FileState.Read(path[..^(kind.Length + digest.Length)] + Wrote + digest);
        return new Kept(path, kind == WasNot ? FileState.None : FileState.Read(path), written.Exists ? written.Text : null, digest);
    }

    /// <param name="mode">Who may read what was there.</param>
    public void Add(string digest, FileState before, string? written, UnixFileMode? mode)
    {
        if (written is not null) FileState.None.With(written).WriteTo(places[0] + Wrote + digest, null);
        before.WriteTo(places[0] + (before.Exists ? Was : WasNot) + digest, mode);
        File.Delete(places[0] + (before.Exists ? WasNot : Was) + digest);
    }

    /// <summary>Forgets all for which this does not hold.</summary>
    public void KeepOnly(Func<string, bool> isKept)
    {
        foreach (var kind in (string[])[Was, WasNot, Wrote])
            foreach (var path in Found(kind).Where(one => !isKept(DigestOf(one))).ToList()) File.Delete(path);
    }

    private IEnumerable<string> Found(string kind) => places.Distinct(StringComparer.Ordinal)
        .Where(static place => Directory.Exists(Path.GetDirectoryName(place)))
        .SelectMany(place => Directory.EnumerateFiles(Path.GetDirectoryName(place)!).Where(one =>
            one.StartsWith(place + kind, StringComparison.Ordinal) && !one.EndsWith(".samovar-part", StringComparison.Ordinal)));

    private static string DigestOf(string path) => path[(path.LastIndexOf('-') + 1)..];
}
