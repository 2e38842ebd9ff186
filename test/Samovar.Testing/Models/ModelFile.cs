namespace Samovar.Testing.Models;

/// <summary>Model files that tests and benchmarks share: each is written once.</summary>
internal static class ModelFile
{
    private static readonly Lock Writing = new();

    /// <summary>The file at a path, written first if it is not there. Safe beside other threads and other processes that ask for the
    /// same.</summary>
    /// <param name="write">Writes the model to the path that it is given.</param>
    public static string Ensure(string path, Action<string> write)
    {
        lock (Writing)
        {
            if (File.Exists(path)) return path;
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            var draft = $"{path}.{Environment.ProcessId}.tmp";
            write(draft);
            File.Move(draft, path, overwrite: true);
            return path;
        }
    }
}
