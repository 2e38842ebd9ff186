using System.Net;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Samovar.Client;
using Samovar.Client.Errors;
using Samovar.Client.Events;
using Samovar.Client.Requests;
using Samovar.Client.Settings;
using Samovar.Protocol.Json;
using Samovar.Server.Monitoring.Status;

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
/// A conversation over one connection: each turn sends only what is new, and is counted. What becomes of lost chains and broken connections
/// is the client library's.
/// </summary>
internal sealed class Conversation : IAsyncDisposable
{
    /// <summary>What it calls itself to servers: <c>samovar-agent/0.1.0</c>, without the commit it was built from.</summary>
    public static readonly string ClientName = "samovar-agent/" + ServerStatus.Version.Split('+')[0];

    private readonly ConversationSettings _settings;
    private readonly ResponsesConnection _connection;
    private readonly ResponsesLane _lane;
    private readonly ResponseRequest _request;
    private readonly TimeProvider _time;
    private readonly bool _isFork;
    private long _itemBytes; // of all that was said, each item with its comma

    public Conversation(ConversationSettings settings, TimeProvider time)
    {
        (_settings, _time) = (settings, time);
        _connection = new ResponsesConnection(settings.BaseUrl, new ResponsesOptions
        {
            ApiKey = settings.Key, UserAgent = ClientName, Transport = TransportChoice.WebSocket, Time = time,
        });
        _lane = _connection.Start();
        _request = new ResponseRequest
        {
            Model = settings.Model,
            Instructions = settings.Instructions,
            Tools = settings.Tools is null ? default : RawJson.Of(settings.Tools),
            MaxOutputTokens = settings.OutputTokensMax,
            Temperature = settings.IsTrial ? null : 0,
            Store = settings.IsTrial ? false : null,
        };
    }

    private Conversation(Conversation from)
    {
        (_settings, _connection, _request, _time, _isFork) = (from._settings, from._connection, from._request, from._time, true);
        (_lane, _itemBytes) = (from._lane.Fork(), from._itemBytes);
    }

    /// <summary>The newest completed response; what a next turn continues, or a fork branches from.</summary>
    public string? Newest => _lane.NewestId;
    public long BytesUp { get; private set; }

    /// <summary>Bytes that the same turns would have sent without a server that keeps the conversation.</summary>
    public long BytesUpStateless { get; private set; }
    public int Turns { get; private set; }

    /// <summary>What the conversation sent, beside what it would have sent without state.</summary>
    public string BytesLine() => $"sent {TurnReport.Bytes(BytesUp)}; stateless HTTP would have sent {TurnReport.Bytes(BytesUpStateless)}";

    /// <summary>A second conversation that starts where this one is, in another lane of its connection. It ends with this one.</summary>
    public Conversation Fork() => new(this);

    /// <summary>Sends new items (JSON objects) and returns what came back.</summary>
    /// <exception cref="NoServerException">There is no server.</exception>
    /// <exception cref="WebSocketException">It was there, and cannot be reached any more.</exception>
    public async Task<TurnReport> SendAsync(IReadOnlyList<string> items, ITurnScreen screen, CancellationToken userGone)
    {
        if (!_connection.IsOpen && _connection.SocketsOpened == 0) await OpenAsync(userGone);
        var (report, started, before) = (new TurnReport(), _time.GetTimestamp(), (_lane.BytesSent, _lane.BytesReceived));
        try
        {
            await foreach (var e in _lane.StreamAsync(_request with { Input = [.. items.Select(RawJson.Of)] }, userGone))
                report.Take(e, screen, _time.GetElapsedTime(started));
        }
        catch (ResponsesException lost) when (lost.Kind is ResponsesErrorKind.Lost or ResponsesErrorKind.Unreachable)
        {
            throw new WebSocketException(lost.Message, lost);
        }
        catch (ResponsesException refused)
        {
            report.Fail(refused);
        }
        report.Total = _time.GetElapsedTime(started);
        (report.BytesUp, report.BytesDown) = ((int)(_lane.BytesSent - before.BytesSent), _lane.BytesReceived - before.BytesReceived);
        BytesUp += report.BytesUp;
        _itemBytes += Bytes(items);
        if (report.Failure is null) Keep(report);
        return report;
    }

    public ValueTask DisposeAsync() => _isFork ? ValueTask.CompletedTask : _connection.DisposeAsync();

    private async Task OpenAsync(CancellationToken userGone)
    {
        try
        {
            await _connection.OpenAsync(userGone);
        }
        catch (ResponsesException refused)
        {
            throw new NoServerException(NoServerException.Sentence(
                _settings.BaseUrl, (HttpStatusCode?)refused.Status, refused, "--key-env", "--base-url"), refused);
        }
    }

    private void Keep(TurnReport report)
    {
        Turns++;
        BytesUpStateless += FrameBytes() + _itemBytes;
        _itemBytes += Bytes(report.Output.Select(item => item.GetRawText()));
    }

    private static long Bytes(IEnumerable<string> items) => items.Sum(item => (long)Encoding.UTF8.GetByteCount(item) + 1);

    /// <summary>Bytes of a request beside its items.</summary>
    private long FrameBytes() => """{"type":"response.create","input":[]}""".Length
        + _request.Settings().Sum(pair => pair.Key.Length + 4L + pair.Value.Utf8.Length);

    /// <summary>A user's message as an input item.</summary>
    public static string UserMessage(string text) => $$"""{"type":"message","role":"user","content":{{Quote(text)}}}""";

    /// <summary>A tool's result as an input item.</summary>
    public static string ToolOutput(string callId, string output) =>
        $$"""{"type":"function_call_output","call_id":{{Quote(callId)}},"output":{{Quote(output)}}}""";

    /// <remarks>By its bytes: half a surrogate pair, whoever cut it, becomes a sign instead of an exception.</remarks>
    private static string Quote(string text) => "\"" + JsonEncodedText.Encode(Encoding.UTF8.GetBytes(text)).ToString() + "\"";
}
