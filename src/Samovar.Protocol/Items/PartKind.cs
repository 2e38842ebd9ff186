using Samovar.Protocol.Json;

namespace Samovar.Protocol.Items;

/// <summary>Which kind a part of an output item is.</summary>
public enum PartKind { OutputText, Refusal, ReasoningText }

/// <summary>One part of a message made here.</summary>
/// <param name="Logprobs">JSON array of logprob objects; empty writes <c>[]</c>.</param>
/// <param name="Annotations">JSON array of what the text rests on; empty writes <c>[]</c>.</param>
public readonly record struct OutputPart(PartKind Kind, string Text, RawJson Logprobs = default, RawJson Annotations = default);
