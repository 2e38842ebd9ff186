using System.Buffers;
using System.Net.WebSockets;
using System.Text.Json;
using Samovar.Protocol.Ids;

namespace Samovar.Cli.Agents;

/// <summary>How a client names and dresses its conversation.</summary>
/// <param name="Model">Any name will do where one model is loaded.</param>
/// <param name="Tools">JSON array of tools, sent with each turn; null sends none.</param>
internal sealed record ConversationSettings(Uri BaseUrl, string? Key, string Model, string? Instructions, string? Tools,
    int? OutputTokensMax)
{
    /// <summary>Whether nothing of it is to be kept, and any model is to take it: not stored, and at the model's own temperature.</summary>
    public bool IsTrial { get; init; }
}

/// <summary>
/// A conversation over one connection: each turn sends only what is new. When the server has lost the chain, everything is sent once and
/// the conversation goes on. A turn whose connection broke is read on another from where it was, and never asked for twice.
/// </summary>
internal sealed class Conversation(ConversationSettings settings, TimeProvider time) : IAsyncDisposable
{
    private const int ResumesMax = 8;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private readonly IdSource _ids = new();
    private readonly List<string> _items = [];
    private readonly ArrayBufferWriter<byte> _frame = new();
    private ResponsesConnection? _connection;

    /// <summary>The newest completed response; what a next turn continues, or a fork branches from.</summary>
    public string? Newest { get; private set; }
    public long BytesUp { get; private set; }

    /// <summary>Bytes that the same turns would have sent without a server that keeps the conversation.</summary>
    public long BytesUpStateless { get; private set; }
    public int Turns { get; private set; }

    /// <summary>What the conversation sent, beside what it would have sent without state.</summary>
    public string BytesLine() => $"sent {TurnReport.Bytes(BytesUp)}; stateless HTTP would have sent {TurnReport.Bytes(BytesUpStateless)}";

    /// <summary>
    /// A second conversation that starts where this one stands, over its own connection; the server must store responses for that.
    /// </summary>
    public Conversation Fork()
    {
        var fork = new Conversation(settings, time) { Newest = Newest };
        fork._items.AddRange(_items);
        return fork;
    }

    /// <summary>
    /// Sends new items (JSON objects) and returns what came back. Throws <see cref="WebSocketException"/> when the server cannot be
    /// reached.
    /// </summary>
    public async Task<TurnReport> SendAsync(IReadOnlyList<string> items, ITurnScreen screen, CancellationToken userGone)
    {
        var report = await TryAsync(items, Newest, screen, userGone);
        if (report is null || report.Failure?.ChainIsLost == true)
        {
            await DropAsync();
            report = await TryAsync([.. _items, .. items], null, screen, userGone)
                ?? throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely);
        }
        _items.AddRange(items);
        if (report.Failure is null) Keep(report);
        return report;
    }

    private void Keep(TurnReport report)
    {
        Turns++;
        Newest = report.ResponseId;
        BytesUpStateless += StatelessBytes();
        _items.AddRange(report.Output.Select(item => item.GetRawText()));
    }

    private long StatelessBytes()
    {
        Write(_items, previous: null, key: null);
        return _frame.WrittenCount;
    }

    /// <returns>Null: the connection was lost, and with it the turn.</returns>
    private async Task<TurnReport?> TryAsync(IReadOnlyList<string> items, string? previous, ITurnScreen screen, CancellationToken userGone)
    {
        var turn = new TurnProgress(time);
        var key = "turn_" + _ids.Next();
        var canResume = false;
        try
        {
            var connection = await ConnectedAsync(userGone);
            canResume = connection.CanResume;
            var named = canResume ? key : null;
            if (connection.TakesOverSettings && previous is not null && previous == connection.Newest) WriteBare(items, named);
            else Write(items, previous, named);
            await AskAsync(connection, turn, screen, userGone);
            return turn.Report;
        }
        catch (WebSocketException) when (canResume && !userGone.IsCancellationRequested)
        {
            return await ResumeAsync(turn, () => Write(items, previous, key), screen, userGone);
        }
        catch (WebSocketException) when (previous is not null && !userGone.IsCancellationRequested)
        {
            return null; // the socket went away: once more with everything
        }
    }

    /// <summary>
    /// Reads on where the connection broke: by the response's id, where that is known already; else by asking for the same turn again
    /// under its name.
    /// </summary>
    private async Task<TurnReport?> ResumeAsync(TurnProgress turn, Action writeAgain, ITurnScreen screen, CancellationToken userGone)
    {
        for (var (tries, pause) = (1, FirstPause); ; tries++, pause *= 2)
        {
            try
            {
                var connection = await ConnectedAsync(userGone);
                if (turn.ResponseId is { } id) WriteResume(id, turn.Last);
                else writeAgain();
                await AskAsync(connection, turn, screen, userGone);
                if (turn is { ResponseId: not null, Report.Failure.EventsAreLost: true }) return await FindAsync(turn, userGone);
                return turn.Report;
            }
            catch (Exception lost) when (lost is WebSocketException or NoServerException && !userGone.IsCancellationRequested)
            {
                if (tries == ResumesMax) return null;
                await Task.Delay(pause, time, userGone);
            }
        }
    }

    private async Task<TurnReport?> FindAsync(TurnProgress turn, CancellationToken userGone)
    {
        var response = await new StoredResponse(settings.BaseUrl, settings.Key, time).EndedAsync(turn.ResponseId!, userGone);
        if (response is not { } ended) return null;
        turn.Report.FinishWith(ended);
        return turn.Report;
    }

    private async Task<ResponsesConnection> ConnectedAsync(CancellationToken userGone)
    {
        if (_connection is { IsOpen: true } connection) return connection;
        await DropAsync();
        return _connection = await ResponsesConnection.OpenAsync(settings.BaseUrl, settings.Key, time, userGone);
    }

    private Task AskAsync(ResponsesConnection connection, TurnProgress turn, ITurnScreen screen, CancellationToken userGone)
    {
        BytesUp += _frame.WrittenCount;
        return connection.AskAsync(_frame.WrittenMemory, turn, screen, userGone);
    }

    private void WriteResume(string response, long last)
    {
        _frame.ResetWrittenCount();
        using var json = new Utf8JsonWriter(_frame);
        json.WriteStartObject();
        json.WriteString("type"u8, "response.resume"u8);
        json.WriteString("response_id"u8, response);
        if (last >= 0) json.WriteNumber("starting_after"u8, last);
        json.WriteEndObject();
    }

    private void WriteBare(IReadOnlyList<string> items, string? key)
    {
        _frame.ResetWrittenCount();
        using var json = new Utf8JsonWriter(_frame);
        json.WriteStartObject();
        WriteInput(json, items);
        if (key is not null) json.WriteString("resume_key"u8, key);
        json.WriteEndObject();
    }

    private static void WriteInput(Utf8JsonWriter json, IReadOnlyList<string> items)
    {
        json.WriteStartArray("input"u8);
        foreach (var item in items) json.WriteRawValue(item);
        json.WriteEndArray();
    }

    private void Write(IReadOnlyList<string> items, string? previous, string? key)
    {
        _frame.ResetWrittenCount();
        using var json = new Utf8JsonWriter(_frame);
        json.WriteStartObject();
        json.WriteString("type"u8, "response.create"u8);
        json.WriteString("model"u8, settings.Model);
        if (previous is not null) json.WriteString("previous_response_id"u8, previous);
        if (key is not null) json.WriteString("resume_key"u8, key);
        if (settings.Instructions is not null) json.WriteString("instructions"u8, settings.Instructions);
        WriteInput(json, items);
        if (settings.Tools is not null)
        {
            json.WritePropertyName("tools"u8);
            json.WriteRawValue(settings.Tools);
        }
        if (settings.OutputTokensMax is { } most) json.WriteNumber("max_output_tokens"u8, most);
        if (settings.IsTrial) json.WriteBoolean("store"u8, false);
        else json.WriteNumber("temperature"u8, 0);
        json.WriteEndObject();
    }

    private async ValueTask DropAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync();
        _connection = null;
    }

    public ValueTask DisposeAsync() => DropAsync();

    /// <summary>A user's message as an input item.</summary>
    public static string UserMessage(string text) => $$"""{"type":"message","role":"user","content":{{Quote(text)}}}""";

    /// <summary>A tool's result as an input item.</summary>
    public static string ToolOutput(string callId, string output) =>
        $$"""{"type":"function_call_output","call_id":{{Quote(callId)}},"output":{{Quote(output)}}}""";

    private static string Quote(string text) => "\"" + JsonEncodedText.Encode(text).ToString() + "\"";
}
