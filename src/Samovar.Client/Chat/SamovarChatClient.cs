using System.Runtime.CompilerServices;
using Microsoft.Extensions.AI;
using Samovar.Client.Errors;
using Samovar.Client.Events;
using Samovar.Client.Requests;
using Samovar.Client.Settings;
using Samovar.Protocol.Items;
using Samovar.Protocol.Responses;

namespace Samovar.Client.Chat;

/// <summary>
/// A Responses server as an <see cref="IChatClient"/>: Samovar, OpenAI's WebSocket mode, or any server of the HTTP API. Who passes the
/// <see cref="ChatResponse.ConversationId"/> of the last answer sends only what is new; tool loops do so by themselves.
/// </summary>
public sealed class SamovarChatClient : IChatClient, IAsyncDisposable
{
    private const long ChainsBytesMax = 64 << 20;
    private readonly ResponsesConnection _connection;
    private readonly bool _isOwner;
    private readonly KnownChains _chains = new(ChainsBytesMax);
    private readonly ChatClientMetadata _metadata;

    /// <summary>A chat over a connection that others may use as well.</summary>
    /// <param name="connection">Stays its owner's.</param>
    /// <param name="model">Where the options name none.</param>
    public SamovarChatClient(ResponsesConnection connection, string? model)
    {
        ArgumentNullException.ThrowIfNull(connection);
        _connection = connection;
        _metadata = new ChatClientMetadata("samovar", connection.BaseUrl, model);
    }

    /// <summary>A chat over a connection of its own.</summary>
    public SamovarChatClient(Uri baseUrl, string? model = null, ResponsesOptions? options = null)
        : this(new ResponsesConnection(baseUrl, options), model) => _isOwner = true;

    /// <inheritdoc/>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (request, lane, token) = Read(messages, options);
        if (token is not null)
        {
            var found = await _connection.GetAsync(token.ResponseId, cancellationToken) ?? throw new ResponsesException(
                ResponsesErrorKind.NotFound, $"The server has no response '{token.ResponseId}'.") { ResponseId = token.ResponseId };
            return Answer(found, found.Output, token.Last, options);
        }
        if (request.Background)
        {
            try
            {
                var begun = await lane.StartBackgroundAsync(request, cancellationToken);
                return Answer(begun, begun.Output, last: -1, options);
            }
            catch (ResponsesException refused) when (IsForegroundEnough(refused, options))
            {
                request = request with { Background = false };
            }
        }
        var result = await lane.RunAsync(request, cancellationToken);
        _chains.Keep(lane);
        return Answer(result.Response, result.Output, last: -1, options);
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null,
        [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (request, lane, token) = Read(messages, options);
        var writer = new UpdateWriter(token) { IsResumable = token is not null || request.Background };
        var events = token is null ? TurnAsync(lane, request, options, writer, cancellationToken)
            : _connection.FollowAsync(token.ResponseId, token.Last, cancellationToken);
        await foreach (var e in events.WithCancellation(cancellationToken))
            foreach (var update in writer.Write(e))
            {
                update.ConversationId = ConversationOf(options, update.ResponseId);
                yield return update;
            }
        if (token is null) _chains.Keep(lane);
    }

    /// <inheritdoc/>
    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null) return null;
        return serviceType == typeof(ChatClientMetadata) ? _metadata
            : serviceType.IsInstanceOfType(this) ? this
            : serviceType == typeof(ResponsesConnection) ? _connection : null;
    }

    /// <summary>Ends the connection where it is this client's own, without a goodbye: that would have to be waited for.</summary>
    public void Dispose()
    {
        if (_isOwner) _connection.Abort();
    }

    /// <summary>The same with one.</summary>
    public ValueTask DisposeAsync() => _isOwner ? _connection.DisposeAsync() : ValueTask.CompletedTask;

    /// <summary>A turn; where its server makes none by itself, one that lasts as long as it is read.</summary>
    private static async IAsyncEnumerable<TurnEvent> TurnAsync(
        ResponsesLane lane, ResponseRequest request, ChatOptions? options, UpdateWriter writer,
        [EnumeratorCancellation] CancellationToken caller)
    {
        var events = lane.StreamAsync(request, caller).GetAsyncEnumerator(caller);
        try
        {
            bool isThere;
            try { isThere = await events.MoveNextAsync(); }
            catch (ResponsesException refused) when (request.Background && IsForegroundEnough(refused, options))
            {
                await events.DisposeAsync();
                writer.IsResumable = false;
                events = lane.StreamAsync(request with { Background = false }, caller).GetAsyncEnumerator(caller);
                isThere = await events.MoveNextAsync();
            }
            for (; isThere; isThere = await events.MoveNextAsync()) yield return events.Current;
        }
        finally
        {
            await events.DisposeAsync();
        }
    }

    /// <summary>The options allow background responses and do not ask for them: a server that has none passes that over.</summary>
    private static bool IsForegroundEnough(ResponsesException refused, ChatOptions? options) =>
        refused is { Kind: ResponsesErrorKind.InvalidRequest, Param: "background" } && options?.AllowBackgroundResponses == true;

    private (ResponseRequest Request, ResponsesLane Lane, ResumeToken? Token) Read(IEnumerable<ChatMessage> messages, ChatOptions? options)
    {
        ArgumentNullException.ThrowIfNull(messages);
        var input = InputMapping.Of(messages);
        if (options?.ContinuationToken is { } token)
            return input.Count == 0 ? (new ResponseRequest(), _connection.Start(), ResumeToken.Of(token))
                : throw new InvalidOperationException("With a continuation token there are no messages: the response has been asked for.");
        var request = OptionsMapping.Of(this, options, _metadata.DefaultModelId);
        request = request with { Input = [.. request.Input, .. input] };
        var id = options?.ConversationId;
        var lane = string.IsNullOrEmpty(id) || OptionsMapping.IsConversation(id) ? _connection.Start() : _chains.Take(_connection, id);
        return (request, lane, null);
    }

    /// <summary>What the next turn names: the durable conversation, or the response.</summary>
    private static string? ConversationOf(ChatOptions? options, string? responseId) =>
        OptionsMapping.IsConversation(options?.ConversationId) ? options!.ConversationId : responseId;

    private static ChatResponse Answer(ResponseView response, IReadOnlyList<Item> output, long last, ChatOptions? options)
    {
        var isRunning = response.Status is ResponseStatus.Queued or ResponseStatus.InProgress;
        if (response.Status is ResponseStatus.Failed or ResponseStatus.Cancelled) throw Faults.Of(response);
        // A call is shown at the end alone: whoever runs it before would go on from a response that cannot be gone on from yet.
        var contents = output.SelectMany(OutputMapping.Of).Where(content => !isRunning || content is not FunctionCallContent);
        var message = new ChatMessage(ChatRole.Assistant, [.. contents])
        {
            MessageId = output.OfType<MessageItem>().LastOrDefault()?.Id,
            RawRepresentation = response,
        };
        return new ChatResponse(message)
        {
            ResponseId = response.Id?.Value,
            ConversationId = ConversationOf(options, response.Id?.Value),
            ModelId = response.Model,
            CreatedAt = response.CreatedAt,
            Usage = OutputMapping.Usage(response),
            FinishReason = isRunning ? null : OutputMapping.Finish(response, output.Any(item => item is FunctionCallItem)),
            ContinuationToken = isRunning && response.Id is { } id ? new ResumeToken(id.Value, last) : null,
            RawRepresentation = response,
        };
    }
}
