using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Compaction;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Testing;
using Samovar.Testing.Core;

namespace Samovar.Tests.Compaction;

public sealed class CompactionSealTests : IDisposable
{
    private static readonly TenantId Other = new("other");
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-seals-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Seal_OpensForItsTenant_WithTheSameFile_AfterARestart_AndSaysNothing()
    {
        var text = File().Seal(TenantId.Local, Window_("the secret notes"));
        Assert.StartsWith(CompactionItem.SamovarMark, text, StringComparison.Ordinal);
        var window = File().Open(TenantId.Local, Item(text), null);
        Assert.Equal(("the secret notes", "model"), (window.Notes, window.Method));
        Assert.Equal(Ask.User("kept  \u2603").Json, Assert.Single(window.Kept).Json);
        Assert.DoesNotContain("secret", System.Text.Encoding.Latin1.GetString(Convert.FromBase64String(text)), StringComparison.Ordinal);
        Assert.NotEqual(text, File().Seal(TenantId.Local, Window_("the secret notes")));
    }

    [Fact]
    public void Seal_OfAnotherTenant_OrChangedAnywhere_IsRefused_WhereItStands()
    {
        var seals = File();
        var text = seals.Seal(TenantId.Local, Window_("notes"));
        Refused(Other, text);
        var bytes = Convert.FromBase64String(text);
        for (var at = 4; at < bytes.Length; at += 3)
        {
            var changed = (byte[])bytes.Clone();
            changed[at] ^= 1;
            var item = Item(Convert.ToBase64String(changed));
            if (seals.Knows(item)) Refused(TenantId.Local, item.EncryptedContent);
        }

        void Refused(TenantId tenant, string sealedText)
        {
            var error = Assert.Throws<ApiException>(() => seals.Open(tenant, Item(sealedText), "input[3].encrypted_content"));
            Assert.Equal((400, "invalid_encrypted_content", "input[3].encrypted_content"),
                (error.Kind.Status, error.Kind.Code, error.Param));
            Assert.StartsWith($"The encrypted content {sealedText[..8]}... could not be verified. Reason: ", error.Message,
                StringComparison.Ordinal);
        }
    }

    [Fact]
    public void NewestKeySeals_AndOlderOnesStillOpen_WithoutARestart()
    {
        var seals = File();
        var old = seals.Seal(TenantId.Local, Window_("old"));
        var key = SealKey.Make();
        System.IO.File.AppendAllText(KeyPath, $"# next year's\n2027 {Convert.ToBase64String(key.Bytes)}\n");
        System.IO.File.SetLastWriteTimeUtc(KeyPath, System.IO.File.GetLastWriteTimeUtc(KeyPath).AddSeconds(5));
        var newer = seals.Seal(TenantId.Local, Window_("new"));
        Assert.Contains("2027", System.Text.Encoding.Latin1.GetString(Convert.FromBase64String(newer)), StringComparison.Ordinal);
        Assert.Equal(["old", "new"], new[] { old, newer }.Select(text => File().Open(TenantId.Local, Item(text), null).Notes));
        var lines = System.IO.File.ReadAllLines(KeyPath);
        System.IO.File.WriteAllText(KeyPath, lines[^1]); // the old one is gone
        Assert.False(File().Knows(Item(old)));
        Assert.True(File().Knows(Item(newer)));
    }

    [Fact]
    public void KeyFile_IsMadeOnFirstNeed_ForItsOwnerAlone()
    {
        var seals = File();
        Assert.False(seals.Knows(Item("gAAAA")));
        Assert.False(System.IO.File.Exists(KeyPath));
        seals.Seal(TenantId.Local, Window_("x"));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, System.IO.File.GetUnixFileMode(KeyPath));
        Assert.Equal(["compaction.keys"], Directory.GetFiles(Path.GetDirectoryName(KeyPath)!).Select(Path.GetFileName));
    }

    [Theory]
    [InlineData("")]
    [InlineData("name only")]
    [InlineData("k AAAA")]
    [InlineData("bad/name AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")]
    public void BrokenKeyFile_IsLeftAsItIs_AndAKeyInMemoryTakesItsPlace(string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(KeyPath)!);
        System.IO.File.WriteAllText(KeyPath, content);
        var seals = File();
        var text = seals.Seal(TenantId.Local, Window_("x"));
        Assert.Equal("x", seals.Open(TenantId.Local, Item(text), null).Notes);
        Assert.Equal(content, System.IO.File.ReadAllText(KeyPath));
        Assert.False(File().Knows(Item(text)));
    }

    [Fact]
    public async Task ForeignTenantsSeal_IsRefusedByTheTurn_AndOneOfAnotherKeyAsByAnyBackend()
    {
        var backend = new NotingBackend();
        using var house = new CoreHouse(backends: _ => [backend]);
        var text = house.Seals.Seal(Other, Window_("x"));
        var turn = house.Begin(Conversations.Request([Ask.User("a"), Item(text), Ask.User("b")]));
        var error = await Assert.ThrowsAsync<ApiException>(() => Soon.In(turn.Began));
        Assert.Equal((Errors.SealBroken, "input[1].encrypted_content"), (error.Kind, error.Param));
        Assert.Empty(backend.Seen);
    }

    private string KeyPath => Path.Combine(_folder, "data", "compaction.keys");

    private CompactionSeals File() => new(new SealKeyFile(KeyPath, NullLogger<SealKeyFile>.Instance));

    private static Window Window_(string notes) => new([Ask.User("kept  \u2603")], notes, [], Window.ByModel);

    private static CompactionItem Item(string text) =>
        (CompactionItem)Conversations.Read($$"""{"type":"compaction","encrypted_content":"{{text}}"}""");
}
