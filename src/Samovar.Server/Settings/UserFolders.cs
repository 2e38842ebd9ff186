using System.Runtime.InteropServices;
using Samovar.Engine;

namespace Samovar.Server.Settings;

/// <summary>
/// Where this user's data, settings and logs lie: where the platform keeps them, never beside the program. <c>XDG_DATA_HOME</c>,
/// <c>XDG_CONFIG_HOME</c> and <c>XDG_STATE_HOME</c> move them on every platform.
/// </summary>
/// <param name="Settings">Null from the source, where only the working folder's file is read.</param>
/// <param name="Logs">Null from the source, where they lie in the data folder.</param>
internal sealed record UserFolders(string Data, string? Settings, string? Logs)
{
    private const string Own = "samovar";

    /// <summary>Of the user that this process runs as.</summary>
    public static UserFolders Current { get; } = Of(Installation.Current.IsInstalled, ThisPlatform(), Environment.GetEnvironmentVariable,
        Environment.GetFolderPath(Environment.SpecialFolder.UserProfile, Environment.SpecialFolderOption.DoNotVerify));

    /// <param name="read">Reads a variable of the environment.</param>
    /// <param name="home">The user's own folder.</param>
    public static UserFolders Of(bool isInstalled, OSPlatform platform, Func<string, string?> read, string home)
    {
        var usual = platform == OSPlatform.Windows ? OfWindows(read, home) : platform == OSPlatform.OSX ? OfMac(home) : OfOthers(home);
        var data = Moved("XDG_DATA_HOME") ?? usual.Data;
        return isInstalled ? new UserFolders(data, Moved("XDG_CONFIG_HOME") ?? usual.Settings, Moved("XDG_STATE_HOME") ?? usual.Logs)
            : new UserFolders(data, null, null);

        string? Moved(string name) => read(name) is { Length: > 0 } folder ? Path.Combine(folder, Own) : null;
    }

    private static UserFolders OfOthers(string home) => new(Path.Combine(home, ".local", "share", Own),
        Path.Combine(home, ".config", Own), Path.Combine(home, ".local", "state", Own));

    private static UserFolders OfMac(string home) => new(Path.Combine(home, "Library", "Application Support", Own),
        Path.Combine(home, "Library", "Application Support", Own), Path.Combine(home, "Library", "Logs", Own));

    private static UserFolders OfWindows(Func<string, string?> read, string home)
    {
        var local = read("LOCALAPPDATA") ?? Path.Combine(home, "AppData", "Local");
        return new UserFolders(Path.Combine(local, Own), Path.Combine(read("APPDATA") ?? Path.Combine(home, "AppData", "Roaming"), Own),
            Path.Combine(local, Own, "logs"));
    }

    private static OSPlatform ThisPlatform() =>
        OperatingSystem.IsWindows() ? OSPlatform.Windows : OperatingSystem.IsMacOS() ? OSPlatform.OSX : OSPlatform.Linux;
}
