using Samovar.Backends;
using Samovar.Gateway.Json;
using Samovar.Gateway.Wire.Bodies;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Wire.Http;

/// <summary>What the Messages API takes only from those who name it in the header <c>anthropic-beta</c>.</summary>
/// <remarks>Sources: the pages "Context editing" and "Files API" of Anthropic's documentation.</remarks>
internal static class AnthropicBetas
{
    private const string ContextEdits = "context-management-2025-06-27", Files = "files-api-2025-04-14";

    /// <summary>The header's value; empty where a turn needs none.</summary>
    public static string Of(BackendTurn turn) => string.Join(',', Named(turn));

    private static IEnumerable<string> Named(BackendTurn turn)
    {
        if (turn.Request.Field("context_edits").IsSet()) yield return ContextEdits;
        if (turn.Context.Input.Any(NamesFile) || ContextItems.Nodes(turn.Context).Any(static node => node.Input.Any(NamesFile)))
            yield return Files;
    }

    private static bool NamesFile(Item item) => item switch
    {
        MessageItem message => message.Content.Any(IsFile),
        FunctionCallOutputItem output => output.Output.Any(IsFile),
        CustomToolCallOutputItem output => output.Output.Any(IsFile),
        _ => false,
    };

    private static bool IsFile(ContentPart part) => part is ContentPart.Image { FileId: not null } or ContentPart.File { FileId: not null };
}
