using System.Text.Json;
using System.Text.RegularExpressions;
using Samovar.Protocol.Json;
using Samovar.Templates.Values;

namespace Samovar.Backends.Embedded.Rendering;

/// <summary>
/// Finds the variables that turn a template's thinking on and off, by rendering a question with each and looking what changes.
/// </summary>
/// <remarks>
/// (1) Candidates are the names in the source that speak of thinking. (2) One that the source compares with words takes those of them that
/// change what is written, or may stand for its default. (3) One that is written as it comes takes the words of the reasoning effort, or
/// tokens where it is a budget. (4) One for which true and false are not the same is a flag; so is, with numbers, a budget.
/// (5) What is left is asked again with the flags on: an effort may be written only where the model thinks at all.
/// </remarks>
internal sealed partial class ThinkingProbe(ChatRenderer renderer, string source, TemplateValue tools)
{
    private const int NamesMax = 32, WordsMax = 32;
    private const string Probe = "zqword", None = "none";
    private static readonly string[] Efforts = ["none", "minimal", "low", "medium", "high", "xhigh", "max"];
    private static readonly PromptMessage System = new(PromptRole.System, "a rule"), User = new(PromptRole.User, "a question");

    private readonly Dictionary<string, string> _on = new(StringComparer.Ordinal); // flags found, as they let the model think

    public ThinkingSwitches Ask()
    {
        var names = Names().ToList();
        var switches = names.Select(Of).OfType<ThinkingSwitch>().ToList();
        foreach (var flag in switches.Where(one => one.Kind == SwitchKind.Flag))
            _on[flag.Name] = flag.For("high", isOnly: true) == TemplateValue.Bool.True ? "true" : "false";
        if (_on.Count > 0) // :: 5
            switches.AddRange(names.Except(switches.Select(one => one.Name), StringComparer.Ordinal).Select(Of).OfType<ThinkingSwitch>());
        var byEffort = new Dictionary<string, IReadOnlyList<KeyValuePair<string, TemplateValue>>>(StringComparer.Ordinal);
        foreach (var effort in Efforts)
        {
            var variables = new List<KeyValuePair<string, TemplateValue>>();
            foreach (var one in switches)
                if (one.For(effort, !switches.Exists(other => other.TurnsOff)) is { } value) variables.Add(new(one.Name, value));
            byEffort[effort] = variables;
        }
        return new ThinkingSwitches(byEffort);
    }

    /// <summary>:: 1</summary>
    private IEnumerable<string> Names() => Identifiers().Matches(source).Select(match => match.Value)
        .Where(name => Subjects().IsMatch(name)).Distinct(StringComparer.Ordinal).Take(NamesMax);

    private ThinkingSwitch? Of(string name)
    {
        var without = Render(name, null);
        var words = Compared(name).Where(word => Render(name, Json(word)) is not null).ToList();
        if (words.Count > 0 && TurnsOffByNone(name, words)) words.Add(None);
        if (words.Exists(word => Render(name, Json(word)) != without)) return new(name, SwitchKind.Word, words); // :: 2
        var isBudget = name.Contains("budget", StringComparison.OrdinalIgnoreCase);
        if (Render(name, Json(Probe)) is { } written && written.Contains(Probe, StringComparison.Ordinal)) // :: 3
            return isBudget ? new(name, SwitchKind.Budget, []) : new(name, SwitchKind.Word, ["low", "medium", "high", .. words]);
        if (isBudget) return Render(name, "0") != Render(name, "4096") ? new(name, SwitchKind.Budget, []) : null; // :: 4
        return Render(name, "true") is { } on && Render(name, "false") is { } off && on != off ? new(name, SwitchKind.Flag, []) : null;
    }

    /// <summary>
    /// Whether a word that the template does not know is not like those that it knows, and is not written; where one of these says that it
    /// turns thinking off, no other does.
    /// </summary>
    private bool TurnsOffByNone(string name, List<string> words)
    {
        if (new ThinkingSwitch(name, SwitchKind.Word, words).TurnsOff || Render(name, Json(None)) is not { } off) return false;
        return words.TrueForAll(word => Render(name, Json(word)) != off)
            && Render(name, Json(Probe))?.Contains(Probe, StringComparison.Ordinal) != true;
    }

    /// <summary>The words that the source compares a variable with, or another that it is put into.</summary>
    private IEnumerable<string> Compared(string name)
    {
        var words = new HashSet<string>(StringComparer.Ordinal);
        foreach (var alias in Aliases(name))
        {
            var value = $@"(?<![.\w'""]){Regex.Escape(alias)}\b\s*\)?(?:\s*\|\s*\w+(?:\([^()]*\))?)*\s*\)?\s*";
            var (equals, among) =
                ($@"{value}[!=]=\s*(['""])(?<words>[\w-]+)\1", $@"{value}(?:not\s+)?in\s*[\[\(](?<words>[^\]\)]*)[\]\)]");
            foreach (var compared in (string[])[equals, among])
                foreach (Match match in Regex.Matches(source, compared, RegexOptions.CultureInvariant, Patience))
                    foreach (Match word in Words().Matches(match.Groups["words"].Value)) words.Add(word.Value);
        }
        return words.Take(WordsMax);
    }

    /// <summary>A variable and those that are set from it, as <c>{% set e = effort | default('high') %}</c> does.</summary>
    private List<string> Aliases(string name)
    {
        List<string> known = [name];
        for (var at = 0; at < known.Count && known.Count < NamesMax; at++)
        {
            var set = $@"\bset\s+(?:\w+\.)?(?<alias>\w+)\s*=[^%=][^%]*?(?<![.\w'""]){Regex.Escape(known[at])}\b";
            foreach (Match match in Regex.Matches(source, set, RegexOptions.CultureInvariant, Patience))
                if (!known.Contains(match.Groups["alias"].Value)) known.Add(match.Groups["alias"].Value);
        }
        return known;
    }

    /// <summary>What a question renders to, with tools, with a system text and with neither; null where the template refuses all.</summary>
    private string? Render(string name, string? value)
    {
        var pairs = _on.Select(flag => $"{Json(flag.Key)}:{flag.Value}").Concat(value is null ? [] : [$"{Json(name)}:{value}"]);
        var variables = RawJson.Of($"{{{string.Join(',', pairs)}}}");
        string?[] written = [Try([User], tools, variables), Try([User], TemplateValue.None.Value, variables),
            Try([System, User], TemplateValue.None.Value, variables)];
        return Array.TrueForAll(written, text => text is null) ? null : string.Join('\0', written);
    }

    private string? Try(IReadOnlyList<PromptMessage> messages, TemplateValue offered, RawJson variables)
    {
        try
        {
            return renderer.Render(
                messages, new RenderFrame(offered, ThinkingOff: false, Effort: null, Generate: true) { Variables = variables },
                CancellationToken.None);
        }
        catch (TemplateException)
        {
            return null;
        }
    }

    private static string Json(string text) => $"\"{JsonEncodedText.Encode(text)}\"";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    [GeneratedRegex(@"(?<![.\w'""])[A-Za-z_]\w*", RegexOptions.CultureInvariant, 2000)]
    private static partial Regex Identifiers();

    [GeneratedRegex("think|reason|effort|budget", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant, 2000)]
    private static partial Regex Subjects();

    [GeneratedRegex(@"[\w-]+", RegexOptions.CultureInvariant, 2000)]
    private static partial Regex Words();
}
