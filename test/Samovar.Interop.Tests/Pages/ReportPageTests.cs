using Samovar.Bench.Reports;
using Samovar.Bench.Reports.Pages;
using Samovar.Bench.Samples;

namespace Samovar.Interop.Tests.Pages;

/// <summary>The page of a benchmark's run in a real browser: a file, opened as its reader opens it.</summary>
public sealed class ReportPageTests(ITestOutputHelper output) : IDisposable
{
    private static readonly Dictionary<string, string> Nothing = [];
    private readonly string _folder = Directory.CreateTempSubdirectory("samovar-report-page-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Page_ShowsTheRun_InLightAndDark_WideAndNarrow_AndAsksForNothing()
    {
        var run = Path.Combine(InteropPaths.Root, "test", "Samovar.Interop.Tests", "Pages", "run");
        var report = ReportDocument.Of(RunFolder.Read(run));
        var (page, json) = (Path.Combine(_folder, "report.html"), Path.Combine(_folder, "report.json"));
        await File.WriteAllTextAsync(page, HtmlPage.Of(report));
        await File.WriteAllBytesAsync(json, report.Json());
        await Browser.PassAsync(output, "report", Nothing, "report.mjs", page, json);
    }
}
