using System.Buffers;
using System.Runtime.InteropServices;

namespace Samovar.Engine.Tokens;

/// <summary>A special token's place in a text.</summary>
/// <param name="Start">Its first byte.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Special">Which one it is; null where only libllama can say what is in these bytes.</param>
internal readonly record struct SpecialPlace(int Start, int Length, SpecialText? Special);

/// <summary>A token that is found in text before anything else is.</summary>
internal sealed record SpecialText(int Token, byte[] Text, bool StripsLeft, bool StripsRight);

/// <summary>Finds a vocabulary's special tokens in a text as libllama does, in one walk over it.</summary>
/// <remarks>
/// libllama looks for each special token in turn, the longest first, in what the ones before have left; its list of pieces is walked from
/// the front for each find, so that a text with many of them takes the square of their number. The same places come out of this:
/// (1) find where any token begins, and widen to all that overlap with it: what does not overlap cannot take a byte from another;
/// (2) a token that covers all of such a cluster takes it; (3) else the cluster's own tokens are looked for in turn, the longest first.
/// Two tokens of one length that overlap are left to libllama, because the order in which it sorts them is its own.
/// </remarks>
internal sealed class SpecialTexts
{
    private readonly List<Dictionary<byte, int>> _edges = [[]]; // a trie: from a node, by the next byte
    private readonly List<List<SpecialText>?> _ends = [null];
    private readonly SearchValues<byte> _firsts;

    public SpecialTexts(IEnumerable<SpecialText> specials)
    {
        foreach (var special in specials) Add(special);
        _firsts = SearchValues.Create([.. _edges[0].Keys]);
    }

    /// <summary>The places in order; none overlap.</summary>
    public List<SpecialPlace> Find(ReadOnlySpan<byte> text)
    {
        var places = new List<SpecialPlace>();
        var present = new HashSet<SpecialText>();
        for (var at = 0; Next(text, at, text.Length, present) is var (start, length) && start >= 0;)
        {
            // :: 1
            var (first, end) = (length, start + length);
            for (var next = start + 1; Next(text, next, end, present) is var (inside, covered) && inside >= 0; next = inside + 1)
                end = Math.Max(end, inside + covered);
            // :: 2-3
            if (first == end - start && present.Count(special => special.Text.Length == first) == 1)
                places.Add(new SpecialPlace(start, first, present.First(special => special.Text.Length == first)));
            else if (!Resolve(text[start..end], start, present, places)) places.Add(new SpecialPlace(start, end - start, null));
            present.Clear();
            at = end;
        }
        return places;
    }

    private void Add(SpecialText special)
    {
        var node = 0;
        foreach (var next in special.Text)
        {
            ref var edge = ref CollectionsMarshal.GetValueRefOrAddDefault(_edges[node], next, out var isKnown);
            if (!isKnown)
            {
                edge = _edges.Count;
                _edges.Add([]);
                _ends.Add(null);
            }
            node = edge;
        }
        (_ends[node] ??= []).Add(special);
    }

    /// <summary>Where the next token begins before a limit, and the length of the longest there; all that begin there are added.</summary>
    private (int Start, int Length) Next(ReadOnlySpan<byte> text, int from, int limit, HashSet<SpecialText> present)
    {
        for (var at = from; at < limit; at++)
        {
            var found = text[at..limit].IndexOfAny(_firsts);
            if (found < 0) break;
            at += found;
            var (node, longest) = (0, 0);
            for (var next = at; next < text.Length && _edges[node].TryGetValue(text[next], out node); next++)
                if (_ends[node] is { } ends)
                {
                    longest = next + 1 - at;
                    foreach (var special in ends) present.Add(special);
                }
            if (longest > 0) return (at, longest);
        }
        return (-1, 0);
    }

    private static bool Resolve(ReadOnlySpan<byte> cluster, int start, HashSet<SpecialText> present, List<SpecialPlace> places)
    {
        List<(int Start, int End)> free = [(0, cluster.Length)];
        var taken = new List<SpecialPlace>();
        foreach (var equals in present.GroupBy(special => special.Text.Length).OrderByDescending(group => group.Key))
        {
            if (equals.Count() > 1 && Compete([.. equals], cluster, free)) return false;
            foreach (var special in equals) free = Take(special, cluster, start, free, taken);
        }
        places.AddRange(taken.OrderBy(place => place.Start));
        return true;
    }

    private static bool Compete(SpecialText[] equals, ReadOnlySpan<byte> cluster, List<(int Start, int End)> free)
    {
        foreach (var (from, to) in free)
        {
            var (end, last) = (0, (SpecialText?)null);
            for (var at = from; at < to; at++)
            {
                SpecialText? here = null;
                foreach (var special in equals)
                {
                    if (!cluster[at..to].StartsWith(special.Text)) continue;
                    if (here is not null) return true; // two of one spelling
                    here = special;
                }
                if (here is null) continue;
                if (at < end && last != here) return true;
                (end, last) = (at + here.Text.Length, here);
            }
        }
        return false;
    }

    private static List<(int Start, int End)> Take(
        SpecialText special, ReadOnlySpan<byte> cluster, int start, List<(int Start, int End)> free, List<SpecialPlace> taken)
    {
        var left = new List<(int Start, int End)>();
        foreach (var (begin, end) in free)
        {
            var from = begin;
            while (cluster[from..end].IndexOf(special.Text) is >= 0 and var found)
            {
                if (found > 0) left.Add((from, from + found));
                taken.Add(new SpecialPlace(start + from + found, special.Text.Length, special));
                from += found + special.Text.Length;
            }
            if (from < end) left.Add((from, end));
        }
        return left;
    }
}
