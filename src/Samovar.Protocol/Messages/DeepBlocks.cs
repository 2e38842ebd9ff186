using System.Text.Json;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Messages;

/// <summary>
/// Blocks of a history that nest deeper than a request may: what was answered once can be sent back. The input of a call is a text in every
/// other form that a conversation has here, and so is as deep as its model made it; a provider's blocks are as deep as peers may be.
/// </summary>
internal static class DeepBlocks
{
    private const string Any = "*";
    private static readonly string[] ToBlock = ["messages", Any, "content", Any];
    private static readonly string[] ToInput = ["input"];

    /// <summary>Whether all of a request but such blocks is within the bound, and they are within their own. False where it is not
    /// JSON.</summary>
    /// <param name="depthMax">Levels of the request.</param>
    public static bool AreAllThatIsDeep(ReadOnlyMemory<byte> utf8, int depthMax)
    {
        try
        {
            return Fits(new RawJson(utf8), depthMax, ToBlock, IsBlockWithin);
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static bool IsBlockWithin(RawJson block, int depthMax) => block.OwnField("type"u8).Is("tool_use"u8)
        ? Fits(block, depthMax, ToInput, static (input, _) => IsWithin(input, ToolInput.DepthMax))
        : IsWithin(block, ProtocolLimits.Peer.DepthMax - 1); // the item that carries it is one level more

    /// <summary>Whether a value is within the bound, but for what stands at the end of the path.</summary>
    private static bool Fits(RawJson value, int depthMax, ReadOnlySpan<string> path, Func<RawJson, int, bool> isWithin)
    {
        if (path.IsEmpty) return isWithin(value, depthMax);
        if (!(path[0] == Any ? value.IsArray : value.IsObject)) return IsWithin(value, depthMax);
        foreach (var (name, inner) in Inner(value, path[0]))
            if (!(name == path[0] ? Fits(inner, depthMax - 1, path[1..], isWithin) : IsWithin(inner, depthMax - 1))) return false;
        return true;
    }

    private static IEnumerable<(string Name, RawJson Value)> Inner(RawJson value, string step) =>
        step == Any ? value.ElementsOrSelf().Select(static element => (Any, element)) : value.OwnFields();

    private static bool IsWithin(RawJson value, int depthMax) => !JsonInput.IsDeeper(value.Utf8.Span, depthMax);
}
