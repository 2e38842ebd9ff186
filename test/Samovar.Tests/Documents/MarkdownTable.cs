using Samovar.Tests.Tidy;

namespace Samovar.Tests.Documents;

/// <summary>A table of a page under <c>docs/</c>, by the heading that it stands under.</summary>
internal static class MarkdownTable
{
    /// <returns>The cells of each row behind the head.</returns>
    public static async Task<IReadOnlyList<string[]>> RowsAsync(string page, string heading)
    {
        var lines = await File.ReadAllLinesAsync(Path.Combine(SourceTree.Root, "docs", page), TestContext.Current.CancellationToken);
        return [.. lines.SkipWhile(line => line.TrimStart('#').Trim() != heading || !line.StartsWith('#')).Skip(1)
            .TakeWhile(line => !line.StartsWith('#')).SkipWhile(line => !line.StartsWith('|'))
            .TakeWhile(line => line.StartsWith('|')).Skip(2)
            .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray())];
    }
}
