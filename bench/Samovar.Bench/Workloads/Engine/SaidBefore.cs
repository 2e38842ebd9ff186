namespace Samovar.Bench.Workloads.Engine;

/// <summary>
/// What a round has said so far, as a cache that forgets nothing would know it: of a turn, that part of its own text is new which no turn
/// behind the same context began with.
/// </summary>
internal sealed class SaidBefore
{
    private readonly Lock _lock = new();
    private readonly Dictionary<AnsweredTurn, List<string>> _behind = new(ReferenceEqualityComparer.Instance);
    private readonly List<string> _first = [];

    /// <summary>The share of the text that is new; it is known from now on.</summary>
    public double Add(AnsweredTurn? after, string text)
    {
        lock (_lock)
        {
            var texts = after is null ? _first : Behind(after);
            var known = texts.Select(other => other.AsSpan().CommonPrefixLength(text)).DefaultIfEmpty(0).Max();
            texts.Add(text);
            return 1 - known / (double)Math.Max(1, text.Length);
        }
    }

    private List<string> Behind(AnsweredTurn turn)
    {
        if (!_behind.TryGetValue(turn, out var texts)) _behind[turn] = texts = [];
        return texts;
    }
}
