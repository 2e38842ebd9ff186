using System.Runtime.InteropServices;

namespace Samovar.Engine.Native;

/// <summary>A package of libllama that lies in the <c>native</c> folder of the repository or the installed program.</summary>
/// <param name="Device">The device that it is built for.</param>
/// <param name="Folder">Where its libraries lie.</param>
internal sealed record NativePackage(string Device, string Folder)
{
    /// <summary>The packages for this platform that the program has, the fastest device first; the CPU's own stands last.</summary>
    public static IReadOnlyList<NativePackage> Installed() => Installation.Current.Native is { } native ? In(native, Platform()) : [];

    /// <summary>The packages for a platform in a folder.</summary>
    internal static IReadOnlyList<NativePackage> In(string native, string platform) =>
    [
        .. Directory.EnumerateDirectories(native)
            .Select(kind => (Name: Path.GetFileName(kind), Bins: BinsOf(kind)))
            .Where(kind => kind.Bins is not null && IsFor(kind.Name, platform))
            .Select(kind => new NativePackage(DeviceOf(kind.Name), kind.Bins!))
            .OrderBy(package => Rank(package.Device)).ThenBy(package => package.Folder, StringComparer.Ordinal),
    ];

    /// <summary>This platform as the packages are named after it.</summary>
    internal static string Platform()
    {
        var system = OperatingSystem.IsWindows() ? "win" : OperatingSystem.IsMacOS() ? "mac" : "linux";
        return $"{system}-{(RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "x64")}";
    }

    private static bool IsFor(string kind, string platform) =>
        kind == platform || kind.StartsWith(platform + "-", StringComparison.Ordinal);

    // In the repository npm puts them here, and the package of CUDA 12 is that of CUDA 13 with another library behind it, in a package of
    // its own; an installed program has the libraries in the folder of their kind.
    private static string? BinsOf(string kind)
    {
        if (LibraryFiles.Find(kind, LibraryNames.Llama) is not null) return kind;
        var packages = Path.Combine(kind, "node_modules", "@node-llama-cpp");
        return !Directory.Exists(packages) ? null : Directory.EnumerateDirectories(packages)
            .Select(package => Path.Combine(package, "bins", Path.GetFileName(package)))
            .FirstOrDefault(bins => LibraryFiles.Find(bins, LibraryNames.Llama) is not null);
    }

    private static string DeviceOf(string kind) =>
        kind.Contains("-cuda", StringComparison.Ordinal) ? DeviceKinds.Cuda
        : kind.EndsWith("-vulkan", StringComparison.Ordinal) ? DeviceKinds.Vulkan
        : kind.EndsWith("-metal", StringComparison.Ordinal) ? DeviceKinds.Metal : DeviceKinds.Cpu;

    private static int Rank(string device) => device switch
    {
        DeviceKinds.Metal => 0,
        DeviceKinds.Cuda => 1,
        DeviceKinds.Vulkan => 2,
        _ => 3,
    };
}
