using System.Text;
using Samovar.Chains;
using Samovar.Context;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Testing.Core;

namespace Samovar.Tests.Context;

public sealed class ToolCallCheckTests
{
    [Fact]
    public void EveryOutput_HasItsCall() => Assert.Empty(Check(Node([Ask.Call("a"), Ask.Call("b")]), Ask.Output("b"), Ask.Output("a")));

    [Fact]
    public void OutputWithoutCall_IsRefused()
    {
        var error = Assert.Throws<ApiException>(() => Check(Node([Ask.Call("a")]), Ask.Output("a"), Ask.Output("x")));
        Assert.Equal("No tool call found for function call output with call_id x.", error.Message);
        Assert.Equal(400, error.Kind.Status);
    }

    [Fact]
    public void UnansweredCall_IsRefused()
    {
        var error = Assert.Throws<ApiException>(() => Check(Node([Ask.Call("a"), Ask.Call("b")]), Ask.Output("a"), Ask.User("go on")));
        Assert.Equal("No tool output found for function call b.", error.Message);
    }

    /// <summary>Some providers run a call of their own, and say its result in the answer.</summary>
    [Fact]
    public void CallThatItsMakerRan_IsNobodysToAnswer()
    {
        var ran = ItemReader.Read("""
            {"type":"messages_block","role":"assistant","block":{"type":"tool_result","tool_use_id":"a","content":"x"}}
            """u8.ToArray(), ProtocolLimits.Default);
        Assert.Empty(Check(null, Ask.User("hi"), Ask.Call("a"), ran, Ask.User("and?")));
        Assert.Empty(ToolCallCheck.OpenCalls([Ask.Call("a"), ran], isIncomplete: false));
        Assert.Throws<ApiException>(() => Check(null, Ask.User("hi"), Ask.Call("b"), ran, Ask.User("and?")));
    }

    [Fact]
    public void WholeHistoryAtOnce_IsCheckedToo()
    {
        Assert.Empty(Check(null, Ask.User("hi"), Ask.Call("a"), Ask.Output("a"), Ask.User("and?")));
        Assert.Throws<ApiException>(() => Check(null, Ask.User("hi"), Ask.Call("a")));
        Assert.Throws<ApiException>(() => Check(null, Ask.Output("a")));
    }

    [Theory]
    [InlineData("""{"type":"function_call","call_id":"a","name":"f","arguments":"{\"x","status":"incomplete"}""")]
    [InlineData("""{"type":"custom_tool_call","call_id":"a","name":"f","input":"x","status":"incomplete"}""")]
    public void CallThatWasCutOff_NeedsNoOutput_WhenItIsSentBack(string call)
    {
        var cut = ItemReader.Read(Encoding.UTF8.GetBytes(call), ProtocolLimits.Default);
        Assert.Empty(Check(null, Ask.User("hi"), cut, Ask.User("go on")));
        Assert.Empty(Check(null, Ask.User("hi"), cut, Ask.Output("a")));
        var whole = ItemReader.Read(Encoding.UTF8.GetBytes(call.Replace("incomplete", "completed", StringComparison.Ordinal)
            .Replace("{\\\"x", "{}", StringComparison.Ordinal)), ProtocolLimits.Default);
        Assert.Throws<ApiException>(() => Check(null, Ask.User("hi"), whole, Ask.User("go on")));
    }

    [Theory]
    [InlineData("{\"q\": \"lon", false)]
    [InlineData("{", false)]
    [InlineData("", true)]
    [InlineData("{}", true)]
    [InlineData("no object", true)]
    public void HalfACall_NeedsNoOutput_ThoughNothingSaysThatItWasCutOff(string arguments, bool needsOutput)
    {
        var call = ItemWriter.FunctionCall("fc", "a", "f", arguments, null, ItemStatus.Completed);
        Assert.Equal(needsOutput, ToolCallCheck.OpenCalls([call], isIncomplete: false).Count > 0);
        if (needsOutput) Assert.Throws<ApiException>(() => Check(null, call, Ask.User("go on")));
        else Assert.Empty(Check(null, call, Ask.User("go on")));
    }

    [Fact]
    public void SecondOutput_OfAnOldCall_IsNoLie()
    {
        var old = Node([Ask.Call("a")]);
        var answered = Node([], old, [Ask.Output("a")]);
        Assert.Empty(Check(answered, Ask.Output("a")));
        Assert.Empty(Check(old, Ask.Output("a"), Ask.Output("a")));
    }

    [Fact]
    public void AsynchronousCall_MayWait_WhileTheChainGoesOn()
    {
        var asked = Node([Async("a"), Ask.Call("b")]);
        Assert.Equal(["b"], asked.OpenCalls);
        Assert.Throws<ApiException>(() => Check(asked, Ask.User("go on"))); // b is not one
        var waiting = Node([], asked, [Ask.Output("b")]);
        Assert.Empty(Check(waiting, Ask.User("go on")));
        var later = Node([], waiting, [Ask.User("go on")]);
        Assert.Empty(Check(later, Ask.User("and?"), Ask.Output("a")));
        Assert.Empty(Check(Node([], later), Ask.Output("a"))); // forks have it each
        Assert.Empty(Check(null, Ask.User("hi"), Async("a"), Ask.User("go on")));
        Assert.Empty(Check(null, Ask.User("hi"), Async("a"), Ask.User("go on"), Ask.Output("a")));
    }

    [Fact]
    public void AsynchronousOutput_IsGivenOnce()
    {
        var asked = Node([Async("a")]);
        var answered = Node([], Node([], asked, [Ask.User("go on")]), [Ask.Output("a")]);
        var error = Assert.Throws<ApiException>(() => Check(answered, Ask.Output("a")));
        Assert.Equal((400, "The output of tool call a was given already."), (error.Kind.Status, error.Message));
        Assert.Throws<ApiException>(() => Check(asked, Ask.Output("a"), Ask.Output("a")));
        Assert.Throws<ApiException>(() => Check(null, Async("a"), Ask.Output("a"), Ask.User("so"), Ask.Output("a")));
        Assert.Empty(Check(asked, Ask.Output("a"))); // beside the fork that has it
        Assert.Empty(Check(Node([Async("a")], answered), Ask.Output("a"))); // another call of that name
    }

    private static FunctionCallItem Async(string callId) =>
        ItemWriter.FunctionCall("fc_" + callId, callId, "look_later", "{}", null, ItemStatus.Completed, isAsync: true);

    [Fact]
    public void CallOfACarriedKind_MayBeAnswered_NeedNot()
    {
        var call = new OtherCallItem("shell_call", "s") { Json = RawJson.Of("{}") };
        var output = new OtherOutputItem("shell_call_output", "s", []) { Json = RawJson.Of("{}") };
        Assert.Empty(Check(Node([call]), Ask.User("hi")));
        Assert.Empty(Check(Node([call]), output));
        Assert.Empty(Check(Node([call]), Ask.Output("s"))); // Codex answers a local shell call with a function's output
        Assert.Throws<ApiException>(() => Check(null, output));
    }

    [Fact]
    public void WarmUp_MayLeaveCallsOpen_ItsContinuationMayNot()
    {
        var open = ToolCallCheck.Check(new TurnContext(null, [Ask.Call("a")]), generates: false);
        Assert.Equal(["a"], open);
        var warm = Node([], null, [Ask.Call("a")], open);
        Assert.Throws<ApiException>(() => Check(warm, Ask.User("hi")));
        Assert.Empty(Check(warm, Ask.Output("a")));
    }

    [Fact]
    public void CallThatWasCutOff_NeedsNoAnswer()
    {
        Item[] output = [Ask.Call("a"), Ask.Call("b")];
        Assert.Equal(["a", "b"], ToolCallCheck.OpenCalls(output, isIncomplete: false));
        Assert.Equal(["a"], ToolCallCheck.OpenCalls(output, isIncomplete: true));
    }

    private static IReadOnlySet<string> Check(ChainNode? parent, params Item[] input) =>
        ToolCallCheck.Check(new TurnContext(parent, input), generates: true);

    private static ChainNode Node(Item[] output, ChainNode? parent = null, Item[]? input = null, IReadOnlySet<string>? open = null) => new()
    {
        Tenant = TenantId.Local,
        Id = new ResponseId("resp_" + Guid.NewGuid()),
        Parent = parent,
        Input = input ?? [],
        OpenCalls = open ?? ToolCallCheck.OpenCalls(output, isIncomplete: false),
        Bytes = 1,
        Response = new Response
        {
            Id = default, CreatedAt = default, Status = ResponseStatus.Completed, Model = "m", Request = new CreateRequest(),
                Output = output,
        },
    };
}
