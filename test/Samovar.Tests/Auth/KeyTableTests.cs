using System.Security.Cryptography;
using System.Text;
using Samovar.Protocol.Ids;
using Samovar.Quotas;
using Samovar.Server.Auth;

namespace Samovar.Tests.Auth;

public class KeyTableTests
{
    [Fact]
    public void Key_FindsItsTenant_AndNoOther()
    {
        var table = Read("""{"tenants":{"alice":["sk-a1","sk-a2"],"bob":["sk-b"]}}""");
        Assert.Equal("alice", table.Find("sk-a2")?.Tenant.Value);
        Assert.Equal("bob", table.Find("sk-b")?.Tenant.Value);
        Assert.Null(table.Find("sk-c"));
        Assert.Null(table.Find(""));
        Assert.Null(table.Find("SK-B"));
    }

    [Fact]
    public void HashedKey_IsFound_ByItsPlainText()
    {
        var hash = Convert.ToHexString(SHA256.HashData("secret"u8));
        Assert.Equal("alice", Read($$$"""{"tenants":{"alice":["sha256:{{{hash}}}"]}}""").Find("secret")?.Tenant.Value);
    }

    [Fact]
    public void ByteOrderMark_IsNoFault() =>
        Assert.Equal("alice", Read("\ufeff" + """{"tenants":{"alice":["sk-a"]}}""").Find("sk-a")?.Tenant.Value);

    /// <summary>Each look is one, and none over all keys: that would be ten thousand million comparisons.</summary>
    [Fact]
    public void EveryKey_IsFound_AmongAHundredThousand()
    {
        var keys = string.Join(',', Enumerable.Range(0, 100_000).Select(number => $"\"k{number}\""));
        var table = KeyTable.Read(Encoding.UTF8.GetBytes($$$"""{"tenants":{"alice":["other"],"bob":[{{{keys}}}]}}"""), 100_001);
        Assert.Equal(100_001, table.Count);
        for (var number = 0; number < 100_000; number++) Assert.NotNull(table.Find($"k{number}"));
        Assert.Null(table.Find("k100000"));
        Assert.Null(table.Find(SHA256.HashData("k1"u8).AsSpan()[..31]));
        Assert.Equal("bob", table.Find(SHA256.HashData("k1"u8))?.Tenant.Value);
    }

    [Fact]
    public void Operators_AreTheTenantsThatAreNamed()
    {
        var table = Read("""{"tenants":{"alice":["sk-a"],"bob":["sk-b"]},"operators":["bob"]}""");
        Assert.Equal((false, true), (table.Find("sk-a")!.IsOperator, table.Find("sk-b")!.IsOperator));
    }

    [Theory]
    [InlineData("""{"tenants":{"alice":["x"]},"operators":"alice"}""", "operators must be an array")]
    [InlineData("""{"tenants":{"alice":["x"]},"operators":["carol"]}""", "\"carol\", which is not a tenant")]
    [InlineData("[]", "must be an object")]
    [InlineData("nonsense", "it is not JSON")]
    [InlineData("""{"keys":[]}""", "must be an object with a property 'tenants'")]
    [InlineData("""{"tenants":{}}""", "it holds no key")]
    [InlineData("""{"tenants":{"alice":"sk"}}""", "tenants.alice must be an array")]
    [InlineData("""{"tenants":{"alice":[1]}}""", "tenants.alice must hold strings")]
    [InlineData("""{"tenants":{"alice":[""]}}""", "tenants.alice must hold strings")]
    [InlineData("""{"tenants":{"alice":["abc "]}}""", "tenants.alice holds a key with white space")]
    [InlineData("""{"tenants":{"alice":["\tabc"]}}""", "tenants.alice holds a key with white space")]
    [InlineData("""{"tenants":{"":["x"]}}""", "1 to 128 characters")]
    [InlineData("""{"tenants":{"alice":["sha256:12"]}}""", "without 64 hex digits")]
    [InlineData("""{"tenants":{"alice":["x"],"bob":["x"]}}""", "twice")]
    [InlineData("""{"tenants":{"alice":["x"]},"quotas":[]}""", "quotas must be an object")]
    [InlineData("""{"tenants":{"alice":["x"]},"quotas":{"bob":{}}}""", "quotas names 'bob', which is not a tenant")]
    [InlineData("""{"tenants":{"alice":["x"]},"quotas":{"alice":{},"alice":{}}}""", "quotas names 'alice' twice")]
    [InlineData("""{"tenants":{"alice":["x"]},"quotas":{"*":5}}""", "quotas.* must be an object")]
    [InlineData("""{"tenants":{"alice":["x"]},"quotas":{"*":{"requests":5}}}""", "quotas.* has 'requests'; there are requests_per_minute")]
    [InlineData("""{"tenants":{"alice":["x"]},"quotas":{"*":{"turns_at_once":0}}}""", "turns_at_once must be a whole number from 1")]
    [InlineData("""{"tenants":{"alice":["x"]},"quotas":{"*":{"stored_bytes":1.5}}}""", "quotas.*.stored_bytes must be a whole number")]
    [InlineData("""{"tenants":{"alice":["x"]},"quotas":{"*":{"tokens_per_minute":"9"}}}""", "quotas.*.tokens_per_minute must be a whole")]
    public void BrokenFile_IsRefused_WithItsReason(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void Quotas_AreATenantsOwn_OrTheOneOfAllOthers()
    {
        const string tenants = """{"tenants":{"alice":["sk-a"],"bob":["sk-b"]}""";
        var quotas = Read(tenants + """
            ,"quotas":{"alice":{"requests_per_minute":600,"stored_bytes":0},"*":{"tokens_per_minute":5000000000,"turns_at_once":3}}}
            """).Quotas;
        Assert.Equal(new TenantQuota(600, null, null, 0), quotas.Of(new TenantId("alice"))); // nothing of the others'
        Assert.Equal(new TenantQuota(null, 5_000_000_000, 3, null), quotas.Of(new TenantId("bob")));
        Assert.Null(Read(tenants + "}").Quotas.Of(new TenantId("bob")));
    }

    [Fact]
    public void TooManyKeys_AreRefused() =>
        Assert.Contains("more than",
            Assert.Throws<FormatException>(() => KeyTable.Read("""{"tenants":{"a":["1","2","3"]}}"""u8.ToArray(), 2)).Message,
                StringComparison.Ordinal);

    private static KeyTable Read(string text) => KeyTable.Read(Encoding.UTF8.GetBytes(text), 100);
}
