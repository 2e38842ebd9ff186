using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Gateway.Destinations;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Server.Auth;
using Samovar.Testing;
using Samovar.Tests.Escaping;

namespace Samovar.Tests.Auth;

public sealed class KeyRingTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly ManualTime _time = new();
    private readonly AuthOptions _options = new();
    private readonly LineLogger<KeyRing> _logger = new();

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void WithoutAFile_EverybodyIsTheLocalTenant()
    {
        var ring = new KeyRing(new AuthOptions(), _time, NullLogger<KeyRing>.Instance);
        Assert.False(ring.NeedsKeys);
        Assert.Equal(TenantId.Local, ring.Find(null)?.Tenant);
        Assert.Equal(TenantId.Local, ring.Find("anything")?.Tenant);
    }

    [Fact]
    public void KeyThatGoesOn_IsATenantOfItsOwn_AndIsInNoName()
    {
        var callers = new CallerKeys(10);
        var ring = new KeyRing(new AuthOptions { PassKeysOn = true }, _time, NullLogger<KeyRing>.Instance, callers);
        var (one, other) = (ring.Find("sk-one")!.Tenant, ring.Find("sk-other")!.Tenant);
        Assert.NotEqual(one, other);
        Assert.Equal(one, ring.Find("sk-one")!.Tenant);
        Assert.DoesNotContain("sk-one", one.Value, StringComparison.Ordinal);
        Assert.Equal(("sk-one", "sk-other"), (callers.Of(one), callers.Of(other)));
        Assert.Equal(new Caller(TenantId.Local, IsOperator: true), ring.Find(null));
        Assert.False(ring.Find("sk-one")!.IsOperator); // anything is a key
        Assert.Null(ring.Find("no\u00a0header"));
    }

    [Theory]
    [InlineData(true, true, true)]
    [InlineData(true, false, true)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public void WhoSendsNoKey_SeesOthersKeysDoings_FromThisMachineAlone(bool isOnLoopback, bool passesKeys, bool isOperator)
    {
        var ring = new KeyRing(new AuthOptions { PassKeysOn = passesKeys }, _time, NullLogger<KeyRing>.Instance)
        {
            IsOnLoopback = isOnLoopback,
        };
        Assert.Equal(new Caller(TenantId.Local, isOperator), ring.Find(null));
    }

    [Fact]
    public void KeyTakenOut_StopsWorking_WhenTheFilesAgeIsReached()
    {
        var ring = Ring("""{"tenants":{"alice":["one","two"]}}""");
        Assert.NotNull(ring.Find("two"));
        Write("""{"tenants":{"alice":["one"]}}""", DateTime.UnixEpoch.AddYears(40));
        Assert.NotNull(ring.Find("two")); // still within the age
        _time.Advance(new AuthOptions().KeyFileAgeMax);
        Assert.Null(ring.Find("two"));
        Assert.NotNull(ring.Find("one"));
    }

    [Fact]
    public void BrokenFile_KeepsTheFormerKeys()
    {
        var ring = Ring("""{"tenants":{"alice":["one"]}}""");
        Assert.NotNull(ring.Find("one"));
        Write("{\"tenants\":", DateTime.UnixEpoch.AddYears(41));
        _time.Advance(new AuthOptions().KeyFileAgeMax);
        Assert.NotNull(ring.Find("one"));
        Assert.Null(ring.Find("two"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"tenants\":")]
    [InlineData("{\"tenants\":{\"alice\":[\"\\ud800\"]}}")]
    [InlineData(null)]
    public void FileThatCannotBeUsed_KeepsTheFormerKeys_ForItsGraceOnly(string? broken)
    {
        var ring = Ring("""{"tenants":{"alice":["one"]}}""");
        Assert.NotNull(ring.Find("one"));
        _time.Advance(TimeSpan.FromHours(3)); // nobody came for long: the grace begins with the first look
        if (broken is null) File.Delete(_path);
        else File.WriteAllText(_path, broken);
        Assert.NotNull(ring.Find("one"));
        _time.Advance(_options.KeyFileGraceMax - TimeSpan.FromSeconds(1));
        Assert.NotNull(ring.Find("one"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(ring.Find("one"));
        Assert.Equal(Errors.KeysUnreadable, Assert.Throws<ApiException>(() => ring.Require(new DefaultHttpContext().Request)).Kind);
        _time.Advance(_options.KeyFileAgeMax);
        Assert.Null(ring.Find("one"));
        Assert.Equal(2, _logger.Lines.Count(line => line.Contains("key file", StringComparison.Ordinal))); // when it begins and ends

        File.WriteAllText(_path, """{"tenants":{"alice":["one"]}}""");
        _time.Advance(_options.KeyFileAgeMax);
        Assert.NotNull(ring.Find("one"));
    }

    /// <summary>As .NET tells of EMFILE and ENFILE: that says nothing of the file.</summary>
    [Theory]
    [InlineData(24)]
    [InlineData(23)]
    public void ProcessWithoutHandles_KeepsItsKeys_AsLongAsThatLasts(int fault)
    {
        var isOut = false;
        _options.KeyFile = _path;
        Write("""{"tenants":{"alice":["one"]}}""", DateTime.UnixEpoch.AddYears(39));
        var ring = new KeyRing(_options, _time, _logger,
            read: (path, bytesMax) => isOut ? throw new IOException("Too many open files", fault) : KeyFile.Read(path, bytesMax));
        Assert.NotNull(ring.Find("one"));
        isOut = true;
        for (var time = TimeSpan.Zero; time < 2 * _options.KeyFileGraceMax; time += _options.KeyFileGraceMax / 4)
        {
            _time.Advance(_options.KeyFileGraceMax / 4);
            Assert.NotNull(ring.Find("one"));
            Assert.Null(ring.Find("two"));
        }
        Assert.Contains("no handle", Assert.Single(_logger.Lines.Skip(1)), StringComparison.Ordinal);
        (isOut, var broken) = (false, "{");
        File.WriteAllText(_path, broken);
        _time.Advance(_options.KeyFileAgeMax);
        Assert.NotNull(ring.Find("one")); // its grace begins now
        _time.Advance(_options.KeyFileGraceMax / 2);
        isOut = true;
        Assert.NotNull(ring.Find("one"));
        _time.Advance(_options.KeyFileGraceMax / 2);
        Assert.Null(ring.Find("one")); // what was known to be broken stays so
        isOut = false;
        File.WriteAllText(_path, """{"tenants":{"alice":["two"]}}""");
        _time.Advance(_options.KeyFileAgeMax);
        Assert.Null(ring.Find("one"));
        Assert.NotNull(ring.Find("two"));
    }

    [Fact]
    public void NewFile_OfTheSameTimeAndSize_Counts()
    {
        var ring = Ring("""{"tenants":{"alice":["one"]}}""");
        Assert.NotNull(ring.Find("one"));
        Write("""{"tenants":{"alice":["two"]}}""", DateTime.UnixEpoch.AddYears(39));
        _time.Advance(_options.KeyFileAgeMax);
        Assert.Null(ring.Find("one"));
        Assert.NotNull(ring.Find("two"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void LinkBehindALink_IsFollowed_AsSecretsAreSwapped(bool sameTime)
    {
        var folder = Directory.CreateTempSubdirectory("samovar-secret-");
        try
        {
            var (data, key) = (Path.Combine(folder.FullName, "..data"), Path.Combine(folder.FullName, "key.json"));
            Version("2026a", "one", 1);
            File.CreateSymbolicLink(data, "2026a");
            File.CreateSymbolicLink(key, "..data/key.json");
            var ring = new KeyRing(new AuthOptions { KeyFile = key }, _time, _logger);
            Assert.NotNull(ring.Find("one"));

            Version("2026b", "two", sameTime ? 1 : 2);
            File.Delete(data);
            File.CreateSymbolicLink(data, "2026b"); // the kubelet does it by a rename
            _time.Advance(_options.KeyFileAgeMax);
            Assert.Null(ring.Find("one"));
            Assert.NotNull(ring.Find("two"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        void Version(string name, string secret, int year)
        {
            var file = Path.Combine(folder.CreateSubdirectory(name).FullName, "key.json");
            File.WriteAllText(file, $$$"""{"tenants":{"alice":["{{{secret}}}"]}}""");
            File.SetLastWriteTimeUtc(file, DateTime.UnixEpoch.AddYears(year));
        }
    }

    [Fact]
    public void FileOfAnySize_IsNotRead()
    {
        Assert.SkipUnless(File.Exists("/dev/zero"), "needs a file without an end");
        var ring = new KeyRing(new AuthOptions { KeyFile = "/dev/zero" }, _time, _logger);
        Assert.Null(ring.Find("one"));
        Assert.Contains("KeyFileBytesMax", _logger.Lines[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task DiskThatHangs_HoldsUpOneRequest_AndEndsTheGrace()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a pipe with a name");
        var ring = Ring("""{"tenants":{"alice":["one"]}}""");
        Assert.NotNull(ring.Find("one"));
        File.Delete(_path);
        using (var made = Process.Start("mkfifo", [_path])) await made.WaitForExitAsync(Soon.Token);
        _time.Advance(_options.KeyFileAgeMax);
        var held = Task.Run(() => ring.Find("one")); // nobody writes into the pipe: it waits
        Assert.True(SpinWait.SpinUntil(() => ring.IsReading, TimeSpan.FromSeconds(30)));
        Assert.NotNull(ring.Find("one"));
        Assert.Single(_logger.Lines); // that the keys were loaded: a moment says nothing yet
        _time.Advance(TimeSpan.FromSeconds(5));
        for (var i = 0; i < 3; i++) Assert.NotNull(ring.Find("one"));
        Assert.Contains("has not answered", Assert.Single(_logger.Lines.Skip(1)), StringComparison.Ordinal);
        _time.Advance(_options.KeyFileGraceMax);
        for (var i = 0; i < 3; i++) Assert.Null(ring.Find("one"));
        Assert.Contains("No key is accepted", Assert.Single(_logger.Lines.Skip(2)), StringComparison.Ordinal);
        await using (var pipe = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) // no lock
            await pipe.WriteAsync(Encoding.UTF8.GetBytes("""{"tenants":{"alice":["one"]}}"""), Soon.Token);
        Assert.NotNull(await Soon.In(held));
    }

    [Fact]
    public async Task DiskThatHangsAtTheStart_HoldsUpNoRequest_AndTheStartForAWhileOnly()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs a pipe with a name");
        File.Delete(_path);
        using (var made = Process.Start("mkfifo", [_path])) await made.WaitForExitAsync(Soon.Token);
        var ring = new KeyRing(new AuthOptions { KeyFile = _path }, _time, _logger);
        var starting = ring.StartAsync(Soon.Token);
        await Soon.In(_time.WhenArmed(TimeSpan.FromSeconds(5)));
        Assert.True(SpinWait.SpinUntil(() => ring.IsReading, TimeSpan.FromSeconds(30)));
        Assert.Null(ring.Find("one"));
        Assert.Equal(Errors.KeysUnreadable, Assert.Throws<ApiException>(() => ring.Require(new DefaultHttpContext().Request)).Kind);
        _time.Advance(TimeSpan.FromSeconds(5));
        await Soon.In(starting);
        Assert.Contains("has not answered", Assert.Single(_logger.Lines), StringComparison.Ordinal);
        await using (var pipe = new FileStream(_path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite)) // no lock
            await pipe.WriteAsync(Encoding.UTF8.GetBytes("""{"tenants":{"alice":["one"]}}"""), Soon.Token);
        Assert.True(SpinWait.SpinUntil(() => !ring.IsReading, TimeSpan.FromSeconds(30)));
        File.Delete(_path);
        Write("""{"tenants":{"alice":["one"]}}""", DateTime.UnixEpoch.AddYears(40)); // the next look finds a file
        Assert.NotNull(ring.Find("one"));
    }

    private KeyRing Ring(string text)
    {
        Write(text, DateTime.UnixEpoch.AddYears(39));
        return new KeyRing(new AuthOptions { KeyFile = _path }, _time, _logger);
    }

    private void Write(string text, DateTime written)
    {
        File.WriteAllText(_path, text);
        File.SetLastWriteTimeUtc(_path, written);
    }
}
