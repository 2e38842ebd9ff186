using System.Text;
using Samovar.Engine;
using Samovar.Engine.Grammars;

namespace Samovar.Testing.Grammars;

/// <summary>Runs one grammar over texts without a model, and counts the steps.</summary>
public sealed class GrammarRun
{
    private readonly LearnedStates _learned;
    private readonly int? _begun;

    private readonly Action<int> _took;

    /// <param name="gbnf">The grammar.</param>
    /// <param name="options">Its bounds.</param>
    /// <param name="took">Hears the steps of each byte, also of one that ends with a fault.</param>
    /// <param name="triggers">Where it begins to bind; null for the first byte.</param>
    public GrammarRun(string gbnf, EngineOptions? options = null, Action<int>? took = null, GrammarTriggers? triggers = null)
    {
        _begun = triggers?.Begun;
        _took = took ?? (_ => { });
        var bounds = GrammarBounds.Of(options ?? new EngineOptions());
        var watch = new TriggerWatch(triggers ?? GrammarTriggers.None);
        _learned = new LearnedStates(ProgramBuilder.Build(gbnf, bounds, CancellationToken.None), watch, bounds);
    }

    /// <summary>Most steps that one byte took so far.</summary>
    public int StepsMost { get; private set; }

    /// <summary>Bytes of what is remembered of the run.</summary>
    public long LearnedBytes => _learned.Bytes;

    /// <summary>Whether the grammar admits a whole text.</summary>
    public bool Accepts(string text) => After(text) is { IsDead: false, MayEnd: true };

    /// <summary>Whether the grammar admits texts that begin so.</summary>
    public bool Begins(string text) => !After(text).IsDead;

    /// <summary>Whether the grammar has begun to bind where a text ends.</summary>
    public bool Binds(string text) => After(text).Seen is null;

    /// <summary>A text that is chosen byte by byte; null where it went on too long.</summary>
    /// <param name="choose">One of the bytes that may come next; null ends it there, where it may end.</param>
    /// <param name="bytesMax">Most bytes.</param>
    public string? Walk(Func<IReadOnlyList<byte>, bool, byte?> choose, int bytesMax)
    {
        var state = _learned.Start(_begun, new StepAllowance(0));
        var text = new List<byte>();
        while (text.Count < bytesMax)
        {
            var next = Enumerable.Range(0, 256).Select(one => (byte)one)
                .Where(one => !_learned.Next(state, one, new StepAllowance(0)).IsDead).ToList();
            var chosen = next.Count == 0 ? null : choose(next, state.MayEnd);
            if (chosen is null) return state.MayEnd ? Encoding.UTF8.GetString([.. text]) : null;
            text.Add(chosen.Value);
            state = _learned.Next(state, chosen.Value, new StepAllowance(0));
        }
        return null;
    }

    private LiveState After(string text)
    {
        var state = _learned.Start(_begun, new StepAllowance(0));
        foreach (var one in Encoding.UTF8.GetBytes(text))
        {
            if (state.IsDead) break;
            var steps = new StepAllowance(0);
            try
            {
                state = _learned.Next(state, one, steps);
            }
            finally
            {
                _took(steps.Taken);
                StepsMost = Math.Max(StepsMost, steps.Taken);
            }
        }
        return state;
    }
}
