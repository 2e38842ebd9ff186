using System.Text.Json;
using Samovar.Cli.Agents;
using Samovar.Cli.Prefixes;
using Samovar.Testing;

namespace Samovar.Tests.Prefixes;

/// <summary><c>samovar prefix</c>: what it sends, and what it says.</summary>
public sealed class PrefixCommandTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-prefix-command-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task Warm_List_AndDrop_SayWhatThereIs()
    {
        await using var lab = await PrefixLab.StartAsync();
        using var client = new PrefixClient(lab.Server.Address, "sk-a");
        var order = PrefixFile.Read(await WriteAsync(JsonSerializer.Serialize(PrefixLab.Start()))) with { Name = "crew", Keep = "90m" };
        var (status, said) = await RunAsync((output, error) => PrefixRun.WarmAsync(client, order, output, error, Soon.Token));
        Assert.Equal(0, status);
        Assert.Matches(@"^prefix_[0-9a-f]{32}  crew\n\d+ tokens of [^\n]+: \d+ computed, 0 were there; [\d.]+ MB of memory\.\n"
            + @"It is kept for 90m beyond its last use\.\n$", said);
        var id = said.Split(' ')[0];
        var (listed, table) = await RunAsync((output, error) => PrefixRun.ListAsync(client, false, output, error, Soon.Token));
        Assert.Equal(0, listed);
        Assert.Matches($@"^ID +NAME +MODEL[^\n]+\n{id}  crew  [^\n]+  warmed  warm    [^\n]+  90m\n$", table);
        var (_, json) = await RunAsync((output, error) => PrefixRun.ListAsync(client, true, output, error, Soon.Token));
        Assert.Contains($"\"{id}\"", json, StringComparison.Ordinal);
        Assert.Equal((0, $"{id} is kept no longer.\n"),
            await RunAsync((output, error) => PrefixRun.DropAsync(client, id, output, error, Soon.Token)));
        var (gone, trouble) = await RunAsync((output, error) => PrefixRun.DropAsync(client, id, output, error, Soon.Token));
        Assert.Equal(1, gone);
        Assert.Contains($"Prefix with id '{id}' not found.", trouble, StringComparison.Ordinal);
        var (_, none) = await RunAsync((output, error) => PrefixRun.ListAsync(client, false, output, error, Soon.Token));
        Assert.StartsWith("No prefixes are warm.", none, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerThatIsNotThereOrNeedsAKey_IsASentence()
    {
        await using var lab = await PrefixLab.StartAsync();
        using var stranger = new PrefixClient(lab.Server.Address, null);
        var (status, said) = await RunAsync((output, error) => PrefixRun.ListAsync(stranger, false, output, error, Soon.Token));
        Assert.Equal(1, status);
        Assert.Contains("needs a key", said, StringComparison.Ordinal);
        using var nobody = new PrefixClient(new Uri("http://127.0.0.1:1"), null);
        (status, said) = await RunAsync((output, error) => PrefixRun.ListAsync(nobody, false, output, error, Soon.Token));
        Assert.Equal(1, status);
        Assert.Contains("Nobody answers", said, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("not json", "is no JSON")]
    [InlineData("[1]", "must have a JSON object")]
    [InlineData(null, "cannot be read")]
    public async Task FileThatCannotBeSent_IsWrongUsage(string? content, string named)
    {
        var file = content is null ? Path.Combine(_folder.FullName, "none.json") : await WriteAsync(content);
        Assert.Contains(named, Assert.Throws<UsageException>(() => PrefixFile.Read(file)).Message, StringComparison.Ordinal);
    }

    private async Task<string> WriteAsync(string text)
    {
        var file = Path.Combine(_folder.FullName, "start.json");
        await File.WriteAllTextAsync(file, text, Soon.Token);
        return file;
    }

    private static async Task<(int Status, string Said)> RunAsync(Func<TextWriter, TextWriter, Task<int>> run)
    {
        await using var said = new StringWriter();
        var status = await run(said, said);
        return (status, said.ToString().ReplaceLineEndings("\n"));
    }
}
