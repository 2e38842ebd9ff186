using System.Runtime.InteropServices;

namespace Samovar.Engine.Native;

/// <summary>The environment as native libraries read it: the runtime keeps a copy of its own, whose changes they do not see.</summary>
internal static partial class NativeVariables
{
    /// <summary>Sets a variable that nobody has set.</summary>
    public static void Default(string name, string value)
    {
        if (!OperatingSystem.IsWindows()) _ = SetUnix(name, value, 0);
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int SetUnix(string name, string value, int replaces);
}
