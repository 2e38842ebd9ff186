using Samovar.Engine;

namespace Samovar.Testing.Engines.Talks;

/// <summary>A way in which clients come back, played on an engine.</summary>
/// <param name="Name">What it is called in tables.</param>
/// <param name="Play">Runs it and gives the turns that count.</param>
public sealed record TalkScenario(string Name, Func<TalkStage, Task<IReadOnlyList<TalkTurn>>> Play)
{
    private const int Turns = 12, ResentTurns = 5, ThinkingTurns = 6, ToolRounds = 5, SessionsAtOnce = 6, ForkAt = 4;
    private const int CancelAfter = 2;

    public const string TwelveTurns = "12 turns", SecondSession = "second session, turn 1", Fork = "fork from turn 5",
        Regenerate = "regenerate", Edit = "question edited in its 2nd half", EditFar = "long prompt edited in front of its end",
        HistoryResent = "history resent, turns 2–5", AfterCancel = "after cancel, same question",
        AtOnce = "6 sessions at once, turn 1 (2nd–6th)", ThoughtsStripped = "6 turns, thoughts stripped",
        ToolLoop = "after a tool loop, thoughts stripped";

    /// <summary>All of them, in the order of tables.</summary>
    public static IReadOnlyList<TalkScenario> All { get; } =
    [
        new(TwelveTurns, async stage => (await stage.TalkAsync(Turns)).Turns),
        new(SecondSession, PlaySecondSessionAsync), new(Fork, PlayForkAsync), new(Regenerate, PlayRegenerateAsync),
        new(Edit, PlayEditAsync), new(EditFar, PlayEditFarAsync), new(HistoryResent, PlayResentAsync),
        new(AfterCancel, PlayCancelAsync), new(AtOnce, PlayAtOnceAsync), new(ThoughtsStripped, PlayThoughtsAsync),
        new(ToolLoop, PlayToolLoopAsync),
    ];

    public override string ToString() => Name;

    private static async Task<IReadOnlyList<TalkTurn>> PlaySecondSessionAsync(TalkStage stage)
    {
        var (talker, start, _) = await stage.TalkAsync(3);
        return [await stage.AskAsync(talker, "second session", start with { Known = start.StableEnd })];
    }

    private static async Task<IReadOnlyList<TalkTurn>> PlayForkAsync(TalkStage stage)
    {
        var (talker, _, turns) = await stage.TalkAsync(ForkAt + 3);
        return [await stage.AskAsync(talker, "fork", Talker.After(turns[ForkAt]))];
    }

    private static async Task<IReadOnlyList<TalkTurn>> PlayRegenerateAsync(TalkStage stage)
    {
        var (talker, _, turns) = await stage.TalkAsync(2);
        return [await stage.AskAgainAsync(talker, "again", turns[1])];
    }

    private static async Task<IReadOnlyList<TalkTurn>> PlayEditAsync(TalkStage stage)
    {
        var (talker, start, _) = await stage.TalkAsync(0);
        var first = await stage.AskAsync(talker, "turn 1", start);
        var question = talker.Words(stage.Sizes.Question);
        var second = await stage.AskAsync(talker, "turn 2", Talker.After(first), question);
        var half = question.Length / 2;
        int[] edited = [.. question[..half], .. talker.Words(question.Length - half)];
        return [await stage.AskAsync(talker, "edited", Edited(second, half), edited)];
    }

    private static async Task<IReadOnlyList<TalkTurn>> PlayEditFarAsync(TalkStage stage)
    {
        var (talker, start, _) = await stage.TalkAsync(0);
        var (length, changed) = (stage.Sizes.LongQuestion, stage.Sizes.LongEdit);
        var question = talker.Words(length);
        var first = await stage.AskAsync(talker, "long", start, question);
        int[] edited = [.. question[..^changed], .. talker.Words(changed)];
        return [await stage.AskAsync(talker, "long, edited", Edited(first, length - changed), edited)];
    }

    // The same place as before; what is known goes on until the edit.
    private static TalkPoint Edited(TalkTurn turn, int unchanged) =>
        turn.Point with { Known = turn.Point.Path.Length + Talker.HeadTokens + unchanged };

    private static async Task<IReadOnlyList<TalkTurn>> PlayResentAsync(TalkStage stage)
    {
        var (talker, start, _) = await stage.TalkAsync(0);
        var turns = new List<TalkTurn> { await stage.AskAsync(talker, "turn 1", start) };
        while (turns.Count < ResentTurns)
            turns.Add(await stage.AskAsync(talker, $"resent turn {turns.Count + 1}", talker.Resent(turns[^1])));
        return turns[1..];
    }

    private static async Task<IReadOnlyList<TalkTurn>> PlayCancelAsync(TalkStage stage)
    {
        var (talker, _, turns) = await stage.TalkAsync(1);
        var left = await stage.AskAsync(talker, "cancelled", Talker.After(turns[0]), cancelAfter: CancelAfter);
        return [await stage.AskAgainAsync(talker, "after cancel", left)];
    }

    private static async Task<IReadOnlyList<TalkTurn>> PlayAtOnceAsync(TalkStage stage)
    {
        var (talker, start, _) = await stage.TalkAsync(0);
        var asked = Enumerable.Range(1, SessionsAtOnce).Select(number => stage.AskAsync(
            talker, $"session {number} of six", start with { Known = number == 1 ? 0 : start.StableEnd })).ToList();
        var turns = await Task.WhenAll(asked);
        return [.. turns.OrderByDescending(turn => turn.Prefilled).Skip(1)]; // who computed the start is the first
    }

    private static async Task<IReadOnlyList<TalkTurn>> PlayThoughtsAsync(TalkStage stage)
    {
        var talker = stage.NewTalker(thinks: true);
        var turns = new List<TalkTurn> { await stage.AskAsync(talker, "thinking turn 1", talker.Begin(stage.Sizes.Start)) };
        while (turns.Count < ThinkingTurns)
            turns.Add(await stage.AskAsync(talker, $"thinking turn {turns.Count + 1}", Talker.Stripped(turns[^1])));
        return turns;
    }

    private static async Task<IReadOnlyList<TalkTurn>> PlayToolLoopAsync(TalkStage stage)
    {
        var talker = stage.NewTalker(thinks: true);
        var turns = new List<TalkTurn> { await stage.AskAsync(talker, "question", talker.Begin(stage.Sizes.Start)) };
        while (turns.Count <= ToolRounds)
            turns.Add(await stage.HearAsync(talker.GiveOutputAsync(
                $"tool output {turns.Count}", turns[^1], talker.Words(stage.Sizes.Question), stage.Sizes.Answer)));
        return [await stage.AskAsync(talker, "next question", Talker.Stripped(turns))];
    }
}

/// <summary>An engine on which scenarios are played, and all that was said on it.</summary>
public sealed class TalkStage(ISequenceEngine engine, TalkSizes sizes, int seed)
{
    private readonly Random _random = new(seed);
    private readonly List<TalkTurn> _turns = [];
    private int _talkers;

    public TalkSizes Sizes => sizes;

    /// <summary>Whether what is said may be written to a disk.</summary>
    public bool IsStored { get; init; }

    /// <summary>Every turn, those that do not count too.</summary>
    public IReadOnlyList<TalkTurn> Turns => _turns;

    /// <summary>Somebody whose namespace is nobody else's.</summary>
    public Talker NewTalker(bool thinks = false) =>
        new(engine, _random, $"{seed}-{++_talkers}", thinks) { IsStored = IsStored };

    /// <summary>A conversation of so many turns, and where it started.</summary>
    public async Task<(Talker Talker, TalkPoint Start, IReadOnlyList<TalkTurn> Turns)> TalkAsync(int count)
    {
        var talker = NewTalker();
        var start = talker.Begin(sizes.Start);
        var turns = new List<TalkTurn>();
        while (turns.Count < count)
            turns.Add(await AskAsync(talker, $"turn {turns.Count + 1}", turns.Count == 0 ? start : Talker.After(turns[^1])));
        return (talker, start, turns);
    }

    public Task<TalkTurn> AskAsync(Talker talker, string label, TalkPoint from, int[]? question = null, int? cancelAfter = null) =>
        HearAsync(talker.AskAsync(label, from, question ?? talker.Words(sizes.Question), sizes.Answer, cancelAfter));

    public Task<TalkTurn> AskAgainAsync(Talker talker, string label, TalkTurn turn) =>
        HearAsync(talker.AskAgainAsync(label, turn, sizes.Answer));

    public async Task<TalkTurn> HearAsync(Task<TalkTurn> running)
    {
        var turn = await running;
        lock (_turns) _turns.Add(turn);
        return turn;
    }
}
