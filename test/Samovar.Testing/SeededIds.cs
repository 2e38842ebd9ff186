using System.Globalization;
using Samovar.Protocol.Ids;

namespace Samovar.Testing;

/// <summary>Names that are the same in every run with the same seed.</summary>
public sealed class SeededIds(int seed = 1) : IdSource
{
    private int _count;

    public override string Next() => string.Create(CultureInfo.InvariantCulture, $"{seed:x4}{Interlocked.Increment(ref _count):x12}");
}
