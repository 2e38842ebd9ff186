using Samovar.Cli.Commands;

namespace Samovar.Tests.Hosting;

/// <summary>What the launcher hears when it asks for the device that the settings name.</summary>
public sealed class NativeDeviceCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-settings-");

    [Theory]
    [InlineData("auto", "{}")]
    [InlineData("cuda", "{/* ours */\"engine\":{\"device\":\"cuda\",},}")]
    [InlineData("cpu", "{\"Engine\":{\"Device\":\"cuda\"}}", "--device", "cpu")]
    [InlineData("none", "{\"Engine\":{\"Device\":\"gpu\"}}")]
    [InlineData("none", "{\"Engine\":{\"LibraryPath\":\"/opt/llama\"}}")]
    [InlineData("none", "{\"Upstream\":{\"Pools\":[{\"Name\":\"p\"}]}}")]
    [InlineData("auto", "{\"Upstream\":{\"Pools\":[{\"Name\":\"p\"}]}}", "--model", "m.gguf")]
    [InlineData("none", "{")]
    public async Task Device_IsTheOneThatUpWouldTake(string device, string settings, params string[] flags)
    {
        var file = Path.Combine(_folder.FullName, "given.json");
        await File.WriteAllTextAsync(file, settings, TestContext.Current.CancellationToken);
        var (output, error) = (new StringWriter(), new StringWriter());
        var shell = new Shell(output, error, new Dictionary<string, string>());
        Assert.Equal(0, await SamovarCommand.RunAsync(["native-device", "--config", file, .. flags], TimeProvider.System, shell));
        Assert.Equal((device, ""), (output.ToString().Trim(), error.ToString()));
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
