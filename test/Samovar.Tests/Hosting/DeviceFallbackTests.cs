using System.Net.Http.Json;
using System.Text.Json;
using Samovar.Engine.Native;
using Samovar.Testing.Models;

namespace Samovar.Tests.Hosting;

/// <summary>A server whose GPU does not start serves from the CPU, and says so.</summary>
public sealed class DeviceFallbackTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-device-").FullName;

    [Theory]
    [InlineData("vulkan")]
    [InlineData("auto")]
    public async Task BrokenLibraryOfADevice_LeavesTheCpu_WithAWarning(string device)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "starts a process of its own");
        var library = LlamaLibrary.FindFolder();
        Assert.True(library is not null, "libllama is not installed: run ./samovar setup --device cpu.");
        foreach (var file in Directory.EnumerateFiles(library))
            File.CreateSymbolicLink(Path.Combine(_folder, Path.GetFileName(file)), file);
        await File.WriteAllTextAsync(Path.Combine(_folder, "libggml-vulkan.so"), "no library", TestContext.Current.CancellationToken);
        await using var server = await ServerProcess.StartAsync(":", new Dictionary<string, string>
        {
            ["SAMOVAR_Engine__LibraryPath"] = _folder,
            ["SAMOVAR_Engine__Device"] = device,
            ["SAMOVAR_Engine__ModelPath"] = RandomModel.Ensure(_folder, RandomModelSize.Tiny, WeightType.F32),
            ["SAMOVAR_Engine__ContextTokens"] = "256",
            ["SAMOVAR_Server__DataPath"] = Path.Combine(_folder, "data"),
        });
        using var http = new HttpClient { BaseAddress = server.Address };
        var health = await http.GetFromJsonAsync<JsonElement>("health", TestContext.Current.CancellationToken);
        var facts = health.GetProperty("model").GetProperty("device");
        Assert.Equal("cpu", facts.GetProperty("kind").GetString());
        Assert.Contains("vulkan is not used: ", facts.GetProperty("warning").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, await server.TerminateAsync());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
