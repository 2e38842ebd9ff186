using System.CommandLine;
using Samovar.Cli.Commands;
using Samovar.Testing;

namespace Samovar.Tests.Pull;

/// <summary>Which files a pull takes, by what a hub lists or an address says, and where they go.</summary>
public sealed class PulledListTests : PullLab
{
    [Theory]
    [InlineData(429)]
    [InlineData(502)]
    public async Task ListThatIsRefusedForAMoment_IsAskedForAgain(int status)
    {
        Hub.With("tea.gguf", Model);
        foreach (var refusal in new[] { status, status }) Hub.ListRefusals.Enqueue(refusal);
        Assert.Equal(0, await PullAsync("tea/assam"));
        Assert.Equal(3, Hub.Listed);
        Assert.Contains($"answers {status}. Trying again", Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListThatIsRefusedForLong_IsGivenUp()
    {
        for (var i = 0; i < 100; i++) Hub.ListRefusals.Enqueue(503);
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Equal(Hasty.TriesMax, Hub.Listed);
        Assert.Contains("answers 503", Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListThatIsTooLong_IsSaid_AndNothingIsTakenOfItsBeginning()
    {
        Hub.With("a-Q2_K.gguf", Model).With("b-Q4_K_M.gguf", Model).With("c-Q8_0.gguf", Model).PageEntries = 1;
        Assert.Equal(1, await PullAsync("tea/assam", bounds: Hasty with { PagesMax = 2 }));
        Assert.Contains("more than 2 pages", Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Hub.Asked);
        Assert.Equal(0, await PullAsync("tea/assam", bounds: Hasty with { PagesMax = 3 }));
    }

    [Fact]
    public async Task ListThatGoesOnElsewhere_IsNotTakenForAll()
    {
        Hub.With("tea.gguf", Model).Next = $"{Hub.Store}api/models/tea/assam/tree/main?cursor=1";
        Assert.Equal(1, await PullAsync("tea/assam", token: "hf_secret"));
        Assert.Contains("elsewhere", Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Hub.Asked);
    }

    [Fact]
    public async Task SplitModel_ByTheAddressOfOnePart_HasAllItsParts()
    {
        for (var part = 1; part <= 3; part++) Hub.With($"tea-0000{part}-of-00003.gguf", [.. Model, (byte)part]);
        Assert.Equal(1, await PullAsync($"{Hub.Store}files/tea-00002-of-00003.gguf", hash: new string('0', 64)));
        Assert.Contains("--sha256 is of one", Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await PullAsync($"{Hub.Store}files/tea-00002-of-00003.gguf?download=true"));
        Assert.Equal(
            Enumerable.Range(1, 3).Select(part => PathOf($"127.0.0.1/tea-0000{part}-of-00003.gguf")),
            Files().Order(StringComparer.Ordinal));
        Assert.Contains("--model " + PathOf("127.0.0.1/tea-00001-of-00003.gguf"), Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FilesOfOneName_InTwoFolders_DoNotReplaceEachOther()
    {
        Hub.With("Q4_0/tea.gguf", Model).With("Q8_0/tea.gguf", [.. Model, 1]);
        Assert.Equal(0, await PullAsync("tea/assam:Q4_0"));
        Assert.Equal(0, await PullAsync("tea/assam:Q8_0"));
        Assert.Equal([PathOf("tea/assam/Q4_0-tea.gguf"), PathOf("tea/assam/Q8_0-tea.gguf")], Files().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task DiskThatHasRoomForOnePart_AndNotForAll_IsSaid_BeforeTheFirst()
    {
        for (var part = 1; part <= 2; part++) Hub.With($"tea-0000{part}-of-00002.gguf", Model);
        Hub.SaidBytes = new DriveInfo(Folder.FullName).AvailableFreeSpace / 10 * 6;
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains("The disk has room for", Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Hub.Asked);
    }

    [Fact]
    public async Task PartThatWasDamagedHere_IsDownloadedAgain()
    {
        Hub.With("tea.gguf", Model);
        Hub.Cuts.Enqueue(1000);
        for (var i = 0; i < Hasty.TriesMax - 1; i++) Hub.Cuts.Enqueue(0);
        await PullAsync("tea/assam");
        await File.WriteAllBytesAsync(PathOf("tea/assam/tea.gguf.part"), new byte[1000], Soon.Token); // as a power cut leaves it
        Assert.Equal(0, await PullAsync("tea/assam"));
        Assert.Contains("from its beginning", Output.ToString(), StringComparison.Ordinal);
        Assert.Equal(Model, File.ReadAllBytes(PathOf("tea/assam/tea.gguf")));
    }

    [Theory]
    [InlineData("a\\..\\..\\tea.gguf")]
    [InlineData("nul.gguf")]
    public async Task NameThatIsNoFilesName_IsRefused(string name)
    {
        Hub.With(name, Model);
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains("cannot be the name of a file", Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Fact]
    public void Folder_IsTheOneThatAServerWithTheSameSettingsReads()
    {
        var config = PathOf("settings.json");
        File.WriteAllText(config, """{"Server":{"DataPath":"/of/the/file"}}""");
        var variable = new Dictionary<string, string>(StringComparer.Ordinal) { ["SAMOVAR_Server__DataPath"] = "/of/the/environment" };
        Assert.Equal("/of/the/file", Read(new DataFolder(new Dictionary<string, string>()), "--config", config));
        Assert.Equal("/of/the/environment", Read(new DataFolder(variable), "--config", config));
        Assert.Equal("/said", Read(new DataFolder(variable), "--data", "/said"));

        static string Read(DataFolder folder, params string[] said)
        {
            var command = new RootCommand();
            foreach (var option in folder.Options) command.Add(option);
            return folder.Read(command.Parse(said));
        }
    }
}
