using Samovar.Engine;

namespace Samovar.Backends.Embedded;

/// <summary>What a turn's request and its output say of when its conversation goes on.</summary>
internal static class OutputEnding
{
    /// <remarks>
    /// A limit or a message in between ends it somewhere: of these nothing is known. One that was steered goes on by itself, whatever its
    /// client said before.
    /// </remarks>
    public static TurnEnding Of(BackendTurn turn, EngineTurnEnd end, OutputReading output, EarlyEnd early) =>
        !turn.Request.Generate || early.IsSteered ? default
        : (turn.Request.IsFinal ? new TurnEnding(StopKind.Final)
            : output.Sink.Calls is { Count: > 0 } calls ? new TurnEnding(StopKind.ToolCall, calls[^1].Name)
            : end.Kind == EngineTurnEndKind.EndOfGeneration || output.StopSequence is not null ? new TurnEnding(StopKind.EndTurn)
            : default) with { IsSubAgent = turn.Request.Hints.IsSubAgent };
}
