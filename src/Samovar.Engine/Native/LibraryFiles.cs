namespace Samovar.Engine.Native;

/// <summary>The files of a library's folder, whatever the platform and the release put around their names.</summary>
internal static class LibraryFiles
{
    private const string Prefix = "lib";
    private const string DevicePrefix = "ggml-";
    private static readonly string[] Extensions = [".so", ".dylib", ".dll"];
    private static readonly string[] NoDevices = ["base", "cpu", "rpc"];

    /// <summary>
    /// The file of a library; null where there is none. Files carry the device and the release in their names
    /// (<c>libllama.cuda.v0.5.0.so</c>, <c>llama.v0.4.0.dll</c>); neighbours such as <c>libllama-common</c> do not match.
    /// </summary>
    public static string? Find(string folder, string name) =>
        All(folder).FirstOrDefault(file => Leaf(file).StartsWith(name + ".", StringComparison.Ordinal));

    /// <summary>The CPU's libraries, one for each generation of processors, or one for all.</summary>
    public static IReadOnlyList<string> Cpu(string folder) => [.. All(folder).Where(file => BackendOf(file) == "cpu")];

    /// <summary>
    /// The libraries of a device, the likeliest first: the folder's own, and that for an older runtime of the same maker, which lies in a
    /// package beside it (<c>linux-x64-cuda-ext/bins/linux-x64-cuda/fallback</c>).
    /// </summary>
    public static IReadOnlyList<string> Of(string folder, string device)
    {
        var name = Path.GetFileName(Path.TrimEndingDirectorySeparator(folder));
        var beside = Path.Combine(folder, "..", "..", "..", name + "-ext", "bins", name, "fallback");
        return [.. All(folder).Concat(All(beside)).Where(file => BackendOf(file) == device).Select(Path.GetFullPath)];
    }

    /// <summary>The devices that a folder has libraries for.</summary>
    public static IReadOnlyList<string> Devices(string folder) =>
        [.. All(folder).Select(BackendOf).OfType<string>().Where(backend => !NoDevices.Contains(backend)).Distinct(StringComparer.Ordinal)];

    // ggml-cpu-haswell → cpu, ggml-cuda → cuda
    private static string? BackendOf(string file)
    {
        var leaf = Leaf(file);
        return leaf.StartsWith(DevicePrefix, StringComparison.Ordinal) ? leaf[DevicePrefix.Length..].Split('-', '.')[0] : null;
    }

    private static string Leaf(string file)
    {
        var leaf = Path.GetFileName(file);
        return leaf.StartsWith(Prefix, StringComparison.Ordinal) ? leaf[Prefix.Length..] : leaf;
    }

    private static IEnumerable<string> All(string folder) => !Directory.Exists(folder) ? [] : Directory.EnumerateFiles(folder)
        .Where(file => Extensions.Contains(Path.GetExtension(file), StringComparer.Ordinal))
        .Order(StringComparer.Ordinal);
}
