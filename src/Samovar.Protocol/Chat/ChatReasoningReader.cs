using Samovar.Protocol.Fields;
using Samovar.Protocol.Json;
using Samovar.Protocol.Translation;

namespace Samovar.Protocol.Chat;

/// <summary>
/// Reads <c>reasoning</c>, by which routers in front of many providers ask for what <c>reasoning_effort</c> says: an effort, a budget, or
/// only whether there is to be any.
/// </summary>
/// <remarks>Upstreams get the effort, which each of them knows or not: those who know both refuse them together.</remarks>
internal static class ChatReasoningReader
{
    private const string Off = "none", On = "medium";

    private static readonly FieldTable<Draft> Fields = new(
        ("effort", static (ref json, reasoning) => reasoning.Effort = Forms.Effort.Read(ref json)),
        ("max_tokens", static (ref json, reasoning) => reasoning.Budget = Forms.FromZero.ReadInt(ref json)),
        ("enabled", static (ref json, reasoning) => reasoning.IsEnabled = Forms.Flag.Read(ref json)));

    /// <summary>The effort that it means; null where it leaves that to the model.</summary>
    public static string? Read(ref JsonCursor json)
    {
        if (json.IsNull) return null;
        var reasoning = new Draft();
        json.Object(Fields, reasoning);
        if (reasoning is { IsEnabled: false } or { Effort: null, Budget: 0 }) return Off;
        if (reasoning is { Effort: null, Budget: { } budget }) return ThinkingBudget.Effort(budget);
        return reasoning.Effort ?? (reasoning.IsEnabled == true ? On : null);
    }

    private sealed class Draft
    {
        public string? Effort { get; set; }
        public int? Budget { get; set; }
        public bool? IsEnabled { get; set; }
    }
}
