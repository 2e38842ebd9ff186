namespace Samovar.Interop.Tests;

/// <summary>The clients' runners with their npm packages, installed once into a cache outside of the repository.</summary>
internal static class ClientInstall
{
    private static readonly TimeSpan InstallMax = TimeSpan.FromMinutes(10);
    private static readonly Dictionary<string, Task<string?>> Installed = []; // once each: what is copied again may just be read

    /// <summary>The installed copy's folder, the one that run-all.sh uses too.</summary>
    public static string Folder
    {
        get
        {
            var caches = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
            if (string.IsNullOrEmpty(caches)) caches = Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile),
                ".cache");
            return Path.Combine(caches, "samovar", "clients");
        }
    }

    /// <summary>The Codex runners' folder, ready to run; null where npm is missing. Throws when the install fails.</summary>
    public static Task<string?> CodexAsync() => InstallAsync("codex");

    /// <summary>
    /// The folder with the <c>codex</c> program: of the version that this repository pins, or the newest that npm has; null where npm is
    /// missing. Throws when the install fails.
    /// </summary>
    public static async Task<string?> CodexProgramAsync(bool isNewest)
    {
        var folder = Path.Combine(Folder, isNewest ? "codex-newest" : "codex-pinned");
        var script = $"mkdir -p '{folder}' && cd '{folder}' && " + (isNewest
            ? "npm install --prefix . --silent --no-audit --no-fund @openai/codex@latest"
            : $"cp '{InteropPaths.Sdks}'/codex/*.json . && {{ cmp -s package-lock.json node_modules/.installed"
                + " || { npm ci --silent --no-audit --no-fund && cp package-lock.json node_modules/.installed; }; }");
        return await InstallAsync("codex", folder, script) is { } at ? Path.Combine(at, "node_modules", ".bin") : null;
    }

    /// <summary>The scripted server's folder, ready to run; null where npm is missing. Throws when the install fails.</summary>
    public static Task<string?> StubAsync() => InstallAsync("stub");

    /// <summary>What drives the live page in a browser; null where npm is missing. Throws when the install fails.</summary>
    public static Task<string?> PageAsync() => OwnAsync("page", Path.Combine(InteropPaths.Sdks, "page"));

    /// <summary>The SDKs that this repository itself brings, with what runs them; null where npm is missing. Throws when the install
    /// fails.</summary>
    public static Task<string?> SdksAsync() => OwnAsync("sdks", InteropPaths.Sdks);

    private static Task<string?> OwnAsync(string name, string from)
    {
        var folder = Path.Combine(Folder, name);
        var script = $"mkdir -p '{folder}' && cp '{from}'/*.mjs '{from}'/package*.json '{folder}'/"
            + $" && cd '{folder}' && {{ cmp -s package-lock.json node_modules/.installed"
            + " || { npm ci --ignore-scripts --silent --no-audit --no-fund && cp package-lock.json node_modules/.installed; }; }";
        return InstallAsync(name, folder, script);
    }

    private static Task<string?> InstallAsync(string name)
    {
        var folder = Path.Combine(Folder, "own", name); // run-all.sh copies into the others whenever it runs
        var script = $"mkdir -p '{folder}' && cp -f '{InteropPaths.Clients}/{name}'/*.* '{folder}'/"
            + $" && cd '{folder}' && {{ [ -d node_modules ] || npm ci --silent --no-audit --no-fund; }}";
        return InstallAsync(name, folder, script);
    }

    private static Task<string?> InstallAsync(string name, string folder, string script)
    {
        lock (Installed)
            return Installed.TryGetValue(folder, out var known) ? known : Installed[folder] = RunAsync(name, folder, script);
    }

    private static async Task<string?> RunAsync(string name, string folder, string script)
    {
        if ((await Commands.TryRunAsync("npm", ["--version"], TimeSpan.FromMinutes(1))).ExitCode != 0) return null;
        var result = await Commands.TryRunAsync("bash", ["-c", script], InstallMax);
        return result.ExitCode == 0 ? folder
            : throw new InvalidOperationException($"The {name} runner could not be installed: {result.Output}");
    }
}
