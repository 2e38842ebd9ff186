namespace Samovar.Tests.Tidy;

/// <summary>JSON of clients, models and upstreams is read in one place: the framework's readers throw at half a surrogate
/// pair.</summary>
public sealed class JsonReaderTests
{
    private const string Bans = "BannedSymbols.Json.txt";

    /// <summary>The one reader, and the files of the operator's own.</summary>
    private static readonly string[] Excepted =
    [
        "src/Samovar.Protocol/Json/FieldScan.cs", "src/Samovar.Protocol/Json/JsonCursor.cs", "src/Samovar.Protocol/Json/JsonText.cs",
        "src/Samovar.Protocol/Json/ObjectFields.cs", "src/Samovar.Protocol/Json/RawFields.cs", "src/Samovar.Protocol/Json/RawValues.cs",
        "src/Samovar.Server/Auth/KeyTable.cs", "src/Samovar.Server/Auth/QuotaList.cs", "src/Samovar.Server/Settings/SettingsText.cs",
        "src/Samovar.Server/Tools/McpSession.cs",
    ];

    [Theory]
    [InlineData("Samovar.Protocol")]
    [InlineData("Samovar")]
    [InlineData("Samovar.Gateway")]
    [InlineData("Samovar.Storage")]
    [InlineData("Samovar.Server")]
    public void Project_BansOtherReaders_WherePeersDataIsRead(string project)
    {
        var file = Path.Combine(SourceTree.Root, "src", project, project + ".csproj");
        Assert.Contains(Bans, File.ReadAllText(file), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Utf8JsonReader")]
    [InlineData("JsonDocument")]
    [InlineData("JsonElement")]
    [InlineData("JsonProperty")]
    [InlineData("Nodes.JsonNode")]
    public void Ban_NamesTheType(string type) => Assert.Contains(
        File.ReadLines(Path.Combine(SourceTree.Root, "src", Bans)),
        line => line.StartsWith($"T:System.Text.Json.{type};", StringComparison.Ordinal));

    [Fact]
    public void File_LiftsNoBan_UnlessItIsTheReader()
    {
        var lifted = SourceTree.Files
            .Where(file => file.Name.StartsWith("src/", StringComparison.Ordinal))
            .Where(file => file.Lines.Any(line => line.Contains("RS0030", StringComparison.Ordinal) && IsAboutJson(file)))
            .Select(file => file.Name);
        Assert.Equal(Excepted, lifted);
    }

    private static bool IsAboutJson(SourceFile file) => file.Lines.Any(line =>
        line.Contains("Utf8JsonReader", StringComparison.Ordinal) || line.Contains("JsonElement", StringComparison.Ordinal));
}
