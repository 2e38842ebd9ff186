using Samovar.Bench.Traces;
using Samovar.Engine;
using Samovar.Engine.Retention;

namespace Samovar.Bench.Workloads.Retention;

/// <summary>Makes a session's shape of a recorded one.</summary>
internal sealed class ShapeBuilder
{
    private readonly Dictionary<(int Parent, int Block), int> _nodes = []; // a block is its name and all in front of it
    private readonly List<(int Parent, int Children, bool Ends)> _tree = [];
    private readonly List<(TraceTurn Turn, double Start, int Lane)> _turns = [];
    private int _lanes;

    public static SessionShape Of(TraceFile file)
    {
        var builder = new ShapeBuilder();
        builder.Take(file.Session, 0);
        return builder.Build(file);
    }

    private void Take(TraceSession session, double offset)
    {
        var lane = _lanes++;
        foreach (var turn in session.Turns) _turns.Add((turn, offset + turn.At.TotalSeconds, lane));
        foreach (var agent in session.SubAgents) Take(agent.Session, offset + agent.StartsAt.TotalSeconds);
    }

    private SessionShape Build(TraceFile file)
    {
        var ordered = _turns.OrderBy(turn => turn.Start).ToList(); // stable: equal times stay as the file has them
        var ends = ordered.Select(turn => End(turn.Turn.Blocks)).ToArray();
        var (segments, segmentOf) = Segments();
        var paths = ends.Select(end => Path(end, segments, segmentOf)).ToArray();
        var (next, after) = (new int[paths.Length][], Enumerable.Repeat(-1, segments.Count).ToArray());
        for (var turn = paths.Length - 1; turn >= 0; turn--)
        {
            next[turn] = [.. paths[turn].Select(segment => after[segment])];
            foreach (var segment in paths[turn]) after[segment] = turn;
        }
        var first = ordered[0].Start;
        var last = Enumerable.Repeat(-1, _lanes).ToArray();
        var turns = new ShapeTurn[ordered.Count];
        for (var at = 0; at < turns.Length; at++)
        {
            var (turn, start, lane) = ordered[at];
            turns[at] = new ShapeTurn(start - first, start - first + turn.Took.TotalSeconds, paths[at], next[at], Ending(turn, lane), lane,
                last[lane]);
            last[lane] = at;
        }
        foreach (var at in last)
            if (at >= 0) turns[at] = turns[at] with { IsLast = true };
        return new SessionShape(file.Session.Name, file.BlockTokens, _lanes, [.. segments], turns);
    }

    private static TurnEnding Ending(TraceTurn turn, int lane) => new(turn.Stop switch
    {
        "tool_use" => StopKind.ToolCall,
        "end_turn" => StopKind.EndTurn,
        _ => StopKind.Unknown,
    }, IsSubAgent: lane > 0);

    /// <summary>The node of a prompt's last block; -1 where it has none.</summary>
    private int End(IReadOnlyList<int> blocks)
    {
        var at = -1;
        foreach (var block in blocks)
        {
            if (!_nodes.TryGetValue((at, block), out var node))
            {
                _nodes[(at, block)] = node = _tree.Count;
                _tree.Add((at, 0, false));
                if (at >= 0) _tree[at] = _tree[at] with { Children = _tree[at].Children + 1 };
            }
            at = node;
        }
        if (at >= 0) _tree[at] = _tree[at] with { Ends = true };
        return at;
    }

    private (List<ShapeSegment> Segments, int[] SegmentOf) Segments()
    {
        var (segments, segmentOf) = (new List<ShapeSegment>(), new int[_tree.Count]);
        for (var node = 0; node < _tree.Count; node++) // a parent stands in front of its children
        {
            var parent = _tree[node].Parent;
            if (parent >= 0 && !_tree[parent].Ends && _tree[parent].Children == 1)
            {
                segmentOf[node] = segmentOf[parent];
                segments[segmentOf[node]] = segments[segmentOf[node]] with { Blocks = segments[segmentOf[node]].Blocks + 1 };
                continue;
            }
            segmentOf[node] = segments.Count;
            segments.Add(parent < 0 ? new ShapeSegment(-1, 0, 1)
                : new ShapeSegment(segmentOf[parent], segments[segmentOf[parent]].From + segments[segmentOf[parent]].Blocks, 1));
        }
        return (segments, segmentOf);
    }

    private static int[] Path(int end, List<ShapeSegment> segments, int[] segmentOf)
    {
        var path = new List<int>();
        for (var segment = end < 0 ? -1 : segmentOf[end]; segment >= 0; segment = segments[segment].Parent) path.Add(segment);
        path.Reverse();
        return [.. path];
    }
}
