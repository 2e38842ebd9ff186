using System.Runtime.InteropServices;
using Samovar.Engine.Decoding;
using Samovar.Scheduling.Fairness;

namespace Samovar.Engine.Tests.Decoding;

/// <summary>What a model's steps take, in milliseconds, by the tokens in front.</summary>
/// <param name="Tiled">Of a prompt's token in a tile, and what each token in front adds.</param>
/// <param name="Single">Of one by itself.</param>
/// <param name="Spoken">Of a token of a turn that speaks.</param>
internal sealed record StepCosts(
    (double First, double Depth) Tiled, (double First, double Depth) Single, (double First, double Depth) Spoken)
{
    /// <summary>As measured with <c>./samovar bench chunks</c>: Pocket on two cores.</summary>
    public static readonly StepCosts Pocket = new((0.113, 0.000085), (0.148, 0.0003), (0.35, 0.0007));

    /// <summary>A random model of 100M parameters.</summary>
    public static readonly StepCosts M100 = new((0.71, 0.00029), (1.15, 0.0009), (2, 0.0013));

    public StepCosts Times(double factor) => new((Tiled.First * factor, Tiled.Depth * factor),
        (Single.First * factor, Single.Depth * factor), (Spoken.First * factor, Spoken.Depth * factor));

    public double Chunk(int tokens, int depth) => tokens < PrefillPace.Tile ? tokens * At(Single, depth)
        : tokens * Tiled.First + (tokens + PrefillPace.Tile - 1) / PrefillPace.Tile * PrefillPace.Tile * Tiled.Depth * depth;

    public double Token(int depth) => At(Spoken, depth);

    private static double At((double First, double Depth) cost, int depth) => cost.First + cost.Depth * depth;
}

/// <summary>A turn of a simulation.</summary>
internal sealed class SimulatedTurn(string flow, int depth, int prompt, int output)
{
    public FlowId Flow { get; } = new(flow);
    public int Depth { get; set; } = depth;
    public int PrefillLeft { get; set; } = prompt;
    public int OutputLeft { get; set; } = output;
    public int Waited { get; set; }
    public double Deadline { get; set; }
    public double Came { get; set; }
    public double? First { get; set; }
    public double? Computed { get; set; }
    public double Newest { get; set; }
    public List<double> Intervals { get; } = [];
    public bool IsOver => PrefillLeft == 0 && OutputLeft == 0;
}

/// <summary>Rounds as the engine's loop has them, on a clock that moves by what steps cost: the same each time.</summary>
internal sealed class RoundSimulation
{
    public static readonly TimeSpan DelayMax = TimeSpan.FromMilliseconds(100);
    private const int BatchTokens = 512;
    private readonly PrefillPace _pace;
    private readonly RoundBudget _budget = new(DelayMax, isProcessor: true);
    private readonly RoundPlanner _planner;
    private readonly FairLedger _ledger = new(8192);
    private long _computed;

    public RoundSimulation(StepCosts costs, long parameters = 14_000_000, int threads = 2)
    {
        var guess = PrefillGuess.Of(parameters, threads, isProcessor: true);
        Costs = costs;
        _pace = new PrefillPace(guess, BatchTokens);
        _planner = new RoundPlanner(_pace, _budget, guess, DelayMax, BatchTokens);
    }

    public StepCosts Costs { get; set; }
    public List<SimulatedTurn> Turns { get; } = [];

    /// <summary>Milliseconds since the start.</summary>
    public double Now { get; private set; }

    /// <summary>Of each round whose prompt it had and how many tokens.</summary>
    public List<(SimulatedTurn? Turn, int Tokens)> Plans { get; } = [];

    /// <summary>How many times as long tokens take that speak, for drafts.</summary>
    public double Drafts { get; set; } = 1;

    public SimulatedTurn Add(string flow, int prompt, int output, int depth = 0)
    {
        var turn = new SimulatedTurn(flow, depth, prompt, output)
        {
            Came = Now, Newest = Now, Deadline = BatchPlanner.Deadline(_computed, prompt),
        };
        Turns.Add(turn);
        _ledger.Enter(turn.Flow);
        return turn;
    }

    /// <summary>State is moved before the next round.</summary>
    public void Move(double milliseconds)
    {
        Now += milliseconds;
        _budget.Moved(TimeSpan.FromMilliseconds(milliseconds));
    }

    public void RunUntil(Func<bool> isDone, int roundsMax = 100_000)
    {
        for (var round = 0; !isDone(); round++)
        {
            Assert.True(round < roundsMax, "The simulation does not end.");
            Round();
        }
    }

    public void Round()
    {
        var running = Turns.Where(turn => !turn.IsOver).ToList();
        var planned = running.ConvertAll(turn => new BatchCandidate(turn.PrefillLeft == 0, turn.PrefillLeft, turn.Waited,
            _ledger.Used(turn.Flow), turn.Deadline, turn.Depth, turn.PrefillLeft == 0));
        var plan = _planner.Prompt(CollectionsMarshal.AsSpan(planned));
        if (plan is { } chosen) Prefill(running, running[chosen.Turn], chosen.Tokens);
        Plans.Add(plan is { } kept ? (running[kept.Turn], kept.Tokens) : (null, 0));
        var speaking = running.Where(turn => turn is { PrefillLeft: 0, OutputLeft: > 0 }).ToList();
        if (speaking.Count == 0) return;
        var isOthers = plan is { } mine && speaking.Exists(turn => _ledger.Used(turn.Flow) > _ledger.Used(running[mine.Turn].Flow));
        var took = speaking.Sum(turn => Costs.Token(turn.Depth)) * (isOthers ? 1 : Drafts);
        Now += took;
        _budget.Stepped(TimeSpan.FromMilliseconds(took));
        foreach (var turn in speaking) Speak(turn);
    }

    private void Prefill(List<SimulatedTurn> running, SimulatedTurn turn, int tokens)
    {
        var took = Costs.Chunk(tokens, turn.Depth);
        Now += took;
        foreach (var other in running.Where(other => other.PrefillLeft > 0)) other.Waited = other == turn ? 0 : other.Waited + 1;
        _pace.Measured(turn.Depth, tokens, TimeSpan.FromMilliseconds(took));
        turn.Depth += tokens;
        turn.PrefillLeft -= tokens;
        _computed += tokens;
        _ledger.Charge(turn.Flow, tokens);
        if (turn.PrefillLeft == 0) turn.Computed = Now;
        if (turn.IsOver) _ledger.Leave(turn.Flow);
    }

    private void Speak(SimulatedTurn turn)
    {
        if (turn.First is null) turn.First = Now;
        else turn.Intervals.Add(Now - turn.Newest);
        turn.Newest = Now;
        turn.Depth++;
        turn.OutputLeft--;
        _ledger.Charge(turn.Flow, TurnRun.DecodedTokenCost);
        if (turn.IsOver) _ledger.Leave(turn.Flow);
    }
}
