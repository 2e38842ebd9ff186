namespace Samovar.Cli.Pull;

/// <summary>What a file is called on this disk.</summary>
internal static class LocalName
{
    private static readonly string[] Reserved = ["CON", "PRN", "AUX", "NUL"]; // where Windows is, whatever they end with

    /// <summary>The name of a repository's file: without its own folders, unless another file is called alike.</summary>
    /// <param name="path">Its path in the repository.</param>
    /// <param name="paths">Those of all files.</param>
    /// <exception cref="PullException">It would not be the name of a file.</exception>
    public static string Of(string path, IEnumerable<string> paths)
    {
        var name = path[(path.LastIndexOf('/') + 1)..];
        var isAlone = !paths.Any(other => other != path && other.EndsWith("/" + name, StringComparison.OrdinalIgnoreCase)
            || other != path && other.Equals(name, StringComparison.OrdinalIgnoreCase));
        return Checked(isAlone ? name : path.Replace('/', '-'));
    }

    /// <summary>The name of an address's file.</summary>
    /// <exception cref="PullException">It does not end with one.</exception>
    public static string Of(Uri address) =>
        Checked(Uri.UnescapeDataString(address.AbsolutePath[(address.AbsolutePath.LastIndexOf('/') + 1)..]));

    private static string Checked(string name) =>
        name.Length > 0 && name is not ("." or "..") && !name.AsSpan().ContainsAny('/', '\\', '\0')
        && name.IndexOfAny(Path.GetInvalidFileNameChars()) < 0
        && !Reserved.Contains(Path.GetFileNameWithoutExtension(name), StringComparer.OrdinalIgnoreCase)
            ? name : throw new PullException($"'{name}' cannot be the name of a file.");
}
