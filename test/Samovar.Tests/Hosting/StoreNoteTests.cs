using Samovar.Cli.Commands;
using Xunit;

namespace Samovar.Tests.Hosting;

/// <summary>What an operator reads of where responses go before the first one is stored.</summary>
public sealed class StoreNoteTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-note-");

    [Theory]
    [InlineData("in {folder}/store.db for 30 days after their chain's last turn (change it with --store, --data, StoredChains:AgeMax)")]
    [InlineData("in {folder}/store.db for 12 hours after their chain's last turn", "StoredChains__AgeMax=12:00:00")]
    [InlineData("in memory, for 30 days at most, gone at exit (to keep them: --store sqlite)", "Store__Kind=memory")]
    [InlineData("in memory, for 3 hours at most, gone at exit", "Store__Kind=memory", "Chains__AgeMax=03:00:00")]
    [InlineData("in PostgreSQL at db.example:5433, database 'chains', schema 'mine' for 30 days after their chain's last turn " +
        "(change it with --store, Store:ConnectionString, StoredChains:AgeMax)", "Store__Kind=postgres",
        "Store__ConnectionString=Host=db.example;Port=5433;Database=chains;Username=ann;Password=geheim;Search Path=mine")]
    [InlineData("in PostgreSQL at db.example:5432, database 'chains', schema 'samovar'", "Store__Kind=postgres",
        "Store__ConnectionString=postgres://ann:geheim@db.example/chains")]
    public async Task ConfigCheck_SaysWhereStoredResponsesAreKept_InOneLine_WithoutSecrets(string expected, params string[] variables)
    {
        var (status, output, error) = await CheckAsync(variables);
        Assert.Equal((0, ""), (status, error));
        Assert.Single(output.Split(Environment.NewLine), line => line.StartsWith(
            "stored responses: " + expected.Replace("{folder}", _folder.FullName, StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.DoesNotContain("geheim", output, StringComparison.Ordinal);
        Assert.DoesNotContain("ann", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Store__ConnectionString=Host", "neither keys and values nor a postgres:// address")]
    [InlineData("Store__ConnectionString=Username=ann;Password=geheim", "it names no Host")]
    [InlineData("Store__ConnectionString=Host=db Password=geheim", "a value holds another key")]
    [InlineData("Store__ConnectionStringFile=/nowhere/geheim/address", "Could not find")]
    public async Task ConfigCheck_ReportsAnAddressThatCannotBeRead_WithTheOtherFaults(string variable, string why)
    {
        var (status, _, error) = await CheckAsync("Store__Kind=postgres", variable, "Server__Port=many");
        Assert.Equal((2, 2), (status, error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries).Length));
        Assert.Contains("Store:ConnectionString", error, StringComparison.Ordinal);
        Assert.Contains(why, error, StringComparison.Ordinal);
        Assert.DoesNotContain("Password=geheim", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ConfigCheck_SaysThatTheDataFolderCannotBeWritten_ButNotWhereNothingIsKeptThere()
    {
        var file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        var error = new StringWriter();
        string[] check = ["config", "check", "--data", Path.Combine(file, "data"), "--model", ModelPath()];
        var shell = new Shell(new StringWriter(), error, new Dictionary<string, string>());
        Assert.Equal(2, await SamovarCommand.RunAsync(check, TimeProvider.System, shell));
        Assert.Equal($"samovar: --data: stored responses cannot be kept in {file}/data/store.db: {file} is a file; " +
            "another folder: --data DIR; none: --store memory.", error.ToString().TrimEnd());
        Assert.Equal(0, await SamovarCommand.RunAsync([.. check, "--store", "memory"], TimeProvider.System, shell));
    }

    [Fact]
    public async Task ConfigCheck_LeavesNothingInTheFolder_ThatItHasTried()
    {
        var data = Path.Combine(_folder.FullName, "data", "deep");
        var shell = new Shell(new StringWriter(), new StringWriter(), new Dictionary<string, string>());
        string[] check = ["config", "check", "--data", data, "--model", ModelPath()];
        Assert.Equal(0, await SamovarCommand.RunAsync(check, TimeProvider.System, shell));
        Assert.Equal(["small.gguf"], Directory.EnumerateFileSystemEntries(_folder.FullName).Select(Path.GetFileName));
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private async Task<(int Status, string Output, string Error)> CheckAsync(params string[] variables)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var all = variables.Select(variable => variable.Split('=', 2)).ToDictionary(pair => "SAMOVAR_" + pair[0], pair => pair[1]);
        var status = await SamovarCommand.RunAsync(["config", "check", "--data", _folder.FullName, "--model", ModelPath()],
            TimeProvider.System, new Shell(output, error, all));
        return (status, output.ToString(), error.ToString());
    }

    /// <summary>A file with a head and no tensors: enough to be a model's for whoever does not load it.</summary>
    private string ModelPath()
    {
        var path = Path.Combine(_folder.FullName, "small.gguf");
        File.WriteAllBytes(path, [.. "GGUF"u8, 3, 0, 0, 0, .. new byte[16]]);
        return path;
    }
}
