using System.Globalization;
using System.Text.Json;
using Samovar.Client.Errors;
using Samovar.Client.Events;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Cli.Agents;

/// <summary>What one turn cost and brought: bytes, tokens, times, output items.</summary>
internal sealed class TurnReport
{
    public int BytesUp { get; set; }
    public long BytesDown { get; set; }
    public TimeSpan? FirstToken { get; set; }
    public TimeSpan Total { get; set; }
    public string? ResponseId { get; private set; }
    public int InputTokens { get; private set; }
    public int CachedTokens { get; private set; }
    public int OutputTokens { get; private set; }
    public List<JsonElement> Output { get; } = [];

    /// <summary>Null when the turn completed (or only ran out of output tokens).</summary>
    public TurnFailure? Failure { get; private set; }

    /// <summary>The response ended before the model did: <c>max_output_tokens</c> …</summary>
    public string? IncompleteReason { get; private set; }

    /// <summary>Takes an event in; words appear on the screen.</summary>
    public void Take(TurnEvent e, ITurnScreen screen, TimeSpan elapsed)
    {
        if (e.Type.EndsWith(".delta", StringComparison.Ordinal)) FirstToken ??= elapsed;
        switch (e)
        {
            case TurnEvent.TextDelta text: screen.Text(text.Delta); break;
            case TurnEvent.ItemDone done: Output.Add(Parsed(done.Item)); break;
            case TurnEvent.Restarted: Output.Clear(); break;
            case TurnEvent.Completed completed: Finish(completed.Response); break;
            case TurnEvent.Incomplete incomplete: Finish(incomplete.Response); break;
            case TurnEvent.Failed failed: Finish(failed.Response); break;
        }
    }

    public void Fail(ResponsesException refused) => Failure = new TurnFailure(refused.Code ?? "", refused.Message);

    private void Finish(ResponseView response)
    {
        ResponseId = response.Id?.Value;
        if (Output.Count == 0) Output.AddRange(response.Output.Select(Parsed));
        (InputTokens, CachedTokens, OutputTokens) =
            (response.Usage?.InputTokens ?? 0, response.Usage?.CachedTokens ?? 0, response.Usage?.OutputTokens ?? 0);
        IncompleteReason = response.IncompleteReason;
        if (response.Error is { } error) Failure = new TurnFailure(error.Code, error.Message);
    }

    private static JsonElement Parsed(Item item)
    {
        using var json = JsonDocument.Parse(item.Json.Utf8);
        return json.RootElement.Clone();
    }

    /// <summary>One line: what went up, what was cached, how soon the first token came.</summary>
    public string Line()
    {
        var share = InputTokens == 0 ? 0 : 100.0 * CachedTokens / InputTokens;
        return string.Create(CultureInfo.InvariantCulture,
            $"↑ {Bytes(BytesUp)}  input {InputTokens:N0}, cached {CachedTokens:N0} ({share:0.0} %)  first token {Milliseconds(FirstToken)}")
            + string.Create(CultureInfo.InvariantCulture, $"  output {OutputTokens:N0} in {Milliseconds(Total)}");
    }

    public static string Bytes(long bytes) => bytes < 10_000
        ? string.Create(CultureInfo.InvariantCulture, $"{bytes:N0} B")
        : string.Create(CultureInfo.InvariantCulture, $"{bytes / 1000.0:N1} KB");

    private static string Milliseconds(TimeSpan? time) => time switch
    {
        null => "–",
        { TotalSeconds: < 1 } short_ => string.Create(CultureInfo.InvariantCulture, $"{short_.TotalMilliseconds:0} ms"),
        { } long_ => string.Create(CultureInfo.InvariantCulture, $"{long_.TotalSeconds:0.0} s"),
    };
}

/// <summary>Why a turn ended without an answer.</summary>
internal sealed record TurnFailure(string Code, string Message);
