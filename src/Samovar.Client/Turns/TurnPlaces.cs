using Samovar.Client.Errors;
using Samovar.Client.Settings;
using Samovar.Client.Transports;
using Samovar.Protocol.Responses;

namespace Samovar.Client.Turns;

/// <summary>The turns of one connection: so many run at once, so many wait, and all end with it.</summary>
internal sealed class TurnPlaces(Links links, ResponsesOptions options) : IAsyncDisposable
{
    private readonly SemaphoreSlim _places = new(options.TurnsMax);
    private readonly CancellationTokenSource _ends = new();
    private int _waiting;
    private bool _isDisposed;

    public Links Links => links;

    /// <summary>Waits for a place.</summary>
    public async Task<Place> TakeAsync(CancellationToken caller)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (!_places.Wait(0, CancellationToken.None))
        {
            if (Interlocked.Increment(ref _waiting) > options.WaitingMax)
            {
                Interlocked.Decrement(ref _waiting);
                throw new ResponsesException(ResponsesErrorKind.Busy, $"{options.WaitingMax} turns wait on this connection already.");
            }
            try { await _places.WaitAsync(caller); }
            finally { Interlocked.Decrement(ref _waiting); }
        }
        return new Place(_places, CancellationTokenSource.CreateLinkedTokenSource(caller, _ends.Token));
    }

    /// <summary>Has the server make a response by itself; the answer is the response as it stands.</summary>
    public async Task<ResponseView> StartAsync(TurnAsk ask, CancellationToken caller)
    {
        var request = ask.Request with { Background = true };
        var attempts = new Attempts(options);
        var (isWhole, mayHaveNoChains) = (links.HasNoChains && ask.Parent is { IsWhole: true }, false);
        var key = "turn_" + options.Ids.Next(); // of all that may have begun the same
        while (true)
        {
            var body = Frames.Post(new Frames.Ask(request, ask.Parent, isWhole, ask.Before, null, null), streams: false);
            Frames.Check(body, options);
            try
            {
                var begun = await links.HttpAsync(http => http.PostWholeAsync(body, key, caller));
                links.HasNoChains |= mayHaveNoChains;
                return begun;
            }
            catch (ResponsesException refused)
            {
                var isLost = !isWhole && ask.Parent is { IsWhole: true } parent && Faults.IsParentLost(refused, parent.ResponseId);
                mayHaveNoChains = isLost && Faults.SaysNoChains(refused); // if it takes everything now
                if (isLost) (isWhole, key) = (true, "turn_" + options.Ids.Next());
                else if (refused is { IsForeign: true, Status: 408 or 502 or 504 }) throw; // what stands between may have let it through
                else await attempts.AfterRefusalAsync(refused, caller);
            }
        }
    }

    public TurnRun Begin(TurnAsk ask, Place place) => new(links, options, ask, place.Ends);

    public void Abort()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _ends.Cancel();
        links.Abort();
    }

    public async ValueTask DisposeAsync()
    {
        if (_isDisposed) return;
        _isDisposed = true;
        _ends.Cancel();
        await links.DisposeAsync();
        _ends.Dispose();
    }

    /// <summary>One of the turns that run at once, with a token that ends with its caller or the connection.</summary>
    internal sealed class Place(SemaphoreSlim places, CancellationTokenSource ends) : IDisposable
    {
        public CancellationToken Ends => ends.Token;

        public void Dispose()
        {
            ends.Dispose();
            places.Release();
        }
    }
}
