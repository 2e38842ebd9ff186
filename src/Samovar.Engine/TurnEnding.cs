namespace Samovar.Engine;

/// <summary>Why a turn stopped, as far as it says when its conversation goes on.</summary>
public enum StopKind
{
    Unknown,

    /// <summary>A tool was called: its result is the next turn.</summary>
    ToolCall,

    /// <summary>An answer: a person reads it.</summary>
    EndTurn,

    /// <summary>The client said that nothing will follow.</summary>
    Final,

    Cancelled,
}

/// <summary>How a turn ended: what nearly decides when its conversation comes back.</summary>
/// <param name="Tool">The tool that was called last; null where none was, or none is known.</param>
/// <param name="IsSubAgent">Whether another session set this one to work: its answer is mostly its last.</param>
public readonly record struct TurnEnding(StopKind Stop, string? Tool = null, bool IsSubAgent = false)
{
    /// <summary>The same, of any tool.</summary>
    public TurnEnding OfAnyTool() => this with { Tool = null };
}
