using System.Security.Cryptography;
using System.Text;
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
    [InlineData("""{"tenants":{"":["x"]}}""", "1 to 128 characters")]
    [InlineData("""{"tenants":{"alice":["sha256:12"]}}""", "without 64 hex digits")]
    [InlineData("""{"tenants":{"alice":["x"],"bob":["x"]}}""", "twice")]
    public void BrokenFile_IsRefused_WithItsReason(string text, string reason) =>
        Assert.Contains(reason, Assert.Throws<FormatException>(() => Read(text)).Message, StringComparison.Ordinal);

    [Fact]
    public void TooManyKeys_AreRefused() =>
        Assert.Contains("more than",
            Assert.Throws<FormatException>(() => KeyTable.Read("""{"tenants":{"a":["1","2","3"]}}"""u8.ToArray(), 2)).Message,
                StringComparison.Ordinal);

    private static KeyTable Read(string text) => KeyTable.Read(Encoding.UTF8.GetBytes(text), 100);
}
