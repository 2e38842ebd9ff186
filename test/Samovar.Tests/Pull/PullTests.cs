using System.Security.Cryptography;
using System.Text;
using Samovar.Testing;

namespace Samovar.Tests.Pull;

public sealed class PullTests : PullLab
{
    [Fact]
    public async Task Model_IsFoundDownloadedAndChecked()
    {
        Hub.With("README.md", [1]).With("tea-Q8_0.gguf", [2]).With("tea-Q4_K_M.gguf", Model).With("mmproj-tea-Q4_K_M.gguf", [3]);
        Assert.Equal(0, await PullAsync("tea/assam-GGUF"));
        Assert.Equal(Model, File.ReadAllBytes(PathOf("tea/assam-GGUF/tea-Q4_K_M.gguf")));
        Assert.Contains("its SHA-256 is right", Output.ToString(), StringComparison.Ordinal);
        Assert.Contains($"samovar serve --model {PathOf("tea/assam-GGUF/tea-Q4_K_M.gguf")}", Output.ToString(), StringComparison.Ordinal);
        Assert.Equal([PathOf("tea/assam-GGUF/tea-Q4_K_M.gguf")], Files());
        Assert.Equal(0, await PullAsync("tea/assam-GGUF")); // again
        Assert.Contains("there already", Output.ToString(), StringComparison.Ordinal);
        Assert.Single(Hub.Asked);
    }

    [Fact]
    public async Task ConnectionThatIsCutAgainAndAgain_IsGoneOnWith()
    {
        Hub.With("tea.gguf", Model);
        foreach (var cut in (int[])[1000, 1, 0, 0, 40_000, 0, 0, 0, 0, 0, 0, 7]) Hub.Cuts.Enqueue(cut);
        Assert.True(await PullAsync("tea/assam") == 0, Output.ToString() + Error);
        Assert.Equal(Model, File.ReadAllBytes(PathOf("tea/assam/tea.gguf")));
        Assert.Equal(["", "bytes=1000-", "bytes=1001-"], Hub.Asked.Take(3));
        Assert.Equal(13, Hub.Asked.Count);
    }

    [Fact]
    public async Task ServerThatGivesNothing_IsGivenUp_AndWhatCameIsGoneOnWithLater()
    {
        Hub.With("tea.gguf", Model);
        Hub.Cuts.Enqueue(1000);
        for (var i = 0; i < Hasty.TriesMax - 1; i++) Hub.Cuts.Enqueue(0);
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains("cut the connection", Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await PullAsync("tea/assam"));
        Assert.Equal("bytes=1000-", Hub.Asked[^1]);
        Assert.Equal(Model, File.ReadAllBytes(PathOf("tea/assam/tea.gguf")));
    }

    [Theory]
    [InlineData(429)]
    [InlineData(503)]
    public async Task RefusalThatPasses_IsTriedAgain(int status)
    {
        Hub.With("tea.gguf", Model);
        Hub.Refusals.Enqueue(status);
        Assert.Equal(0, await PullAsync("tea/assam"));
        Assert.Contains($"answers {status}. Trying again", Output.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(404, "has no tea.gguf")]
    [InlineData(403, "HF_TOKEN")]
    [InlineData(400, "answers 400")]
    public async Task RefusalThatStays_IsSaidAtOnce(int status, string said)
    {
        Hub.With("tea.gguf", Model);
        Hub.Refusals.Enqueue(status);
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains(said, Error.ToString(), StringComparison.Ordinal);
        Assert.Single(Hub.Asked);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task ServerThatSendsTheSameStartAgainAndAgain_IsGivenUp()
    {
        Hub.With("tea.gguf", Model).RefusesRanges = true;
        for (var i = 0; i < 100; i++) Hub.Cuts.Enqueue(1000);
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Equal(Hasty.TriesMax, Hub.Asked.Count);
    }

    [Fact]
    public async Task DiskWithoutRoom_IsSaid_BeforeAnythingIsDownloaded()
    {
        Hub.With("tea.gguf", Model);
        Assert.Equal(1, await PullAsync("tea/assam", bounds: Hasty with { DiskBytesLeft = long.MaxValue / 2 }));
        Assert.Contains("The disk has room for", Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    /// <summary>Others have filled it meanwhile.</summary>
    [Fact]
    public async Task DiskThatFillsUp_IsSaid_AndWhatCameIsGoneOnWith_WhenThereIsRoom()
    {
        using var disk = SmallDisk.TryMount(Folder.FullName, Model.Length / 2);
        Assert.SkipWhen(disk is null, "No small disk can be mounted here.");
        Hub.With("tea.gguf", Model);
        var heedless = Hasty with { DiskBytesLeft = -Model.Length }; // as if there had been room when it was looked at
        Assert.Equal(1, await PullAsync("tea/assam", bounds: heedless));
        Assert.Contains("No space left", Error.ToString(), StringComparison.Ordinal);
        Assert.False(File.Exists(PathOf("tea/assam/tea.gguf")));
        var came = new FileInfo(PathOf("tea/assam/tea.gguf.part")).Length;
        Assert.InRange(came, 1, Model.Length / 2);
        disk!.Resize(4 * Model.Length);
        Assert.True(await PullAsync("tea/assam", bounds: heedless) == 0, Output.ToString() + Error);
        Assert.Equal($"bytes={came}-", Hub.Asked[^1]);
        Assert.Equal(Model, File.ReadAllBytes(PathOf("tea/assam/tea.gguf")));
    }

    [Fact]
    public async Task NameThatWouldMoveTheCursor_IsShownAsText()
    {
        Hub.With("te\u001b[2Ja.gguf", Model);
        Assert.Equal(0, await PullAsync($"{Hub.Store}files/te%1B[2Ja.gguf"));
        Assert.Contains("te\\u001b[2Ja.gguf", Output.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("\u001b", Output.ToString() + Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task HubThatListsWithoutEnd_IsGivenUp()
    {
        for (var i = 0; i < 17; i++) Hub.With($"{new string('x', 1 << 20)}{i}", [1]);
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains("sends too much", Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FileThatChangedMeanwhile_IsFoundOut_AndNothingOfItStays()
    {
        Hub.With("tea.gguf", Model);
        Hub.Cuts.Enqueue(1000);
        for (var i = 0; i < Hasty.TriesMax - 1; i++) Hub.Cuts.Enqueue(0);
        await PullAsync("tea/assam");
        var other = Model.ToArray();
        other[^1]++;
        var hash = Convert.ToHexStringLower(SHA256.HashData(other));
        Assert.Equal(1, await PullAsync($"{Hub.Store}files/tea.gguf", hash)); // another content than was asked for
        Assert.Contains($"not {hash}", Error.ToString(), StringComparison.Ordinal);
        Hub.With("tea.gguf", other);
        Assert.Equal(0, await PullAsync("tea/assam")); // begins again: what lies there is of the old one
        Assert.Equal(other, File.ReadAllBytes(PathOf("tea/assam/tea.gguf")));
        Assert.Equal([PathOf("tea/assam/tea.gguf")], Files());
    }

    [Fact]
    public async Task ServerWithoutRanges_IsReadFromTheStart()
    {
        Hub.With("tea.gguf", Model).IgnoresRanges = true;
        Hub.Cuts.Enqueue(1000);
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
        Hub.With("tea.gguf", Model).Tag = tag;
        Hub.Cuts.Enqueue(1000);
        for (var i = 0; i < Hasty.TriesMax - 1; i++) Hub.Cuts.Enqueue(0);
        await PullAsync($"{Hub.Store}files/tea.gguf");
        var other = Model.ToArray();
        other[^1]++;
        if (tag != later) Hub.With("tea.gguf", other).Tag = later;
        Assert.Equal(0, await PullAsync($"{Hub.Store}files/tea.gguf"));
        Assert.Equal(asked, Hub.Asked[^1]);
        Assert.Equal(tag == later ? Model : other, File.ReadAllBytes(PathOf("127.0.0.1/tea.gguf")));
        Assert.Contains("not checked", Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task PageThatIsNoModel_IsNotKept()
    {
        Hub.With("tea.gguf", Encoding.UTF8.GetBytes("<html>Please log in</html>"));
        Assert.Equal(1, await PullAsync($"{Hub.Store}files/tea.gguf"));
        Assert.Contains("it was deleted", Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(Files());
    }

    [Fact]
    public async Task Token_GoesToTheHub_AndNotToTheHostOfItsFiles()
    {
        Hub.With("tea.gguf", Model).Token = "hf_secret";
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains("HF_TOKEN", Error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, await PullAsync("tea/assam", token: "hf_secret"));
        Assert.Equal([""], Hub.Asked);
        Assert.DoesNotContain("hf_secret", Output.ToString() + Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SplitModel_HasAllItsParts_AndALongListAllItsPages()
    {
        for (var part = 1; part <= 3; part++) Hub.With($"Q8_0/tea-Q8_0-0000{part}-of-00003.gguf", [.. Model, (byte)part]);
        Hub.With("tea-Q2_K.gguf", Model).PageEntries = 1;
        Assert.Equal(0, await PullAsync("tea/assam:q8_0"));
        Assert.Equal(3, Files().Length);
        Assert.Contains("serve --model " + PathOf("tea/assam/tea-Q8_0-00001-of-00003.gguf"), Output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UnknownRepository_IsSaid()
    {
        Assert.Equal(1, await PullAsync("coffee/arabica"));
        Assert.Contains("has no model coffee/arabica", Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task HubThatIsNotThere_IsSaid()
    {
        var hub = Hub.Address;
        await Hub.DisposeAsync();
        Assert.Equal(1, await PullAsync("tea/assam", hub: hub));
        Assert.Contains("cannot be reached", Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecondPull_OfTheSameModel_IsRefused()
    {
        Hub.With("tea.gguf", Model).Silence = new();
        Hub.Cuts.Enqueue(1000);
        var first = PullAsync("tea/assam");
        await Soon.UntilAsync(() => Hub.Asked.Count > 0); // so the file is the first one's: it is seen before it is locked
        Assert.Equal(1, await PullAsync("tea/assam"));
        Assert.Contains("is in use", Error.ToString(), StringComparison.Ordinal);
        Hub.Silence!.SetResult();
        Assert.True(await Soon.In(first) == 0, Output.ToString() + Error);
    }

    [Fact]
    public async Task ConnectionThatIsSilent_IsCut()
    {
        Hub.With("tea.gguf", Model).Silence = new();
        Hub.Cuts.Enqueue(1000);
        var pull = PullAsync("tea/assam", bounds: Hasty with { SilentMax = TimeSpan.FromMilliseconds(200) });
        Assert.Equal(0, await Soon.In(pull));
        Assert.Contains("has sent nothing", Output.ToString(), StringComparison.Ordinal);
    }
}
