namespace Samovar.Bench.Links;

/// <summary>Makes links.</summary>
internal static class Links
{
    /// <param name="server">Where the server listens.</param>
    /// <param name="seed">Which segments are lost.</param>
    public static Task<ILink> OpenAsync(LinkShape shape, Uri server, int seed, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        return shape == LinkShape.Lan ? Task.FromResult<ILink>(new NoLink(server))
            : Task.FromResult<ILink>(new UserspaceLink(shape, server, seed));
    }
}
