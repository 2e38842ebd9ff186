using Samovar.Grammars.Rules;

namespace Samovar.Grammars.Lark;

/// <summary>Finds the names for whose text something holds that follows from its pieces, such as that it may be empty.</summary>
/// <remarks>
/// Each piece waits for as many of its parts as it needs: a sequence for all of them, a choice for one. What holds is told to the piece
/// around it, or to all that use the name, once: the work grows with the grammar, however its rules hang together.
/// </remarks>
internal sealed class LarkGrowth
{
    private readonly GrammarWork _work;
    private readonly Func<LarkNode, bool> _holdsAlone;
    private readonly Dictionary<string, List<Piece>> _uses = new(StringComparer.Ordinal);
    private readonly Stack<Piece> _holding = new();

    private LarkGrowth(GrammarWork work, Func<LarkNode, bool> holdsAlone) => (_work, _holdsAlone) = (work, holdsAlone);

    /// <param name="definitions">All names are known.</param>
    /// <param name="holdsAlone">Whether it holds for a literal, a range or an expression.</param>
    /// <param name="work">Counts each piece.</param>
    public static HashSet<string> Of(LarkDefinitions definitions, Func<LarkNode, bool> holdsAlone, GrammarWork work)
    {
        var growth = new LarkGrowth(work, holdsAlone);
        foreach (var (name, node) in definitions.All)
            growth.Add(node, new Piece(null, name) { Needs = 1 });
        return growth.Grow();
    }

    private HashSet<string> Grow()
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        while (_holding.TryPop(out var piece))
        {
            _work.Take(1);
            if (piece.Around is { } around) Tell(around);
            if (piece.Defined is not { } name || !names.Add(name)) continue;
            foreach (var use in _uses.GetValueOrDefault(name) ?? []) Tell(use);
        }
        return names;
    }

    private void Tell(Piece piece)
    {
        _work.Take(1);
        if (--piece.Needs == 0) _holding.Push(piece);
    }

    private void Add(LarkNode node, Piece around)
    {
        _work.Take(1);
        LarkNode[] parts = node switch
        {
            LarkNode.Sequence sequence => sequence.Parts,
            LarkNode.Choice choice => choice.Parts,
            LarkNode.Repeat { Min: > 0 } repeat => [repeat.Part],
            _ => [],
        };
        var piece = new Piece(around, null) { Needs = node is LarkNode.Sequence ? parts.Length : 1 };
        foreach (var part in parts) Add(part, piece);
        if (node is LarkNode.Name { Identifier: var name })
        {
            if (!_uses.TryGetValue(name, out var uses)) _uses[name] = uses = [];
            uses.Add(piece);
        }
        else if (node is LarkNode.Sequence { Parts: [] } or LarkNode.Repeat { Min: 0 } || (IsAlone(node) && _holdsAlone(node)))
        {
            piece.Needs = 0;
            _holding.Push(piece);
        }
    }

    private static bool IsAlone(LarkNode node) => node is LarkNode.Literal or LarkNode.Range or LarkNode.Pattern;

    /// <param name="around">The piece that it is a part of.</param>
    /// <param name="defined">The name whose whole definition it stands around.</param>
    private sealed class Piece(Piece? around, string? defined)
    {
        public Piece? Around => around;
        public string? Defined => defined;

        /// <summary>For how many of its parts it still has to hold.</summary>
        public int Needs { get; set; }
    }
}
