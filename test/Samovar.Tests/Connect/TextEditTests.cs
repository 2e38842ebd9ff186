using Samovar.Cli.Agents;
using Samovar.Cli.Connect.Edits;

namespace Samovar.Tests.Connect;

/// <summary>TOML and YAML that somebody wrote stay as they are around what is added, and come back whole.</summary>
public sealed class TextEditTests
{
    private const string Theirs = """
        # mine
        model = "gpt-5.5"   # the good one
        notes = '''
        [model_providers.samovar]
        model = "not this"
        '''

        [model_providers.other]
        name = "other"
        env = { A = "[", B = "#" }

        [projects."/home/me/a.b"]
        trust_level = "trusted"
        """;

    private static TomlEdit Toml(bool replaces = false) => new([("model", "\"local\""), ("model_provider", "\"samovar\"")],
        "model_providers.samovar", ["[model_providers.samovar]", "name = \"Samovar\""], replaces);

    [Theory]
    [InlineData("")]
    [InlineData("model_reasoning_effort = \"low\"\n")]
    [InlineData(Theirs + "\n")]
    [InlineData("[a]\r\nb = 1\r\n")]
    [InlineData("model_providers.samovar2 = { name = \"other\" }\n[a]\nsamovar = 1\nmodel_providers.samovar = 2\n")]
    [InlineData("[model_providers]\nother = { name = \"other\" }\nsamovar2.name = \"mine\"\n")]
    [InlineData("[model_providers.samovar]\nname = \"mine\"\n\n[model_providers.samovar.auth]\ncommand = \"x\"\n")]
    public void Toml_IsTheSameAgain_AndComesBack(string text)
    {
        foreach (var edit in (TomlEdit[])[Toml(), Toml(replaces: true)])
        {
            var once = edit.Apply(text);
            Assert.Equal(once, edit.Apply(once));
            Assert.Equal(text, edit.Revert(once, text));
            foreach (var line in text.Split('\n')) Assert.Contains(line.TrimEnd('\r'), once, StringComparison.Ordinal);
            Assert.Single(TomlScan.Read(MarkedText.Lines(once)), one => one is { Key: null, Table: "model_providers.samovar" });
            Assert.True(TomlScan.Read(MarkedText.Lines(once)).Count(one => one is { Table: "", Key: "model" }) <= 1);
        }
    }

    [Fact]
    public void Toml_LeavesAnotherDefaultAlone_UntilItIsToldTo()
    {
        Assert.DoesNotContain("model = \"local\"", Toml().Apply(Theirs), StringComparison.Ordinal);
        Assert.StartsWith($"{MarkedText.Begin}\nmodel = \"local\"\n", Toml(replaces: true).Apply(Theirs), StringComparison.Ordinal);
        Assert.StartsWith($"{MarkedText.Begin}\nmodel = \"local\"\n", Toml().Apply("[a]\nb = 1\n"), StringComparison.Ordinal);
        Assert.Contains("# (samovar connect) model = \"gpt-5.5\"   # the good one\n",
            Toml(replaces: true).Apply(Theirs), StringComparison.Ordinal);
    }

    [Fact]
    public void Toml_ComesBack_WithWhatWasWrittenSince()
    {
        var once = Toml(replaces: true).Apply(Theirs) + "\n[projects.b]\ntrust_level = \"trusted\"\n";
        Assert.Equal(Theirs + "\n\n\n[projects.b]\ntrust_level = \"trusted\"\n", Toml().Revert(once, Theirs));
    }

    [Theory]
    [InlineData("a = [1,\n2\n", "its value has no end")]
    [InlineData("a = '''\nb\n", "its value has no end")]
    [InlineData("a = \"b\nc = 1\n", "a text has no end")]
    [InlineData("what is this\n", "is no TOML")]
    [InlineData("a =\n", "a key has no value")]
    [InlineData("model_providers = { x = {} }\n", "left alone")]
    [InlineData("model_providers.samovar = { name = \"mine\" }\n", "left alone")]
    [InlineData("[model_providers]\nsamovar = { name = \"mine\" }\n", "line 2 has 'samovar'")]
    [InlineData("[model_providers]\nother = {}\nsamovar.name = \"mine\"\n", "line 3 has 'samovar.name'")]
    [InlineData("[model_providers]\n\"samovar\".name = \"mine\"\n", "left alone")]
    [InlineData("# >>> samovar connect\na = 1\n", "has no end")]
    [InlineData("# <<< samovar connect\na = 1\n", "without the other one")]
    public void BrokenToml_IsRefused(string text, string named) =>
        Assert.Contains(named, Assert.Throws<UsageException>(() => Toml().Apply(text)).Message, StringComparison.Ordinal);

    private static readonly YamlEdit Keys = new(
        [("model", "model: \"openai/m\""), ("openai-api-key", "openai-api-key: \"k\"")], null, [], []);
    private static readonly YamlEdit List = new([], "models", ["- name: \"S\"", "  model: \"m\""], ["name: Samovar", "version: 1.0.0"]);

    [Theory]
    [InlineData("")]
    [InlineData("# mine\nmodel: sonnet # good\nread:\n  - CONVENTIONS.md\n  - other.md\ndark-mode: true\n")]
    [InlineData("---\nmodel:\n  - a\nother: b\n")]
    public void YamlKeys_StandIn_AndComeBack(string text)
    {
        var once = Keys.Apply(text);
        Assert.Equal(once, Keys.Apply(once));
        Assert.Equal(text, Keys.Revert(once, text));
        Assert.Single(once.Split('\n'), line => line.StartsWith("model:", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("name: me\nversion: 1\nmodels:\n  - name: A\n    model: a\nrules:\n  - x\n",
        "models:\n  # >>> samovar connect\n  - name: \"S\"\n    model: \"m\"\n  # <<< samovar connect\n  - name: A\n")]
    [InlineData("models:\n- name: A\n  model: a\n", "models:\n# >>> samovar connect\n- name: \"S\"\n")]
    [InlineData("name: me\nmodels: []\n", "# (samovar connect) models: []\n# >>> samovar connect\nmodels:\n  - name: \"S\"\n")]
    [InlineData("name: me\n", "name: me\n# >>> samovar connect\nmodels:\n  - name: \"S\"\n    model: \"m\"\n")]
    public void YamlEntry_IsTheFirst_AndComesBack(string text, string part)
    {
        var once = List.Apply(text);
        Assert.Contains(part, once, StringComparison.Ordinal);
        Assert.Equal(once, List.Apply(once));
        Assert.Equal(text, List.Revert(once, text));
    }

    [Fact]
    public void NewYaml_HasItsHead_AndIsNothingWithoutOurs()
    {
        var once = List.Apply("");
        Assert.StartsWith("name: Samovar\nversion: 1.0.0\n", once, StringComparison.Ordinal);
        Assert.Equal(once, List.Apply(once));
        Assert.True(List.IsNothing(List.Revert(once, "")));
    }

    [Theory]
    [InlineData("models: [ {name: a} ]\n", "left alone")]
    [InlineData("\tmodels:\n", "tab")]
    [InlineData("{ not: this }\n", "cannot be read")]
    public void BrokenYaml_IsRefused(string text, string named) =>
        Assert.Contains(named, Assert.Throws<UsageException>(() => List.Apply(text)).Message, StringComparison.Ordinal);
}
