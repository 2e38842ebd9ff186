using Samovar.Gateway.Faults;
using Samovar.Gateway.Json;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Drivers.Chat;

/// <summary>What a choice says of its end: the reason, and the text of the request's <c>stop</c> that ended it.</summary>
/// <remarks>
/// SGLang's own form of a reason is an object with the matched text in it; proxies pass it on. What engines put where a stop text belongs
/// may be a word for the end instead.
/// </remarks>
internal readonly record struct ChatFinish(string? Reason, string? StopSequence)
{
    /// <param name="stops">The texts that the request wants to end at.</param>
    public static ChatFinish Of(ChatChoice choice, IReadOnlyList<string> stops)
    {
        var said = choice.FinishReason;
        if (said.IsArray) said = said.First();
        var reason = said.AsText() ?? said.Text("type"u8) ?? said.Text("reason"u8);
        string? sequence = null;
        foreach (var field in (ReadOnlySpan<RawJson>)[choice.StopReason, choice.MatchedStop, said.Field("matched"u8)])
        {
            if (field.AsText() is not { } text) continue;
            if (stops.Contains(text, StringComparer.Ordinal)) sequence ??= text;
            else if (FinishReasons.Of(text) is { } end and not AnswerEnd.Broken && !(FinishReasons.Of(reason) >= end)) reason = text;
        }
        return new ChatFinish(reason, sequence);
    }
}
