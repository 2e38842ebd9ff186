using Samovar.Cli.Agents;
using Samovar.Cli.Pull;

namespace Samovar.Tests.Pull;

public sealed class ModelSourceTests
{
    private static readonly Uri Hub = new("https://hub.example/");

    [Theory]
    [InlineData("tea/assam", "tea/assam", "main", null)]
    [InlineData("tea/assam-GGUF:Q8_0", "tea/assam-GGUF", "main", "Q8_0")]
    [InlineData("tea/assam/sub/a.gguf", "tea/assam", "main", "sub/a.gguf")]
    [InlineData("hf.co/tea/assam:Q8_0", "tea/assam", "main", "Q8_0")]
    [InlineData("hub.example/tea/assam", "tea/assam", "main", null)]
    [InlineData("https://hub.example/tea/assam", "tea/assam", "main", null)]
    [InlineData("https://hub.example/tea/assam/tree/v2", "tea/assam", "v2", null)]
    [InlineData("https://hub.example/tea/assam/blob/main/sub/a.gguf", "tea/assam", "main", "sub/a.gguf")]
    [InlineData("https://hub.example/tea/assam/resolve/main/a.gguf?download=true", "tea/assam", "main", "a.gguf")]
    public void NameOfAHub_IsRead(string text, string repository, string revision, string? wanted) =>
        Assert.Equal(new ModelSource.Hub(repository, revision, wanted), ModelSource.Of(text, Hub));

    [Fact]
    public void OtherAddress_IsTheFileItself() =>
        Assert.Equal(new ModelSource.File(new Uri("http://elsewhere/a.gguf")), ModelSource.Of("http://elsewhere/a.gguf", Hub));

    [Theory]
    [InlineData("tea")]
    [InlineData("")]
    [InlineData("ftp://tea/a.gguf")]
    [InlineData("tea/assam/notes.txt")]
    [InlineData("../../etc/passwd")]
    [InlineData("../..")]
    [InlineData("tea/..")]
    [InlineData("../tea:Q8_0")]
    [InlineData(".tea/assam")]
    public void AnythingElse_IsRefused(string text) => Assert.Throws<UsageException>(() => ModelSource.Of(text, Hub));
}
