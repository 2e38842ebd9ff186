using System.Diagnostics;
using Samovar.Testing;

namespace Samovar.Tests.Hosting;

/// <summary>
/// A disk that hangs for one process: reads, writes and syncs of its store's files do not come back while it does. A library that is loaded
/// before the system's own stands between, made from source by the machine's compiler.
/// </summary>
internal sealed class HangingFiles : IDisposable
{
    private const string Source = """
        #define _GNU_SOURCE
        #include <dlfcn.h>
        #include <stdio.h>
        #include <stdlib.h>
        #include <string.h>
        #include <sys/types.h>
        #include <unistd.h>

        static void pass(int file) {
            const char *sign = getenv("HANGING_FILES_SIGN");
            char name[64], path[4096];
            if (!sign || access(sign, F_OK) != 0) return;
            snprintf(name, sizeof name, "/proc/self/fd/%d", file);
            ssize_t length = readlink(name, path, sizeof path - 1);
            if (length < 0) return;
            path[length] = 0;
            if (!strstr(path, "/store.db")) return;
            while (access(sign, F_OK) == 0) usleep(5000);
        }

        #define REAL(name) static __typeof__(&name) real; if (!real) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

        ssize_t pread64(int file, void *bytes, size_t count, off64_t at) { REAL(pread64); pass(file); return real(file, bytes, count, at); }
        ssize_t pwrite64(int file, const void *bytes, size_t count, off64_t at) {
            REAL(pwrite64); pass(file); return real(file, bytes, count, at);
        }
        int fsync(int file) { REAL(fsync); pass(file); return real(file); }
        """;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-hanging-");

    /// <summary>Null where the machine has no compiler.</summary>
    public static async Task<HangingFiles?> TryMakeAsync()
    {
        var files = new HangingFiles();
        try
        {
            await File.WriteAllTextAsync(files.InFolder("hanging.c"), Source);
            using var compiling = Process.Start("cc", ["-shared", "-fPIC", "-o", files.Library, files.InFolder("hanging.c"), "-ldl"]);
            await compiling.WaitForExitAsync(Soon.Token);
            if (compiling.ExitCode == 0) return files;
        }
        catch (System.ComponentModel.Win32Exception) { /* there is no compiler */ }
        files.Dispose();
        return null;
    }

    /// <summary>For the process.</summary>
    public IReadOnlyDictionary<string, string> Environment =>
        new Dictionary<string, string>(StringComparer.Ordinal) { ["LD_PRELOAD"] = Library, ["HANGING_FILES_SIGN"] = Sign };

    public void Hang() => File.WriteAllText(Sign, "");

    public void Wake() => File.Delete(Sign);

    public void Dispose() => _folder.Delete(recursive: true);

    private string Library => InFolder("hanging.so");
    private string Sign => InFolder("hangs");
    private string InFolder(string name) => Path.Combine(_folder.FullName, name);
}
