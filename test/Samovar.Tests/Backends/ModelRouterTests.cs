using Samovar.Backends;

namespace Samovar.Tests.Backends;

public sealed class ModelRouterTests
{
    private static readonly FixedBackend One = new("small");
    private static readonly FixedBackend Two = new("large", "huge");

    [Theory]
    [InlineData("gpt-5")]
    [InlineData("small")]
    [InlineData(null)]
    public void OneModel_ServesEveryName(string? name) =>
        Assert.Equal(new RouteDecision.To(One, "small"), new ModelRouter([One], new RoutingOptions()).Route(name));

    [Fact]
    public void SeveralModels_AreTakenByName()
    {
        var router = new ModelRouter([One, Two], new RoutingOptions { Aliases = { ["gpt-5"] = "huge", ["lost"] = "nowhere" } });
        Assert.Equal(new RouteDecision.To(Two, "large"), router.Route("large"));
        Assert.Equal(new RouteDecision.To(Two, "huge"), router.Route("gpt-5"));
        Assert.Equal(new RouteDecision.Unknown("Large"), router.Route("Large"));
        Assert.Equal(new RouteDecision.Unknown("lost"), router.Route("lost"));
        Assert.Equal(new RouteDecision.NoName(), router.Route(null));
        Assert.Equal(["small", "large", "huge"], router.Models.Select(model => model.Name));
    }

    [Fact]
    public void NamelessRequest_GoesToTheDefaultModel() =>
        Assert.Equal(new RouteDecision.To(Two, "large"),
            new ModelRouter([One, Two], new RoutingOptions { DefaultModel = "large" }).Route(null));

    [Fact]
    public void NoModel_IsUnknown() =>
        Assert.Equal(new RouteDecision.Unknown("any"), new ModelRouter([], new RoutingOptions()).Route("any"));

    private sealed class FixedBackend(params string[] models) : IBackend
    {
        public IReadOnlyList<BackendModel> Models { get; } = [.. models.Select(name => new BackendModel(name, "test", null))];

        public IAsyncEnumerable<BackendEvent> RunAsync(BackendTurn turn, CancellationToken turnCancelled) =>
            throw new NotSupportedException();
    }
}
