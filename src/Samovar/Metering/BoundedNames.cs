using System.Collections.Concurrent;
using Samovar.Escaping;

namespace Samovar.Metering;

/// <summary>
/// Makes labels of names that come from outside: the first ones stand for themselves, all further ones are one, so that nobody can fill the
/// memory of the metrics backend. Safe for all threads.
/// </summary>
internal sealed class BoundedNames(int max)
{
    /// <summary>The conventions' word for whatever has no name of its own.</summary>
    public const string Other = "_OTHER";
    private const int LengthMax = 128;
    private readonly ConcurrentDictionary<string, string> _known = new(StringComparer.Ordinal);
    private int _places = max;

    /// <param name="name">As it came.</param>
    /// <param name="isProven">Whether it may become known now: a client's word alone takes nobody's place.</param>
    public string Of(string? name, bool isProven = true)
    {
        if (name is null) return Other;
        if (_known.TryGetValue(name, out var known)) return known;
        if (!isProven || name.Length > LengthMax || Interlocked.Decrement(ref _places) < 0) return Other;
        return _known.GetOrAdd(name, ForeignText.OneLine);
    }
}
