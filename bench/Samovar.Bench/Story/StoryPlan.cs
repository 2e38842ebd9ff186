using Samovar.Bench.Transport;

namespace Samovar.Bench.Story;

/// <summary>
/// A long session that an agent began on the ground and goes on with in an airplane: which turns still come through, and what a cut in the
/// middle of an answer costs.
/// </summary>
internal sealed record StoryPlan
{
    /// <summary>When the client gives a turn up.</summary>
    public TimeSpan TurnMax { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>When a client whose answer has stopped takes its connection for dead: the same for all of them.</summary>
    public TimeSpan SilenceMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Turns of the session that are played in the air, each by a conversation of its own that has had the earlier ones.</summary>
    public IReadOnlyList<int> Turns { get; init; } = [4, 8, 16, 32, 48, 64];

    /// <summary>The turn whose answer is cut.</summary>
    public int CutTurn { get; init; } = 8;

    /// <summary>Pieces of the answer that come before the link is cut, of <see cref="CutPieces"/>.</summary>
    public int PiecesBeforeCut { get; init; } = 120;
    public int CutPieces { get; init; } = 260;

    /// <summary>Who plays it.</summary>
    public IReadOnlyList<TransportKind> Kinds { get; init; } =
    [
        TransportKind.HttpWhole, TransportKind.ChatWhole, TransportKind.HttpStored, TransportKind.Socket, TransportKind.SocketDeflate,
        TransportKind.SocketBare,
    ];

    /// <summary>The session up to a turn; results have 10 to 20 KB.</summary>
    /// <param name="lastOutputBytes">Of the answer to it.</param>
    public static AgentTask SessionOf(int turns, int lastOutputBytes)
    {
        const int Least = 10_000, Step = 1000, Steps = 11, Stride = 7, CallBytes = 80;
        return new AgentTask("airplane-story", "a long session in an airplane", new AgentStart(900, 1100),
            [.. Enumerable.Range(0, turns).Select(turn => new AgentStep(
                Least + (turn * Stride % Steps * Step), turn == turns - 1 ? lastOutputBytes : CallBytes))]);
    }

    /// <summary>Bytes of what was said before a turn, and in it.</summary>
    public static int HistoryBytes(int turn)
    {
        var session = SessionOf(turn, 0);
        return session.Start.InstructionBytes + session.Start.ToolBytes + session.Steps.Sum(step => step.NewBytes + step.OutputBytes);
    }
}
