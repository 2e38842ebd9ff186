using Samovar.Gateway.Destinations;

namespace Samovar.Gateway.Tests.Destinations;

public sealed class PoolsCheckTests
{
    [Fact]
    public void EveryFault_IsReportedAtOnce_WithItsPlace()
    {
        var options = new UpstreamOptions
        {
            Pools =
            [
                new PoolOptions
                {
                    Name = "p",
                    PromptCacheKey = "random", Compaction = "sometimes",
                    Aliases = { "fast=nobody-serves-this" },
                    Destinations =
                    [
                        new DestinationOptions { Name = "a", Kind = "telnet", BaseUrl = "not an address" },
                        new DestinationOptions { Name = "a", Kind = "chat", Dialect = "anthropic", BaseUrl = "http://user:key@host/v1",
                            Models = { "m" }, Weight = 0, Thinking = "much" },
                    ],
                },
                new PoolOptions { Name = "p" },
            ],
        };
        Assert.Equal(
            [
                "Upstream:Pools has 'p' more than once.",
                "Upstream:Pools:Destinations has 'a' more than once.",
                "Upstream:Pools:0:PromptCacheKey 'random' is not one of client, conversation, prefix.",
                "Upstream:Pools:0:Compaction 'sometimes' is not one of auto, upstream, samovar.",
                "Upstream:Pools:0:Aliases 'fast=nobody-serves-this' names a model that no destination serves.",
                "Upstream:Pools:0:Destinations:0:Kind 'telnet' is not one of responses-ws, responses-http, responses-link, chat, messages.",
                "Upstream:Pools:0:Destinations:0:BaseUrl 'not an address' is not an http or https address.",
                "Upstream:Pools:0:Destinations:0:Models is empty; '*' passes any name on.",
                "Upstream:Pools:0:Destinations:1:Dialect 'anthropic' does not go with Kind 'chat'.",
                "Upstream:Pools:0:Destinations:1:BaseUrl must not hold a user name or a key.",
                "Upstream:Pools:0:Destinations:1:Weight 0 is not between 0 and 1000.",
                "Upstream:Pools:0:Destinations:1:Thinking 'much' is not one of budget, adaptive.",
                "Upstream:Pools:1:Destinations is empty.",
            ],
            PoolsCheck.Errors(options));
    }

    [Fact]
    public void Key_IsWrittenIntoItsHeader_AndNowhereElse()
    {
        var options = new DestinationOptions { Name = "a", Kind = "chat", BaseUrl = "http://h/v1", KeyEnvironment = "MY_KEY",
            Models = { "*" } };
        var destination = new Destination(options, new DestinationState(options, new UpstreamOptions(), TimeProvider.System), name =>
            name == "MY_KEY" ? "sk-secret" : null);
        var headers = new List<(string, string)>();
        destination.Authorize((name, value) => headers.Add((name, value)));
        Assert.Equal([("Authorization", "Bearer sk-secret")], headers);
        Assert.DoesNotContain("sk-secret", $"{destination} {DestinationKey.Read(options, destination.Dialect, _ => "sk-secret")}",
            StringComparison.Ordinal);
    }

    [Fact]
    public void MissingKey_IsReportedByItsPlace()
    {
        var options = new UpstreamOptions
        {
            Pools = [new PoolOptions { Name = "p",
                Destinations = [new DestinationOptions { Name = "a", Kind = "chat", BaseUrl = "http://h/v1", KeyEnvironment = "MY_KEY",
                Models = { "*" } }] }],
        };
        var error = Assert.Throws<InvalidOperationException>(() => new PoolTable(options, TimeProvider.System, _ => null));
        Assert.Contains("MY_KEY", error.Message, StringComparison.Ordinal);
        Assert.Equal(
            [$"Upstream:Pools:0:Destinations:0:KeyEnvironment: {error.Message}"],
            new PoolsCheck(_ => null).Validate(null, options).Failures);
    }

    [Theory]
    [InlineData("sk-secret\n", null)]
    [InlineData("", "is blank")]
    [InlineData(" \r\n", "is blank")]
    [InlineData("sk-\nsecret", "holds a character that no key has")]
    [InlineData("sk secret", "holds a character that no key has")]
    [InlineData("Basic secret", null, "Authorization")]
    [InlineData("sk-sécret", "holds a character that no key has")]
    [InlineData("sk-secret", "cannot be read", null, true)]
    public void KeyFile_HoldsAKey_OrIsAFault(string content, string? fault, string? header = null, bool isHeld = false)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, content);
            var options = Valid(destination => (destination.KeyFile, destination.KeyHeader) = (file, header));
            using var held = isHeld ? new FileStream(file, FileMode.Open, FileAccess.ReadWrite, FileShare.None) : null;
            var failures = new PoolsCheck(_ => null).Validate(null, options).Failures;
            if (fault is null)
            {
                Assert.Null(failures);
                string? sent = null;
                new PoolTable(options, TimeProvider.System, _ => null).Current[0].Destinations[0].Authorize((_, value) => sent = value);
                Assert.Equal(header is null ? "Bearer " + content.Trim() : content, sent);
                return;
            }
            var said = Assert.Single(failures!);
            Assert.Equal($"Upstream:Pools:0:Destinations:0:KeyFile: Destination 'a': the key file '{file}' {fault}.", said);
            Assert.DoesNotContain("secret", said, StringComparison.Ordinal);
            Assert.Throws<InvalidOperationException>(() => new PoolTable(options, TimeProvider.System, _ => null));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory]
    [InlineData(" ", "the variable 'MY_KEY' is blank")]
    [InlineData("sk\nsecret", "the variable 'MY_KEY' holds a character that no key has")]
    public void KeyOfTheEnvironment_IsAKey_OrIsAFault(string content, string fault)
    {
        var options = Valid(destination => destination.KeyEnvironment = "MY_KEY");
        Assert.Equal([$"Upstream:Pools:0:Destinations:0:KeyEnvironment: Destination 'a': {fault}."],
            new PoolsCheck(_ => content).Validate(null, options).Failures);
    }

    [Fact]
    public void KeyFile_ThatNeverEnds_IsReadNoFurtherThanAKeyIsLong()
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, new string('x', 1 << 20));
            var options = Valid(destination => destination.KeyFile = file);
            Assert.Contains("longer than", Assert.Single(new PoolsCheck(_ => null).Validate(null, options).Failures!),
                StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void NewConfiguration_KeepsTheStateOfDestinationsThatStay()
    {
        var options = Options("http://one/v1");
        var pools = new PoolTable(options, TimeProvider.System, _ => null);
        var before = pools.Current[0].Destinations[0].State;
        pools.Apply(options);
        Assert.Same(before, pools.Current[0].Destinations[0].State);
        pools.Apply(Options("http://two/v1"));
        Assert.NotSame(before, pools.Current[0].Destinations[0].State);
    }

    private static UpstreamOptions Options(string url) => new()
    {
        Pools = [new PoolOptions { Name = "p",
            Destinations = [new DestinationOptions { Name = "a", Kind = "chat", BaseUrl = url, Models = { "m" } }] }],
    };

    [Theory]
    [InlineData("/health", null)]
    [InlineData("/v1/models?limit=1", null)]
    [InlineData("//evil.example/x", "has '//' in it")]
    [InlineData("/a//b", "has '//' in it")]
    [InlineData("/\\evil.example", "holds a character")]
    [InlineData("\\\\evil.example", "does not begin with '/'")]
    [InlineData("http://evil.example/", "does not begin with '/'")]
    [InlineData("health", "does not begin with '/'")]
    [InlineData("/x#y", "holds a character")]
    [InlineData("/x y", "holds a character")]
    [InlineData("/x\r\nHost: evil", "holds a character")]
    [InlineData("/\t/evil.example", "holds a character")]
    [InlineData("/a/../b", "'.' or '..'")]
    [InlineData("/a/%2e%2E/b", "'.' or '..'")]
    [InlineData("/a%2f..%5cb", "'.' or '..'")]
    public void HealthPath_StaysOnItsOwnHost(string path, string? fault)
    {
        var options = Valid(destination => destination.HealthPath = path);
        if (fault is null) Assert.Empty(PoolsCheck.Errors(options));
        else Assert.Contains(fault, Assert.Single(PoolsCheck.Errors(options)), StringComparison.Ordinal);
        if (fault is not null) return;
        var destination = options.Pools[0].Destinations[0];
        var uri = new Destination(destination, new DestinationState(destination, options, TimeProvider.System), _ => null).UriOf(path);
        Assert.Equal("http://h:81" + path, uri.ToString());
    }

    [Theory]
    [InlineData("http://h", null)]
    [InlineData("https://h:8443/v1/", null)]
    [InlineData("http://[::1]:80/v1", null)]
    [InlineData("http://h/v1?x=1", "must end with its path")]
    [InlineData("http://h/v1#x", "must end with its path")]
    [InlineData("http://h/v1 ", "holds a character")]
    [InlineData("http://h\\v1", "BaseUrl 'http://")]
    [InlineData("http://h//v1", "has '//' in its path")]
    [InlineData("http://h/a/../v1", "'.' or '..'")]
    [InlineData("http://", "is not an http or https address")]
    [InlineData("file:///etc/passwd", "is not an http or https address")]
    public void BaseUrl_IsAnAddressAndNoMore(string url, string? fault)
    {
        var errors = PoolsCheck.Errors(Valid(destination => destination.BaseUrl = url)).ToList();
        if (fault is null) Assert.Empty(errors);
        else Assert.Contains(fault, Assert.Single(errors), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("x-api-key", true)]
    [InlineData("x api key", false)]
    [InlineData("x-api-key:", false)]
    [InlineData("", false)]
    public void KeyHeader_IsAHeadersName(string name, bool isGood) =>
        Assert.Equal(isGood, !PoolsCheck.Errors(Valid(destination => destination.KeyHeader = name)).Any());

    [Fact]
    public void PathThatWasNotChecked_LeadsToNoOtherHost()
    {
        var options = Valid(_ => { }).Pools[0].Destinations[0];
        var destination = new Destination(options, new DestinationState(options, new UpstreamOptions(), TimeProvider.System), _ => null);
        foreach (var path in new[] { "//evil.example/x", "http://evil.example/", "\\\\evil.example", "https://h:81/x", "http://h:82/x" })
            Assert.Throws<InvalidOperationException>(() => destination.UriOf(path));
    }

    private static UpstreamOptions Valid(Action<DestinationOptions> change)
    {
        var destination = new DestinationOptions { Name = "a", Kind = "chat", BaseUrl = "http://h:81/v1", Models = { "*" } };
        change(destination);
        return new UpstreamOptions { Pools = [new PoolOptions { Name = "p", Destinations = [destination] }] };
    }
}
