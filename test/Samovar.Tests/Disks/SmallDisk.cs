using System.Diagnostics;

namespace Samovar.Tests.Disks;

/// <summary>A file system of one megabyte in memory; only root may mount one.</summary>
internal sealed class SmallDisk : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-disk-");
    private bool _isMounted;

    public string Path => _folder.FullName;
    private string Ballast => System.IO.Path.Combine(Path, "ballast");

    public static SmallDisk Mount()
    {
        var disk = new SmallDisk();
        disk._isMounted = OperatingSystem.IsLinux() && Run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk.Path);
        if (!disk._isMounted) disk.Dispose();
        Assert.SkipUnless(disk._isMounted, "needs the right to mount a file system");
        return disk;
    }

    public void Fill()
    {
        using var file = new FileStream(Ballast, FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 0);
        for (var size = 64 << 10; size > 0;)
            try { file.Write(new byte[size]); }
            catch (IOException) { size /= 2; }
    }

    public void Free() => File.Delete(Ballast);

    public void MakeReadOnly(bool isReadOnly) => Assert.True(Run("mount", "-o", isReadOnly ? "remount,ro" : "remount,rw", Path));

    public void Dispose()
    {
        if (_isMounted) Run("umount", "-l", Path);
        _folder.Delete(recursive: true);
    }

    private static bool Run(string program, params string[] arguments)
    {
        try
        {
            var start = new ProcessStartInfo(program, arguments) { RedirectStandardError = true, UseShellExecute = false };
            using var process = Process.Start(start)!;
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
