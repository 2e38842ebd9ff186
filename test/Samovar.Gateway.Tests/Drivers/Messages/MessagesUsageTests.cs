using Samovar.Gateway.Drivers.Messages;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tests.Drivers.Messages;

public sealed class MessagesUsageTests
{
    [Theory]
    [InlineData("""{"output_tokens":5}""", false)]
    [InlineData("""{"input_tokens":-1,"output_tokens":5}""", false)]
    [InlineData("""{"input_tokens":0,"cache_read_input_tokens":9,"output_tokens":5}""", true)]
    public void UsageWithoutItsInput_IsMissing_AndWhatWasSpentIsKnown(string said, bool isWhole)
    {
        var usage = new MessagesUsage();
        usage.Read(RawJson.Of(said));
        Assert.Equal((isWhole, 5), (usage.Usage is not null, usage.Known!.OutputTokens));
    }

    [Theory]
    [InlineData("""{"input_tokens":1,"cache_creation":{"ephemeral_5m_input_tokens":3,"ephemeral_1h_input_tokens":4}}""")]
    [InlineData("""{"input_tokens":1,"cache_creation_input_tokens":0,"cache_creation":{"ephemeral_1h_input_tokens":7}}""")]
    [InlineData("""{"input_tokens":1,"cache_creation_input_tokens":7,"cache_creation":{"ephemeral_5m_input_tokens":3}}""")]
    public void WhatWasWrittenToTheCache_Counts_InWhicheverFormItIsSaid(string said)
    {
        var usage = new MessagesUsage();
        usage.Read(RawJson.Of(said));
        Assert.Equal((8, 7), (usage.Usage!.InputTokens, usage.Usage.CacheWriteTokens));
    }
}
