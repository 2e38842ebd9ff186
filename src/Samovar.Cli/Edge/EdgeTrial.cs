using Samovar.Client.Transports;
using Samovar.Escaping;
using Samovar.Protocol.Errors;

namespace Samovar.Cli.Edge;

/// <summary>The one look that an edge takes at its start: whether anybody answers where its turns are to go. It shows no key.</summary>
/// <remarks>What is gone then may come: the edge serves all the same. But an address with a slip in it would be waited for as
/// well.</remarks>
internal static class EdgeTrial
{
    private static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);

    /// <summary>Says it where nobody does. Never throws.</summary>
    /// <param name="bridge">How long turns wait for a link.</param>
    public static async Task RunAsync(TextWriter output, Uri baseUrl, TimeSpan bridge)
    {
        if (await FaultAsync(baseUrl) is not { } fault) return;
        try
        {
            await output.WriteLineAsync(ForeignText.OneLine(
                $"There is no way to {baseUrl} now: {fault}; turns wait for one, up to {DurationText.Of(bridge)}. Is the address right?"));
            await output.FlushAsync();
        }
        catch (IOException) { /* nobody reads it */ }
    }

    private static async Task<string?> FaultAsync(Uri baseUrl)
    {
        using var http = ProxyBeyondLoopback.Client(AnswerMax);
        try
        {
            using var answer = await http.GetAsync(baseUrl, HttpCompletionOption.ResponseHeadersRead);
            return null;
        }
        catch (HttpRequestException exception) { return exception.Message.TrimEnd('.'); }
        catch (TaskCanceledException) { return $"no answer within {DurationText.Of(AnswerMax)}"; }
    }
}
