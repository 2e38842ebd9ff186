using Samovar.Gateway.Choice;
using Samovar.Gateway.Destinations;
using Samovar.Gateway.Faults;

namespace Samovar.Gateway.Tests.Choice;

/// <summary>Which upstream was asked, and with whose account, is not the client's to know.</summary>
public sealed class OwnAffairsTests
{
    [Theory]
    [InlineData("Rate limit reached for m in organization org-Ab12Cd34 on tokens per min.",
        "Rate limit reached for m in organization … on tokens per min.")]
    [InlineData("Project proj_9xYz01 has no access to m.", "Project … has no access to m.")]
    [InlineData("Incorrect API key provided: sk-abc1****wxyz.", "Incorrect API key provided: ….")]
    [InlineData("upstream connect error to 10.0.0.5:8080", "upstream connect error to …")]
    [InlineData("dial tcp [fd00::12]:8000 and [fe80::1%eth0] refused, see input[0] at [12:34]",
        "dial tcp … and … refused, see input[0] at [12:34]")]
    [InlineData("POST https://secret.example:8443/v1/responses failed", "POST …/responses failed")]
    [InlineData("no route to secret.example", "no route to …")]
    [InlineData("Invalid 'input[0].user_message': user-defined tools and sk-learn are not supported with top_p 1.0.",
        "Invalid 'input[0].user_message': user-defined tools and sk-learn are not supported with top_p 1.0.")]
    public void Words_AreLeftOut_OrStay(string said, string expected)
    {
        var options = new DestinationOptions { Name = "a", Kind = "chat", BaseUrl = "https://secret.example:8443/v1" };
        options.Models.Add("m");
        var upstreams = new UpstreamOptions();
        upstreams.Pools.Add(new PoolOptions { Name = "p", Destinations = { options } });
        var destination = new PoolTable(upstreams, TimeProvider.System, _ => null).Current[0].Destinations[0];
        var fault = new UpstreamFault(FaultKind.Refused, said, "code", 400);
        Assert.Equal(expected, OwnAffairs.LeftOut(fault, destination).Message);
    }
}
