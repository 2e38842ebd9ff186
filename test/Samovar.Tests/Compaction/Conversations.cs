using System.Text.Json;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Testing.Core;

namespace Samovar.Tests.Compaction;

/// <summary>Conversations that are worth compacting.</summary>
internal static class Conversations
{
    public const string Task = "Please count the apples in basket.txt and then the pears.";

    /// <summary>The task, a round of a call with a long result, an answer, another question.</summary>
    public static Item[] Basket(int resultChars = 40_000) =>
    [
        Read("""{"type":"message","role":"developer","content":"You are careful."}"""),
        Ask.User(Task),
        Read("""{"type":"function_call","call_id":"c1","name":"exec","arguments":"{\"cmd\":\"cat basket.txt\"}"}"""),
        Ask.Output("c1", string.Concat(Enumerable.Repeat("apple\n", resultChars / 6)) + "seven apples"),
        Read("""{"type":"message","role":"assistant","content":[{"type":"output_text","text":"There are seven apples."}]}"""),
        Ask.User("And the pears?"),
    ];

    public static Item Read(string json) => ItemReader.Read(RawJson.Of(json).Utf8, ProtocolLimits.Default);

    /// <summary>A request as it is read, with these items and more fields.</summary>
    public static CreateRequest Request(IEnumerable<Item> input, string more = "\"store\":false") => CreateRequestReader.Read(
        RawJson.Of($$"""{"model":"m","input":[{{string.Join(',', input.Select(item => item.Json))}}],{{more}}}""").Utf8,
        CreateRequestOrigin.Http, ProtocolLimits.Default);

    public static readonly Item Trigger = Read("""{"type":"compaction_trigger"}""");

    public static Item Item(JsonElement item) => Read(item.GetRawText());
}
