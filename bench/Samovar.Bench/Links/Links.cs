namespace Samovar.Bench.Links;

/// <summary>Makes links.</summary>
internal static class Links
{
    private static readonly Lock ProbeLock = new();
    private static Task<string?>? _probing;

    /// <inheritdoc cref="OpenAsync(LinkShape, Uri, int, LinkMethod, bool, CancellationToken)"/>
    public static Task<ILink> OpenAsync(LinkShape shape, Uri server, int seed, CancellationToken stop) =>
        OpenAsync(shape, server, seed, LinkMethod.Auto, startsClear: false, stop);

    /// <param name="server">Where the server listens.</param>
    /// <param name="seed">Which segments are lost; the kernel takes none.</param>
    /// <param name="startsClear">Nothing is slow before <see cref="ILink.ShapeAsync"/>.</param>
    /// <exception cref="InvalidOperationException">The kernel was asked for and cannot do it.</exception>
    public static async Task<ILink> OpenAsync(
        LinkShape shape, Uri server, int seed, LinkMethod method, bool startsClear, CancellationToken stop)
    {
        stop.ThrowIfCancellationRequested();
        if (shape == LinkShape.Lan) return new NoLink(server);
        var why = method == LinkMethod.Userspace ? "" : await ObstacleAsync();
        if (why is null) return await NetemLink.OpenAsync(shape, server, startsClear, stop);
        return method != LinkMethod.Netem ? new UserspaceLink(shape, server, seed, TimeProvider.System, startsClear)
            : throw new InvalidOperationException("--link-method netem cannot be used here: " + why);
    }

    /// <summary>What stands against the kernel's shaping here; tried once.</summary>
    private static Task<string?> ObstacleAsync()
    {
        lock (ProbeLock) return _probing ??= ProbeAsync();
    }

    private static async Task<string?> ProbeAsync()
    {
        var why = await NetemProbe.ObstacleAsync(NetworkCommands.RunAsync, CancellationToken.None);
        if (why is not null) await Console.Error.WriteLineAsync("links in userspace, as netem cannot be used here: " + why);
        return why;
    }
}
