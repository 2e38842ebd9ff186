using System.Security.Cryptography;
using System.Text;
using Samovar.Backends;
using Samovar.Protocol.Items;

namespace Samovar.Gateway.Choice;

/// <summary>
/// Names conversations by how they begin. Ids and metadata of items are left out: two sessions with the same start send the same words
/// under different ids.
/// </summary>
internal static class ConversationStart
{
    /// <summary>Names the stable start: instructions, tools and leading system and developer messages.</summary>
    public static string Prefix(BackendTurn turn, string model)
    {
        using var hash = Begin(turn, model);
        foreach (var item in FirstItems(turn).TakeWhile(IsLeading)) Add(hash, item);
        return End(hash);
    }

    /// <summary>Names the stable start together with the first thing that was asked.</summary>
    public static string Opening(BackendTurn turn, string model)
    {
        using var hash = Begin(turn, model);
        foreach (var item in FirstItems(turn))
        {
            Add(hash, item);
            if (!IsLeading(item)) break;
        }
        return End(hash);
    }

    /// <summary>Names something by one string, in a tenant.</summary>
    public static string Of(string tenant, string value)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, tenant);
        Add(hash, value);
        return End(hash);
    }

    private static IReadOnlyList<Item> FirstItems(BackendTurn turn) => turn.Context.Parent?.Start.Input ?? turn.Context.Input;

    private static bool IsLeading(Item item) => item is MessageItem { Role: Role.System or Role.Developer } or AdditionalToolsItem;

    private static IncrementalHash Begin(BackendTurn turn, string model)
    {
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, turn.Tenant.Value);
        Add(hash, model);
        Add(hash, turn.Instructions ?? "");
        Add(hash, turn.Tools.Json.Utf8.Span);
        return hash;
    }

    private static void Add(IncrementalHash hash, Item item)
    {
        switch (item)
        {
            case MessageItem message:
                Add(hash, message.Role.ToString());
                foreach (var part in message.Content) Add(hash, part is ContentPart.Text text ? text.Value : part.ToString());
                break;
            case AdditionalToolsItem tools: Add(hash, tools.Tools.Json.Utf8.Span); break;
            default: Add(hash, item.Type); break;
        }
    }

    private static void Add(IncrementalHash hash, string text) => Add(hash, Encoding.UTF8.GetBytes(text));

    /// <summary>With its length, so that no two lists of texts read the same.</summary>
    private static void Add(IncrementalHash hash, ReadOnlySpan<byte> text)
    {
        hash.AppendData(BitConverter.GetBytes(text.Length));
        hash.AppendData(text);
    }

    private static string End(IncrementalHash hash) => Convert.ToHexStringLower(hash.GetHashAndReset())[..32];
}
