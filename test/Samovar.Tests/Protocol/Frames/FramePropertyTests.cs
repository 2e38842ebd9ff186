using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Events;
using Samovar.Protocol.Frames;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;

namespace Samovar.Tests.Protocol.Frames;

/// <summary>Whatever JSON comes: an answer or an error of the catalogue, and what is not understood is not changed.</summary>
public sealed class FramePropertyTests
{
    private const int CasesCount = 3000;

    // Names that the readers know, so that random objects get past the door.
    private static readonly string[] Names =
    [
        "type", "model", "input", "role", "content", "id", "call_id", "name", "arguments", "output", "text", "tools", "tool_choice",
            "stream_id",
        "reasoning", "effort", "summary", "metadata", "parameters", "format", "schema", "image_url", "refusal", "mode", "x", "äö",
            "\ud83d\ude00", "",
    ];

    private static readonly string[] Words =
    [
        "response.create", "message", "function_call", "function_call_output", "reasoning", "input_text", "output_text", "function",
            "custom",
        "namespace", "allowed_tools", "user", "auto", "json_schema", "item_reference", "additional_tools", "acme:x", "\"\\\n", "ä😀", "",
    ];

    [Fact]
    public void AnyJson_IsReadOrRefused() => Check(Json, text =>
    {
        Tolerates(() => ClientFrameReader.Read(Samples.Utf8(text), ProtocolLimits.Default));
        Tolerates(() => CreateRequestReader.Read(Samples.Utf8(text), CreateRequestOrigin.Http, ProtocolLimits.Default));
        Tolerates(() => ItemReader.Read(Samples.Utf8(text), ProtocolLimits.Default));
        EventReader.TryRead(Samples.Utf8(text), ProtocolLimits.Default, out _);
        ResponseReader.TryRead(Samples.Utf8(text), ProtocolLimits.Default, out _);
    });

    [Fact]
    public void AnyItem_IsReadOrRefused() => Check(Json, value =>
        Tolerates(() => CreateRequestReader.Read(Samples.Utf8($$"""{"model":"m","input":[{{value}}]}"""), CreateRequestOrigin.Http,
            ProtocolLimits.Default)));

    [Fact]
    public void AnyFieldValue_IsReadOrRefused() => Check(Json, value =>
    {
        foreach (var name in new[] { "tools", "tool_choice", "text", "reasoning", "include", "metadata", "prompt_cache_options",
            "instructions" })
            Tolerates(() => CreateRequestReader.Read(Samples.Utf8($$"""{"input":"x","{{name}}":{{value}}}"""), CreateRequestOrigin.Http,
                ProtocolLimits.Default));
    });

    [Fact]
    public void UnknownItems_GoThrough_ByteForByte() => Check(Json, value =>
    {
        var sent = $$"""{"type":"acme:thing" , "payload":{{value}}}""";
        var item = Samples.Http($$"""{"model":"m","input":[{{sent}}, {"role":"user","content":"x"}]}""").Input[0];
        var json = Encoding.UTF8.GetString(HalfPairs.Mend(Samples.Utf8(sent)).Span); // all that is ever changed
        Assert.Equal(json, Assert.IsType<UnknownItem>(item).Json.ToString());
        var done = EventWriter.Write(new ResponseEvent.OutputItemDone(0, item), 0, ResponseEventOptions.Default);
        Assert.Equal(json, Samples.Element(done).GetProperty("item").GetRawText());
        var response = ResponseWriter.Bytes(Samples.Response() with { Output = [item] });
        Assert.Equal(json, Samples.Element(response).GetProperty("output")[0].GetRawText());
        Assert.True(EventReader.TryRead(done, ProtocolLimits.Default, out var read));
        Assert.Equal(json, read.Item!.Json.ToString());
    });

    [Fact]
    public void Texts_ComeBack_FromEveryWriter() =>
        Check(ArbMap.Default.GeneratorFor<string>().Where(text => text is not null && IsWhole(text)), text =>
    {
        var message = ItemWriter.Message("msg_1", [new(PartKind.OutputText, text)], null, ItemStatus.Completed);
        Assert.Equal(message.Content, Assert.IsType<MessageItem>(ItemReader.Read(message.Json.Utf8, ProtocolLimits.Default)).Content);
        var delta = EventWriter.Write(new ResponseEvent.OutputTextDelta("msg_1", 0, 0, text, default), 0, ResponseEventOptions.Default);
        Assert.Equal(text, Samples.Element(delta).GetProperty("delta").GetString());
        var escaped = JsonSerializer.Serialize(text);
        var request = Samples.Http($$"""{"model":"m","input":{{escaped}},"instructions":{{escaped}}}""");
        var said = request.Input[0] is MessageItem { Content: [ContentPart.Text part] } ? part.Value : null;
        Assert.Equal((text, text), (request.Instructions, said));
    });

    private static Gen<string> Json => Gen.Sized(size => Value(Math.Min(size, 40)));

    private static Gen<string> Value(int size)
    {
        var leaf = Gen.OneOf(
            Gen.Elements("null", "true", "false", "0", "-1", "16", "1.5", "1e999", "123456789012345678901234567890", "\"\\ud800\"", "[]",
                "{}"),
            Gen.Elements(Words).Select(word => JsonSerializer.Serialize(word)),
            ArbMap.Default.GeneratorFor<string>().Select(text => JsonSerializer.Serialize(text ?? "")));
        if (size <= 1) return leaf;
        var inner = Value(size / 3);
        var field = Gen.Elements(Names).Zip(inner, (name, value) => $"{JsonSerializer.Serialize(name)}:{value}");
        return Gen.OneOf(
            leaf,
            inner.ArrayOf().Resize(5).Select(values => $"[{string.Join(",", values)}]"),
            field.ArrayOf().Resize(8).Select(fields => $"{{{string.Join(", ", fields)}}}"));
    }

    private static void Check(Gen<string> texts, Action<string> body) =>
        Prop.ForAll(texts.ToArbitrary(), body).Check(Config.QuickThrowOnFailure.WithMaxTest(CasesCount).WithQuietOnSuccess(true));

    private static void Tolerates(Func<object> read)
    {
        try
        {
            Assert.NotNull(read());
        }
        catch (ApiException refused)
        {
            Assert.NotEmpty(refused.Kind.Code);
        }
    }

    /// <summary>No half pairs: they do not come back.</summary>
    private static bool IsWhole(string text)
    {
        for (var i = 0; i < text.Length; i++)
            if (char.IsSurrogate(text[i])) return false;
        return true;
    }
}
