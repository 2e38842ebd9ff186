#pragma warning disable RS0030 // the library speaks JsonElement
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;
using Samovar.Protocol.Json;
using Samovar.Tools;

namespace Samovar.Server.Tools;

/// <summary>An MCP server that is spoken with.</summary>
internal sealed partial class McpSession(
    McpConnection connection, ServerEntry entry, ToolOptions options, McpWords words, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private const int PagesMax = 64;
    private const int NameCharsMax = 256;
    private const int SchemaDepthMax = 32;
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 64 };
    private readonly McpClient _client = connection.Client;
    private readonly CancelNotices _notices = new(connection, options, time);
    private int _calls;
    private volatile bool _isDoubted;

    /// <summary>Whether the server has ended it, forgotten it, or may have: what runs in it may still be answered.</summary>
    public bool IsOver => _isDoubted || connection.IsOver;

    /// <summary>Hears of changes of the list.</summary>
    public ListWatch Watch => connection.Watch;

    /// <summary>Its tools within their bounds, and for how long they are that by what the server says; null where it does not
    /// say.</summary>
    /// <exception cref="ToolServerException">It does not say.</exception>
    /// <exception cref="SessionGoneException">The server knows nothing of the session.</exception>
    public async Task<(IReadOnlyList<ListedTool> Tools, TimeSpan? FreshFor)> ListAsync(CancellationToken cancelled)
    {
        var (listed, names, hidden) = (new List<ListedTool>(), new HashSet<string>(StringComparer.Ordinal), 0);
        var faults = BoundedAnswers.Watch();
        TimeSpan? freshFor = null;
        try
        {
            string? cursor = null;
            for (var page = 0; page < PagesMax; page++)
            {
                var result = await _client.ListToolsAsync(new ListToolsRequestParams { Cursor = cursor }, cancelled);
                if (freshFor is null || result.TimeToLive < freshFor) freshFor = result.TimeToLive;
                foreach (var tool in result.Tools)
                {
                    if (listed.Count == options.ToolsMax) return (listed, freshFor);
                    if (!entry.Has(tool.Name) || Listed(tool) is not { } one) continue;
                    if (AreSecretsIn(one)) hidden++;
                    else if (names.Add(one.Name)) listed.Add(one);
                }
                if (result.NextCursor is not { Length: > 0 } next) break;
                cursor = next;
            }
            return (listed, freshFor);
        }
        catch (Exception failed) when (!cancelled.IsCancellationRequested)
        {
            throw Explained(failed, faults, isRepeatable: true);
        }
        finally
        {
            if (hidden > 0) Log.LeftOut(logger, entry.Name, hidden);
        }
    }

    /// <inheritdoc cref="IToolSession.CallAsync"/>
    /// <exception cref="SessionGoneException">The server knows nothing of the session, and has run nothing.</exception>
    public async Task<ToolResult> CallAsync(string name, string arguments, CancellationToken cancelled)
    {
        if (!entry.Has(name)) return new("There is no such tool.", IsError: true);
        if (ArgumentsOf(arguments) is not { } read) return new("The arguments are not a JSON object.", IsError: true);
        var faults = BoundedAnswers.Watch();
        var id = new RequestId($"call_{Interlocked.Increment(ref _calls)}"); // the library numbers what it asks itself
        try
        {
            var result = await _client.SendRequestAsync<CallToolRequestParams, CallToolResult>(
                RequestMethods.ToolsCall, new() { Name = name, Arguments = read }, requestId: id, cancellationToken: cancelled);
            return new(words.Bounded(TextOf(result)), result.IsError == true);
        }
        catch (OperationCanceledException) when (cancelled.IsCancellationRequested)
        {
            _notices.Begin(id);
            throw;
        }
        catch (Exception failed) when (!cancelled.IsCancellationRequested)
        {
            throw Explained(failed, faults, isRepeatable: false);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _notices.DisposeAsync();
        await connection.DisposeAsync();
    }

    /// <summary>
    /// A server that has no such session answers 404 before it looks at anything else. Others say 400, which says nothing of what they have
    /// done, nor that it was the session: nobody begins to use that one any more, and only what may be asked twice is asked again.
    /// </summary>
    private Exception Explained(Exception failed, AnswerFaults faults, bool isRepeatable)
    {
        var said = words.Explain(failed, faults);
        if (_client.SessionId is null) return said;
        _isDoubted |= faults.IsRefused;
        var isForgotten = said is { Type: ToolServerException.Http, Code: (int)HttpStatusCode.NotFound };
        return isForgotten || (faults.IsRefused && isRepeatable) ? new SessionGoneException(said) : said;
    }

    private static Dictionary<string, JsonElement>? ArgumentsOf(string arguments)
    {
        try
        {
            using var document = JsonDocument.Parse(arguments, Strict);
            return document.RootElement.ValueKind != JsonValueKind.Object ? null
                : document.RootElement.EnumerateObject().DistinctBy(static field => field.Name, StringComparer.Ordinal)
                    .ToDictionary(static field => field.Name, static field => field.Value.Clone(), StringComparer.Ordinal);
        }
        catch (Exception broken) when (broken is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The tool, where it is within its bounds.</summary>
    private ListedTool? Listed(Tool tool)
    {
        var schema = new RawJson(HalfPairs.Mend(Encoding.UTF8.GetBytes(tool.InputSchema.GetRawText())));
        var description = tool.Description is { } text ? words.Clean(text) : null;
        var bytes = schema.Utf8.Length + Encoding.UTF8.GetByteCount(description ?? "");
        if (tool.Name is not { Length: > 0 and <= NameCharsMax } || bytes > options.ToolBytesMax || !IsShallow(schema)) return null;
        return new ListedTool(tool.Name, description, schema, AnnotationsOf(tool.Annotations));
    }

    /// <summary>Whether it says what the server was told where nothing else can be said.</summary>
    private bool AreSecretsIn(ListedTool tool) => words.AreSecretsIn(tool.Name) || words.AreSecretsIn(tool.InputSchema.ToString()!);

    /// <summary>Whether clients can read it where a response has it.</summary>
    private static bool IsShallow(RawJson schema)
    {
        try
        {
            var reader = new Utf8JsonReader(schema.Utf8.Span, new JsonReaderOptions { MaxDepth = SchemaDepthMax });
            while (reader.Read()) { }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>Whether it says that it changes nothing: no more of its annotations is read here.</summary>
    private static RawJson AnnotationsOf(ToolAnnotations? annotations) => annotations?.ReadOnlyHint switch
    {
        true => RawJson.Of("""{"readOnlyHint":true}"""),
        false => RawJson.Of("""{"readOnlyHint":false}"""),
        null => default,
    };

    private static string TextOf(CallToolResult result)
    {
        var parts = result.Content.Select(static block => block switch
        {
            TextContentBlock text => text.Text,
            EmbeddedResourceBlock { Resource: TextResourceContents resource } => resource.Text,
            ResourceLinkBlock link => $"[resource {link.Uri}]",
            _ => $"[{block.Type}, which is not shown]",
        }).ToList();
        if (parts.Count == 0 && result.StructuredContent is { } structured) parts.Add(structured.ToString());
        return string.Join("\n", parts);
    }

    private static partial class Log
    {
        [LoggerMessage(8802, LogLevel.Warning,
            "Tools of '{Server}' that are left out, because their names or schemas hold a secret that it was told: {Count}")]
        public static partial void LeftOut(ILogger logger, string server, int count);
    }
}

/// <summary>The server knows nothing of a session any more, and has done nothing of what it was asked, or nothing that matters.</summary>
/// <param name="said">The same in words that may be shown.</param>
internal sealed class SessionGoneException(ToolServerException said) : Exception(said.Message, said)
{
    public ToolServerException Said { get; } = said;
}
