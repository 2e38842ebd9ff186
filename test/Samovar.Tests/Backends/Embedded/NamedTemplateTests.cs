using Samovar.Backends.Embedded;
using Samovar.Engine;
using Samovar.Engine.Llama;
using Samovar.Templates.Values;
using Samovar.Testing.Models;

namespace Samovar.Tests.Backends.Embedded;

/// <summary>Files that have several chat templates.</summary>
public sealed class NamedTemplateTests
{
    private const string Messages = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}";
    private const string Plain = "\n plain " + Messages + " \n";
    private const string ToolUse = " \n tools{% for t in tools %} {{ t.function.name }}{% endfor %}\n" + Messages + "\n\n";

    private static readonly string[] Names = ["default", "tool_use"];

    [Fact]
    public void ToolUse_RendersWhereToolsAreGiven_EachAsItStands()
    {
        var talk = Talking(new EmbeddedOptions(), ToolUse);
        Assert.Null(talk.Backend.Model.TemplateUse.Fault);
        Assert.Null(talk.Backend.Model.ToolTemplateFault);
        object[] bodies = [new { input = "q" }, new { input = "q", tools = new[] { Talk.Function("find") } }];
        foreach (var (name, body) in Names.Zip(bodies))
        {
            var alone = Talking(new EmbeddedOptions { TemplateName = name }, ToolUse);
            Assert.Equal(alone.Text(alone.Plan(null, body)), talk.Text(talk.Plan(null, body)));
        }
        Assert.StartsWith(" \n tools find", talk.Text(talk.Plan(null, bodies[1])), StringComparison.Ordinal);
    }

    [Fact]
    public void Operator_ChoosesOneByItsName()
    {
        foreach (var name in Names)
        {
            var talk = Talking(new EmbeddedOptions { TemplateName = name }, ToolUse);
            var start = name == "default" ? "\n plain" : " \n tools";
            Assert.StartsWith(start, talk.Text(talk.Plan(null, new { input = "q" })), StringComparison.Ordinal);
        }
        var fault = Assert.Throws<TemplateException>(() => Talking(new EmbeddedOptions { TemplateName = "rag" }, ToolUse).Backend);
        Assert.Contains("default, tool_use", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BrokenToolUse_GivesWayToThePlainTemplate()
    {
        var talk = Talking(new EmbeddedOptions(), "{% if %}");
        Assert.Null(talk.Backend.Model.TemplateUse.Fault);
        Assert.NotNull(talk.Backend.Model.ToolTemplateFault);
        Assert.StartsWith("\n plain", talk.Text(talk.Plan(null, new { input = "q" })), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_AreReadFromTheFile()
    {
        var path = Path.Combine(Directory.CreateTempSubdirectory("samovar-named-").FullName, "named.gguf");
        var templates = new Dictionary<string, string> { ["tool_use"] = ToolUse, ["rag"] = "x" };
        RandomModel.Write(path, RandomModelSize.Tiny, WeightType.F32, templates: templates);
        await using (var engine = LlamaEngine.Load(
            new EngineOptions { ModelPath = path, ContextTokens = 512, Streams = 1, Threads = 1 }, TimeProvider.System))
        {
            Assert.Equal(["rag", "tool_use"], engine.Model.NamedTemplates.Keys.Order(StringComparer.Ordinal));
            Assert.Equal(ToolUse, engine.Model.NamedTemplates["tool_use"]);
        }
        Directory.Delete(Path.GetDirectoryName(path)!, recursive: true);
    }

    private static Talk Talking(EmbeddedOptions options, string toolUse)
    {
        var talk = new Talk(Families.ChatMl with { Template = Plain }, options);
        talk.Engine.Model = talk.Engine.Model with { NamedTemplates = new Dictionary<string, string> { ["tool_use"] = toolUse } };
        return talk;
    }
}
