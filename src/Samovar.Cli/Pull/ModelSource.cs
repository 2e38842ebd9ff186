using System.Text.RegularExpressions;
using Samovar.Cli.Agents;

namespace Samovar.Cli.Pull;

/// <summary>Where a model is pulled from.</summary>
internal abstract partial record ModelSource
{
    /// <summary>As the folder of pulled models has them: no name begins with a dot, so that none leads out of it.</summary>
    private const string OwnerAndName = "[A-Za-z0-9_][A-Za-z0-9_.-]*/[A-Za-z0-9_][A-Za-z0-9_.-]*";

    private ModelSource() { }

    /// <param name="Address">The file itself.</param>
    public sealed record File(Uri Address) : ModelSource;

    /// <summary>A repository of a hub.</summary>
    /// <param name="Repository"><c>owner/name</c>.</param>
    /// <param name="Revision">A branch, tag or commit.</param>
    /// <param name="Wanted">A path in it, or how its file is quantised (<c>Q4_K_M</c>); null: what suits most.</param>
    public sealed record Hub(string Repository, string Revision, string? Wanted) : ModelSource;

    /// <param name="text"><c>owner/name</c>, <c>owner/name:Q8_0</c>, <c>owner/name/file.gguf</c>, a page of the hub, any address.</param>
    /// <param name="hub">The hub's address.</param>
    /// <exception cref="UsageException">It is neither.</exception>
    public static ModelSource Of(string text, Uri hub)
    {
        if (Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https")
            return url.Authority == hub.Authority && OfPage(url) is { } page ? page : new File(url);
        var name = Shortened(text, hub);
        if (Named().Match(name) is not { Success: true } parts)
            throw new UsageException($"'{text}' is neither owner/name, owner/name:QUANT, owner/name/FILE.gguf nor an http address.");
        return new Hub(parts.Groups["repository"].Value, "main",
            parts.Groups["quant"] is { Success: true } quant ? quant.Value
            : parts.Groups["file"] is { Success: true } file ? file.Value : null);
    }

    private static string Shortened(string text, Uri hub)
    {
        foreach (var prefix in (string[])[hub.Authority + "/", "hf.co/", "hf:"])
            if (text.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)) return text[prefix.Length..];
        return text;
    }

    private static Hub? OfPage(Uri url) => Page().Match(Uri.UnescapeDataString(url.AbsolutePath)) is { Success: true } parts
        ? new Hub(parts.Groups["repository"].Value,
            parts.Groups["revision"] is { Success: true } revision ? revision.Value : "main",
            parts.Groups["file"] is { Success: true } file ? file.Value : null)
        : null;

    [GeneratedRegex(@"^(?<repository>" + OwnerAndName + @")(?::(?<quant>[\w.-]+)|/(?<file>[^:]+\.gguf))?$",
        RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Named();

    [GeneratedRegex(@"^/(?<repository>" + OwnerAndName + @")/?(?:(?:tree|blob|resolve)/(?<revision>[^/]+)/?(?<file>.+\.gguf)?)?$",
        RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Page();
}
