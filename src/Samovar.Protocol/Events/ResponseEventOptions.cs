using Samovar.Protocol.Responses;

namespace Samovar.Protocol.Events;

/// <summary>Where the two families of the protocol differ in events, and how much a snapshot echoes.</summary>
public sealed record ResponseEventOptions
{
    public static readonly ResponseEventOptions Default = new();

    public ReasoningNames Reasoning { get; init; } = ReasoningNames.OpenAI;

    /// <summary>Of <c>created</c> and <c>in_progress</c>; the terminal event is full, but for who translates it.</summary>
    public SnapshotKind Snapshots { get; init; } = SnapshotKind.Full;

    /// <summary>Whether <c>created</c> already says what the prompt holds: protocols whose answers begin with it are written from
    /// there.</summary>
    public bool BeginsWithUsage { get; init; }
}

/// <summary>How events of raw reasoning are called.</summary>
public enum ReasoningNames
{
    /// <summary><c>response.reasoning_text.delta</c>: the OpenAI SDKs and Codex.</summary>
    OpenAI,

    /// <summary><c>response.reasoning.delta</c>: Open Responses, whose suite refuses every name it does not know.</summary>
    OpenResponses,
}
