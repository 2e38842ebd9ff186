using System.Runtime.CompilerServices;

namespace Samovar.Tests.Tidy;

/// <summary>The repository's C# files.</summary>
internal static class SourceTree
{
    public static readonly string Root = FindRoot();

    public static IReadOnlyList<SourceFile> Files { get; } =
    [
        .. new[] { "src", "test", "bench" }
            .Select(folder => Path.Combine(Root, folder)).Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories))
            .Select(path => new SourceFile(Path.GetRelativePath(Root, path).Replace('\\', '/'), path))
            .Where(file => !file.Name.Split('/').Any(part => part is "bin" or "obj" or "node_modules"))
            .OrderBy(file => file.Name, StringComparer.Ordinal),
    ];

    private static string FindRoot([CallerFilePath] string here = "")
    {
        for (var folder = Path.GetDirectoryName(here); folder is not null; folder = Path.GetDirectoryName(folder))
            if (File.Exists(Path.Combine(folder, "Samovar.slnx"))) return folder;
        throw new InvalidOperationException($"No Samovar.slnx above {here}.");
    }
}

/// <summary>One file.</summary>
/// <param name="name">Its path in the repository, with forward slashes.</param>
/// <param name="path">Where it lies.</param>
internal sealed class SourceFile(string name, string path)
{
    public string Name => name;
    public string Path => path;
    public string[] Lines { get => field ??= File.ReadAllLines(path); init; }
}
