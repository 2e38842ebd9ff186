using System.Net.WebSockets;
using Samovar.Bench.Clients;

namespace Samovar.Bench.Workloads.Targets;

/// <summary>One conversation with a target. A turn that fails says why and leaves the conversation as it was.</summary>
internal sealed class TargetConversation(Target target, TargetMode mode) : IAsyncDisposable
{
    private static readonly TimeSpan TurnMax = TimeSpan.FromSeconds(30);
    private readonly List<string> _items = [];
    private TurnClient? _client;
    private string? _newest;

    public TargetMode Mode => mode;

    /// <param name="sendsAll">Everything that was said goes along and nothing is continued, as clients do that were told to.</param>
    public async Task<TurnFigures> SayAsync(string text, CancellationToken stop, bool sendsAll = false)
    {
        var own = TurnAsk.User(text)[1..^1];
        var continues = mode.Continues && !sendsAll && _newest is not null;
        var ask = new TurnAsk(continues ? $"[{own}]" : $"[{string.Join(',', _items.Append(own))}]")
        {
            Model = target.Model, Stores = mode.Stores, Previous = continues ? _newest : null,
        };
        var figures = await AskAsync(ask, stop);
        if (figures.Error is not null) return figures;
        _items.Add(own);
        _items.AddRange(figures.Output);
        _newest = figures.ResponseId;
        return figures;
    }

    private async Task<TurnFigures> AskAsync(TurnAsk ask, CancellationToken stop)
    {
        using var late = CancellationTokenSource.CreateLinkedTokenSource(stop);
        late.CancelAfter(TurnMax);
        var figures = new TurnFigures(0);
        try
        {
            _client ??= mode.IsSocket ? await SocketClient.OpenAsync(target.Address, target.Key, target.Headers, late.Token)
                : new PostClient(target.Address, streams: true, target.Key) { Headers = target.Headers };
            figures = await _client.TurnAsync(ask, late.Token);
        }
        catch (OperationCanceledException) when (!stop.IsCancellationRequested)
        {
            figures.Fail($"no end within {TurnMax.TotalSeconds:0} s");
        }
        catch (WebSocketException exception)
        {
            figures.Fail(exception.Message);
        }
        if (figures.Error is not null) await DropAsync();
        return figures;
    }

    /// <summary>Closes the connection; the next turn opens another.</summary>
    public async Task DropAsync()
    {
        if (_client is not null) await _client.DisposeAsync();
        _client = null;
    }

    public async ValueTask DisposeAsync() => await DropAsync();
}
