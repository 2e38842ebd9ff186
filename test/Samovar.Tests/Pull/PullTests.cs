using System.CommandLine;
using System.Security.Cryptography;
using System.Text;
using Samovar.Cli.Commands;
using Samovar.Cli.Pull;
using Samovar.Testing;
using Samovar.Testing.Models;

namespace Samovar.Tests.Pull;

public sealed class PullTests : IAsyncLifetime
{
    private static readonly byte[] Model = MadeModel();
    private static readonly DownloadBounds Hasty = new()
    {
        DelayMin = TimeSpan.FromMilliseconds(1), DelayMax = TimeSpan.FromMilliseconds(2),
    };
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("samovar-pull-");
    private readonly StringWriter _output = new(), _error = new();
    private FakeHub _hub = null!;

    public async ValueTask InitializeAsync() => _hub = await new FakeHub().StartAsync();

    public async ValueTask DisposeAsync()
    {
        await _hub.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Model_IsFoundDownloadedAndChecked()
    {
        _hub.With("README.md", [1]).With("tea-Q8_0.gguf", [2]).With("tea-Q4_K_M.gguf", Model).With("mmproj-tea-Q4_K_M.gguf", [3]);
        Assert.Equal(0, await PullAsync("tea/assam-GGUF"));
        Assert.Equal(Model, File.ReadAllBytes(PathOf("tea/assam-GGUF/tea-Q4_K_M.gguf")));
        Assert.Contains("its SHA-256 is right", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains($"samovar serve --model {PathOf("tea/assam-GGUF/tea-Q4_K_M.gguf")}", _output.ToString(), StringComparison.Ordinal);
        Assert.Equal([PathOf("tea/assam-GGUF/tea-Q4_K_M.gguf")], Files());
        Assert.Equal(0, await PullAsync("tea/assam-GGUF")); // again
        Assert.Contains("there already", _output.ToString(), StringComparison.Ordinal);
        Assert.Single(_hub.Asked);
    }

    [Fact]
    public async Task ConnectionThatIsCutAgainAndAgain_IsGoneOnWith()
    {
        _hub.With("tea.gguf", Model);
        foreach (var cut in (int[])[1000, 1, 0, 0, 40_000, 0, 0, 0, 0, 0, 0, 7]) _hub.Cuts.Enqueue(cut);
        Assert.True(await PullAsync("tea/assam") == 0, _output.ToString() + _error);
        Assert.Equal(Model, File.ReadAllBytes(PathOf("tea/assam/tea.gguf")));
        Assert.Equal(["", "bytes=1000-", "bytes=1001-"], _hub.Asked.Take(3));
        Assert.Equal(13, _hub.Asked.Count);
    }

    [Fact]
    public async Task ServerThatGivesNothing_IsGivenUp_AndWhatCameIsGoneOnWithLater()
    {
        _hub.With("tea.gguf", Model);
        _hub.Cuts.Enqueue(1000);
        for (var i = 0; i < Hasty.TriesMax - 1; i++) _hub.Cuts.Enqueue(0);
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains("cut the connection", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await PullAsync("tea/assam"));
        Assert.Equal("bytes=1000-", _hub.Asked[^1]);
        Assert.Equal(Model, File.ReadAllBytes(PathOf("tea/assam/tea.gguf")));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task RefusalThatPasses_IsTriedAgain(int status)
    {
        _hub.With("tea.gguf", Model);
        _hub.Refusals.Enqueue(status);
        Assert.Equal(0, await PullAsync("tea/assam"));
        Assert.Contains($"answers {status}. Trying again", _output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "has no tea.gguf")]
    [InlineData(403, "HF_TOKEN")]
    [InlineData(400, "answers 400")]
    public async Task RefusalThatStays_IsSaidAtOnce(int status, string said)
    {
        _hub.With("tea.gguf", Model);
        _hub.Refusals.Enqueue(status);
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains(said, _error.ToString(), StringComparison.Ordinal);
        Assert.Single(_hub.Asked);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task ServerThatSendsTheSameStartAgainAndAgain_IsGivenUp()
    {
        _hub.With("tea.gguf", Model).RefusesRanges = true;
        for (var i = 0; i < 100; i++) _hub.Cuts.Enqueue(1000);
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Equal(Hasty.TriesMax, _hub.Asked.Count);
    }

    [Fact]
    public async Task DiskWithoutRoom_IsSaid_BeforeAnythingIsDownloaded()
    {
        _hub.With("tea.gguf", Model);
        Assert.Equal(1, await PullAsync("tea/assam", bounds: Hasty with { DiskBytesLeft = long.MaxValue / 2 }));
        Assert.Contains("The disk has room for", _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task NameThatWouldMoveTheCursor_IsShownAsText()
    {
        _hub.With("te\u001b[2Ja.gguf", Model);
        Assert.Equal(0, await PullAsync($"{_hub.Store}files/te%1B[2Ja.gguf"));
        Assert.Contains("te\\u001b[2Ja.gguf", _output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", _output.ToString() + _error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HubThatListsWithoutEnd_IsGivenUp()
    {
        for (var i = 0; i < 17; i++) _hub.With($"{new string('x', 1 << 20)}{i}", [1]);
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains("sends too much", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FileThatChangedMeanwhile_IsFoundOut_AndNothingOfItStays()
    {
        _hub.With("tea.gguf", Model);
        _hub.Cuts.Enqueue(1000);
        for (var i = 0; i < Hasty.TriesMax - 1; i++) _hub.Cuts.Enqueue(0);
        await PullAsync("tea/assam");
        var other = Model.ToArray();
        other[^1]++;
        var hash = Convert.ToHexStringLower(SHA256.HashData(other));
        Assert.Equal(1, await PullAsync($"{_hub.Store}files/tea.gguf", hash)); // another content than was asked for
        Assert.Contains($"not {hash}", _error.ToString(), StringComparison.Ordinal);
        _hub.With("tea.gguf", other);
        Assert.Equal(0, await PullAsync("tea/assam")); // begins again: what lies there is of the old one
        Assert.Equal(other, File.ReadAllBytes(PathOf("tea/assam/tea.gguf")));
        Assert.Equal([PathOf("tea/assam/tea.gguf")], Files());
    }

    [Fact]
    public async Task ServerWithoutRanges_IsReadFromTheStart()
    {
        _hub.With("tea.gguf", Model).IgnoresRanges = true;
        _hub.Cuts.Enqueue(1000);
        Assert.Equal(0, await PullAsync("tea/assam"));
        Assert.Equal(Model, File.ReadAllBytes(PathOf("tea/assam/tea.gguf")));
    }

    [Theory]
    [InlineData("\"one\"", "\"one\"", "bytes=1000- \"one\"")]
    [InlineData("\"one\"", "\"two\"", "bytes=1000- \"one\"")]
    [InlineData("W/\"one\"", "W/\"one\"", "")]
    [InlineData(null, null, "")]
    public async Task AddressWithoutAHash_IsGoneOnWith_WhereItsTagSaysThatItIsTheSame(string? tag, string? later, string asked)
    {
        _hub.With("tea.gguf", Model).Tag = tag;
        _hub.Cuts.Enqueue(1000);
        for (var i = 0; i < Hasty.TriesMax - 1; i++) _hub.Cuts.Enqueue(0);
        await PullAsync($"{_hub.Store}files/tea.gguf");
        var other = Model.ToArray();
        other[^1]++;
        if (tag != later) _hub.With("tea.gguf", other).Tag = later;
        Assert.Equal(0, await PullAsync($"{_hub.Store}files/tea.gguf"));
        Assert.Equal(asked, _hub.Asked[^1]);
        Assert.Equal(tag == later ? Model : other, File.ReadAllBytes(PathOf("127.0.0.1/tea.gguf")));
        Assert.Contains("not checked", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PageThatIsNoModel_IsNotKept()
    {
        _hub.With("tea.gguf", Encoding.UTF8.GetBytes("<html>Please log in</html>"));
        Assert.Equal(1, await PullAsync($"{_hub.Store}files/tea.gguf"));
        Assert.Contains("it was deleted", _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task Token_GoesToTheHub_AndNotToTheHostOfItsFiles()
    {
        _hub.With("tea.gguf", Model).Token = "hf_secret";
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains("HF_TOKEN", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await PullAsync("tea/assam", token: "hf_secret"));
        Assert.Equal([""], _hub.Asked);
        Assert.DoesNotContain("hf_secret", _output.ToString() + _error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SplitModel_HasAllItsParts_AndALongListAllItsPages()
    {
        for (var part = 1; part <= 3; part++) _hub.With($"Q8_0/tea-Q8_0-0000{part}-of-00003.gguf", [.. Model, (byte)part]);
        _hub.With("tea-Q2_K.gguf", Model).PageEntries = 1;
        Assert.Equal(0, await PullAsync("tea/assam:q8_0"));
        Assert.Equal(3, Files().Length);
        Assert.Contains("serve --model " + PathOf("tea/assam/tea-Q8_0-00001-of-00003.gguf"), _output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(429)]
    [InlineData(502)]
    public async Task ListThatIsRefusedForAMoment_IsAskedForAgain(int status)
    {
        _hub.With("tea.gguf", Model);
        foreach (var refusal in new[] { status, status }) _hub.ListRefusals.Enqueue(refusal);
        Assert.Equal(0, await PullAsync("tea/assam"));
        Assert.Equal(3, _hub.Listed);
        Assert.Contains($"answers {status}. Trying again", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListThatIsRefusedForLong_IsGivenUp()
    {
        for (var i = 0; i < 100; i++) _hub.ListRefusals.Enqueue(503);
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Equal(Hasty.TriesMax, _hub.Listed);
        Assert.Contains("answers 503", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ListThatIsTooLong_IsSaid_AndNothingIsTakenOfItsBeginning()
    {
        _hub.With("a-Q2_K.gguf", Model).With("b-Q4_K_M.gguf", Model).With("c-Q8_0.gguf", Model).PageEntries = 1;
        Assert.Equal(1, await PullAsync("tea/assam", bounds: Hasty with { PagesMax = 2 }));
        Assert.Contains("more than 2 pages", _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_hub.Asked);
        Assert.Equal(0, await PullAsync("tea/assam", bounds: Hasty with { PagesMax = 3 }));
    }

    [Fact]
    public async Task ListThatGoesOnElsewhere_IsNotTakenForAll()
    {
        _hub.With("tea.gguf", Model).Next = $"{_hub.Store}api/models/tea/assam/tree/main?cursor=1";
        Assert.Equal(1, await PullAsync("tea/assam", token: "hf_secret"));
        Assert.Contains("elsewhere", _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_hub.Asked);
    }

    [Fact]
    public async Task SplitModel_ByTheAddressOfOnePart_HasAllItsParts()
    {
        for (var part = 1; part <= 3; part++) _hub.With($"tea-0000{part}-of-00003.gguf", [.. Model, (byte)part]);
        Assert.Equal(1, await PullAsync($"{_hub.Store}files/tea-00002-of-00003.gguf", hash: new string('0', 64)));
        Assert.Contains("--sha256 is of one", _error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await PullAsync($"{_hub.Store}files/tea-00002-of-00003.gguf?download=true"));
        Assert.Equal(
            Enumerable.Range(1, 3).Select(part => PathOf($"127.0.0.1/tea-0000{part}-of-00003.gguf")), Files().Order(StringComparer.Ordinal));
        Assert.Contains("--model " + PathOf("127.0.0.1/tea-00001-of-00003.gguf"), _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FilesOfOneName_InTwoFolders_DoNotReplaceEachOther()
    {
        _hub.With("Q4_0/tea.gguf", Model).With("Q8_0/tea.gguf", [.. Model, 1]);
        Assert.Equal(0, await PullAsync("tea/assam:Q4_0"));
        Assert.Equal(0, await PullAsync("tea/assam:Q8_0"));
        Assert.Equal([PathOf("tea/assam/Q4_0-tea.gguf"), PathOf("tea/assam/Q8_0-tea.gguf")], Files().Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task DiskThatHasRoomForOnePart_AndNotForAll_IsSaid_BeforeTheFirst()
    {
        for (var part = 1; part <= 2; part++) _hub.With($"tea-0000{part}-of-00002.gguf", Model);
        _hub.SaidBytes = new DriveInfo(_folder.FullName).AvailableFreeSpace / 10 * 6;
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains("The disk has room for", _error.ToString(), StringComparison.Ordinal);
        Assert.Empty(_hub.Asked);
    }

    [Fact]
    public async Task PartThatWasDamagedHere_IsDownloadedAgain()
    {
        _hub.With("tea.gguf", Model);
        _hub.Cuts.Enqueue(1000);
        for (var i = 0; i < Hasty.TriesMax - 1; i++) _hub.Cuts.Enqueue(0);
        await PullAsync("tea/assam");
        await File.WriteAllBytesAsync(PathOf("tea/assam/tea.gguf.part"), new byte[1000], Soon.Token); // as a power cut leaves it
        Assert.Equal(0, await PullAsync("tea/assam"));
        Assert.Contains("from its beginning", _output.ToString(), StringComparison.Ordinal);
        Assert.Equal(Model, File.ReadAllBytes(PathOf("tea/assam/tea.gguf")));
    }

    [Theory]
    [InlineData("a\\..\\..\\tea.gguf")]
    [InlineData("nul.gguf")]
    public async Task NameThatIsNoFilesName_IsRefused(string name)
    {
        _hub.With(name, Model);
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains("cannot be the name of a file", _error.ToString(), StringComparison.Ordinal);
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

    [Fact]
    public async Task UnknownRepository_IsSaid()
    {
        Assert.Equal(1, await PullAsync("coffee/arabica"));
        Assert.Contains("has no model coffee/arabica", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HubThatIsNotThere_IsSaid()
    {
        var hub = _hub.Address;
        await _hub.DisposeAsync();
        Assert.Equal(1, await PullAsync("tea/assam", hub: hub));
        Assert.Contains("cannot be reached", _error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecondPull_OfTheSameModel_IsRefused()
    {
        _hub.With("tea.gguf", Model).Silence = new();
        _hub.Cuts.Enqueue(1000);
        var first = PullAsync("tea/assam");
        await Soon.UntilAsync(() => Files() is [var file] && file.EndsWith(".part", StringComparison.Ordinal) || Files().Length > 1);
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains("is in use", _error.ToString(), StringComparison.Ordinal);
        _hub.Silence!.SetResult();
        Assert.Equal(0, await Soon.In(first));
    }

    [Fact]
    public async Task ConnectionThatIsSilent_IsCut()
    {
        _hub.With("tea.gguf", Model).Silence = new();
        _hub.Cuts.Enqueue(1000);
        var pull = PullAsync("tea/assam", bounds: Hasty with { SilentMax = TimeSpan.FromMilliseconds(200) });
        Assert.Equal(0, await Soon.In(pull));
        Assert.Contains("has sent nothing", _output.ToString(), StringComparison.Ordinal);
    }

    private Task<int> PullAsync(string source, string? hash = null, string? token = null, Uri? hub = null, DownloadBounds? bounds = null) =>
        PullCommand.RunAsync(new PullWanted(source, hub ?? _hub.Address, _folder.FullName, hash, token), bounds ?? Hasty,
            TimeProvider.System, _output, _error, Soon.Token);

    private string PathOf(string name) => Path.Combine(_folder.FullName, name);

    private string[] Files() => Directory.GetFiles(_folder.FullName, "*", SearchOption.AllDirectories);

    private static byte[] MadeModel()
    {
        using var file = new MemoryStream();
        using (var writer = new GgufWriter(file))
        {
            writer.Add("general.architecture", "llama");
            writer.Describe("tea", WeightType.F32, 1 << 16);
            writer.Write((_, _, _, output) => output.Write(new byte[4 << 16]));
        }
        return file.ToArray();
    }
}
