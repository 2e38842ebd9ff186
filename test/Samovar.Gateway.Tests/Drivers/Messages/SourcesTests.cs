using System.Text.Json;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers.Messages;

/// <summary>Pictures and files go to the Messages API under the few types that it knows.</summary>
public sealed class SourcesTests
{
    private const string Png = "iVBORw0KGgoAAAANSUhEUg==", Jpeg = "/9j/4AAQSkZJRgABAQAAAQ==", Webp = "UklGRiQAAABXRUJQVlA4IA==";
    private const string Gif = "R0lGODlhAQABAIAAAAAAAA==", Pdf = "JVBERi0xLjcKJeLjz9MKMQ==";

    [Theory]
    [InlineData("data:image/jpg;base64,AAAA", "image/jpeg", "AAAA")]
    [InlineData("data:IMAGE/PNG;base64,AAAA", "image/png", "AAAA")]
    [InlineData($"data:;base64,{Png}", "image/png", Png)]
    [InlineData($"data:image/png;base64,{Jpeg}", "image/jpeg", Jpeg)]
    [InlineData($"data:application/octet-stream;base64,{Webp}", "image/webp", Webp)]
    [InlineData($"data:image/jpg;charset=utf-8;base64,{Gif}", "image/gif", Gif)]
    [InlineData("data:image/bmp;base64,AAAA", "image/bmp", "AAAA")]
    [InlineData("data:image/webp;base64,UklGRg==        ", "image/webp", "UklGRg==        ")]
    public async Task Picture_HasTheTypeThatTheApiKnows_AlsoInResults(string url, string type, string data)
    {
        var image = $$"""{"type":"input_image","image_url":"{{url}}"}""";
        var right = $$$"""{"type":"image","source":{"type":"base64","media_type":"{{{type}}}","data":"{{{data}}}"}}""";
        Assert.Equal(right, (await BlocksAsync($$"""[{"role":"user","content":[{{image}}]}]""")).First());
        var results = await BlocksAsync("""[{"role":"user","content":"go"},{"type":"function_call","call_id":"c","name":"f",""" +
            $$""" "arguments":"{}"},{"type":"function_call_output","call_id":"c","output":[{{image}}]},{"role":"user","content":"x"}]""");
        Assert.Contains(right, results[2], StringComparison.Ordinal);
    }

    [Fact]
    public async Task PictureOfNoKnownType_IsRefusedHere()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("messages", upstream);
        var turn = await gateway.TurnAsync(null,
            """[{"role":"user","content":[{"type":"input_image","image_url":"data:;base64,AAAAAAAAAAAAAAAAAAAA"}]}]""");
        Assert.Equal("Content of type 'input_image' cannot be sent to this model.", turn.Error?.Message);
        Assert.Empty(upstream.Requests);
    }

    [Theory]
    [InlineData("data:text/plain;base64,aGVsbG8=", """{"type":"text","media_type":"text/plain","data":"hello"}""")]
    [InlineData("data:text/csv;base64,YSxiCjEsMg==", """{"type":"text","media_type":"text/plain","data":"a,b\n1,2"}""")]
    [InlineData("data:application/json;base64,e30=", """{"type":"text","media_type":"text/plain","data":"{}"}""")]
    [InlineData("data:text/plain;base64,R3LDvG4=", """{"type":"text","media_type":"text/plain","data":"Gr\u00FCn"}""")]
    [InlineData("data:text/plain;base64,R3L8bg==", """{"type":"text","media_type":"text/plain","data":"Gr\u00FCn"}""")]
    [InlineData("data:text/plain,a%20b", """{"type":"text","media_type":"text/plain","data":"a b"}""")]
    [InlineData($"data:application/octet-stream;base64,{Pdf}", $$"""{"type":"base64","media_type":"application/pdf","data":"{{Pdf}}"}""")]
    [InlineData(Pdf, $$"""{"type":"base64","media_type":"application/pdf","data":"{{Pdf}}"}""")]
    [InlineData("data:application/zip;base64,UEsDBAD/", """{"type":"base64","media_type":"application/zip","data":"UEsDBAD/"}""")]
    public async Task File_IsAPdfOrAText(string data, string source)
    {
        var block = (await BlocksAsync($$"""
            [{"role":"user","content":[{"type":"input_file","filename":"f","file_data":"{{data}}"},{"type":"input_text","text":"see"}]}]
            """)).First();
        using var sent = JsonDocument.Parse(block);
        using var right = JsonDocument.Parse(source);
        Assert.True(JsonElement.DeepEquals(right.RootElement, sent.RootElement.GetProperty("source")), block);
    }

    private static async Task<List<string>> BlocksAsync(string input)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway("messages", upstream);
        var turn = await gateway.TurnAsync(null, input);
        Assert.True(turn.Error is null, turn.Error?.Message);
        return [.. upstream.Requests.Last().Json.GetProperty("messages").EnumerateArray()
            .SelectMany(message => message.GetProperty("content").EnumerateArray())
            .Select(block => block.GetRawText().Replace(",\"cache_control\":{\"type\":\"ephemeral\"}", "", StringComparison.Ordinal))];
    }
}
