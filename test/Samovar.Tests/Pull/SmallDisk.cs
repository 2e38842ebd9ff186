using System.Diagnostics;
using System.Globalization;

namespace Samovar.Tests.Pull;

/// <summary>A disk in memory that is full soon, over a folder.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly string _folder;

    private SmallDisk(string folder) => _folder = folder;

    /// <summary>Null where this process may not mount one.</summary>
    public static SmallDisk? TryMount(string folder, long bytes) =>
        OperatingSystem.IsLinux() && IsDone("mount", "-t", "tmpfs", "-o", Size(bytes), "tmpfs", folder) ? new SmallDisk(folder) : null;

    public void Resize(long bytes) => Assert.True(IsDone("mount", "-o", "remount," + Size(bytes), _folder));

    public void Dispose() => IsDone("umount", _folder);

    private static string Size(long bytes) => string.Create(CultureInfo.InvariantCulture, $"size={bytes}");

    private static bool IsDone(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments)
            {
                UseShellExecute = false, RedirectStandardError = true, RedirectStandardOutput = true,
            };
            using var process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false; // there is no such program
        }
    }
}
