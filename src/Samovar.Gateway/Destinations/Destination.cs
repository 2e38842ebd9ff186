using System.Collections.Concurrent;
using Samovar.Backends;
using Samovar.Protocol.Ids;

namespace Samovar.Gateway.Destinations;

/// <summary>One replica, deployment or account of a pool: what is configured, and how it is at the moment.</summary>
internal sealed class Destination
{
    private readonly IReadOnlyDictionary<string, string> _models;
    private readonly DestinationKey? _key;
    private readonly ConcurrentDictionary<string, Uri> _uris = new(StringComparer.Ordinal); // of the few paths that its protocol has

    public Destination(DestinationOptions options, DestinationState state, Func<string, string?> environment)
    {
        Name = options.Name;
        Kind = ConfigurationNames.Kinds[options.Kind];
        Dialect = options.Dialect is { } dialect ? Dialect.All[dialect] : Dialect.DefaultFor(Kind);
        BaseUrl = new Uri(options.BaseUrl.TrimEnd('/') + "/", UriKind.Absolute);
        PortLabel = BaseUrl.Port;
        Options = options;
        State = state;
        _models = ModelNames.Read(options.Models);
        _key = DestinationKey.Read(options, Dialect, environment);
    }

    public string Name { get; }
    public DestinationKind Kind { get; }
    public Dialect Dialect { get; }
    public Uri BaseUrl { get; }

    /// <summary>The port as measurements carry it.</summary>
    public object PortLabel { get; }
    public DestinationOptions Options { get; }
    public DestinationState State { get; }
    public IEnumerable<string> Models => _models.Keys;

    /// <summary>Whether names beyond its own are passed on as they are.</summary>
    public bool PassesNamesOn => _models.TryGetValue("*", out var any) && any == "*";

    /// <summary>Whether its turns at once, or its use in a minute, are limited.</summary>
    public bool IsLimited => Options.InFlightMax > 0 || Options.RequestsPerMinute > 0 || Options.TokensPerMinute > 0;

    /// <summary>The model's name at this destination; null where it is not served.</summary>
    public string? ModelFor(string model) =>
        _models.TryGetValue(model, out var own) ? own
        : _models.TryGetValue("*", out var any) ? any == "*" ? model : any
        : null;

    /// <summary>Whether the configuration says that it has the model, rather than a client.</summary>
    /// <param name="own">The name there.</param>
    public bool IsConfigured(string own) => own != "*" && _models.Values.Contains(own, StringComparer.Ordinal);

    /// <summary>Whether it said not long ago that it does not have the model.</summary>
    public bool Lacks(string model) => ModelFor(model) is { } own && State.Lacked.Has(own);

    /// <param name="callerKey">What the client sent, for a destination that gets it.</param>
    public void Authorize(Action<string, string> header, string? callerKey = null)
    {
        var passed = IsOfCallers && callerKey is not null ? DestinationKey.Of(callerKey, Options, Dialect) : null;
        (_key ?? passed)?.Write(header);
    }

    /// <summary>Whether the account is whose turn it is: the key that goes there is the client's own.</summary>
    public bool IsOfCallers => _key is null && Options.PassesKeys;

    /// <summary>Why no turn of the tenant may begin here, whatever others may; null where that is only the destination's affair.</summary>
    public Refusal? RefusalOf(TenantId tenant) => IsOfCallers ? State.Callers.RefusalOf(tenant) : null;

    /// <summary>The upstream said 429 to a turn of the tenant.</summary>
    /// <param name="asked">For how long; null: it did not say.</param>
    public void Cool(TenantId tenant, TimeSpan? asked)
    {
        if (IsOfCallers) State.Callers.Cool(tenant, asked);
        else if (HasItsKeyStill) State.Cool(asked);
    }

    /// <summary>The limits of its account that the upstream stated with its newest answer to a tenant; null keeps what is known.</summary>
    public void Stated(TenantId tenant, RateLimits? limits)
    {
        if (IsOfCallers) State.Callers.Stated(tenant, limits);
        else if (HasItsKeyStill) State.Stated(limits);
    }

    /// <summary>What is known of the limits of the account that the tenant's turns go to; null where nothing was stated.</summary>
    public RateLimits? StatedTo(TenantId tenant) => IsOfCallers ? State.Callers.StatedTo(tenant) : State.StatedNow;

    /// <summary>Tells keys apart; null without a key.</summary>
    public string? KeyDigest => _key?.Digest;

    /// <summary>Whether it has been given no other key since: what is said of the old account says nothing of the new one.</summary>
    public bool HasItsKeyStill => State.IsOfAccount(KeyDigest);

    /// <summary>The same for two only where what one has open serves the other as well: place, protocol and key.</summary>
    public string Origin => field ??= string.Join('\n', Name, Options.Kind, Dialect.Name, BaseUrl, _key?.Digest, Options.KeyHeader,
        Options.Deflate, Options.PassesKeys);

    /// <summary>A path at this destination; the key goes nowhere else.</summary>
    /// <exception cref="InvalidOperationException">It leads to another host.</exception>
    public Uri UriOf(string path) => _uris.GetOrAdd(path, static (path, destination) => destination.MakeUri(path), this);

    private Uri MakeUri(string path)
    {
        var uri = new Uri(BaseUrl, path);
        return uri.Scheme == BaseUrl.Scheme && uri.Authority == BaseUrl.Authority ? uri
            : throw new InvalidOperationException($"A path of destination '{Name}' leads to {uri.Authority}.");
    }

    public override string ToString() => Name;
}
