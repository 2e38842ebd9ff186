using System.Threading.Channels;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using Samovar.Gateway.Attempts;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Wire.Http;
using Samovar.Protocol.Json;
using Samovar.Testing;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Attempts;

public sealed class ModelListsTests : IAsyncDisposable
{
    private readonly ManualTime _time = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<string> _asked = Channel.CreateUnbounded<string>();
    private Task _running = Task.CompletedTask;
    private UpstreamHttp? _http;

    [Fact]
    public async Task Destination_IsAsked_AtOnce_AndWhenItsListIsOld()
    {
        await using var upstream = await StartAsync("a", """{"data":[{"id":"one"},{"id":"two"}]}""");
        var pools = Run(Options("chat", upstream));
        Assert.Equal("/v1/models", await AskedAsync());
        await UntilAsync(() => Names(pools) is ["one", "two"]);
        upstream.Models = Answer("""{"data":[{"id":"three"}]}""");
        _time.Advance(TimeSpan.FromMinutes(10) - ModelLists.Round);
        Assert.Equal(["one", "two"], Names(pools));
        _time.Advance(ModelLists.Round);
        await AskedAsync();
        await UntilAsync(() => Names(pools) is ["three"]);
    }

    [Fact]
    public async Task MessagesDestination_IsAskedInItsOwnWay()
    {
        var version = "";
        await using var upstream = await StartAsync("a", "");
        upstream.Models = context =>
        {
            version = context.Request.Headers["anthropic-version"].ToString();
            return Answer("""{"data":[{"type":"model","id":"claude"}],"has_more":false}""")(context);
        };
        var pools = Run(Options("messages", upstream));
        Assert.Equal("/v1/models?limit=1000", await AskedAsync());
        await UntilAsync(() => Names(pools) is ["claude"]);
        Assert.Equal("2023-06-01", version);
    }

    [Theory]
    [InlineData("m", 1000)]
    [InlineData("*=other", 1000)]
    [InlineData("*", 0)]
    public async Task NobodyIsAsked_WhereNoNameIsPassedOn_OrNoListIsWanted(string models, int namesMax)
    {
        await using var upstream = await StartAsync("a", """{"data":[{"id":"one"}]}""");
        var options = Options("chat", upstream);
        options.ListedModelsMax = namesMax;
        options.Pools[0].Destinations[0].Models.Clear();
        options.Pools[0].Destinations[0].Models.Add(models);
        Run(options);
        Assert.False(_asked.Reader.TryRead(out _));
        Assert.Equal(namesMax == 0, _running.IsCompleted);
    }

    [Fact]
    public async Task DestinationThatIsNotThere_IsAskedInTheNextRound_AndHoldsUpNobody()
    {
        var gone = await StartAsync("gone", "");
        await using var silent = await StartAsync("silent", "");
        var hangs = new TaskCompletionSource();
        silent.Models = async context =>
        {
            await _asked.Writer.WriteAsync("silent");
            await hangs.Task.WaitAsync(context.RequestAborted);
        };
        await using var fine = await StartAsync("fine", """[{"id":"one"}]""");
        var options = Options("chat", gone, silent, fine);
        await gone.DisposeAsync();
        var pools = Run(options);
        Assert.Equal("silent", await AskedAsync());
        await Soon.In(_time.WhenArmed(options.ModelsTimeout));
        _time.Advance(options.ModelsTimeout);
        Assert.Equal("/v1/models", await AskedAsync());
        await UntilAsync(() => Names(pools, 2) is ["one"]);
        silent.Models = Answer("""{"data":[{"id":"late"}]}""");
        _time.Advance(ModelLists.Round);
        await UntilAsync(() => Names(pools, 1) is ["late"]);
    }

    [Theory]
    [InlineData(500, "", "old")]
    [InlineData(429, "", "old")]
    [InlineData(404, "", "")]
    [InlineData(200, "<html>", "")]
    [InlineData(200, """{"data":7}""", "")]
    [InlineData(200, """{"data":[7,null,{"id":7},{"id":""},{"name":"x"}]}""", "")]
    public async Task AnswerThatIsNoList_KeepsTheOldOne_OnlyWhereItMayPass(int status, string body, string expected)
    {
        await using var upstream = await StartAsync("a", """{"data":[{"id":"old"}]}""");
        var pools = Run(Options("chat", upstream));
        await UntilAsync(() => Names(pools) is ["old"]);
        var asked = pools.Current[0].Destinations[0].State.Listed.AskedAt;
        upstream.Models = Answer(body, status);
        _time.Advance(TimeSpan.FromMinutes(10));
        await UntilAsync(() => pools.Current[0].Destinations[0].State.Listed.AskedAt > asked);
        Assert.Equal(expected, string.Join(',', Names(pools)));
        Assert.False(_running.IsCompleted);
    }

    [Fact]
    public void NamesThatTellOfTheOperator_AreNotShown_AndThereAreOnlySoMany()
    {
        string[] names =
        [
            "a", "a", "org/b:7b", "models/gemini", "ft:gpt-4o:acme::1", "/data/model.gguf", "./m.gguf", @"C:\m.gguf", "C:/m.gguf",
            "~/m.gguf", @"\\\\host\\m", "x\\u0000y", new string('l', 257), "c", "d",
        ];
        var list = $$"""{"data":[{{string.Join(',', names.Select(name => $$"""{"id":"{{name.Replace(@":\", @":\\")}}"}"""))}}]}""";
        Assert.Equal(["a", "org/b:7b", "models/gemini", "c"], ModelList.Read(RawJson.Of(list), 4));
    }

    /// <summary>A name goes to the first pool that takes it, so what a later one lists is shown only where it comes that far.</summary>
    [Fact]
    public async Task List_HasConfiguredNamesFirst_EachOnce_AndNoneThatAnotherPoolWouldTake()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        var options = Options("chat", upstream);
        options.Pools[0].Destinations[0].Models.Add("own");
        options.Pools.Add(new PoolOptions
        {
            Name = "later",
            Destinations = { new DestinationOptions { Name = "b", Kind = "chat", BaseUrl = upstream.BaseUrl, Models = { "*" } } },
        });
        using var gateway = new TestGateway(options);
        gateway.Pools.Current[0].Destinations[0].State.Listed = new ModelList(["listed", "own"], 1);
        gateway.Pools.Current[1].Destinations[0].State.Listed = new ModelList(["never"], 1);
        Assert.Equal(["own", "listed"], gateway.Backend.ListedModels.Select(model => model.Name));
        Assert.Equal(["own"], gateway.Backend.Models.Select(model => model.Name));
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Soon.In(_running);
        _stopping.Dispose();
        _http?.Dispose();
    }

    private async Task<FakeUpstream> StartAsync(string name, string body)
    {
        var upstream = await FakeUpstream.StartAsync(name);
        upstream.Models = Answer(body);
        return upstream;
    }

    private RequestDelegate Answer(string body, int status = 200) => async context =>
    {
        await _asked.Writer.WriteAsync(context.Request.Path + context.Request.QueryString.ToString());
        context.Response.StatusCode = status;
        await context.Response.WriteAsync(body);
    };

    private PoolTable Run(UpstreamOptions options)
    {
        var pools = new PoolTable(options, _time, _ => null);
        _http = new UpstreamHttp(options);
        _running = new ModelLists(pools, _http, options, _time, NullLogger<ModelLists>.Instance).RunAsync(_stopping.Token);
        return pools;
    }

    private static UpstreamOptions Options(string kind, params FakeUpstream[] upstreams)
    {
        var options = TestGateway.Options(kind, upstreams);
        foreach (var destination in options.Pools[0].Destinations)
        {
            destination.Models.Clear();
            destination.Models.Add("*");
        }
        return options;
    }

    private Task<string> AskedAsync() => Soon.In(_asked.Reader.ReadAsync().AsTask());

    private static IReadOnlyList<string> Names(PoolTable pools, int destination = 0) =>
        pools.Current[0].Destinations[destination].State.Listed.Names;

    private static async Task UntilAsync(Func<bool> isSo)
    {
        while (!isSo())
        {
            Soon.Token.ThrowIfCancellationRequested();
            await Task.Yield();
        }
    }
}
