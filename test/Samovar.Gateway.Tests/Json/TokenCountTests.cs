using Samovar.Gateway.Drivers.Chat;
using Samovar.Gateway.Drivers.Responses;
using Samovar.Protocol.Json;
using Samovar.Protocol.Responses;

namespace Samovar.Gateway.Tests.Json;

/// <summary>What upstreams count beside a whole belongs into it: it is billed, and clients subtract parts from wholes.</summary>
public sealed class TokenCountTests
{
    // figures: input, cached, written, output, reasoning
    [Theory]
    [InlineData("""{"prompt_tokens":32,"completion_tokens":9,"total_tokens":135,"completion_tokens_details":{"reasoning_tokens":94}}""",
        "32 0 0 103 94")] // xAI
    [InlineData("""{"prompt_tokens":32,"completion_tokens":9,"completion_tokens_details":{"reasoning_tokens":94}}""", "32 0 0 103 94")]
    [InlineData("""{"prompt_tokens":32,"completion_tokens":99,"total_tokens":225,"completion_tokens_details":{"reasoning_tokens":94}}""",
        "32 0 0 193 94")]
    [InlineData("""{"prompt_tokens":32,"completion_tokens":99,"total_tokens":131,"completion_tokens_details":{"reasoning_tokens":94}}""",
        "32 0 0 99 94")]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":2,"total_tokens":112}""", "10 0 0 102 0")] // Gemini
    [InlineData("""{"prompt_tokens":5,"completion_tokens":2,"total_tokens":1007,"prompt_tokens_details":{"cached_tokens":1000}}""",
        "1005 1000 0 2 0")] // Claude behind proxies
    [InlineData("""{"prompt_tokens":5000,"completion_tokens":2,"total_tokens":6002,"prompt_tokens_details":{"cached_tokens":1000}}""",
        "6000 1000 0 2 0")]
    [InlineData("""{"prompt_tokens":5,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":1000,"cache_write_tokens":20}}""",
        "1025 1000 20 2 0")]
    [InlineData("""{"prompt_tokens":1005,"completion_tokens":2,"prompt_tokens_details":{"cached_tokens":1000,"cache_write_tokens":20}}""",
        "1025 1000 20 2 0")]
    [InlineData("""
        {"prompt_tokens":5,"completion_tokens":9,"total_tokens":1108,"prompt_tokens_details":{"cached_tokens":1000},
        "completion_tokens_details":{"reasoning_tokens":94}}
        """, "1005 1000 0 103 94")]
    [InlineData("""{"prompt_tokens":10,"completion_tokens":5,"total_tokens":0,"prompt_tokens_details":{"cached_tokens":4}}""",
        "10 4 0 5 0")]
    [InlineData("""{"completion_tokens":5,"total_tokens":15,"prompt_tokens_details":{"cached_tokens":4}}""", "0 0 0 5 0")]
    [InlineData("""
        {"prompt_tokens":1000000000,"prompt_tokens_details":{"cached_tokens":1000000000,"cache_write_tokens":1000000000},
        "completion_tokens":999999999,"completion_tokens_details":{"reasoning_tokens":1000000000}}
        """,
        "1000000000 1000000000 0 1000000000 1000000000")]
    public void PartsBesideTheirWhole_AreAdded(string usage, string expected)
    {
        var json = RawJson.Of(usage);
        Assert.Equal(expected, Figures(ChatUsageReader.Of(new ChatChunk { Usage = json }, default)));
        Assert.Equal(expected, Figures(ResponseUsage.Of(json)));
    }

    [Fact]
    public void AnthropicsNames_AreReadLikewise() => Assert.Equal("1025 1000 20 2 0", Figures(ChatUsageReader.Of(new ChatChunk
    {
        Usage = RawJson.Of(
            """{"input_tokens":5,"output_tokens":2,"cache_read_input_tokens":1000,"cache_creation_input_tokens":20}"""),
    }, default)));

    private static string Figures(Usage? usage) => usage is null ? "none"
        : $"{usage.InputTokens} {usage.CachedTokens} {usage.CacheWriteTokens} {usage.OutputTokens} {usage.ReasoningTokens}";
}
