using Samovar.Engine;

namespace Samovar.Backends.Embedded;

/// <summary>What a turn's output says of when its conversation goes on.</summary>
internal static class OutputEnding
{
    /// <remarks>A limit or a message in between ends it somewhere: of these nothing is known.</remarks>
    public static TurnEnding Of(BackendTurn turn, EngineTurnEnd end, OutputReading output, EarlyEnd early) =>
        !turn.Request.Generate || early.IsSteered ? default
        : output.Sink.Calls is { Count: > 0 } calls ? new TurnEnding(StopKind.ToolCall, calls[^1].Name)
        : end.Kind == EngineTurnEndKind.EndOfGeneration || output.StopSequence is not null ? new TurnEnding(StopKind.EndTurn)
        : default;
}
