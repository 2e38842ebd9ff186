using Samovar.Protocol.Ids;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;
using Samovar.Protocol.Requests;
using Samovar.Protocol.Responses;
using Samovar.Tests.Protocol;
using Samovar.Turns;

namespace Samovar.Tests.Turns;

/// <summary>What a frame takes over from the response that it continues, and what it says itself.</summary>
public sealed class SettingsTests
{
    private const string Before = """
        "model":"m","instructions":"I","tools":[{"type":"function","name":"f"}],"store":false,"parallel_tool_calls":false,
        "temperature":0.5,"top_p":0.5,"top_k":5,"min_p":0.5,"stop":["z"],"presence_penalty":1,"frequency_penalty":1,"seed":5,
        "logit_bias":{"5":1},"max_output_tokens":500,"reasoning":{"effort":"low","summary":"auto","context":"all_turns","mode":"pro"},
        "text":{"verbosity":"low","format":{"type":"json_schema","name":"n","schema":{}}},"truncation":"auto","prompt_cache_key":"k",
        "safety_identifier":"s","context_management":[{"type":"compaction","compact_threshold":5000}],"chat_template_kwargs":{"a":1}
        """;

    private static readonly Response Parent = ResponseOf(Read("{\"input\":\"x\"," + Before + "}"));

    public static TheoryData<string> Names => [.. Read("{\"input\":\"x\"," + Before + "}").Fields.Select(said => said.Key).Skip(1)];

    [Theory]
    [MemberData(nameof(Names))]
    public void FieldThatIsNull_IsTakenOver_AsOneThatIsNotThere(string name) =>
        Assert.Equal(After("{\"input\":\"x\"}"), After($$"""{"input":"x","{{name}}":null}"""));

    [Fact]
    public void FieldsThatAreNotThere_AreAllTakenOver()
    {
        var parent = Parent.Request with { Instructions = Parent.Instructions, Tools = Parent.Tools };
        Assert.True(After("{\"input\":\"x\"}").HasSettingsOf(parent));
    }

    [Theory]
    [InlineData("""{"verbosity":"high"}""", "high")]
    [InlineData("""{"format":null}""", "low")]
    [InlineData("""{}""", "low")]
    public void PartsOfText_AreEachTakenOver(string text, string verbosity)
    {
        var after = After($$"""{"input":"x","text":{{text}}}""");
        Assert.Equal((verbosity, Parent.Request.Format), (after.Verbosity, after.Format));
    }

    [Fact]
    public void WhatIsNamedAsEmpty_IsTakenAway()
    {
        var after = After("""
            {"input":"x","instructions":"","tools":[],"stop":[],"text":{"format":{"type":"text"}},"truncation":"disabled",
             "context_management":[],"chat_template_kwargs":{},"parallel_tool_calls":true}
            """);
        Assert.Equal(("", 0, 0), (after.Instructions, after.Tools!.Tools.Count, after.Stop.Count));
        Assert.Equal((TextFormat.Default, false, null, true, true),
            (after.Format, after.TruncationAuto, after.Compaction, after.TemplateVariables.IsEmpty, after.ParallelToolCalls));
        Assert.Equal("low", after.Verbosity);
    }

    private static CreateRequest After(string frame) => Settings.TakeOver(Read(frame), Parent) with { Fields = [], Input = [], Bytes = 0 };

    private static CreateRequest Read(string json) =>
        CreateRequestReader.Read(Samples.Utf8(json), CreateRequestOrigin.Http, ProtocolLimits.Default);

    private static Response ResponseOf(CreateRequest request) => new()
    {
        Id = new ResponseId("resp_1"), CreatedAt = default, Status = ResponseStatus.Completed, Model = "m",
        Request = request.Settings(), Instructions = request.Instructions, Tools = request.Tools ?? ToolList.Empty,
    };
}
