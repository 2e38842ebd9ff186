using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Translation;
using static Samovar.Protocol.Errors.Errors;

namespace Samovar.Protocol.Messages;

/// <summary>The body of <c>POST /v1/messages</c> → the create request that it means (docs/chat-and-messages.md).</summary>
/// <remarks>
/// The system prompt becomes system messages before all others, one for each block, as the upstream driver for Messages writes them.
/// Marks of the client's cache (<c>cache_control</c>) are passed over: they wander from turn to turn, and the items must not.
/// </remarks>
public static class MessagesRequestReader
{
    /// <summary>Characters of a tool's name, as this protocol has it.</summary>
    private const int ToolNameCharsMax = 128;

    /// <summary>Throws <see cref="ApiException"/> with the offending field, as the client named it, as <c>Param</c>.</summary>
    public static TranslatedRequest Read(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        utf8 = JsonInput.Accept(utf8, limits);
        try
        {
            return ReadDeep(utf8, limits with { ToolNameCharsMax = ToolNameCharsMax });
        }
        catch (JsonException broken)
        {
            throw JsonInput.Explain(broken, utf8, limits);
        }
        catch (ApiException error)
        {
            throw MessagesPath.Explain(error);
        }
    }

    /// <summary>What only an answer's own blocks make so deep is read all the same.</summary>
    private static TranslatedRequest ReadDeep(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        try
        {
            return ReadChecked(utf8, limits);
        }
        catch (JsonException) when (DeepBlocks.AreAllThatIsDeep(utf8, limits.DepthMax))
        {
            return ReadChecked(utf8, limits with { DepthMax = limits.DepthMax + ToolInput.DepthMax });
        }
    }

    private static TranslatedRequest ReadChecked(ReadOnlyMemory<byte> utf8, ProtocolLimits limits)
    {
        var json = new JsonCursor(utf8, limits);
        var draft = new MessagesDraft();
        ForeignFields.Read(ref json, MessagesFields.Table, draft, MessagesFields.Unknown);
        return Build(draft, limits, utf8.Length);
    }

    private static TranslatedRequest Build(MessagesDraft draft, ProtocolLimits limits, int bytes)
    {
        if (!draft.HasMessages) throw new ApiException(MissingParameter, "messages", "messages");
        var continues = draft.Thread?.Previous is not null;
        if (draft.Request.ItemsCount == 0 && !continues) throw new ApiException(EmptyArray, "messages", "messages");
        ThreadReader.Apply(draft);
        draft.Request.Precede(draft.System);
        if ((draft.ThinkingEffort == ThinkingReader.Off ? ThinkingReader.Off : draft.Effort ?? draft.ThinkingEffort) is { } effort)
            draft.Request.Set("reasoning", RawJson.Of($$"""{"effort":"{{effort}}"}"""));
        if (!draft.Format.IsEmpty) draft.Request.Set("text", draft.Format);
        if (draft.User is { } user) draft.Request.Set("safety_identifier", Quoted(SafetyIdentifier(user, limits)));
        var words = MessagesWords.For(draft.FormatName);
        var (request, places) = draft.Request.Build(words, limits, bytes, outputTokensMin: 0); // 0 only warms
        var thinking = new MessagesThinking(draft.ThinkingType, draft.ThinkingDisplay, draft.Effort);
        if (draft.Summary is not null && request.Edits.Count > 0)
            throw new ApiException(MutuallyExclusive, ["compaction", "context_management"], "context_management");
        var said = request with
        {
            MessagesUser = draft.User, MessagesThinking = thinking, MessagesTools = ToolHandling.Write(draft.ToolHandlings),
            ContinuesThread = continues, Compacts = draft.Summary is not null, Summary = draft.Summary,
            ContinuesAnswer = request.ContinuesAnswer && draft.Summary is null,
        };
        return new TranslatedRequest(said, places,
            new MessagesAnswer(hidesThoughts: draft.ThinkingDisplay == "omitted", draft.WantsDiagnostics));
    }

    /// <summary>The user's name where it is short enough for other protocols, else a digest of it: the same user has the same.</summary>
    private static string SafetyIdentifier(string user, ProtocolLimits limits) => user.Length <= limits.SafetyIdentifierCharsMax
        ? user : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(user)));

    private static RawJson Quoted(string text) => new(JsonBuffer.Bytes(text, static (writer, text) => writer.WriteStringValue(text)));
}
