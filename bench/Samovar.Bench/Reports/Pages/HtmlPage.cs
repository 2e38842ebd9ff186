using System.Net;
using System.Security.Cryptography;
using System.Text;
using Samovar.Web;

namespace Samovar.Bench.Reports.Pages;

/// <summary>The report as one file: its data, its script and its styles are in it, and its policy forbids every request.</summary>
internal static class HtmlPage
{
    public static string Of(ReportDocument report) => Of(report.Json(),
        Encoding.UTF8.GetString(WebFiles.Read("report.js").Span), Encoding.UTF8.GetString(WebFiles.Read("report.css").Span),
        $"Samovar, measured: {report.Facts.Version}");

    /// <exception cref="InvalidOperationException">The script or the styles cannot stand in a page as they are.</exception>
    public static string Of(byte[] json, string script, string styles, string title)
    {
        RequireEmbeddable(script, "</script");
        RequireEmbeddable(script, "<!--");
        RequireEmbeddable(styles, "</style");
        var data = Encoding.UTF8.GetString(json).Replace("<", "\\u003c", StringComparison.Ordinal);
        return $"""
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="{Policy(script, styles)}">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="color-scheme" content="light dark">
            <title>{WebUtility.HtmlEncode(title)}</title>
            <link rel="icon" href="data:,">
            <style>{styles}</style>
            </head>
            <body>
            <noscript>This page draws its data with a script that is part of it.</noscript>
            <div id="report"></div>
            <script type="application/json" id="data">{data}</script>
            <script>{script}</script>
            </body>
            </html>

            """;
    }

    private static string Policy(string script, string styles) =>
        $"default-src 'none'; script-src '{Hash(script)}'; style-src '{Hash(styles)}'; img-src data:; base-uri 'none'; form-action 'none'";

    private static string Hash(string text) => "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    /// <summary>A page's parser would end the element there, or read other text than the hash is of.</summary>
    private static void RequireEmbeddable(string text, string forbidden)
    {
        if (text.Contains(forbidden, StringComparison.OrdinalIgnoreCase) || text.Contains('\r', StringComparison.Ordinal))
            throw new InvalidOperationException($"A bundle has '{forbidden}' or a carriage return in it and cannot stand in a page.");
    }
}
