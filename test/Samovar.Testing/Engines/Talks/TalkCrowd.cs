namespace Samovar.Testing.Engines.Talks;

/// <summary>Sessions with one start that take turns, one turn at a time.</summary>
/// <param name="Sessions">How many there are.</param>
/// <param name="Rounds">Turns of each.</param>
public sealed record TalkCrowd(int Sessions, int Rounds)
{
    /// <summary>Runs it.</summary>
    /// <param name="stage">Where.</param>
    /// <param name="roundEnded">Called behind each round.</param>
    public async Task<IReadOnlyList<TalkTurn>> PlayAsync(TalkStage stage, Action? roundEnded = null)
    {
        var talker = stage.NewTalker();
        var start = talker.Begin(stage.Sizes.Start);
        var newest = new TalkTurn?[Sessions];
        var turns = new List<TalkTurn>();
        for (var round = 0; round < Rounds; round++)
        {
            for (var session = 0; session < Sessions; session++)
            {
                var point = newest[session] is { } last ? Talker.After(last) : start with { Known = session == 0 ? 0 : start.StableEnd };
                turns.Add(newest[session] = await stage.AskAsync(talker, $"session {session + 1}, turn {round + 1}", point));
            }
            roundEnded?.Invoke();
        }
        return turns;
    }

    /// <summary>Tokens of a session behind its last turn.</summary>
    public int TokensOf(TalkSizes sizes) =>
        sizes.Start + Rounds * (sizes.Question + sizes.Answer) + (1 + 2 * Rounds) * (Talker.HeadTokens + Talker.EndTokens);
}
