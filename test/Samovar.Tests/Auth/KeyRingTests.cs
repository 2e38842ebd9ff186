using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Protocol.Ids;
using Samovar.Server.Auth;
using Samovar.Testing;

namespace Samovar.Tests.Auth;

public sealed class KeyRingTests : IDisposable
{
    private readonly string _path = Path.GetTempFileName();
    private readonly ManualTime _time = new();

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

    private KeyRing Ring(string text)
    {
        Write(text, DateTime.UnixEpoch.AddYears(39));
        return new KeyRing(new AuthOptions { KeyFile = _path }, _time, NullLogger<KeyRing>.Instance);
    }

    private void Write(string text, DateTime written)
    {
        File.WriteAllText(_path, text);
        File.SetLastWriteTimeUtc(_path, written);
    }
}
