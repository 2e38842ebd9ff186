namespace Samovar.Cli.Agents;

/// <summary>Reads the options that name a server and its key.</summary>
internal static class ServerOption
{
    /// <param name="option">The option's name, for its error.</param>
    /// <param name="example">An address as it should be.</param>
    /// <exception cref="UsageException">It is no http or https address.</exception>
    public static Uri Address(string option, string text, string example) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
            : throw new UsageException($"{option} must be an address such as {example}, not '{text}'.");

    /// <param name="key">What <c>--key</c> says; null where there is no such option, or it is not given.</param>
    /// <param name="name">The environment variable that <c>--key-env</c> names; it counts before <paramref name="key"/>.</param>
    /// <exception cref="UsageException">There is no such variable, or what there is can be no key.</exception>
    public static string? Key(string? key, string? name) => name is null ? key is null ? null : Sendable("--key", key)
        : Sendable($"--key-env {name}", Environment.GetEnvironmentVariable(name)
            ?? throw new UsageException($"--key-env: the environment has no variable '{name}'."));

    /// <summary>As it stands in a header: files and variables that hold a key often end it with a line break.</summary>
    private static string Sendable(string option, string text)
    {
        var key = text.Trim();
        return key.Length == 0 ? throw new UsageException($"{option}: the key is empty.")
            : key.AsSpan().ContainsAnyExceptInRange('!', '~')
                ? throw new UsageException($"{option}: a key has visible ASCII characters only.") : key;
    }
}
