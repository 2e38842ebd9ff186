using System.Text.Json;
using Samovar.Templates;
using Samovar.Templates.Syntax;
using Samovar.Templates.Values;

namespace Samovar.Templates.Tests;

public sealed class ChatTemplateTests
{
    private static readonly Dictionary<string, TemplateValue> NoVariables = [];

    [Theory]
    [InlineData("ab\n {{ 1 + }}", 2, 9)]
    [InlineData("{% if x %}\n\n{% endfor %}", 3, 4)]
    [InlineData("x {{ 'open }}", 1, 6)]
    public void BadSyntax_IsRefused_WithItsPlace(string source, int line, int column)
    {
        var fault = Assert.Throws<TemplateException>(() => ChatTemplate.Parse(source));
        Assert.Equal((line, column), (fault.Line, fault.Column));
    }

    [Fact]
    public void FaultyRender_NamesItsPlace()
    {
        var fault = Assert.Throws<TemplateException>(() => Render("a\n  {{ nope.x }}"));
        Assert.Equal((2, false), (fault.Line, fault.RaisedByTemplate));
        Assert.Equal("'nope' is undefined.", fault.Reason);
    }

    [Fact]
    public void RaiseException_IsToldApartFromAFault()
    {
        var fault = Assert.Throws<TemplateException>(() => Render("{{ raise_exception('no such role') }}"));
        Assert.True(fault.RaisedByTemplate);
        Assert.Equal("no such role", fault.Reason);
    }

    [Fact]
    public void LongConversation_MayBeJoinedInOneText()
    {
        const string source = "{% set ns = namespace(p='') %}{% for i in range(1000) %}{% set ns.p = ns.p + t %}{% endfor %}{{ ns.p }}";
        var variables = new Dictionary<string, TemplateValue>(StringComparer.Ordinal) { ["t"] = new string('x', 1000) };
        var text = ChatTemplate.Parse(source).Render(variables, TemplateLimits.Default, TimeProvider.System, CancellationToken.None);
        Assert.Equal(1_000_000, text.Length);
    }

    /// <summary>What a user says cannot end a render.</summary>
    [Theory]
    [InlineData("{{ 'inf' | int }}", "0")]
    [InlineData("{{ '-Infinity' | int(7) }}{{ '1e999' | int(5) }}{{ 'nan' | int(6) }}", "756")]
    public void InfiniteText_IsNoWholeNumber(string source, string expected) => Assert.Equal(expected, Render(source));

    [Theory]
    [InlineData("{% for a in range(9000) %}{% for b in range(9000) %}{% endfor %}{% endfor %}", "steps")]
    [InlineData("{{ 'x' * 1000000000000 }}", "characters")]
    [InlineData("{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}", "characters")]
    [InlineData("{% set ns = namespace(s='ab') %}{% for i in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}", "characters")]
    [InlineData("{% for i in range(90000) %}{{ '%1000d' % i }}{% endfor %}", "characters")]
    [InlineData("{% set ns = namespace(l=[1]) %}{% for i in range(60) %}{% set ns.l = ns.l + ns.l %}{% endfor %}", "steps")]
    [InlineData("{{ [1] * 100000000000 }}", "steps")]
    [InlineData("{{ '%999999999d' % 1 }}", "width")]
    [InlineData("{{ '%.999999999f' % 1 }}", "width")]
    [InlineData("{{ '{:999999999}'.format(1) }}", "specification")]
    [InlineData("{{ '{:.999999999f}'.format(1.5) }}", "specification")]
    [InlineData("{{ 'x'.center(999999999) }}", "characters")]
    [InlineData("{{ 'x' | center(999999999) }}", "characters")]
    [InlineData("{{ 'x'.zfill(999999999) }}", "characters")]
    [InlineData("{{ 'a\\nb' | indent(999999999) }}", "characters")]
    [InlineData("{{ 'a\\tb'.expandtabs(999999999) }}", "characters")]
    [InlineData("{{ [1] | batch(999999999, 'x') | list }}", "steps")]
    [InlineData("{{ [1] | slice(999999999) | list }}", "steps")]
    [InlineData("{{ 9 ** 999999999 }}", "too large")]
    [InlineData("{% for i in range(1000000000) %}{% endfor %}", "range")]
    [InlineData("{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}", "deep")]
    [InlineData("{% set l = [1] %}{% for x in l %}{% set _ = l.append(x) %}{% endfor %}", "steps")]
    [InlineData("{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}", "deep")]
    [InlineData("{% set l = [] %}{% set _ = l.append(l) %}{{ l }}", "deep")]
    [InlineData("{% set l = [] %}{% set _ = l.append(l) %}{{ l | tojson }}", "deep")]
    [InlineData("{% set l = [] %}{% set _ = l.append(l) %}{% set k = [] %}{% set _ = k.append(k) %}{{ l == k }}", "deep")]
    [InlineData("{% set ns = namespace(l=[]) %}{% for i in range(5000) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}", "deep")]
    public void Render_Ends_AtItsLimits(string source, string limit)
    {
        var limits = new TemplateLimits { StepsMax = 200_000, CharsMax = 100_000 };
        var fault = Assert.Throws<TemplateException>(() =>
            ChatTemplate.Parse(source).Render(NoVariables, limits, TimeProvider.System, CancellationToken.None));
        Assert.Contains(limit, fault.Reason, StringComparison.Ordinal);
        Assert.False(fault.RaisedByTemplate);
    }

    [Fact]
    public void Output_IsBounded_ToTheCharacter()
    {
        var template = ChatTemplate.Parse("{{ s }}{{ s }}");
        var variables = new Dictionary<string, TemplateValue> { ["s"] = "12345" };
        var limits = new TemplateLimits { CharsMax = 10 };
        Assert.Equal("1234512345", template.Render(variables, limits, TimeProvider.System, CancellationToken.None));
        Assert.Throws<TemplateException>(() =>
            template.Render(variables, limits with { CharsMax = 9 }, TimeProvider.System, CancellationToken.None));
    }

    [Theory]
    [InlineData("(", ")")]
    [InlineData("[", "]")]
    [InlineData("-", "")]
    [InlineData("not ", "")]
    [InlineData("1 if 1 else ", "")]
    public void DeepSource_IsRefused_BeforeTheStackEnds(string open, string close)
    {
        var source = "{{ " + string.Concat(Enumerable.Repeat(open, 20_000)) + "1" + string.Concat(Enumerable.Repeat(close, 20_000)) + " }}";
        var fault = Assert.Throws<TemplateException>(() => ChatTemplate.Parse(source));
        Assert.Contains("deep", fault.Reason, StringComparison.Ordinal);
    }

    /// <summary>What every branch knows of every name is worked out when a template is loaded, where nobody can end it.</summary>
    [Fact]
    public void ManyNamesInManyBranches_AreRefused_WhenATemplateIsLoaded()
    {
        var source = string.Concat(Enumerable.Range(0, 10_000).Select(at => $"{{%if a%}}{{%set x{at}=1%}}{{%endif%}}"));
        var fault = Assert.Throws<TemplateException>(() => ChatTemplate.Parse(source));
        Assert.Contains("too many names", fault.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void DeepBlocks_AreRefused_BeforeTheStackEnds() => Assert.Contains(
        "deep", Assert.Throws<TemplateException>(() => ChatTemplate.Parse(string.Concat(Enumerable.Repeat("{% if a %}", 10_000)))).Reason,
        StringComparison.Ordinal);

    [Fact]
    public void LongChain_IsRefused_BeforeTheStackEnds()
    {
        var source = "{{ 1" + string.Concat(Enumerable.Repeat(" + 1", 50_000)) + " }}";
        Assert.Contains("deep", Assert.Throws<TemplateException>(() => Render(source)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Render_Stops_WhenItsCallerHasGone()
    {
        using var gone = new CancellationTokenSource();
        gone.Cancel();
        var template = ChatTemplate.Parse("{% for x in range(100000) %}{{ x }}{% endfor %}");
        Assert.Throws<OperationCanceledException>(() =>
            template.Render(NoVariables, TemplateLimits.Default, TimeProvider.System, gone.Token));
    }

    [Theory]
    [InlineData("{% set _ = given.append(1) %}")]
    [InlineData("{% set _ = map.update({'a': 1}) %}")]
    [InlineData("{% set _ = map.pop('a') %}")]
    [InlineData("{% set _ = map.list.pop() %}")]
    public void GivenValues_CannotBeChanged_ByATemplate(string source)
    {
        using var json = JsonDocument.Parse("""{"given": [1], "map": {"a": 1, "list": [1]}}""");
        var variables = json.RootElement.EnumerateObject().ToDictionary(one => one.Name, one => TemplateJson.Read(one.Value));
        Assert.Throws<TemplateException>(() => Render(source, variables));
    }

    [Fact]
    public void OwnLists_MayBeChanged() => Assert.Equal("[1, 2] 2 [1]", Render(
        "{% set l = [] %}{% set _ = l.append(1) %}{% set _ = l.extend([2]) %}{{ l }} {{ l.pop() }} {{ l }}"));

    [Fact]
    public void JsonArguments_KeepTheirKeysAndNumbers()
    {
        const string Arguments = """{"z": 1.50, "a": 1e3, "big": 123456789012345678901234567890, "text": "<é>\n"}""";
        using var json = JsonDocument.Parse(Arguments);
        var variables = new Dictionary<string, TemplateValue> { ["x"] = TemplateJson.Read(json.RootElement) };
        Assert.Equal(Arguments, Render("{{ x | tojson }}", variables));
    }

    [Fact]
    public void Maps_CanBeMadeInPlace()
    {
        var message = TemplateValue.Map.Of(("role", "user"), ("content", "hi"), ("last", true));
        Assert.Equal(
            "{'role': 'user', 'content': 'hi', 'last': True}",
            Render("{{ m }}", new Dictionary<string, TemplateValue> { ["m"] = message }));
    }

    [Fact]
    public void Template_MayBeRendered_AgainAndByManyAtOnce()
    {
        var template = ChatTemplate.Parse("{% macro m(x) %}<{{ x }}>{% endmacro %}{% for x in xs %}{{ m(x) }}{% endfor %}");
        var outputs = new string[64];
        Parallel.For(0, outputs.Length, at => outputs[at] = template.Render(
            new Dictionary<string, TemplateValue> { ["xs"] = new TemplateValue.List([new TemplateValue.Int(at), "y"]) },
            TemplateLimits.Default, TimeProvider.System, CancellationToken.None));
        Assert.Equal(Enumerable.Range(0, outputs.Length).Select(at => $"<{at}><y>"), outputs);
    }

    private static string Render(string source, Dictionary<string, TemplateValue>? variables = null) =>
        ChatTemplate.Parse(source).Render(variables ?? NoVariables, TemplateLimits.Default, TimeProvider.System, CancellationToken.None);
}
