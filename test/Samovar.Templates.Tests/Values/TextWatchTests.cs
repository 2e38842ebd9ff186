using Samovar.Templates.Values;

namespace Samovar.Templates.Tests.Values;

/// <summary>What a template does with texts is seen, whatever it does it with.</summary>
public sealed class TextWatchTests
{
    [Theory]
    [InlineData("{{ text }}{{ text | trim }}{{ text.strip('\\n ') }}{{ 'a' + text ~ other }}{{ text | tojson }}{{ [text, other] | join }}")]
    [InlineData("{% if text and text is string and text != '' and text | length > 0 %}{{ text }}{% endif %}")]
    [InlineData("{% for m in messages if m.role == 'user' %}{{ m.content }}{% endfor %}{{ messages | length }}")]
    [InlineData("{% if text is not string %}{{ text[0] }}{% endif %}")] // never reached
    [InlineData("{% for k, v in arguments.items() %}{{ v if v is string else v | tojson }}{% endfor %}")]
    public void Template_FindsNothing_WhereItOnlyWrites(string template) => Assert.Equal("", Seen(template));

    [Theory]
    [InlineData("{% if '/no' in text %}x{% endif %}", "/no")]
    [InlineData("{% if text.startswith('<a') or text.endswith('b>') %}x{% endif %}", "<a b>")]
    [InlineData("{{ text.split('</t>')[-1].lstrip() }}", "</t>")]
    [InlineData("{{ text | replace('q', 'w') }}", "")]
    [InlineData("{% if (text + other) is in ['one', 'two'] %}x{% endif %}", "one two")]
    [InlineData("{% if text == 'yes' or 'no' == other %}x{% endif %}", "no yes")]
    [InlineData("{% if messages[0].content.find('z') > 0 %}x{% endif %}", "z")]
    public void Template_LooksForTheseTexts_WhereItSearches(string template, string needles) =>
        Assert.Equal(needles.Length == 0 ? "into" : "for " + needles, Seen(template)); // the words themselves have a q

    [Theory]
    [InlineData("{{ text[0] }}")]
    [InlineData("{{ text[:2] }}")]
    [InlineData("{{ text | length }}")]
    [InlineData("{% for letter in text %}{{ letter }}{% endfor %}")]
    [InlineData("{{ text | first }}")]
    [InlineData("{{ text.split() | length }}")]
    [InlineData("{% if text > 'a' %}x{% endif %}")]
    [InlineData("{% if 'no' in text | lower %}x{% endif %}")]
    [InlineData("{{ text.strip('ab') }}")]
    [InlineData("{{ {'a': 1}[text] }}")]
    [InlineData("{{ '%.2s' % text }}")]
    [InlineData("{{ messages | map(attribute='content') | unique | list }}")]
    [InlineData("{{ messages | selectattr('content', 'equalto', 'a') | list }}")]
    public void Template_LooksIntoTexts_WhereItTakesThemApart(string template) => Assert.StartsWith("into", Seen(template));

    [Theory]
    [InlineData("{% if text == other %}x{% endif %}", "texts")]
    [InlineData("{% if text in [other] %}x{% endif %}", "texts")]
    [InlineData("{% if messages[0] == messages[-1] %}x{% endif %}", "messages")]
    [InlineData("{% if '/no' in arguments | tojson %}x{% endif %}", "arguments")]
    [InlineData("{% if 'path' in arguments %}x{% endif %}", "arguments")]
    public void Template_Compares_WhereItDoes(string template, string what) => Assert.Equal(what, Seen(template));

    private static string Seen(string template)
    {
        var watch = new TextWatch();
        TemplateValue arguments = TemplateValue.Map.Of(("k" + WatchedWords.Argument(1), WatchedWords.Argument(1)));
        var variables = new Dictionary<string, TemplateValue>(StringComparer.Ordinal)
        {
            ["text"] = WatchedWords.Text(1), ["other"] = WatchedWords.Text(2), ["arguments"] = arguments,
            ["messages"] = new TemplateValue.List(
            [
                TemplateValue.Map.Of(("role", "user"), ("content", WatchedWords.Text(3))),
                TemplateValue.Map.Of(("role", "user"), ("content", WatchedWords.Text(4))),
            ]),
        };
        ChatTemplate.Parse(template).Render(
            variables, TemplateLimits.Default, TimeProvider.System, TestContext.Current.CancellationToken,
            new RenderTrace { Watch = watch });
        return watch.LooksInto ? "into" : watch.ComparesTexts ? "texts" : watch.ComparesMessages ? "messages"
            : watch.ReadsArguments ? "arguments" : watch.Needles.Count == 0 ? ""
            : "for " + string.Join(' ', watch.Needles.Order(StringComparer.Ordinal));
    }
}
