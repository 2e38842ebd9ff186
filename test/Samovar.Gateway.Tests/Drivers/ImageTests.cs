using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Drivers;

/// <summary>Images go on to upstreams as they came: in the words of each protocol, and byte for byte.</summary>
public sealed class ImageTests
{
    private const string Data = "iVBORw0KGgo+/w==";
    private const string Inline = $"data:image/png;base64,{Data}";
    private const string Elsewhere = "https://pictures.example/a.png?b=1&c=2";

    [Theory]
    [InlineData("responses-ws", Inline, $$$"""{"type":"input_image","image_url":"{{{Inline}}}","detail":"low"}""")]
    [InlineData("responses-http", Elsewhere, $$$"""{"type":"input_image","image_url":"{{{Elsewhere}}}","detail":"low"}""")]
    [InlineData("chat", Inline, $$$"""{"type":"image_url","image_url":{"url":"{{{Inline}}}","detail":"low"}}""")]
    [InlineData("chat", Elsewhere, $$$"""{"type":"image_url","image_url":{"url":"{{{Elsewhere}}}","detail":"low"}}""")]
    [InlineData("messages", Inline, $$$"""{"type":"image","source":{"type":"base64","media_type":"image/png","data":"{{{Data}}}"}}""")]
    [InlineData("messages", Elsewhere, $$$"""{"type":"image","source":{"type":"url","url":"{{{Elsewhere}}}"}}""")]
    public async Task Image_GoesOn_AsItCame(string kind, string url, string sent)
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        using var gateway = new TestGateway(kind, upstream);
        var turn = await gateway.TurnAsync(null, $$"""
            [{"role":"user","content":[{"type":"input_image","image_url":"{{url}}","detail":"low"},{"type":"input_text","text":"see"}]}]
            """);
        Assert.Null(turn.Error);
        Assert.Contains(sent, Assert.Single(upstream.Requests).Text, StringComparison.Ordinal);
    }
}
