using System.Globalization;
using Samovar.Protocol.Responses;

namespace Samovar.Cli.Traces;

/// <summary>A turn's cache for a person: what was reused from where, where it left, what was given up, what it cost.</summary>
internal static class WhyText
{
    private const int TierWidth = 14, TokensWidth = 10, TimeWidth = 12;

    public static IEnumerable<string> Lines(WhyAnswer answer)
    {
        yield return $"{answer.ResponseId}  {answer.Outcome ?? "running"}"
            + (answer.ParentResponseId is { } parent ? $"  after {parent}" : "");
        if (answer.TakenOver is { } taken) yield return Takeover(taken);
        if (answer.Cache is not { } cache)
        {
            if (answer.InputTokens > 0) yield return Counted(answer.InputTokens, answer.CachedTokens);
            if (answer.Miss is { } said) yield return $"Sent again because of {said}.";
            yield return answer.Outcome is null ? "It goes on: what its cache did is known when it has ended."
                : "Whoever made its words says no more than that: only this server's own engine knows tiers, places and evictions.";
            yield break;
        }
        yield return Counted(cache.PromptTokens, cache.CachedTokens)
            + (cache.RecomputedTokens > 0 ? Invariant($" {cache.RecomputedTokens:N0} of these had been computed before.") : "");
        yield return "";
        foreach (var tier in cache.Tiers) yield return Row(tier);
        yield return "";
        yield return Reason(answer.Miss);
        foreach (var line in Place(cache.LeftAt)) yield return line;
        if (cache.Evicted is { } evicted) yield return Eviction(evicted);
        yield return Rendering(cache);
    }

    private static string Takeover(WhyTakeover taken)
    {
        var from = taken.From is { } node ? $"from node {node}" : "from another node";
        var since = taken.Epoch is { } epoch ? Invariant($", under epoch {epoch:N0}") : "";
        return $"Its conversation was taken over {from}{since}: " + taken.Reason switch
        {
            "let_go" => "that one had let go of it.",
            "dead" => "that one is dead.",
            "unreachable" => "that one could not be given the turn.",
            var other => other + ".",
        };
    }

    private static string Counted(int tokens, int cached) =>
        Invariant($"{tokens:N0} tokens of prompt: {cached:N0} cached, {tokens - cached:N0} computed.");

    private static string Row(WhyTier tier)
    {
        var time = tier.Milliseconds <= 0 ? "-" : Invariant($"{tier.Milliseconds:N2} ms");
        return Invariant($"  {Named(tier.Tier),-TierWidth} {tier.Tokens,TokensWidth:N0} {time,TimeWidth}");
    }

    private static string Named(string tier) => tier.Replace('_', ' ');

    private static string Reason(string? miss)
    {
        if (miss is null) return "No miss: all that the chain had was used.";
        var row = MissReasons.All.FirstOrDefault(row => row.Name == miss);
        return row is null ? $"Miss: {miss}." : $"Miss: {miss}: {row.Meaning}.";
    }

    private static IEnumerable<string> Place(WhyPlace? left)
    {
        if (left is null) yield break;
        yield return Invariant($"It leaves what was cached at {left.Item}, character {left.Character:N0}")
            + (left.ResponseId is { } response ? $", of {response}:" : ":");
        if (left.Before is { } before) yield return $"  before  \"{before}\"";
        if (left.Now is { } now) yield return $"  now     \"{now}\"";
        if (left.Before is null && left.Now is null) yield return "  (its words are not kept, or not for this key)";
    }

    private static string Eviction(WhyEviction evicted) =>
        Invariant($"Given up for other work at {evicted.At.UtcDateTime:yyyy-MM-dd HH:mm:ss} UTC, from {Named(evicted.Tier)}")
        + (evicted.Budget is { } budget ? $" ({budget} was reached)." : ".");

    private static string Rendering(WhyCache cache)
    {
        if (cache.Rendered != "whole") return "Only what is new was rendered.";
        var because = cache.RenderedWholeBecause;
        var meaning = WholeReasons.All.FirstOrDefault(row => row.Name == because).Meaning;
        return because is null ? "The whole conversation was rendered."
            : $"The whole conversation was rendered: {because}: {meaning ?? "?"}.";
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
