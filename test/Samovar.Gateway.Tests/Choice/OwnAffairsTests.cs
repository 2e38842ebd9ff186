using Samovar.Gateway.Choice;
using Samovar.Gateway.Faults;
using Samovar.Testing.Upstreams;

namespace Samovar.Gateway.Tests.Choice;

/// <summary>Which upstream was asked, and with whose account and under which name, is not the client's to know.</summary>
public sealed class OwnAffairsTests
{
    [Theory]
    [InlineData("Rate limit reached for m in organization org-Ab12Cd34 on tokens per min.",
        "Rate limit reached for m in organization … on tokens per min.")]
    [InlineData("Project proj_9xYz01 has no access to m.", "Project … has no access to m.")]
    [InlineData("Incorrect API key provided: sk-abc1****wxyz.", "Incorrect API key provided: ….")]
    [InlineData("Incorrect API key provided: na***ys. You can obtain an API key from https://console.x.ai.",
        "Incorrect API key provided: …. You can obtain an API key from https://console.x.ai.")]
    [InlineData("Incorrect API key provided: 'gsk_ab...yz'.", "Incorrect API key provided: '…'.")]
    [InlineData("Invalid API key: Ab12Cd34Ef56", "Invalid API key: …")]
    [InlineData("No API key: see **docs** and a*b.", "No API key: see **docs** and a*b.")]
    [InlineData("Team: 0f0e0d0c-1111-2222-3333-444455556666, API key ID: 0f0e0d0c-1111-2222-3333-444455556667, Check: A_B",
        "Team: …, API key ID: …, Check: A_B")]
    [InlineData("Item '0f0e0d0c-1111-2222-3333-444455556666' not found.", "Item '0f0e0d0c-1111-2222-3333-444455556666' not found.")]
    [InlineData("upstream connect error to 10.0.0.5:8080", "upstream connect error to …")]
    [InlineData("dial tcp [fd00::12]:8000 and [fe80::1%eth0] refused, see input[0] at [12:34]",
        "dial tcp … and … refused, see input[0] at [12:34]")]
    [InlineData("POST https://secret.example:8443/v1/responses failed", "POST …/responses failed")]
    [InlineData("no route to secret.example", "no route to …")]
    [InlineData("Invalid 'input[0].user_message': user-defined tools and sk-learn are not supported with top_p 1.0.",
        "Invalid 'input[0].user_message': user-defined tools and sk-learn are not supported with top_p 1.0.")]
    public void Words_AreLeftOut_OrStay(string said, string expected) =>
        Assert.Equal(expected, LeftOut(said, "m", "m", isQuoted: true));

    [Fact]
    public void OwnWords_Stay() => Assert.Equal("no route to secret.example", LeftOut("no route to secret.example", "m", "m", false));

    [Theory]
    [InlineData("The model `Qwen/Real-Name` does not exist.", "The model `nice` does not exist.")]
    [InlineData("Rate limit reached for qwen/real-name: try later", "Rate limit reached for nice: try later")]
    [InlineData("Qwen/Real-Name is at Qwen/Real-Name.", "nice is at nice.")]
    [InlineData("models/Qwen/Real-Name is not found", "models/nice is not found")]
    [InlineData("Qwen/Real-Name-2026-04-24, Qwen/Real-Name-20260424", "nice, nice")]
    [InlineData("Use Qwen/Real-Name-Large, Qwen/Real-Name.5, Qwen/Real-Name:8b or a-Qwen/Real-Name",
        "Use Qwen/Real-Name-Large, Qwen/Real-Name.5, Qwen/Real-Name:8b or a-Qwen/Real-Name")]
    public void ModelOfTheUpstream_HasTheNameThatTheClientKnows(string said, string expected) =>
        Assert.Equal(expected, LeftOut(said, "Qwen/Real-Name", "nice", isQuoted: true));

    [Theory]
    [InlineData("The main reason: model 'main' is gone, Model main is.", "The main reason: model 'nice' is gone, Model nice is.")]
    [InlineData("main is not here", "main is not here")]
    public void NameThatMayBeAWord_CountsWhereItIsSurelyTheModel(string said, string expected) =>
        Assert.Equal(expected, LeftOut(said, "main", "nice", isQuoted: true));

    /// <summary>The first fault is kept while another place is waited for; it has the same words when there is none.</summary>
    [Fact]
    public async Task FaultOfAnEarlierAttempt_IsAsDiscreet()
    {
        await using var upstream = await FakeUpstream.StartAsync("a");
        upstream.Raw = new RawAnswer(["""{"error":{"code":"insufficient_quota","message":"fake-model is spent for org-Ab12Cd34"}}"""])
        {
            Status = 429, ContentType = "application/json",
        };
        using var gateway = new TestGateway("chat", upstream);
        var turn = await gateway.TurnAsync(null, TestGateway.User("hi"));
        Assert.Equal(("insufficient_quota", "m is spent for …"), (turn.Error!.Kind.Code, turn.Error.Message));
    }

    private static string LeftOut(string said, string model, string asked, bool isQuoted)
    {
        var call = Calls.Of("chat", model: model, asked: asked, baseUrl: "https://secret.example:8443/v1");
        return OwnAffairs.LeftOut(new UpstreamFault(FaultKind.Refused, said, "code", 400) { IsQuoted = isQuoted }, call).Message;
    }
}
