using Samovar.Engine;

namespace Samovar.Cli.Commands;

/// <summary>The models that come with the program.</summary>
internal static class ModelFiles
{
    /// <summary>Pocket, if present; else the largest GGUF file of the models folder; null if the folder has none.</summary>
    public static string? Best() => Pocket() ?? (Installation.Current.Models is not { } models ? null
        : new DirectoryInfo(models).EnumerateFiles("*.gguf", SearchOption.AllDirectories)
            .OrderByDescending(file => file.Length).ThenBy(file => file.FullName, StringComparer.Ordinal)
            .FirstOrDefault()?.FullName);

    /// <summary>The model in the box; null where it was taken out.</summary>
    public static string? Pocket() => Installation.Current.Models is { } models
        && Path.Combine(models, "pocket", "pocket.gguf") is var pocket && File.Exists(pocket) ? pocket : null;
}
