using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Samovar.Server.Affinity;

/// <summary>
/// The machine's own SQLite: the package's bundled one is old, and the system's is kept up by whoever keeps up the system.
/// </summary>
internal static class SqliteLibrary
{
    private static readonly string[] Names =
        OperatingSystem.IsWindows() ? ["winsqlite3"]
        : OperatingSystem.IsMacOS() ? ["libsqlite3.dylib"]
        : ["libsqlite3.so.0", "libsqlite3.so"];

    private static readonly Lazy<bool> Loaded = new(Load);

    /// <summary>Whether there is one; it is ready for use then.</summary>
    public static bool IsThere => Loaded.Value;

    private static bool Load()
    {
        if (!TryLoad(Names, out _)) return false;
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        return true;
    }

    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path) =>
        name == "e_sqlite3" && TryLoad(Names, out var library) ? library : 0;

    private static bool TryLoad(string[] names, out nint library)
    {
        foreach (var name in names)
            if (NativeLibrary.TryLoad(name, out library)) return true;
        library = 0;
        return false;
    }
}
