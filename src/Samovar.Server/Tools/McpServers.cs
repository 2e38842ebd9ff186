using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.Logging;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Tools;

namespace Samovar.Server.Tools;

/// <summary>The MCP servers that the configuration names.</summary>
internal sealed class McpServers : IToolServers, IAsyncDisposable
{
    private readonly ToolOptions _options;
    private readonly IReadOnlyList<ServerEntry> _entries;
    private readonly McpSessions _sessions;

    public McpServers(
        ToolOptions options, Func<string, string?> environment, IMeterFactory meters, TimeProvider time, ILogger<McpServers> logger,
        Func<string, CancellationToken, Task<IPAddress[]>>? resolve = null)
    {
        _options = options;
        resolve ??= Dns.GetHostAddressesAsync;
        _entries = [.. options.Servers.Select(server => new ServerEntry(server, options, environment, resolve, time))];
        _sessions = new McpSessions(options, new McpMetrics(meters), time, logger);
    }

    public string Require(TenantId tenant, McpTool tool) => Find(tenant, tool).Name;

    public SearchTool? SearchFor(TenantId tenant) =>
        _options.SearchServer.Length > 0 && _entries.FirstOrDefault(entry => entry.Name == _options.SearchServer) is { } entry
        && entry.Serves(tenant)
            ? new SearchTool(McpTool.Own(entry.Name, "tools"), _options.SearchTool, _options.SearchArgument) : null;

    public async Task<IToolSession> OpenAsync(TenantId tenant, McpTool tool, CancellationToken cancelled)
    {
        var lease = new SessionLease(_sessions, _options, Find(tenant, tool), tenant, tool.Credentials);
        try
        {
            await lease.OpenAsync(cancelled);
            return lease;
        }
        catch
        {
            await lease.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _sessions.DisposeAsync();
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
}
