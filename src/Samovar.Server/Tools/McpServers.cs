using System.Net;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Tools;

namespace Samovar.Server.Tools;

/// <summary>The MCP servers that the configuration names.</summary>
/// <remarks>The library gets no logger: what it would log may hold what clients said.</remarks>
internal sealed class McpServers : IToolServers, IDisposable
{
    private readonly ToolOptions _options;
    private readonly IReadOnlyList<ServerEntry> _entries;

    public McpServers(
        ToolOptions options, Func<string, string?> environment,
        Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        _options = options;
        resolve ??= Dns.GetHostAddressesAsync;
        _entries = [.. options.Servers.Select(server => new ServerEntry(server, options, environment, resolve))];
    }

    public void Require(TenantId tenant, McpTool tool) => Find(tenant, tool);

    public SearchTool? SearchFor(TenantId tenant) =>
        _options.SearchServer.Length > 0 && _entries.FirstOrDefault(entry => entry.Name == _options.SearchServer) is { } entry
        && entry.Serves(tenant)
            ? new SearchTool(McpTool.Own(entry.Name, "tools"), _options.SearchTool, _options.SearchArgument) : null;

    public async Task<IToolSession> OpenAsync(TenantId tenant, McpTool tool, CancellationToken cancelled)
    {
        var entry = Find(tenant, tool);
        var answers = entry.Answers();
        var words = new McpWords(tool.Credentials, _options.ResultBytesMax, answers.TakeFault);
        var http = new HttpClient(answers, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        HttpClientTransport? transport = null;
        try
        {
            transport = new HttpClientTransport(new HttpClientTransportOptions
            {
                Endpoint = entry.Address, TransportMode = HttpTransportMode.StreamableHttp, Name = entry.Name,
                AdditionalHeaders = entry.HeadersFor(tool.Credentials), ConnectionTimeout = _options.ListTimeMax,
                MaxReconnectionAttempts = 0, EnableStandaloneGetStream = false,
            }, http, loggerFactory: null, ownsHttpClient: true);
            var client = await McpClient.CreateAsync(transport, Introduction(), loggerFactory: null, cancelled);
            return new McpSession(client, transport, entry, _options, words);
        }
        catch (Exception failed) when (failed is not OperationCanceledException || !cancelled.IsCancellationRequested)
        {
            if (transport is not null) await transport.DisposeAsync();
            else http.Dispose();
            throw words.Explain(failed);
        }
        catch
        {
            if (transport is not null) await transport.DisposeAsync();
            throw;
        }
    }

    public void Dispose()
    {
        foreach (var entry in _entries) entry.Dispose();
    }

    private ServerEntry Find(TenantId tenant, McpTool tool)
    {
        var field = tool.Url is not null ? "server_url" : tool.Connector is not null ? "connector_id" : "server_label";
        var entry = _entries.FirstOrDefault(entry => entry.Serves(tenant) && entry.IsMeant(tool))
            ?? throw new ApiException(Errors.ToolServerUnknown, ShownOf(tool), $"{tool.Param}.{field}");
        return entry.TakesAuthorization || tool.Credentials.IsEmpty ? entry
            : throw new ApiException(Errors.ToolSecretsRefused, tool.Label, $"{tool.Param}.authorization");
    }

    /// <summary>An address without what may be secret in it.</summary>
    private static string ShownOf(McpTool tool) => tool.Url is not { } url ? tool.Named
        : Uri.TryCreate(url, UriKind.Absolute, out var uri)
            ? uri.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped) : "(no address)";

    private McpClientOptions Introduction() => new()
    {
        ClientInfo = new Implementation { Name = "samovar", Version = typeof(McpServers).Assembly.GetName().Version?.ToString(3) ?? "0" },
        InitializationTimeout = _options.ListTimeMax,
    };
}
