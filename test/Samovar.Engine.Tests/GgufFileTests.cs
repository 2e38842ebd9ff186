using System.IO.Pipes;
using Samovar.Engine.Llama;
using Samovar.Testing.Models;

namespace Samovar.Engine.Tests;

/// <summary>Files that are no model, or no longer a whole one, are reported in our own words.</summary>
public sealed class GgufFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-gguf-");

    private string Model => Path.Combine(_folder.FullName, "model.gguf");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void WholeModel_HasNoFault()
    {
        RandomModel.Write(Model, RandomModelSize.Tiny);
        Assert.Null(GgufFile.FaultOf(Model));
        Assert.Equal("llama", GgufFile.Architecture(Model));
    }

    [Fact]
    public void Pipe_IsReported()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Pipes have paths in /proc.");
        using var pipe = new AnonymousPipeServerStream(PipeDirection.Out);
        var path = $"/proc/self/fd/{pipe.GetClientHandleAsString()}"; // as a shell hands over <(command)
        Assert.Contains("is a pipe or a device, not a file.", GgufFile.FaultOf(path), StringComparison.Ordinal);
    }

    [Fact]
    public void ModelThatWasCutAnywhere_IsReported()
    {
        RandomModel.Write(Model, RandomModelSize.Tiny);
        var whole = File.ReadAllBytes(Model);
        for (var length = whole.Length - 64; length > 8; length = length * 2 / 3)
        {
            File.WriteAllBytes(Model, whole[..length]);
            Assert.Contains("was not copied or downloaded as a whole", GgufFile.FaultOf(Model), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("", "is empty.")]
    [InlineData("GGU", "is not a GGUF file.")]
    [InlineData("GGUF", "ends within its head")]
    [InlineData("hello, world", "is not a GGUF file.")]
    [InlineData("GGUF\u0009\0\0\0 and more", "is a GGUF file of version 9; this reads 2 and 3.")]
    [InlineData("version https://git-lfs.github.com/spec/v1\n", "is a pointer of Git LFS")]
    [InlineData("<!DOCTYPE html><html></html>", "is a web page")]
    public void FileThatIsNoModel_IsToldWhatItIs(string content, string expected)
    {
        File.WriteAllText(Model, content);
        var fault = GgufFile.FaultOf(Model)!;
        Assert.StartsWith(Model + " ", fault, StringComparison.Ordinal);
        Assert.Contains(expected, fault, StringComparison.Ordinal);
        Assert.Equal(fault, Assert.Throws<EngineLoadException>(() => Load(Model)).Message);
    }

    [Fact]
    public void FolderAndMissingFile_AreTold()
    {
        Assert.Contains("is a folder", GgufFile.FaultOf(_folder.FullName), StringComparison.Ordinal);
        Assert.Equal(Model + " does not exist.", GgufFile.FaultOf(Model));
    }

    [Fact]
    public void BytesChangedAtRandom_NeverThrow()
    {
        RandomModel.Write(Model, RandomModelSize.Tiny);
        var whole = File.ReadAllBytes(Model);
        var random = new Random(4711);
        for (var round = 0; round < 300; round++)
        {
            var broken = whole.AsSpan(0, Math.Min(whole.Length, 64 << 10)).ToArray();
            for (var change = 0; change < 8; change++) broken[random.Next(8, broken.Length)] = (byte)random.Next(256);
            File.WriteAllBytes(Model, broken);
            _ = GgufFile.FaultOf(Model);
            _ = GgufFile.Architecture(Model);
        }
    }

    [Fact]
    public void UnknownArchitecture_IsNamed()
    {
        using (var file = File.Create(Model))
        using (var gguf = new GgufWriter(file))
        {
            gguf.Add("general.architecture", "hovercraft");
            gguf.Write((_, _, _, _) => { });
        }
        var fault = Assert.Throws<EngineLoadException>(() => Load(Model)).Message;
        Assert.StartsWith(Model, fault, StringComparison.Ordinal);
        Assert.Contains("does not know the architecture 'hovercraft'", fault, StringComparison.Ordinal);
    }

    private static LlamaEngine Load(string path) => LlamaEngine.Load(new EngineOptions { ModelPath = path }, TimeProvider.System);
}
