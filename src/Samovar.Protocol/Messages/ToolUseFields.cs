using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Protocol.Messages;

/// <summary>
/// What a <c>tool_use</c> says beside its id, name and input: who called (<c>caller</c>), of which set the tool is
/// (<c>toolset_name</c>), and what is yet to come. It is kept with the call as what its maker said beside it, see
/// <see cref="CallExtra"/>, under a name of this API.
/// </summary>
internal static class ToolUseFields
{
    private const string Maker = "anthropic", Caller = "caller", ToolSet = "toolset_name";
    private static readonly string[] Own = ["type", "id", "name", "input", "cache_control"];

    /// <summary>What is kept with the call; empty where the block says no more than what a call is.</summary>
    /// <param name="block">The whole block.</param>
    public static RawJson Extra(RawJson block)
    {
        var said = block.OwnFields()
            .Where(static field => field.Value.IsSet() && !Own.Contains(field.Name, StringComparer.Ordinal)).ToList();
        return said.Count == 0 ? default : new RawJson(JsonBuffer.Bytes(said, static (writer, said) =>
        {
            writer.WriteStartObject();
            writer.WriteStartObject(Maker);
            foreach (var (name, value) in said) Write(writer, name, value);
            writer.WriteEndObject();
            writer.WriteEndObject();
        })).Mended();
    }

    /// <summary>The fields as a client gets them.</summary>
    public static void Write(Utf8JsonWriter writer, RawJson extra)
    {
        foreach (var (name, value) in Of(extra)) Write(writer, name, value);
    }

    /// <summary>
    /// The fields as they go back to a provider: those of this API, for whoever gets them may be another one than made them, and most
    /// refuse a field of which they have not heard. That the model itself called goes without saying.
    /// </summary>
    public static void WriteBack(Utf8JsonWriter writer, RawJson extra)
    {
        foreach (var (name, value) in Of(extra))
            if (name == ToolSet || (name == Caller && !value.Field("type"u8).Is("direct"u8))) Write(writer, name, value);
    }

    private static IEnumerable<(string Name, RawJson Value)> Of(RawJson extra) => extra.IsEmpty ? []
        : extra.Field("anthropic"u8).Fields().Where(static field => !Own.Contains(field.Name, StringComparer.Ordinal));

    private static void Write(Utf8JsonWriter writer, string name, RawJson value)
    {
        writer.WritePropertyName(name);
        value.WriteTo(writer);
    }
}
