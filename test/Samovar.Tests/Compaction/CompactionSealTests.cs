using System.Text.Json;
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
    public void Seal_WithAnotherLetterAnywhere_CutAnywhere_OrWrittenOtherwise_DoesNotOpen()
    {
        const string letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        var seals = File();
        var text = Enumerable.Range(0, 3).Select(more => seals.Seal(TenantId.Local, Window_("notes" + new string('.', more))))
            .First(text => text.EndsWith('=')); // then bits of its last letter say nothing
        Assert.True(Opens(text));
        for (var at = 0; at < text.Length; at++)
        {
            var other = text[at] == '=' ? 'A' : letters[letters.IndexOf(text[at], StringComparison.Ordinal) ^ 1];
            Assert.False(Opens(text[..at] + other + text[(at + 1)..]), $"letter {at}");
            Assert.False(Opens(text[..at]), $"cut at {at}");
            Assert.False(Opens(text[..at] + " " + text[at..]), $"a space at {at}");
        }
        Assert.False(Opens(text + "\n"));

        bool Opens(string changed)
        {
            try { return seals.Open(TenantId.Local, Item(changed), null).Notes is not null; }
            catch (ApiException refused) when (refused.Kind == Errors.SealBroken) { return false; }
        }
    }

    [Fact]
    public void KeysOfOneName_AllOpen_WhatTheySealed()
    {
        var seals = File();
        var first = seals.Seal(TenantId.Local, Window_("first"));
        var name = System.IO.File.ReadAllText(KeyPath).Split(' ')[0];
        System.IO.File.AppendAllText(KeyPath, $"{name} {Convert.ToBase64String(SealKey.Make().Bytes)}\n");
        var second = seals.Seal(TenantId.Local, Window_("second"));
        Assert.Equal(["first", "second"], new[] { first, second }.Select(text => File().Open(TenantId.Local, Item(text), null).Notes));
    }

    [Fact]
    public void LineThatIsHalfWritten_HidesNoKey()
    {
        var seals = File();
        var before = seals.Seal(TenantId.Local, Window_("before"));
        System.IO.File.AppendAllText(KeyPath, "2027 AAAA");
        var meanwhile = File().Seal(TenantId.Local, Window_("meanwhile")); // another process
        Assert.Equal(["before", "meanwhile"],
            new[] { before, meanwhile }.Select(text => File().Open(TenantId.Local, Item(text), null).Notes));
        Assert.Equal("meanwhile", seals.Open(TenantId.Local, Item(meanwhile), null).Notes);
    }

    [Fact]
    public async Task ServersThatBeginAtOnce_HaveOneKey()
    {
        var begin = new Barrier(8);
        var texts = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(() =>
        {
            begin.SignalAndWait(Soon.Token);
            return File().Seal(TenantId.Local, Window_("x"));
        }, Soon.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        var seals = File();
        Assert.All(texts, text => Assert.Equal("x", seals.Open(TenantId.Local, Item(text), null).Notes));
        Assert.Equal(["compaction.keys"], Directory.GetFiles(Path.GetDirectoryName(KeyPath)!).Select(Path.GetFileName));
    }

    [Fact]
    public async Task LockThatAnotherProcessHolds_KeepsWaitingOnlyWhoNeedsTheFirstKey_OnceAndNotForEver()
    {
        var (time, lines) = (new ManualTime(), new LineLogger<SealKeyFile>());
        Directory.CreateDirectory(Path.GetDirectoryName(KeyPath)!);
        var held = new FileStream(KeyPath + ".lock", FileMode.CreateNew, FileAccess.Write, FileShare.None);
        var keys = new SealKeyFile(KeyPath, time, lines);
        var sealing = Task.Factory.StartNew(keys.Newest, Soon.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        await time.WhenArmed(TimeSpan.FromMilliseconds(20)).WaitAsync(Soon.Token); // it waits, and nothing spins
        Assert.Empty(keys.Find("x")); // what is sealed is opened meanwhile
        await Soon.UntilAsync(() =>
        {
            time.Advance(TimeSpan.FromMilliseconds(100));
            return sealing.IsCompleted;
        });
        Assert.Contains("compaction.keys.lock", Assert.Single(lines.Lines), StringComparison.Ordinal);
        var again = Task.Factory.StartNew(keys.Newest, Soon.Token, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.Same(again, await Task.WhenAny(again, time.WhenArmed(TimeSpan.FromMilliseconds(20))).WaitAsync(Soon.Token)); // nobody waits
        Assert.Equal((await sealing).Name, (await again).Name); // for the same again
        await held.DisposeAsync();
        System.IO.File.Delete(KeyPath + ".lock");
        Assert.NotEqual((await sealing).Name, keys.Newest().Name);
        Assert.True(System.IO.File.Exists(KeyPath));
    }

    [Fact]
    public void KeyFileThatCouldNotBeMade_IsMadeWhenItCan_AndTheKeyInMemoryStillOpens()
    {
        var folder = Path.GetDirectoryName(KeyPath)!;
        System.IO.File.WriteAllText(folder, "in the way");
        var seals = File();
        var first = seals.Seal(TenantId.Local, Window_("first"));
        System.IO.File.Delete(folder);
        var second = seals.Seal(TenantId.Local, Window_("second"));
        Assert.Equal(["first", "second"], new[] { first, second }.Select(text => seals.Open(TenantId.Local, Item(text), null).Notes));
        Assert.Equal((false, true), (File().Knows(Item(first)), File().Knows(Item(second))));
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

    private CompactionSeals File() => new(new SealKeyFile(KeyPath, TimeProvider.System, NullLogger<SealKeyFile>.Instance));

    private static Window Window_(string notes) => new([Ask.User("kept  \u2603")], notes, [], Window.ByModel);

    private static CompactionItem Item(string text) =>
        (CompactionItem)Conversations.Read($$"""{"type":"compaction","encrypted_content":{{JsonSerializer.Serialize(text)}}}""");
}
