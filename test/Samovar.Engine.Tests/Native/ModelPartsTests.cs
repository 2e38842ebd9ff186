using Samovar.Engine.Native;

namespace Samovar.Engine.Tests.Native;

/// <summary>A model in several files is as large as all of them.</summary>
public sealed class ModelPartsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-parts-").FullName;

    [Fact]
    public void Parts_AreCountedTogether_AndOthersAreNot()
    {
        string[] files =
        [
            "m-00001-of-00003.gguf", "m-00002-of-00003.gguf", "m-00003-of-00003.gguf", "other-00002-of-00003.gguf", "m-00002-of-00002.gguf",
        ];
        for (var at = 0; at < files.Length; at++) File.WriteAllBytes(Of(files[at]), new byte[10 + at]);
        Assert.Equal(files[..3].Select(Of), ModelParts.Of(Of(files[0])));
        Assert.Equal(33, ModelParts.Bytes(Of(files[0])));
        Assert.Equal([Of(files[1])], ModelParts.Of(Of(files[1]))); // not the first: libllama says so
    }

    [Fact]
    public void OneFile_IsAlone_AndAPartThatIsMissingIsNotCounted()
    {
        File.WriteAllBytes(Of("m.gguf"), new byte[7]);
        File.WriteAllBytes(Of("n-00001-of-00002.gguf"), new byte[5]);
        Assert.Equal(7, ModelParts.Bytes(Of("m.gguf")));
        Assert.Equal(5, ModelParts.Bytes(Of("n-00001-of-00002.gguf")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private string Of(string name) => Path.Combine(_folder, name);
}
