namespace Samovar.Bench.Traces;

/// <summary>A recorded session of an agent, without a word of it: how long its prompts were, and which blocks they were made of.</summary>
/// <param name="Name">As samples have it.</param>
/// <param name="ToolTokens">Of every prompt's beginning, those of the tools, and behind them those of the instructions.</param>
internal sealed record TraceSession(string Name, int ToolTokens, int SystemTokens, IReadOnlyList<TraceTurn> Turns)
{
    /// <summary>Sessions that it set to work.</summary>
    public IReadOnlyList<TraceSubAgent> SubAgents { get; init; } = [];
}

/// <summary>One request of it.</summary>
/// <param name="At">When it was sent, from the session's start.</param>
/// <param name="Took">How long its answer took.</param>
/// <param name="InputTokens">Of the whole prompt.</param>
/// <param name="Blocks">Whose names are equal say the same; the prompt's last tokens may be in none.</param>
/// <param name="StopsForTool">Whether the answer ended with a call.</param>
/// <param name="Pause">How long the client waited before it.</param>
internal sealed record TraceTurn(
    TimeSpan At, TimeSpan Took, int InputTokens, int OutputTokens, IReadOnlyList<int> Blocks, bool StopsForTool, TimeSpan Pause)
{
    /// <summary>Why it stopped, as the file says; empty where it does not.</summary>
    public string Stop { get; init; } = "";
}

/// <summary>A session that another one set to work.</summary>
/// <param name="StartsAt">By its parent's clock, as is its end.</param>
internal sealed record TraceSubAgent(TraceSession Session, TimeSpan StartsAt, TimeSpan EndsAt);
