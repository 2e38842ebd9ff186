using System.Net;
using System.Text.Json;

namespace Samovar.Cli.Pull;

/// <summary>A model could not be pulled; the message is for the user.</summary>
internal sealed class PullException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>Whether the same may work a moment later.</summary>
    public bool IsPassing { get; init; }

    /// <summary>When the server wants to be asked again; null where it does not say.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>Whether an answer of this status may be another a moment later.</summary>
    public static bool Passes(HttpStatusCode status) =>
        status is HttpStatusCode.TooManyRequests or HttpStatusCode.RequestTimeout or >= HttpStatusCode.InternalServerError;

    /// <summary>An answer that may be another a moment later.</summary>
    public static PullException Of(Uri server, HttpResponseMessage answer) => new($"{server.Authority} answers {(int)answer.StatusCode}.")
    {
        IsPassing = true, RetryAfter = answer.Headers.RetryAfter?.Delta ?? answer.Headers.RetryAfter?.Date - answer.Headers.Date,
    };

    /// <summary>Makes a sentence of what went wrong between here and there.</summary>
    public static async Task<T> OfHttpAsync<T>(Uri server, Func<Task<T>> call)
    {
        try
        {
            return await call();
        }
        catch (HttpRequestException cut)
        {
            var what = cut.HttpRequestError switch
            {
                HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError
                    => "cannot be reached",
                HttpRequestError.ConfigurationLimitExceeded => "sends too much",
                _ => "cut the connection",
            };
            throw new PullException($"{server.Authority} {what}: {cut.GetBaseException().Message.TrimEnd('.')}.", cut)
            {
                IsPassing = cut.HttpRequestError is not HttpRequestError.ConfigurationLimitExceeded,
            };
        }
        catch (TaskCanceledException slow) when (slow.InnerException is TimeoutException)
        {
            throw new PullException($"{server.Authority} does not answer in time.", slow) { IsPassing = true };
        }
        catch (JsonException broken)
        {
            throw new PullException($"{server.Authority} does not answer as a hub of models does.", broken);
        }
    }
}
