using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Testing;

namespace Samovar.Bench.Workloads.Retention;

/// <summary>Plays sessions through an engine, one turn after the other, by a clock that it moves itself.</summary>
/// <remarks>Nothing is sampled: what counts is which tokens of the prompts are computed.</remarks>
internal sealed class EngineReplay(LlamaEngine engine, ManualTime time)
{
    private const int TokenLeast = 33, Tokens = 400; // ordinary ones of any random model
    private readonly PriorityQueue<(Played Session, int Turn), (double At, long Number)> _due = new();
    private double _now;
    private long _number;

    /// <summary>The tokens that were computed though a prompt had them before.</summary>
    /// <param name="sessions">In the order in which they come.</param>
    public async Task<long> RunAsync(IEnumerable<SessionPlay> sessions)
    {
        var again = 0L;
        foreach (var (session, number) in sessions.Select((session, number) => (session, number)))
            _due.Enqueue((new Played(session, number), 0), (session.Start(0), _number++));
        while (_due.TryDequeue(out var due, out var at))
        {
            time.Advance(TimeSpan.FromSeconds(Math.Max(0, at.At - _now)));
            _now = Math.Max(_now, at.At);
            again += await PlayAsync(due.Session, due.Turn);
            if (due.Turn + 1 < due.Session.Play.Shape.Turns.Length)
                _due.Enqueue((due.Session, due.Turn + 1), (due.Session.Play.Start(due.Turn + 1), _number++));
        }
        return again;
    }

    /// <summary>Tokens of its prompt that were computed again.</summary>
    private async Task<long> PlayAsync(Played session, int index)
    {
        var turn = session.Play.Shape.Turns[index];
        if (turn.Path.Length == 0) return 0;
        var (prompt, fresh) = (TokenPath.Empty, 0);
        foreach (var segment in turn.Path)
        {
            prompt = prompt.Append(session.TokensOf(segment));
            if (session.Play.Uses[segment]++ == 0) fresh += session.Play.Shape.Segments[segment].Blocks;
        }
        var before = session.Pins[turn.Lane];
        var admission = engine.Begin(new EngineTurnSpec { Namespace = "a", Prompt = prompt, ContinueFrom = before, OutputTokensMax = 0 });
        if (admission is not EngineAdmission.Admitted admitted)
            throw new InvalidOperationException($"The engine refused a turn: {admission}");
        var end = await admitted.Turn.Ended;
        if (end.Failure is { } failure) throw new InvalidOperationException(failure);
        end.Pin?.Ended(turn.Ending);
        session.Pins[turn.Lane] = end.Pin;
        before?.Dispose();
        await engine.MapAsync([], 1, 0, CancellationToken.None); // the engine's thread has taken in what was said
        return prompt.Length - end.CachedTokens - fresh;
    }

    private sealed class Played(SessionPlay play, int number)
    {
        public SessionPlay Play => play;

        /// <summary>The newest of each conversation.</summary>
        public SequencePin?[] Pins { get; } = new SequencePin?[play.Shape.Lanes];

        public int[] TokensOf(int segment)
        {
            var random = new Random(number * 1_000_003 + segment);
            return [.. Enumerable.Range(0, play.Shape.Segments[segment].Blocks).Select(_ => TokenLeast + random.Next(Tokens))];
        }
    }
}
