using Samovar.Server.Hosting;
using Samovar.Testing.Models;

namespace Samovar.Tests.Hosting;

/// <summary>Settings of several models: what is wrong is said with its whole name before anything is loaded.</summary>
public sealed class NamedModelSettingsTests : IDisposable
{
    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("samovar-named");
    private readonly string _file = RandomModel.Ensure(
        Path.Combine(AppContext.BaseDirectory, "models"), RandomModelSize.Tiny, WeightType.F32);

    public void Dispose() => _data.Delete(recursive: true);

    [Theory]
    [InlineData("Models:Served:a:Path", "/nowhere/x.gguf", "Models:Served:a:Path: /nowhere/x.gguf does not exist.")]
    [InlineData("Models:Served:a:Path", "", "Models:Served:a:Path: it must name a GGUF file.")]
    [InlineData("Models:Served:a:Paht", "x", "There is no setting Models:Served:a:Paht")]
    [InlineData("Models:Served:a:ContextTokens", "many", "Models:Served:a:ContextTokens must be")]
    [InlineData("Models:Served:a:KvType", "f8", "Models:Served:a:KvType must be")]
    [InlineData("Models:Served:a:TemplatePath", "/nowhere/t.jinja", "Models:Served:a:TemplatePath: /nowhere/t.jinja does not exist.")]
    [InlineData("Models:IdleMax", "soon", "Models:IdleMax must be")]
    [InlineData("Models:BytesMax", "0", "Models:BytesMax")]
    [InlineData("Engine:ModelPath", "x.gguf", "Models:Served and Engine:ModelPath cannot both be given")]
    [InlineData("Embedded:ModelName", "x", "Models:Served and Embedded:ModelName cannot both be given")]
    public async Task WhatIsWrong_IsSaid(string setting, string value, string error)
    {
        var errors = await ErrorsAsync((setting, value));
        Assert.StartsWith(error, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ModelsOwnSettings_AreTaken() => Assert.Empty(await ErrorsAsync(
        ("Models:Served:a:ContextTokens", "2048"), ("Models:Served:a:Streams", "1"), ("Models:Served:a:Temperature", "0.2"),
        ("Models:Served:b:Path", _file), ("Models:Served:b:AtStart", "true"), ("Models:IdleMax", "00:10:00")));

    [Fact]
    public async Task PulledModels_AreFoundByTheirNames()
    {
        var folder = Path.Combine(_data.FullName, "models", "owner", "name");
        Directory.CreateDirectory(folder);
        Assert.Contains("has no GGUF file; samovar pull owner/name gets one.", Assert.Single(await ErrorsAsync(Path: "owner/name")),
            StringComparison.Ordinal);
        File.Copy(_file, Path.Combine(folder, "q8.gguf"));
        File.Copy(_file, Path.Combine(folder, "mmproj-q8.gguf")); // no model of its own
        Assert.Empty(await ErrorsAsync(Path: "owner/name"));
        Assert.Equal(Path.Combine(folder, "q8.gguf"), PulledModels.Find("owner/name", _data.FullName).Path);
        File.Copy(_file, Path.Combine(folder, "q4.gguf"));
        Assert.Contains("owner/name has several files; say which: owner/name/q4.gguf, owner/name/q8.gguf.",
            Assert.Single(await ErrorsAsync(Path: "owner/name")), StringComparison.Ordinal);
        Assert.Empty(await ErrorsAsync(Path: "owner/name/q4.gguf"));
        Assert.Contains("does not exist", Assert.Single(await ErrorsAsync(Path: "owner/other")), StringComparison.Ordinal);
        Assert.Equal("../name", PulledModels.Find("../name", _data.FullName).Path); // no way out of the folder
    }

    [Fact]
    public async Task SinglePulledModel_IsFoundByItsName()
    {
        var folder = Directory.CreateDirectory(Path.Combine(_data.FullName, "models", "owner", "name"));
        File.Copy(_file, Path.Combine(folder.FullName, "q8.gguf"));
        await using var app = SamovarHost.Build([new("Engine:ModelPath", "owner/name"), new("Server:DataPath", _data.FullName)]);
        Assert.Empty(SamovarHost.Check(app));
    }

    private Task<IReadOnlyList<string>> ErrorsAsync(string Path) => ErrorsAsync(("Models:Served:a:Path", Path));

    private async Task<IReadOnlyList<string>> ErrorsAsync(params (string Key, string Value)[] settings)
    {
        Dictionary<string, string?> all = new(StringComparer.Ordinal)
        {
            ["Models:Served:a:Path"] = _file, ["Server:DataPath"] = _data.FullName, ["Store:Kind"] = "memory",
        };
        foreach (var (key, value) in settings) all[key] = value;
        await using var app = SamovarHost.Build(all);
        return SamovarHost.Check(app);
    }
}
