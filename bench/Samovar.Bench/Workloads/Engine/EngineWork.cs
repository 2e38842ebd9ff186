using System.Globalization;
using Samovar.Engine;

namespace Samovar.Bench.Workloads.Engine;

/// <summary>Something that clients do with a model, the same at every server.</summary>
/// <param name="Name">As samples have it.</param>
internal abstract record EngineWork(string Name)
{
    /// <summary>Tokens that templates and an uneven tokenizer may add to a context.</summary>
    protected const int Slack = 512;

    public abstract EngineNeeds Needs { get; }

    public abstract Task RunAsync(EngineRound round, CancellationToken stop);
}

/// <summary>Sessions with the same start that take turns, one turn at a time.</summary>
/// <param name="Room">What servers may keep of them; null: what they take by themselves.</param>
internal sealed record TurnsWork(
    int Sessions, int Turns, int StartTokens, int AddedTokens, int OutputTokens, EngineMemory? Room = null, string Name = "kv-turns")
    : EngineWork(Name)
{
    /// <summary>The same work with room for some of the sessions only, beside the few that have cells; for all of them: as much as a server
    /// takes.</summary>
    /// <param name="kept">How many.</param>
    /// <param name="shape">What a session takes.</param>
    public TurnsWork InRoomFor(int kept, StateShape shape) => this with
    {
        Name = string.Create(CultureInfo.InvariantCulture, $"kv-room-for-{kept}"),
        Room = kept >= Sessions ? null : new EngineMemory(Contexts, kept * shape.BytesOf(Longest)),
    };

    private const int Contexts = 2;

    private int Longest => StartTokens + Turns * (AddedTokens + OutputTokens);

    public override EngineNeeds Needs =>
        new(Sessions, StartTokens + Turns * (AddedTokens + OutputTokens) * 2 + Slack, Room);

    public override async Task RunAsync(EngineRound round, CancellationToken stop)
    {
        var newest = new AnsweredTurn?[Sessions];
        for (var turn = 0; turn < Turns; turn++)
        {
            for (var session = 0; session < Sessions; session++)
            {
                var text = round.Text(AddedTokens, 1000 * (session + 1) + turn);
                if (turn == 0) text = round.Text(StartTokens, 1) + " " + text;
                newest[session] = await round.AskAsync($"{session + 1}",
                    new EngineAsk(session, newest[session], text, OutputTokens), stop) ?? newest[session];
            }
        }
    }
}

/// <summary>
/// Prompts of different length that arrive at the same moment, the long ones first; a short one alone before, to compare with.
/// </summary>
internal sealed record ArrivalsWork(IReadOnlyList<int> PromptTokens, int ShortTokens, int OutputTokens) : EngineWork("kv-arrivals")
{
    public const string Alone = "short, alone", Beside = "short, beside";

    public override EngineNeeds Needs => new(PromptTokens.Count + 2, PromptTokens.Max() * 5 / 4 + OutputTokens + Slack);

    public override async Task RunAsync(EngineRound round, CancellationToken stop)
    {
        await round.AskAsync(Alone, new EngineAsk(0, null, round.Text(ShortTokens, 1), OutputTokens), stop);
        var asked = PromptTokens.Select((tokens, index) => round.AskAsync($"{tokens}",
            new EngineAsk(index + 2, null, round.Text(tokens, index + 2), OutputTokens), stop)).ToList();
        asked.Add(round.AskAsync(Beside, new EngineAsk(1, null, round.Text(ShortTokens, 100), OutputTokens), stop));
        await Task.WhenAll(asked);
    }
}
