namespace Samovar.Cli.Commands;

/// <summary>The models that lie in the repository.</summary>
internal static class ModelFiles
{
    private const string Folder = "models";

    /// <summary>Pocket, if present; else the largest GGUF file of the models folder; null if the folder has none.</summary>
    public static string? Best() => Pocket() ?? (FindFolder() is not { } models ? null
        : new DirectoryInfo(models).EnumerateFiles("*.gguf", SearchOption.AllDirectories)
            .OrderByDescending(file => file.Length).ThenBy(file => file.FullName, StringComparer.Ordinal)
            .FirstOrDefault()?.FullName);

    /// <summary>The model that is part of the repository; null where it was taken out.</summary>
    public static string? Pocket() =>
        FindFolder() is { } models && Path.Combine(models, "pocket", "pocket.gguf") is var pocket && File.Exists(pocket) ? pocket : null;

    private static string? FindFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, Folder) is var models && Directory.Exists(models)) return models;
        return null;
    }
}
