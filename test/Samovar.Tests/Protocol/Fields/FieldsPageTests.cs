using Samovar.Protocol.Fields;
using Samovar.Tests.Tidy;

namespace Samovar.Tests.Protocol.Fields;

public sealed class FieldsPageTests
{
    [Fact]
    public void Page_IsTheTable()
    {
        var path = Path.Combine(SourceTree.Root, "docs", "fields.md");
        if (Environment.GetEnvironmentVariable("SAMOVAR_REGENERATE") == "1") File.WriteAllText(path, FieldsPage.Markdown());
        Assert.True(
            File.Exists(path) && File.ReadAllText(path) == FieldsPage.Markdown(),
            "docs/fields.md is not what the field table says; run the tests once with SAMOVAR_REGENERATE=1.");
    }
}
