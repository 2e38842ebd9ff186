using Samovar.Context;
using Samovar.Testing.Core;

namespace Samovar.Tests.Context;

/// <summary>Errors name a field that the client's request has.</summary>
public sealed class TurnContextTests
{
    [Theory]
    [InlineData(0, false, 1, "input[1].content")]
    [InlineData(3, false, 1, "input[4].content")] // behind a history that was resent
    [InlineData(-2, true, 1, "conversation")] // brought by the conversation
    [InlineData(-2, true, 2, "input[0].content")]
    [InlineData(0, false, -1, "previous_response_id")] // the last item of a request that has none
    [InlineData(0, true, -1, "conversation")]
    public void PlaceOfAnItem_IsWhereTheRequestHasIt_OrWhatTheRequestNamesForIt(int start, bool isOfConversation, int at, string param)
    {
        var context = new TurnContext(null, [Ask.User("a"), Ask.User("b"), Ask.User("c")])
        {
            InputStart = start, IsOfConversation = isOfConversation,
        };
        Assert.Equal(param, context.ParamOf(at, ".content"));
    }
}
