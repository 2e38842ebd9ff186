using Samovar.Cluster;

namespace Samovar.Server.Peers;

/// <summary>The key that the settings name, read once, whoever asks first: a pipe cannot be read again.</summary>
internal sealed class ClusterKeySource
{
    private readonly Lock _gate = new();
    private ClusterKey? _key;
    private string? _fault;

    /// <inheritdoc cref="ClusterKey.Of(ClusterOptions)"/>
    public ClusterKey Of(ClusterOptions options)
    {
        lock (_gate)
        {
            if (_key is null && _fault is null) Read(options);
            return _key ?? throw new FormatException(_fault);
        }
    }

    private void Read(ClusterOptions options)
    {
        try { _key = ClusterKey.Of(options); }
        catch (FormatException exception) { _fault = exception.Message; }
    }
}
