using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Samovar.Tools;

namespace Samovar.Server.Tools;

/// <summary>Opens sessions with MCP servers.</summary>
/// <remarks>The library gets no logger: what it would log may hold what clients said.</remarks>
internal sealed class McpConnector(ToolOptions options, TimeProvider time, ILogger logger)
{
    /// <exception cref="ToolServerException">The server cannot be reached, or does not speak the protocol.</exception>
    public async Task<McpSession> OpenAsync(ServerEntry entry, ToolCredentials credentials, CancellationToken cancelled)
    {
        var words = new McpWords(ToldSecrets.Of(credentials, entry.Secrets), options.ResultBytesMax);
        var headers = entry.HeadersFor(credentials);
        var bounded = entry.Answers();
        var http = new HttpClient(bounded, disposeHandler: false) { Timeout = Timeout.InfiniteTimeSpan };
        var faults = BoundedAnswers.Watch();
        HttpClientTransport? transport = null;
        try
        {
            transport = new HttpClientTransport(new HttpClientTransportOptions
            {
                Endpoint = entry.Address, TransportMode = HttpTransportMode.StreamableHttp, Name = entry.Name,
                AdditionalHeaders = headers, ConnectionTimeout = options.ListTimeMax,
                MaxReconnectionAttempts = 0, EnableStandaloneGetStream = false, // its loop has no bound: see ListWatch
            }, http, loggerFactory: null, ownsHttpClient: true);
            var client = await McpClient.CreateAsync(transport, Introduction(), loggerFactory: null, cancelled);
            var watch = new ListWatch(client, http, entry.Address, headers);
            return new McpSession(new McpConnection(client, transport, bounded, watch), entry, options, words, time, logger);
        }
        catch (Exception failed)
        {
            if (transport is not null) await transport.DisposeAsync();
            else http.Dispose();
            if (failed is OperationCanceledException && cancelled.IsCancellationRequested) throw;
            throw words.Explain(failed, faults);
        }
    }

    private McpClientOptions Introduction() => new()
    {
        ClientInfo = new Implementation
        {
            Name = "samovar", Version = typeof(McpConnector).Assembly.GetName().Version?.ToString(3) ?? "0",
        },
        InitializationTimeout = options.ListTimeMax, TimeProvider = time,
    };
}
