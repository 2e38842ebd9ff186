namespace Samovar.Bench.Links;

/// <summary>Nothing between the two.</summary>
internal sealed class NoLink(Uri server) : ILink
{
    public LinkShape Shape => LinkShape.Lan;
    public string Method => "none";
    public Uri Address => server;

    public Task ShapeAsync() => Task.CompletedTask;

    /// <exception cref="NotSupportedException">There is nothing to cut.</exception>
    public Task CutAsync() => throw new NotSupportedException("Nothing lies between the client and the server.");

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
