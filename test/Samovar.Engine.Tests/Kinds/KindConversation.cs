using Samovar.Testing.Engines.Talks;
using Samovar.Testing.Models.Kinds;

namespace Samovar.Engine.Tests.Kinds;

/// <summary>Clients of one engine that do at random whatever clients do: go on, fork, ask again, edit, resend, cancel, give tool output,
/// leave their thoughts out, say what was said before, let go, say why they ended, several at once.</summary>
/// <param name="engine">Theirs.</param>
/// <param name="random">Chooses what is done.</param>
internal sealed class KindConversation(LastingEngine engine, Random random)
{
    private const int AtOnceMax = 4;
    private readonly TalkLengths _lengths = random.Next(4) > 0 ? TalkLengths.Short : TalkLengths.Long;
    private static readonly StopKind[] Stops = Enum.GetValues<StopKind>();
    private readonly Talker[] _talkers =
    [
        new(engine, random, "one"), new(engine, random, "one", thinks: true), new(engine, random, LastingEngine.Unstored),
    ];
    private readonly List<(int Talker, TalkPoint Start)> _starts = [];
    private readonly List<(int Talker, TalkTurn Turn)> _turns = [];
    private readonly SortedDictionary<string, int> _done = new(StringComparer.Ordinal);

    /// <summary>How often each thing was done.</summary>
    public IReadOnlyDictionary<string, int> Done => _done;

    /// <summary>One to four turns at once; what was said.</summary>
    public async Task<IReadOnlyList<TalkTurn>> StepAsync()
    {
        if (_starts.Count == 0)
            for (var talker = 0; talker < _talkers.Length; talker++)
                _starts.Add((talker, _talkers[talker].Begin(random.Next(20, _lengths.Start))));
        var running = new List<(int Talker, Task<TalkTurn> Turn)>();
        for (var count = random.Next(3) == 0 ? random.Next(2, AtOnceMax + 1) : 1; count > 0; count--) running.Add(Begin());
        var ended = new List<TalkTurn>();
        foreach (var (talker, turn) in running)
        {
            var one = await turn;
            Assert.NotEqual(EngineTurnEndKind.Refused, one.End.Kind);
            if (one.End.Kind != EngineTurnEndKind.Cancelled)
                Assert.Equal(one.Prompt.Length, one.End.CachedTokens + one.End.PrefilledTokens);
            _turns.Add((talker, one));
            ended.Add(one);
        }
        if (random.Next(4) == 0) LetGo();
        if (random.Next(4) == 0) SayWhy();
        return ended;
    }

    private (int Talker, Task<TalkTurn> Turn) Begin()
    {
        if (_turns.Count == 0 || random.Next(6) == 0) return BeginNew();
        var (talker, turn) = random.Next(2) == 0 ? _turns[^1] : _turns[random.Next(_turns.Count)];
        if (turn.End.Path.Length > _lengths.Path) return BeginNew();
        var said = _talkers[talker];
        return (talker, random.Next(8) switch
        {
            0 => Note("again", said.AskAgainAsync("again", turn, Answer())),
            1 => Note("edited", said.AskAsync("edited", Earlier(turn), Question(said, turn), Answer())),
            2 => Note("resent", said.AskAsync("resent", said.Resent(turn), said.Words(Words()), Answer())),
            3 when turn.Steps.Count > 0 =>
                Note("stripped", said.AskAsync("stripped", Talker.Stripped(turn), said.Words(Words()), Answer())),
            4 => Note("cancelled", said.AskAsync("cancelled", Talker.After(turn), Question(said, turn), Answer(), random.Next(1, 4))),
            5 => Note("output", said.GiveOutputAsync("output", turn, said.Words(Words()), Answer())),
            6 => Note("warmed", said.AskAsync("warmed", Talker.After(turn), said.Words(Words()), answerMax: 0)),
            _ => Note("on", said.AskAsync("on", Talker.After(turn), Question(said, turn), Answer())),
        });
    }

    private (int Talker, Task<TalkTurn> Turn) BeginNew()
    {
        var (talker, start) = _starts[random.Next(_starts.Count)];
        return (talker, Note("new", _talkers[talker].AskAsync("new", start, _talkers[talker].Words(Words()), Answer())));
    }

    /// <summary>Where a turn began, or a place in the middle of what was said there.</summary>
    private TalkPoint Earlier(TalkTurn turn)
    {
        if (random.Next(2) == 0) return turn.Point;
        var kept = random.Next(turn.Point.StableEnd, turn.Prompt.Length);
        return new TalkPoint(TokenPath.Empty.Append(turn.Prompt.ToArray().AsMemory(0, kept)), null, kept, turn.Point.StableEnd);
    }

    private void LetGo()
    {
        var (_, turn) = _turns[random.Next(_turns.Count)];
        turn.End.Pin?.Dispose();
        _ = Note("let go", true);
    }

    private void SayWhy()
    {
        var (_, turn) = random.Next(2) == 0 ? _turns[^1] : _turns[random.Next(_turns.Count)];
        var stop = Stops[random.Next(Stops.Length)];
        turn.End.Pin?.Ended(new TurnEnding(stop, stop == StopKind.ToolCall ? "tool" : null, random.Next(4) == 0));
        _ = Note("said why", true);
    }

    // What was said before comes again: a draft of what follows is at hand.
    private int[] Question(Talker said, TalkTurn turn)
    {
        if (random.Next(3) > 0 || turn.End.Path.Length <= _lengths.Words) return said.Words(Words());
        var (path, count) = (turn.End.Path.ToArray(), random.Next(4, _lengths.Words));
        return path[(path.Length - count)..]
            .Select(token => token is >= KindModel.TextBegin and < KindModel.TextEnd ? token : KindModel.TextBegin)
            .ToArray();
    }

    private int Words() => random.Next(3) == 0 ? random.Next(1, 4) : random.Next(1, _lengths.Words);

    private int Answer() => random.Next(1, _lengths.Answer);

    private T Note<T>(string what, T running)
    {
        _done[what] = _done.GetValueOrDefault(what) + 1;
        return running;
    }
}

/// <summary>How much is said at most, in tokens: most conversations are short, so that there can be many.</summary>
internal sealed record TalkLengths(int Start, int Path, int Words, int Answer)
{
    public static readonly TalkLengths Short = new(90, 130, 16, 8), Long = new(120, 300, 40, 12);
}
