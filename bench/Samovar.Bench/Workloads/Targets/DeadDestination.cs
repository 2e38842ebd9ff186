using Samovar.Bench.Clients;

namespace Samovar.Bench.Workloads.Targets;

/// <summary>
/// Conversations over two destinations, of which the busier one dies while it answers: failures that clients see, what they send again,
/// and how much of the next turns is cached. A client asks again at once: with everything where its response was not found, and in its
/// last try.
/// </summary>
/// <param name="Conversations">That take turns, all at once.</param>
internal sealed record DeadDestination(int Conversations, int Before, int After)
{
    private const int StartBytes = 16_000, AddedBytes = 1200, TriesMax = 4;
    private const string Slow = " [[deltas=40]][[pause=20]]", Fast = " [[deltas=8]]";
    private static readonly TimeSpan UntilDeath = TimeSpan.FromMilliseconds(300), BetweenTries = TimeSpan.FromMilliseconds(200);

    public async Task<DeathFigures> MeasureAsync(Target target, TargetUpstreams upstreams, TargetMode mode, CancellationToken stop)
    {
        var talks = Enumerable.Range(0, Conversations).Select(_ => new TargetConversation(target, mode)).ToArray();
        var figures = new DeathFigures(mode);
        var counted = await upstreams.CountsAsync();
        for (var turn = 0; turn < Before; turn++) figures.Shares.Add(await TurnAsync(talks, figures, turn, Fast, stop));
        var requests = (await upstreams.CountsAsync()).Select((count, number) => count.Requests - counted[number].Requests).ToArray();
        figures.RequestsByDestination = requests;
        if (requests.Count(count => count > 0) > 1)
        {
            var busier = Array.IndexOf(requests, requests.Max());
            figures.DiedAt = figures.Shares.Count;
            var dying = TurnAsync(talks, figures, Before, Slow, stop);
            await Task.Delay(UntilDeath, stop);
            await upstreams.KillAsync(busier);
            figures.Shares.Add(await dying);
            for (var turn = 1; turn <= After; turn++) figures.Shares.Add(await TurnAsync(talks, figures, Before + turn, Fast, stop));
            await upstreams.ReviveAsync(busier);
        }
        foreach (var talk in talks) await talk.DisposeAsync();
        return figures;
    }

    /// <summary>One turn of each conversation.</summary>
    /// <returns>The cached share of their input, of those that were answered.</returns>
    private static async Task<double> TurnAsync(
        TargetConversation[] talks, DeathFigures figures, int turn, string script, CancellationToken stop)
    {
        var said = await Task.WhenAll(talks.Select((talk, number) => SayAsync(talk, figures,
            Speech.OfLength(turn == 0 ? StartBytes : AddedBytes, talk.Mode.Seed + (number + 1) * 1000 + turn) + script, stop)));
        var input = said.Sum(one => (long)(one?.InputTokens ?? 0));
        return input == 0 ? 0 : said.Sum(one => (long)(one?.CachedTokens ?? 0)) / (double)input;
    }

    private static async Task<TurnFigures?> SayAsync(
        TargetConversation talk, DeathFigures figures, string text, CancellationToken stop)
    {
        for (var (tries, sendsAll) = (1, false); ; tries++)
        {
            var said = await talk.SayAsync(text, stop, sendsAll);
            if (said.Error is null) return said;
            sendsAll |= said.Error.Contains("previous_response_not_found", StringComparison.Ordinal) || tries == TriesMax - 1;
            figures.Saw(said.Error, isLast: tries == TriesMax, sendsAll);
            if (tries == TriesMax) return null;
            await Task.Delay(BetweenTries, stop);
        }
    }
}

/// <summary>What clients saw of a destination's death.</summary>
internal sealed class DeathFigures(TargetMode mode)
{
    private readonly Lock _lock = new();

    public TargetMode Mode => mode;

    /// <summary>Cached share of each turn's input, over all conversations.</summary>
    public List<double> Shares { get; } = [];

    /// <summary>The turn, from 0, in which the destination died.</summary>
    public int DiedAt { get; set; }

    /// <summary>Of the turns before; one of them alone has nothing to fall back to.</summary>
    public IReadOnlyList<long> RequestsByDestination { get; set; } = [];

    /// <summary>Answers that ended with an error, turns that never got another, and turns that were sent whole again.</summary>
    public int Failures { get; private set; }
    public int Lost { get; private set; }
    public int Resends { get; private set; }

    /// <summary>The first failure's words.</summary>
    public string? Refusal { get; private set; }

    public bool HasDied => RequestsByDestination.Count(count => count > 0) > 1;

    /// <param name="isLast">The client gives up.</param>
    /// <param name="sendsAll">It asks again with everything.</param>
    public void Saw(string error, bool isLast, bool sendsAll)
    {
        lock (_lock)
        {
            Failures++;
            if (isLast) Lost++;
            else if (sendsAll) Resends++;
            Refusal ??= ModeProbe.Short(error);
        }
    }
}
