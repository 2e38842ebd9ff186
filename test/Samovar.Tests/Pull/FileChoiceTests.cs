using Samovar.Cli.Pull;

namespace Samovar.Tests.Pull;

public sealed class FileChoiceTests
{
    private static readonly string[] Many = ["README.md", "tea-Q2_K.gguf", "tea-Q4_K_M.gguf", "tea-Q8_0.gguf", "mmproj-tea-f16.gguf"];

    [Theory]
    [InlineData(null, "tea-Q4_K_M.gguf")]
    [InlineData("Q8_0", "tea-Q8_0.gguf")]
    [InlineData("q2_k", "tea-Q2_K.gguf")]
    [InlineData("tea-Q2_K.gguf", "tea-Q2_K.gguf")]
    public void OneOfMany_IsChosen(string? wanted, string path)
    {
        Assert.Equal([path], FileChoice.Of(Many, wanted, out var fault));
        Assert.Null(fault);
    }

    [Theory]
    [InlineData("Q4_K")] // a part of a word is none
    [InlineData("Q6_K")]
    public void WhatIsNotThere_IsSaid_WithWhatIs(string wanted)
    {
        Assert.Empty(FileChoice.Of(Many, wanted, out var fault));
        Assert.Equal($"It has no {wanted}; take one of: tea-Q2_K.gguf, tea-Q4_K_M.gguf, tea-Q8_0.gguf.", fault);
    }

    [Fact]
    public void OnlyOne_IsTaken_HoweverItIsCalled() => Assert.Equal(["x.gguf"], FileChoice.Of(["x.gguf", "y.md"], null, out _));

    [Fact]
    public void RepositoryWithoutAModel_IsSaid()
    {
        Assert.Empty(FileChoice.Of(["model.safetensors"], null, out var fault));
        Assert.Contains("no GGUF file", fault, StringComparison.Ordinal);
    }

    [Fact]
    public void Parts_StayTogether()
    {
        string[] parts =
        [
            "a/t-Q8_0-00001-of-00002.gguf", "a/t-Q8_0-00002-of-00002.gguf", "b/t-Q4_0-00001-of-00002.gguf", "b/t-Q4_0-00002-of-00002.gguf",
        ];
        Assert.Equal(parts[..2], FileChoice.Of(parts, "Q8_0", out _));
        Assert.Equal(parts[2..], FileChoice.Of(parts, null, out _));
        Assert.Equal(parts[..2], FileChoice.Of(parts[..2], null, out _));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("Q8_0")]
    public void PartThatIsMissing_IsSaid(string? wanted)
    {
        Assert.Empty(FileChoice.Of(["t-Q8_0-00001-of-00003.gguf", "t-Q8_0-00003-of-00003.gguf"], wanted, out var fault));
        Assert.Equal("Of the parts of t-Q8_0-00001-of-00003.gguf it has only 2.", fault);
    }
}
