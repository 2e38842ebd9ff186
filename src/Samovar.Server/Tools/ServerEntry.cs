using System.Net;
using Samovar.Protocol.Ids;
using Samovar.Tools;

namespace Samovar.Server.Tools;

/// <summary>A server of tools that the operator allows.</summary>
internal sealed class ServerEntry : IDisposable
{
    private const int CallsMax = 256, OpeningsMax = 64, NoticesMax = 64; // beside connections that wait for news

    private readonly ToolServerOptions _options;
    private readonly SocketsHttpHandler _connections;
    private readonly ToolOptions _bounds;
    private readonly TimeProvider _time;
    private readonly List<KeyValuePair<string, string>> _headers;
    private readonly List<string> _secrets;

    public ServerEntry(
        ToolServerOptions options, ToolOptions bounds, Func<string, string?> environment,
        Func<string, CancellationToken, Task<IPAddress[]>> resolve, TimeProvider time)
    {
        (_options, _bounds, _time, Address) = (options, bounds, time, new Uri(options.Url));
        _headers = [.. options.Headers.Select(header =>
            new KeyValuePair<string, string>(header.Name, header.Prefix + ValueOf(header, environment)))];
        _secrets = [.. options.Headers.Where(static header => header.Value is null)
            .SelectMany(header => ToldSecrets.Forms(ValueOf(header, environment))), .. ToldSecrets.OfQuery(Address)];
        var connect = new GuardedConnect(options.AllowsPrivate, resolve);
        _connections = new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseCookies = false, UseProxy = false, ConnectTimeout = bounds.ListTimeMax,
            AutomaticDecompression = DecompressionMethods.None,
            MaxConnectionsPerServer = CallsMax + OpeningsMax + NoticesMax + bounds.SessionsMax,
            ActivityHeadersPropagator = null,
            ConnectCallback = (context, cancelled) => connect.ConnectAsync(context.DnsEndPoint, cancelled),
        };
    }

    public string Name => _options.Name;
    public Uri Address { get; }

    /// <summary>Who may call it now.</summary>
    public ServerPlaces Calls { get; } = new(CallsMax);

    /// <summary>Who may open a session, or ask for its list: calls that run for long do not stand in the way of that.</summary>
    public ServerPlaces Openings { get; } = new(OpeningsMax);

    /// <summary>Whether clients may bring what opens it.</summary>
    public bool TakesAuthorization => _options.TakesAuthorization;

    public bool Serves(TenantId tenant) => _options.Tenants.Count == 0 || _options.Tenants.Contains(tenant.Value, StringComparer.Ordinal);

    public bool Has(string tool) => _options.AllowedTools.Count == 0 || _options.AllowedTools.Contains(tool, StringComparer.Ordinal);

    /// <summary>Whether a request means this one.</summary>
    public bool IsMeant(McpTool tool) => tool.Url is { } url ? IsAt(url) : (tool.Connector ?? tool.Label) == Name;

    /// <summary>What the operator's headers say, as far as the settings do not say it openly, and keys that stand behind '?'.</summary>
    public IEnumerable<string> Secrets => _secrets;

    /// <summary>What bounds one session's answers, on the connections of all.</summary>
    public BoundedAnswers Answers() => new(_connections, _bounds.AnswerBytesMax, _bounds.CloseTimeMax, _time);

    /// <summary>What each request to it says: what the operator says, before what its client does.</summary>
    public Dictionary<string, string> HeadersFor(ToolCredentials credentials)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in _headers) headers[name] = value;
        foreach (var (name, value) in credentials.Headers)
            if (!Own.Contains(name)) headers.TryAdd(name, value);
        if (credentials.Authorization is { } token) headers.TryAdd("Authorization", "Bearer " + token);
        return headers;
    }

    public void Dispose() => _connections.Dispose();

    /// <summary>Headers that the connection has of its own.</summary>
    private static readonly HashSet<string> Own = new(StringComparer.OrdinalIgnoreCase)
    {
        "Accept", "Accept-Encoding", "Connection", "Content-Encoding", "Content-Length", "Content-Type", "Expect", "Host",
        "Keep-Alive", "Last-Event-ID", "Mcp-Protocol-Version", "Mcp-Session-Id", "Proxy-Authorization", "Proxy-Connection", "TE", "Trailer",
        "Transfer-Encoding", "Upgrade",
    };

    private bool IsAt(string url) => Uri.TryCreate(url, UriKind.Absolute, out var asked) && asked.UserInfo.Length == 0
        && asked.Fragment.Length == 0 && Plain(asked) == Plain(Address) && (asked.Query.Length == 0 || asked.Query == Address.Query);

    private static string Plain(Uri uri) => uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)
        .TrimEnd('/');

    private static string ValueOf(ToolHeaderOptions header, Func<string, string?> environment) => header.Value
        ?? (header.Environment is { } name ? environment(name) : header.File is { } file ? File.ReadAllText(file).Trim() : "") ?? "";
}
