using System.Globalization;
using System.Text.RegularExpressions;

namespace Samovar.Cli.Pull;

/// <summary>Which of a repository's files is the model: all parts of one.</summary>
internal static partial class FileChoice
{
    /// <summary>What most people take: small, and hardly worse; the first that is there.</summary>
    private static readonly string[] Preferred = ["Q4_K_M", "Q4_K_S", "Q4_0", "MXFP4", "Q5_K_M", "Q6_K", "Q8_0", "BF16", "F16"];

    /// <param name="paths">Paths of a repository.</param>
    /// <param name="wanted">A path, or a quantisation; null: what suits most.</param>
    /// <param name="fault">Why there is none, as a sentence.</param>
    /// <returns>One path, or all parts of a split file in their order; empty where there is none.</returns>
    public static IReadOnlyList<string> Of(IReadOnlyList<string> paths, string? wanted, out string? fault)
    {
        fault = null;
        var models = paths.Where(IsModel).ToList();
        if (models.Count == 0)
        {
            fault = "It has no GGUF file; look for a repository with -GGUF in its name.";
            return [];
        }
        var found = wanted is null ? Best(models)
            : models.FirstOrDefault(path => path == wanted) ?? models.Find(path => IsQuantised(path, wanted));
        if (found is not null)
        {
            var parts = PartsOf(models, found);
            if (!IsMissingParts(parts)) return parts;
            fault = $"Of the parts of {found} it has only {parts.Count}.";
            return [];
        }
        fault = $"{(wanted is null ? "It has several files" : $"It has no {wanted}")}; take one of: "
            + string.Join(", ", models.Where(IsFirst).Order(StringComparer.Ordinal)) + ".";
        return [];
    }

    /// <summary>Projectors of images and matrices of importance are GGUF files, too.</summary>
    private static bool IsModel(string path) =>
        path.EndsWith(".gguf", StringComparison.OrdinalIgnoreCase)
        && !Path.GetFileName(path).Contains("mmproj", StringComparison.OrdinalIgnoreCase)
        && !Path.GetFileName(path).Contains("imatrix", StringComparison.OrdinalIgnoreCase);

    private static string? Best(List<string> models) =>
        PartsOf(models, models[0]).Count == models.Count ? models[0]
        : Preferred.Select(quant => models.Find(path => IsQuantised(path, quant))).FirstOrDefault(path => path is not null);

    /// <summary>Its name has the word, between what ends words there.</summary>
    private static bool IsQuantised(string path, string quant)
    {
        for (var at = 0; (at = path.IndexOf(quant, at, StringComparison.OrdinalIgnoreCase)) >= 0; at++)
            if (IsBetweenWords(path, at - 1) && IsBetweenWords(path, at + quant.Length)) return true;
        return false;
    }

    private static bool IsBetweenWords(string path, int at) =>
        at < 0 || at >= path.Length || !char.IsAsciiLetterOrDigit(path[at]) && path[at] != '_';

    private static bool IsFirst(string path) => Part().Match(path) is not { Success: true } part || part.Groups["number"].Value == "00001";

    private static IReadOnlyList<string> PartsOf(List<string> models, string one)
    {
        if (Part().Match(one) is not { Success: true } part) return [one];
        var start = one[..part.Index];
        return [.. models.Where(path => Part().Match(path) is { Success: true } other && path[..other.Index] == start
            && other.Groups["count"].Value == part.Groups["count"].Value).Order(StringComparer.Ordinal)];
    }

    private static bool IsMissingParts(IReadOnlyList<string> parts) => Part().Match(parts[0]) is { Success: true } part
        && int.Parse(part.Groups["count"].ValueSpan, CultureInfo.InvariantCulture) != parts.Count;

    [GeneratedRegex(@"-(?<number>[0-9]{5})-of-(?<count>[0-9]{5})\.gguf$", RegexOptions.IgnoreCase, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Part();
}
