using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Samovar.Gateway.Faults;
using Samovar.Protocol.Responses;

namespace Samovar.Tests.Documents;

/// <summary>docs/why.md names every word that a miss and a whole rendering are explained by, and no other.</summary>
public sealed class WhyPageTests
{
    [Fact]
    public void Tables_AreWhatTheCodeSays()
    {
        var page = File.ReadAllText(Path.Combine(Root(), "docs", "why.md")).ReplaceLineEndings("\n");
        Assert.Equal(
            MissReasons.All.Select(row => $"| `{row.Name}` | `{row.OpenAi}` | {row.Meaning} |"), Rows(page, "misses"));
        Assert.Equal(WholeReasons.All.Select(row => $"| `{row.Name}` | {row.Meaning} |"), Rows(page, "whole"));
    }

    [Fact]
    public void Words_AreWords_AndEachIsThereOnce()
    {
        string[] all = [.. MissReasons.All.Select(row => row.Name)];
        Assert.Equal(all.Length, all.Distinct(StringComparer.Ordinal).Count());
        Assert.All(all.Concat(WholeReasons.All.Select(row => row.Name)), word => Assert.Matches("^[a-z_]+$", word));
    }

    [Fact]
    public void LivePage_HasASentenceForEachWord_AndBlamesUpstreamsForTheirFaultsAlone()
    {
        var code = File.ReadAllText(Path.Combine(Root(), "src", "Samovar.Web", "page", "figures", "reasons.ts")).ReplaceLineEndings("\n");
        var explained = Words(code, "const sentences: Record<string, string> = {", "};", "^  ([a-z_]+): ");
        string[] ofUpstreams = ["moved", "upstream_keeps_no_state", "socket_rotated", "socket_gone"];
        Assert.Equal(MissReasons.All.Select(row => row.Name).Concat(ofUpstreams).Order(StringComparer.Ordinal), explained);
        Assert.Equal(Enum.GetValues<FaultKind>().Select(FaultKinds.Name).Order(StringComparer.Ordinal),
            Words(code, "const faults = [", "];", "^  '([a-z_]+)',$"));
    }

    private static IEnumerable<string> Words(string code, string begin, string end, [StringSyntax("Regex")] string word)
    {
        var from = code.IndexOf(begin, StringComparison.Ordinal);
        return Regex.Matches(code[from..code.IndexOf(end, from, StringComparison.Ordinal)], word, RegexOptions.Multiline,
            TimeSpan.FromSeconds(1)).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal);
    }

    private static IEnumerable<string> Rows(string page, string name)
    {
        var begin = page.IndexOf($"<!-- {name} -->", StringComparison.Ordinal);
        var end = page.IndexOf($"<!-- end of {name} -->", StringComparison.Ordinal);
        return page[begin..end].Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal));
    }

    private static string Root()
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Samovar.slnx"))) at = at.Parent;
        return at!.FullName;
    }
}
