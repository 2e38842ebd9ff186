using Microsoft.Extensions.AI;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Client.Chat;

/// <summary>Output items and ends of responses → what Microsoft.Extensions.AI has for them.</summary>
internal static class OutputMapping
{
    /// <summary>Input tokens that a provider has written to its cache, which some charge for.</summary>
    private const string CacheWrites = "InputTokenDetails.CacheWriteTokenCount";

    /// <summary>The contents of an item. Each names the item, which goes back to the server as it came.</summary>
    public static IEnumerable<AIContent> Of(Item item)
    {
        var contents = item switch
        {
            MessageItem message => message.Content.Select(Part).OfType<AIContent>(),
            FunctionCallItem call => [ChatJson.Call(call.Arguments, call.CallId, call.Name)],
            ReasoningItem thought => [Thought(thought)],
            _ => [new AIContent()],
        };
        foreach (var content in contents)
        {
            content.RawRepresentation = item;
            yield return content;
        }
    }

    public static UsageDetails? Usage(ResponseView response) => response.Usage is not { } usage ? null : new UsageDetails
    {
        InputTokenCount = usage.InputTokens,
        CachedInputTokenCount = usage.CachedTokens,
        OutputTokenCount = usage.OutputTokens,
        ReasoningTokenCount = usage.ReasoningTokens,
        TotalTokenCount = (long)usage.InputTokens + usage.OutputTokens,
        AdditionalCounts = usage.CacheWriteTokens == 0 ? null : new() { [CacheWrites] = usage.CacheWriteTokens },
    };

    public static ChatFinishReason Finish(ResponseView response, bool hasCalls) => response.IncompleteReason switch
    {
        "max_output_tokens" => ChatFinishReason.Length,
        "content_filter" => ChatFinishReason.ContentFilter,
        { } other => new ChatFinishReason(other),
        null => hasCalls ? ChatFinishReason.ToolCalls : ChatFinishReason.Stop,
    };

    private static AIContent? Part(ContentPart part) => part switch
    {
        ContentPart.Text text => new TextContent(text.Value),
        ContentPart.Refusal refusal => new ErrorContent(refusal.Value) { ErrorCode = "refusal" },
        _ => null,
    };

    private static TextReasoningContent Thought(ReasoningItem thought) =>
        new(string.Join("\n\n", thought.Content.Count > 0 ? thought.Content : thought.Summary))
        { ProtectedData = thought.EncryptedContent };
}
