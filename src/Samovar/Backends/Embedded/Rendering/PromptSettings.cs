using Samovar.Context;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>Those settings of a request that the prompt contains. A continuation under other settings is rendered whole.</summary>
/// <param name="Model">The loaded model's identity.</param>
/// <param name="Instructions">The instructions in force.</param>
/// <param name="Tools">The tools in force, as they were sent.</param>
/// <param name="Effort">The reasoning effort, for templates that read it.</param>
internal sealed record PromptSettings(string Model, string? Instructions, RawJson Tools, string? Effort)
{
    /// <summary>The request's own variables of the template; empty for none.</summary>
    public RawJson Variables { get; init; }

    /// <summary>What of the conversation is not in the prompt, because the client wants it cleared.</summary>
    public Clearing Cleared { get; init; } = Clearing.Nothing;

    /// <summary>Whether the request wants no thinking at all.</summary>
    public bool ThinkingOff => Effort is "none" or "minimal";

    public bool HasModelOf(PromptSettings other) => string.Equals(Model, other.Model, StringComparison.Ordinal);

    /// <summary>Null when equal; else the first thing that differs, in the words of <c>prompt_cache_diagnostics</c>.</summary>
    public string? ChangeFrom(PromptSettings earlier) =>
        !HasModelOf(earlier) ? MissReasons.Model
        : !Tools.Utf8.Span.SequenceEqual(earlier.Tools.Utf8.Span) ? MissReasons.Tools
        : Variables != earlier.Variables ? MissReasons.Variables
        : !string.Equals(Effort, earlier.Effort, StringComparison.Ordinal) ? MissReasons.Effort
        : !string.Equals(Instructions, earlier.Instructions, StringComparison.Ordinal) ? MissReasons.Instructions
        : Cleared != earlier.Cleared ? MissReasons.Edited
        : null;
}
