namespace Samovar.Server.Monitoring;

/// <summary>The labels of a measurement, in the order in which they came. Equal when names and values are.</summary>
internal sealed class LabelSet(KeyValuePair<string, object?>[] labels)
{
    /// <summary>Finds a set by the labels of a measurement, without a copy of them.</summary>
    public static readonly IEqualityComparer<LabelSet> Comparer = new ByContent();

    private readonly KeyValuePair<string, object?>[] _labels = labels;
    private readonly int _hash = HashOf(labels);

    private bool Is(ReadOnlySpan<KeyValuePair<string, object?>> others)
    {
        if (others.Length != _labels.Length) return false;
        for (var at = 0; at < _labels.Length; at++)
            if (_labels[at].Key != others[at].Key || !Equals(_labels[at].Value, others[at].Value)) return false;
        return true;
    }

    private static int HashOf(ReadOnlySpan<KeyValuePair<string, object?>> labels)
    {
        var hash = new HashCode();
        foreach (var (_, value) in labels) hash.Add(value); // the names are mostly the same
        return hash.ToHashCode();
    }

    private sealed class ByContent
        : IEqualityComparer<LabelSet>, IAlternateEqualityComparer<ReadOnlySpan<KeyValuePair<string, object?>>, LabelSet>
    {
        public bool Equals(LabelSet? one, LabelSet? other) => one is null ? other is null : other is not null && one.Is(other._labels);
        public int GetHashCode(LabelSet labels) => labels._hash;
        public LabelSet Create(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => new(alternate.ToArray());
        public bool Equals(ReadOnlySpan<KeyValuePair<string, object?>> alternate, LabelSet other) => other.Is(alternate);
        public int GetHashCode(ReadOnlySpan<KeyValuePair<string, object?>> alternate) => HashOf(alternate);
    }
}
