using Samovar.Bench.Links;
using Samovar.Bench.Samples;
using Samovar.Bench.Transport;

namespace Samovar.Bench.Story;

/// <summary>How a client goes on where its answer was cut.</summary>
internal enum AfterCut
{
    /// <summary>There is no cut.</summary>
    None,

    /// <summary>It asks again.</summary>
    Again,

    /// <summary>It reads on.</summary>
    ReadOn,
}

/// <summary>One turn in the air, behind all earlier ones on the ground.</summary>
internal sealed record StoryTurn(StoryPlan Plan, SampleCell Cell, TransportKind Kind, int Turn, int Seed, AfterCut After)
{
    private bool IsCut => After != AfterCut.None;

    /// <param name="server">Where it listens.</param>
    public async Task<(TurnSample Sample, string LinkMethod)> RunAsync(
        Uri server, bool hasLongAnswer, LinkMethod method, CancellationToken stop)
    {
        const int PieceBytes = 4, ShortAnswer = 280;
        await using var link = await Links.Links.OpenAsync(LinkShape.Airplane, server, Seed, method, startsClear: true, stop);
        using var lost = new LostAnswer(IsCut ? Plan.PiecesBeforeCut : null, Plan.SilenceMax);
        var session = StoryPlan.SessionOf(Turn, hasLongAnswer ? Plan.CutPieces * PieceBytes : ShortAnswer);
        var canResume = After == AfterCut.ReadOn;
        await using var wire = new AgentWire(Kind, link.Address, trusted: null, shared: null) { CanResume = canResume };
        using var conversation = new AgentConversation(Kind, wire, session, Seed, hasCalls: true)
        {
            CanResume = canResume, Seen = lost.See,
        };
        var before = await OnGroundAsync(conversation, stop);
        await link.ShapeAsync();
        lost.Expect(link.CutAsync);
        return (await InAirAsync(conversation, wire, before, lost, stop), link.Method);
    }

    private async Task<TransportAnswer> OnGroundAsync(AgentConversation conversation, CancellationToken stop)
    {
        var answer = new TransportAnswer();
        for (var turn = 1; turn < Turn; turn++)
        {
            answer = await conversation.StepAsync(stop);
            if (answer.Error is { } error) throw new InvalidOperationException($"{Kind.Name}, turn {turn}: {error}");
        }
        return answer;
    }

    private async Task<TurnSample> InAirAsync(
        AgentConversation conversation, AgentWire wire, TransportAnswer before, LostAnswer lost, CancellationToken stop)
    {
        var (counts, started) = (wire.Counts, TimeProvider.System.GetTimestamp());
        var answer = await PatientlyAsync(conversation.StepAsync, lost.Silent, stop);
        var (again, firstOutput, requests) = (0, answer.FirstOutput ?? lost.FirstOutput, 1);
        if (lost.IsCut && lost.Silent.IsCancellationRequested)
        {
            var point = lost.Point;
            await wire.DisconnectAsync();
            answer = await PatientlyAsync(late => After == AfterCut.ReadOn ? conversation.ReadOnAsync(point!, late)
                : conversation.AgainAsync(late), CancellationToken.None, stop);
            if (answer.Error is null && (point is null || answer.ResponseId != point.ResponseId)) again = answer.OutputTokens;
            requests++;
        }
        return Sample(answer, wire.Counts - counts, before) with
        {
            FirstTokenMs = firstOutput?.TotalMilliseconds,
            TotalMs = TimeProvider.System.GetElapsedTime(started).TotalMilliseconds,
            OutputTokens = answer.OutputTokens + again,
            Requests = requests,
            Resumes = requests - 1,
            Error = answer.Error ?? (lost.HasGap ? "events are missing" : null),
        };
    }

    private async Task<TransportAnswer> PatientlyAsync(
        Func<CancellationToken, Task<TransportAnswer>> turn, CancellationToken silent, CancellationToken stop)
    {
        using var late = new CancellationTokenSource(Plan.TurnMax);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(late.Token, silent, stop);
        var timeout = new TransportAnswer { Error = "timeout" };
        try
        {
            var answer = await turn(either.Token);
            return answer.Error is not null && either.IsCancellationRequested && !stop.IsCancellationRequested ? timeout : answer;
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            return timeout;
        }
    }

    private TurnSample Sample(TransportAnswer answer, WireAmounts wire, TransportAnswer before) => new()
    {
        Cell = Cell,
        Round = 1,
        Session = Turn.ToString(System.Globalization.CultureInfo.InvariantCulture),
        Turn = Turn,
        BytesUp = wire.Up,
        BytesDown = wire.Down,
        Handshakes = wire.Connections,
        InputTokens = answer.InputTokens,
        NewTokens = Math.Max(0, answer.InputTokens - before.InputTokens - before.OutputTokens),
        PrefilledTokens = answer.InputTokens - answer.CachedTokens,
    };
}
