namespace Samovar.Backends.Models;

/// <summary>The use of a loaded model: it stays loaded until this is given back.</summary>
internal sealed class ModelLease(ILoadedModel model, Action returned) : IDisposable
{
    private int _isReturned;

    public ILoadedModel Model => model;

    /// <summary>Any number of times.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isReturned, 1) == 0) returned();
    }
}
