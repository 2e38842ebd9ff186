using System.Globalization;
using System.Text.RegularExpressions;

namespace Samovar.Cli.Pull;

/// <summary>The addresses of all parts of a model that was split: <c>name-00001-of-00003.gguf</c> and so on.</summary>
internal static partial class SplitAddress
{
    private const int PartsMax = 1000;

    /// <returns>The address alone where it is of no part.</returns>
    /// <exception cref="PullException">It counts more parts than a model has.</exception>
    public static IReadOnlyList<Uri> Of(Uri address)
    {
        if (Part().Match(address.AbsolutePath) is not { Success: true } named) return [address];
        var count = int.Parse(named.Groups["count"].ValueSpan, CultureInfo.InvariantCulture);
        if (count is 0 or > PartsMax) throw new PullException($"{address} counts {count} parts.");
        return [.. Enumerable.Range(1, count).Select(part => new UriBuilder(address)
        {
            Path = string.Create(CultureInfo.InvariantCulture, $"{address.AbsolutePath[..named.Index]}-{part:00000}-of-{count:00000}.gguf"),
        }.Uri)];
    }

    [GeneratedRegex(@"-[0-9]{5}-of-(?<count>[0-9]{5})\.gguf$", RegexOptions.IgnoreCase | RegexOptions.ExplicitCapture,
        matchTimeoutMilliseconds: 1000)]
    private static partial Regex Part();
}
