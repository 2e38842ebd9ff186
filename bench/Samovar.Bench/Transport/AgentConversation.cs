using System.Security.Cryptography.X509Certificates;
using System.Text;
using Samovar.Bench.Clients;

namespace Samovar.Bench.Transport;

/// <summary>One conversation of an agent over one transport: its connection opens with the first turn, and counts.</summary>
/// <param name="seed">Another conversation says other words.</param>
/// <param name="trusted">The certificate of a TLS server; null where there is none.</param>
/// <param name="hasCalls">Whether the model calls tools as the script says; else it answers, and the results are a user's words.</param>
internal sealed class AgentConversation(TransportKind kind, Uri server, AgentTask task, int seed, bool hasCalls,
    X509Certificate2? trusted = null) : IAsyncDisposable
{
    private const int BytesPerToken = 4, DeltaBytes = 4;
    private readonly WireCounts _counts = new();
    private readonly List<string> _said = [];
    private readonly string _instructions = Excerpts.OfLength(task.InstructionBytes, 0);
    private readonly string _tools = AgentWords.Tools(task.ToolBytes, kind.IsChat);
    private HttpMessageInvoker? _http;
    private TurnClient? _client;
    private TransportAnswer? _newest;
    private int _turn;

    /// <summary>Whether it asks for answers that can be read on from another connection.</summary>
    public bool CanResume { get; init; }

    /// <summary>Sees each event of an answer as it comes.</summary>
    public Action<ReadOnlyMemory<byte>>? Seen { get; init; }

    /// <summary>What went over its sockets so far.</summary>
    public WireAmounts Wire => _counts.Read();

    /// <summary>The next step of the task; after the last the conversation is over.</summary>
    public async Task<TransportAnswer> StepAsync(CancellationToken late)
    {
        var news = News(task.Steps[_turn], _turn);
        _turn++;
        _said.Add(news);
        return await SayAsync(sendsAll: kind.SendsAll, late);
    }

    /// <summary>The same step on a new connection, for the other one is lost, its answer too: what no server keeps is sent whole.</summary>
    public Task<TransportAnswer> AgainAsync(CancellationToken late) => SayAsync(sendsAll: !kind.Stores, late);

    /// <summary>What follows in an answer, on a new connection.</summary>
    public async Task<TransportAnswer> ReadOnAsync(ReadPoint point, CancellationToken late) =>
        Heard(await AskAsync(new TurnAsk("[]") { Resumes = point, Seen = Seen }, late));

    /// <summary>Throws its connection away.</summary>
    public async ValueTask DisconnectAsync()
    {
        if (_client is not null) await _client.DisposeAsync();
        _http?.Dispose();
        (_client, _http) = (null, null);
    }

    private async Task<TransportAnswer> SayAsync(bool sendsAll, CancellationToken late)
    {
        _http ??= CountedSockets.Open(_counts, trusted);
        return Heard(kind.IsChat ? await new ChatWire(_http, server).TurnAsync(ChatBody(), Seen, late)
            : await AskAsync(Ask(sendsAll), late));
    }

    private TransportAnswer Heard(TransportAnswer answer)
    {
        _said.AddRange(answer.Output);
        if (answer.Error is null) _newest = answer;
        return answer;
    }

    private TurnAsk Ask(bool sendsAll) => new("[" + (sendsAll ? string.Join(',', _said) : _said[^1]) + "]")
    {
        Previous = sendsAll ? null : _newest?.ResponseId,
        Instructions = _instructions,
        Tools = hasCalls ? _tools : null,
        Stores = kind.Stores,
        IsBare = kind.IsBare && _newest is not null && !sendsAll,
        IsBackground = CanResume && !kind.IsSocket,
        OutputMax = hasCalls ? null : Math.Max(1, task.Steps[_turn - 1].OutputBytes / BytesPerToken),
        Seen = Seen,
    };

    private async Task<TransportAnswer> AskAsync(TurnAsk ask, CancellationToken late)
    {
        var started = TimeProvider.System.GetTimestamp();
        _http ??= CountedSockets.Open(_counts, trusted);
        _client ??= kind.IsSocket ? await SocketClient.OpenAsync(server, _http, kind.Deflates, CanResume, late)
            : new PostClient(server, streams: true, http: _http);
        var opening = TimeProvider.System.GetElapsedTime(started); // HTTP opens its connection within the turn
        var answer = TransportAnswer.Of(await _client.TurnAsync(ask, late));
        return answer with { FirstOutput = answer.FirstOutput + opening, Total = answer.Total + opening };
    }

    private byte[] ChatBody() => Encoding.UTF8.GetBytes(
        $$"""{"model":"bench","stream":true,"stream_options":{"include_usage":true},"messages":["""
            + string.Join(',', _said.Prepend(AgentWords.Message("system", _instructions))) + "]"
            + (hasCalls ? ",\"tools\":" + _tools : $",\"max_tokens\":{task.Steps[_turn - 1].OutputBytes / BytesPerToken}") + "}");

    /// <summary>The user's words, or the result of the call that waits, with what the simulated model goes by.</summary>
    private string News(AgentStep step, int turn)
    {
        var deltas = Math.Max(1, step.OutputBytes / DeltaBytes);
        var marks = !hasCalls ? "" : turn == 0
            ? $"[[steps={task.Steps.Count - 1}]][[args={step.OutputBytes}]][[deltas={deltas}]][[bytes={DeltaBytes}]]"
            : $"[[args={step.OutputBytes}]][[deltas={deltas}]]";
        var text = marks + Excerpts.OfLength(Math.Max(1, step.NewBytes - marks.Length), seed * 1009 + turn);
        if (_newest?.Calls is not [var call, ..]) return AgentWords.Message("user", text);
        return kind.IsChat ? AgentWords.ToolMessage(call, text) : AgentWords.Result(call, text);
    }

    public ValueTask DisposeAsync() => DisconnectAsync();
}
