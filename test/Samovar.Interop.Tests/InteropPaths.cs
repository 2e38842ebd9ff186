namespace Samovar.Interop.Tests;

/// <summary>Where things lie that are not part of this repository.</summary>
internal static class InteropPaths
{
    /// <summary>The repository's own folder.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Programs of the repository's own that run published SDKs.</summary>
    public static string Sdks { get; } = Path.Combine(Root, "test", "Samovar.Interop.Tests", "Clients");

    /// <summary>The model that the repository ships.</summary>
    public static string Pocket { get; } = Path.Combine(Root, "models", "pocket", "pocket.gguf");

    /// <summary>The real clients' runners: <c>SAMOVAR_SHARED</c>, or <c>shared</c> beside the repository. Null in a clone without
    /// them.</summary>
    public static string? Clients { get; } = FindClients();

    /// <summary>A Python that has Debian's <c>websockets</c>; null when there is none.</summary>
    public static async Task<string?> PythonAsync()
    {
        foreach (var python in new[] { "/usr/bin/python3", "python3" })
            if ((await Commands.TryRunAsync(python, ["-c", "import websockets"], TimeSpan.FromSeconds(30))).ExitCode == 0) return python;
        return null;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "Samovar.slnx"))) return folder.FullName;
        throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }

    private static string? FindClients()
    {
        var shared = Environment.GetEnvironmentVariable("SAMOVAR_SHARED") ?? Path.Combine(Root, "..", "shared");
        var clients = Path.GetFullPath(Path.Combine(shared, "clients"));
        return File.Exists(Path.Combine(clients, "run-all.sh")) ? clients : null;
    }
}
