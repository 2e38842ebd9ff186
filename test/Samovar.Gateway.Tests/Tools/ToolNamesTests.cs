using FsCheck;
using FsCheck.Fluent;
using Samovar.Gateway.Tools;
using Samovar.Protocol.Items;
using Samovar.Protocol.Json;

namespace Samovar.Gateway.Tests.Tools;

/// <summary>Tools sent as functions come back as themselves.</summary>
public sealed class ToolNamesTests
{
    private static readonly string[] Names = ["read", "write", "a", "a__b", "b", "b__c", "read_file", new string('n', 60), "x_1"];

    [Fact]
    public void EveryTool_ComesBack_WhateverTheListLooksLike()
    {
        var tool = Gen.Elements(Names).SelectMany(name => Gen.Elements(true, false).Select(isCustom => Make(name, isCustom)));
        var group = Gen.Elements(Names)
            .SelectMany(name => tool.ListOf(4).Select(tools => (Tool)new Tool.Namespace(name, null, [.. tools]) { Json = default }));
        var lists = Gen.OneOf(tool, group).ListOf(8);
        Prop.ForAll(lists.ToArbitrary(), tools => ComeBack([.. tools])).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void PlainFunction_KeepsItsName_WhereANamespacedOneWouldTakeIt()
    {
        var names = ToolNames.Of([new Tool.Namespace("a", null, [Make("b", false)]) { Json = default }, Make("a__b", false)]);
        Assert.Equal("a__b", names.Flat(null, "a__b"));
        Assert.NotEqual("a__b", names.Flat("a", "b"));
        Assert.True(names.HasClashes);
        Assert.Equal(new ToolName("b", "a", false), names.Original(names.Flat("a", "b")));
    }

    [Fact]
    public void Name_IsTheSameInEveryTurn_WhateverElseIsOffered()
    {
        var alone = ToolNames.Of([new Tool.Namespace("files", null, [Make("read", false)]) { Json = default }]);
        var among = ToolNames.Of(
            [Make("other", true), new Tool.Namespace("files", null, [Make("write", false), Make("read", false)]) { Json = default }]);
        Assert.Equal("files__read", alone.Flat("files", "read"));
        Assert.Equal(alone.Flat("files", "read"), among.Flat("files", "read"));
        Assert.Equal(alone.Flat("files", "read"), ToolNames.Of([]).Flat("files", "read"));
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData(null, "a.b/c d")]
    [InlineData("mcp.server", "lösche")]
    public void NameThatNoApiTakes_IsMadeToFit_AndLeadsBack(string? group, string name)
    {
        Tool tool = Make(name, isCustom: false);
        var names = ToolNames.Of([group is null ? tool : new Tool.Namespace(group, null, [tool]) { Json = default }]);
        Assert.Matches("^[a-zA-Z0-9_-]{1,64}$", names.Flat(group, name));
        Assert.Equal(names.Flat(group, name), ToolNames.Of([]).Flat(group, name));
        Assert.Equal(new ToolName(name, group, false), names.Original(names.Flat(group, name)));
    }

    [Theory]
    [InlineData("*** Begin Patch\n+ \"quoted\" \\ and é\n*** End Patch")]
    [InlineData("")]
    public void CustomInput_SurvivesItsArguments(string input) => Assert.Equal(input, CustomTools.Input(CustomTools.Arguments(input)));

    [Theory]
    [InlineData("plain text")]
    [InlineData("{\"other\":1}")]
    [InlineData("{\"input\":")]
    public void ArgumentsOfAModelThatDidNotFollow_AreTheInput(string arguments) => Assert.Equal(arguments, CustomTools.Input(arguments));

    private static bool ComeBack(List<Tool> tools)
    {
        var names = ToolNames.Of(tools);
        return names.Tools.All(tool => names.Original(tool.FlatName) == tool.Original
            && names.Flat(tool.Original.Namespace, tool.Original.Name) == tool.FlatName)
            && names.Tools.Select(tool => tool.FlatName).Distinct(StringComparer.Ordinal).Count() == names.Tools.Count
            && names.Tools.All(tool => tool.FlatName.Length <= 64)
            && tools.All(tool => tool is not (Tool.Function or Tool.Custom)
                || names.Tools.Any(seen => seen.Original is { Namespace: null } plain && plain.Name == NameOf(tool)));
    }

    private static string NameOf(Tool tool) => tool is Tool.Function function ? function.Name : ((Tool.Custom)tool).Name;

    private static Tool Make(string name, bool isCustom) => isCustom
        ? new Tool.Custom(name, null, null, null) { Json = default }
        : new Tool.Function(name, null, RawJson.Of("{}"), null) { Json = default };
}
