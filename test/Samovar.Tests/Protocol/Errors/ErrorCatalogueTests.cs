using Samovar.Protocol.Errors;
using Catalogue = Samovar.Protocol.Errors.Errors;

namespace Samovar.Tests.Protocol.Errors;

public sealed class ErrorCatalogueTests
{
    [Fact]
    public void Page_IsTheCatalogue()
    {
        var path = Path.Combine(Root(), "docs", "errors.md");
        if (Environment.GetEnvironmentVariable("SAMOVAR_REGENERATE") == "1") File.WriteAllText(path, ErrorCatalogue.Markdown());
        Assert.True(
            File.Exists(path) && File.ReadAllText(path) == ErrorCatalogue.Markdown(),
            "docs/errors.md is not what the catalogue says; run the tests once with SAMOVAR_REGENERATE=1.");
    }

    [Fact]
    public void Rows_AreWellFormed()
    {
        Assert.True(Catalogue.All.Count > 30);
        foreach (var kind in Catalogue.All)
        {
            Assert.Matches("^[a-z0-9_]+$", kind.Code);
            Assert.InRange(kind.Status, 400, 599);
            Assert.True(!kind.Retryable || kind.Status is 408 or 429 or >= 500, kind.Code);
            Assert.Matches("([.]|[{]0[}])$", kind.Message); // a sentence, or one that quotes its subject
        }
        Assert.Equal(Catalogue.All.Count, Catalogue.All.Select(kind => kind.Message).Distinct(StringComparer.Ordinal).Count());
    }

    [Fact]
    public void Braces_InWhatAClientSent_AreNoPlaces() =>
        Assert.Equal("Previous response with id '{0}{x' not found.",
            new ApiException(Catalogue.PreviousResponseNotFound, "{0}{x").Message);

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder,
            "Samovar.slnx"))) folder = Path.GetDirectoryName(folder) ?? throw new FileNotFoundException("Samovar.slnx");
        return folder;
    }
}
