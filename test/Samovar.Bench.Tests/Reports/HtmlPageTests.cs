using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Samovar.Bench.Reports;
using Samovar.Bench.Reports.Pages;

namespace Samovar.Bench.Tests.Reports;

public sealed partial class HtmlPageTests
{
    private static readonly string s_page = HtmlPage.Of(ReportDocumentTests.Made());

    [Fact]
    public void Page_AsksForNothing()
    {
        Assert.DoesNotMatch(Loads(), s_page);
        Assert.Equal(["data"], Elements().Matches(s_page).Select(match => match.Groups[1].Value.Split(':')[0]).Distinct());
    }

    [Theory]
    [InlineData("<script src='https://x'>", true)]
    [InlineData("a{background:url(http://x)}", true)]
    [InlineData("@import \"https://x\"", true)]
    [InlineData("fetch('https://x')", true)]
    [InlineData("createElementNS('http://www.w3.org/2000/svg')", false)]
    public void Load_IsSeen(string text, bool isSeen) => Assert.Equal(isSeen, Loads().IsMatch(text));

    [Fact]
    public void Policy_AllowsTheOneScriptAndTheOneStyle()
    {
        var policy = Policy().Match(s_page).Groups[1].Value;
        Assert.StartsWith("default-src 'none';", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Contains($"script-src '{Hash(Between("<script>", "</script>"))}';", policy, StringComparison.Ordinal);
        Assert.Contains($"style-src '{Hash(Between("<style>", "</style>"))}';", policy, StringComparison.Ordinal);
    }

    [Fact]
    public void Data_ComesBackWhole_WhateverStandsInIt()
    {
        var data = Between("<script type=\"application/json\" id=\"data\">", "</script>");
        Assert.DoesNotContain("<", data, StringComparison.Ordinal);
        using var read = JsonDocument.Parse(data);
        Assert.Equal("</script><!-- <b>", read.RootElement.GetProperty("values")[0].GetProperty("conditions").GetString());
        Assert.True(JsonElement.DeepEquals(JsonDocument.Parse(ReportDocumentTests.Made().Json()).RootElement, read.RootElement));
    }

    [Fact]
    public void Page_KeepsItsErrors_WhereATestCanSeeThem() =>
        Assert.Contains("reportErrors", Between("<script>", "</script>"), StringComparison.Ordinal);

    [Theory]
    [InlineData("x = '</script>'", "")]
    [InlineData("x = '<!--'", "")]
    [InlineData("", "a{content:'</style>'}")]
    [InlineData("x\r\n", "")]
    public void Bundle_ThatWouldEndItsElement_IsRefused(string script, string styles) =>
        Assert.Throws<InvalidOperationException>(() => HtmlPage.Of("{}"u8.ToArray(), script, styles, "t"));

    [Fact]
    public void Plot_IsOneFile_ForLightAndDark()
    {
        var plot = PlotSvg.Of(ReportDocumentTests.Made())!;
        var svg = System.Xml.Linq.XDocument.Parse(plot);
        Assert.Equal(2, svg.Descendants().Count(element => element.Name.LocalName == "polyline"));
        Assert.Contains("prefers-color-scheme:dark", plot, StringComparison.Ordinal);
        Assert.DoesNotMatch(Loads(), plot);
        Assert.Null(PlotSvg.Of(ReportDocument.Of(MadeSamples.Facts, [], [])));
    }

    [Fact]
    public void Documentation_GetsTheRun_BetweenItsMarks()
    {
        const string Begin = "<!-- report: written by `./samovar bench report --docs` -->", End = "<!-- /report -->";
        var once = DocumentedRun.Replace($"before\n{Begin}\nold\n{End}\nafter\n", "new\n");
        Assert.Equal($"before\n{Begin}\n\nnew\n\n{End}\nafter\n", once);
        Assert.Equal(once, DocumentedRun.Replace(once, "new\n"));
        Assert.Throws<InvalidOperationException>(() => DocumentedRun.Replace("no marks", "new"));
    }

    private static string Between(string begin, string end)
    {
        var from = s_page.IndexOf(begin, StringComparison.Ordinal) + begin.Length;
        return s_page[from..s_page.IndexOf(end, from, StringComparison.Ordinal)];
    }

    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    private const string Attributes = """\b(?:src|href)\s*=\s*["']?""", Styles = """\burl\(\s*["']?|@import\s+["']?""";
    private const string Calls = """\b(?:fetch|import|open)\(\s*["'`]""";

    [GeneratedRegex($"(?:{Attributes}|{Styles}|{Calls})(?:https?:)?//", RegexOptions.IgnoreCase)]
    private static partial Regex Loads();

    [GeneratedRegex("""<(?:link|img|iframe|script|source|object)\b[^>]*\s(?:src|href)="([^"]*)["]""")]
    private static partial Regex Elements();

    [GeneratedRegex("""http-equiv="Content-Security-Policy" content="([^"]*)["]""")]
    private static partial Regex Policy();
}
