namespace Samovar.Engine;

/// <summary>
/// Where the program's own files lie, and how its user calls it: from its source they lie in the repository, somewhere above the program;
/// installed, beside it. Nothing is ever written there.
/// </summary>
/// <param name="Root">The folder that has <c>native</c> and <c>models</c>; null where the program was taken out of its repository.</param>
internal sealed record Installation(string? Root, bool IsInstalled)
{
    /// <summary>Packages set this switch in the settings of their runtime (<c>Package.props</c> of the command line).</summary>
    private const string Switch = "Samovar.Installed";
    private const string MarkOfRepository = "Samovar.slnx";

    /// <summary>This process's own.</summary>
    public static Installation Current { get; } =
        Of(AppContext.BaseDirectory, AppContext.TryGetSwitch(Switch, out var isInstalled) && isInstalled);

    /// <summary>Builds of libllama, one for each kind of device; null where there is no such folder.</summary>
    public string? Native => Folder("native");

    /// <summary>Models that come with the program; null where there is no such folder.</summary>
    public string? Models => Folder("models");

    /// <summary>What its user types.</summary>
    public string Command => IsInstalled ? "samovar" : "./samovar";

    /// <param name="program">The folder of the program's assemblies.</param>
    public static Installation Of(string program, bool isInstalled)
    {
        if (isInstalled) return new Installation(program, true);
        for (var folder = new DirectoryInfo(program); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, MarkOfRepository))) return new Installation(folder.FullName, false);
        return new Installation(null, false);
    }

    /// <summary>How a build of libllama for a device comes here, as the rest of a sentence.</summary>
    /// <param name="device">Null: for any.</param>
    public string WayToLibrary(string? device) =>
        IsInstalled ? "name the folder of one with --library"
        : device is null ? "run ./samovar setup" : $"./samovar setup --device {device}";

    private string? Folder(string name) =>
        Root is not null && Path.Combine(Root, name) is var folder && Directory.Exists(folder) ? folder : null;
}
