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
    /// <exception cref="UsageException">There is no such variable.</exception>
    public static string? Key(string? key, string? name) => name is null ? key
        : Environment.GetEnvironmentVariable(name) ?? throw new UsageException($"--key-env: the environment has no variable '{name}'.");
}
