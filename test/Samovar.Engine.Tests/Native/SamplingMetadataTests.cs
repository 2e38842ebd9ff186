using Samovar.Engine.Native;

namespace Samovar.Engine.Tests.Native;

/// <summary>A model file's recommended sampling is read under the keys that llama.cpp writes it with.</summary>
public sealed class SamplingMetadataTests
{
    [Fact]
    public void EveryKeyThatIsUsed_IsRead_AndAnEmptyFileSaysNothing()
    {
        var said = Read(("temp", "0.600000"), ("top_p", "0.950000"), ("top_k", "20"), ("min_p", "0.000000"), ("penalty_repeat", "1.05"),
            ("penalty_last_n", "64"));
        Assert.Equal((0.6f, 0.95f, 20, 0, 1.05f, 64),
            (said.Temperature, said.TopP, said.TopK, said.MinP, said.RepeatPenalty, said.RepeatTokens));
        Assert.Equal("temp 0.6, top_k 20, top_p 0.95, min_p 0, penalty_repeat 1.05, penalty_last_n 64", said.ToString());
        Assert.Empty(said.Unusable);
        var nothing = Read();
        Assert.Equal("", nothing.ToString());
        Assert.Null(nothing.Temperature);
    }

    [Theory]
    [InlineData("temp", "2.5")] // no request may name it either
    [InlineData("temp", "-1"), InlineData("temp", "nan"), InlineData("temp", "inf"), InlineData("temp", "warm"), InlineData("top_p", "1.5")]
    [InlineData("top_k", "-3"), InlineData("top_k", "1e30"), InlineData("min_p", ""), InlineData("penalty_repeat", "-0.5")]
    [InlineData("penalty_last_n", "-2"), InlineData("penalty_last_n", "many")]
    public void ValueThatCannotBeUsed_IsNamed_AndLeftOut(string key, string value)
    {
        var said = Read((key, value));
        Assert.Equal("", said.ToString());
        Assert.Equal(["general.sampling." + key], said.Unusable);
    }

    private static SuggestedSampling Read(params (string Key, string Value)[] file)
    {
        var values = file.ToDictionary(one => "general.sampling." + one.Key, one => one.Value);
        return SamplingMetadata.Read(key => values.GetValueOrDefault(key));
    }
}
