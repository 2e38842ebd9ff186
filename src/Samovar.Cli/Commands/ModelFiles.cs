namespace Samovar.Cli.Commands;

/// <summary>The models that lie in the repository.</summary>
internal static class ModelFiles
{
    private const string Folder = "models";

    /// <summary>Pocket, if present; else the largest GGUF file of the models folder; null if the folder has none.</summary>
    public static string? Best()
    {
        if (FindFolder() is not { } models) return null;
        var pocket = Path.Combine(models, "pocket", "pocket.gguf");
        if (File.Exists(pocket)) return pocket;
        return new DirectoryInfo(models).EnumerateFiles("*.gguf", SearchOption.AllDirectories)
            .OrderByDescending(file => file.Length).ThenBy(file => file.FullName, StringComparer.Ordinal)
            .FirstOrDefault()?.FullName;
    }

    /// <summary>The smallest GGUF file of the models folder, for what only needs some model; null if the folder has none.</summary>
    public static string? Smallest() => FindFolder() is not { } models ? null
        : new DirectoryInfo(models).EnumerateFiles("*.gguf", SearchOption.AllDirectories)
            .OrderBy(file => file.Length).ThenBy(file => file.FullName, StringComparer.Ordinal).FirstOrDefault()?.FullName;

    private static string? FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, Folder) is var models && Directory.Exists(models)) return models;
        return null;
    }
}
