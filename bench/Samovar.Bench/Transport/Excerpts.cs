using System.Text;

namespace Samovar.Bench.Transport;

/// <summary>
/// Text that agents send: source code of this repository, for what compression makes of it is a part of what is measured. Without the
/// repository, random words.
/// </summary>
internal static class Excerpts
{
    private const int SourcesMax = 400;
    private const uint HashStart = 2166136261, HashStep = 16777619; // FNV-1a
    private static readonly Lazy<string> Sources = new(Read);

    /// <summary>So many bytes of ASCII, another part for another seed.</summary>
    public static string OfLength(int bytes, int seed)
    {
        var all = Sources.Value;
        var from = (int)((uint)seed * 2_654_435_761u % (uint)all.Length);
        return string.Create(bytes, (all, from), static (text, source) =>
        {
            for (var at = 0; at < text.Length; at++) text[at] = source.all[(source.from + at) % source.all.Length];
        });
    }

    /// <summary>The seed of a part of what has a seed.</summary>
    public static int Seed(int seed, int part) => unchecked((int)Mix(Mix(HashStart, (uint)seed), (uint)part));

    /// <summary>The same on every machine.</summary>
    public static int Seed(string name)
    {
        var hash = HashStart;
        foreach (var octet in Encoding.UTF8.GetBytes(name)) hash = unchecked((hash ^ octet) * HashStep);
        return unchecked((int)hash);
    }

    private static uint Mix(uint hash, uint value)
    {
        for (var shift = 0; shift < 32; shift += 8) hash = unchecked((hash ^ (value >> shift & 0xFF)) * HashStep);
        return hash;
    }

    private static string Read()
    {
        var folder = Path.Combine(Environment.GetEnvironmentVariable("SAMOVAR_ROOT") ?? ".", "src");
        var files = Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
                .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal).Take(SourcesMax).Select(File.ReadAllText)
            : [Workloads.Speech.OfLength(1 << 20, 1)];
        return string.Concat(string.Concat(files).Where(letter => letter is '\n' or (>= ' ' and <= '~')).Where(letter => letter != '['));
    }
}
