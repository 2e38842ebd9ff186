using System.Text;
using System.Text.RegularExpressions;
using Samovar.Web;

namespace Samovar.Interop.Tests.Pages;

/// <summary>What the build made for browsers.</summary>
public sealed partial class BundleTests
{
    [Theory]
    [InlineData("page.html", "<script type=\"module\" src=\"page.js\"></script>")]
    [InlineData("page.js", "/page/events")]
    [InlineData("page.css", "light-dark(")]
    public void Bundle_IsThere_UnderItsName(string name, string content) => Assert.Contains(content, Text(name), StringComparison.Ordinal);

    [Fact]
    public void Page_HasNothingThatAStrictPolicyForbids()
    {
        var html = Text("page.html");
        Assert.DoesNotMatch(InlineScript(), html);
        Assert.DoesNotContain("style=", html, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotMatch(Elsewhere(), Text("page.css"));
        Assert.DoesNotContain("eval(", Text("page.js"), StringComparison.Ordinal);
    }

    [GeneratedRegex(@"<script[^>]*>[^<]|\son[a-z]+=", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex InlineScript();

    [GeneratedRegex(@"url\(|@import|https?:", RegexOptions.IgnoreCase, 1000)]
    private static partial Regex Elsewhere();

    private static string Text(string name) => Encoding.UTF8.GetString(WebFiles.Read(name).Span);
}
