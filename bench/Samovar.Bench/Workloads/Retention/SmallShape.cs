namespace Samovar.Bench.Workloads.Retention;

/// <summary>A session made so small that an engine can play it: its prompts share what they shared, and its turns take no time.</summary>
internal static class SmallShape
{
    /// <param name="tokensPerToken">Tokens of the session that become one.</param>
    public static SessionShape Of(SessionShape shape, int tokensPerToken)
    {
        var segments = new ShapeSegment[shape.Segments.Length];
        for (var at = 0; at < segments.Length; at++)
        {
            var (parent, from, blocks) = shape.Segments[at];
            var (small, end) = (Scale(from), Scale(from + blocks));
            while (parent >= 0 && segments[parent].Blocks == 0) parent = segments[parent].Parent; // nothing is left of it
            segments[at] = new ShapeSegment(parent, small, end - small);
        }
        return new SessionShape(shape.Name, BlockTokens: 1, shape.Lanes, segments, [.. shape.Turns.Select(turn =>
        {
            var kept = Enumerable.Range(0, turn.Path.Length).Where(place => segments[turn.Path[place]].Blocks > 0).ToArray();
            return turn with
            {
                End = turn.Start,
                Path = [.. kept.Select(place => turn.Path[place])], NextUse = [.. kept.Select(place => turn.NextUse[place])],
            };
        })]);

        int Scale(int blocks) => (int)((long)blocks * shape.BlockTokens / tokensPerToken);
    }
}
