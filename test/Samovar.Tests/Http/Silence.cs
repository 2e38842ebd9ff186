using Samovar.Server.Http;
using Samovar.Testing;

namespace Samovar.Tests.Http;

/// <summary>A stream on which nothing comes for as long as the server lets that be.</summary>
internal static class Silence
{
    /// <summary>Reads to the line that fills the silence; after each event time goes on as soon as the silence is being timed.</summary>
    public static async Task ReadToAsync(StreamReader stream, string sign, ManualTime time)
    {
        string? line;
        while ((line = await Soon.In(stream.ReadLineAsync())) != sign)
        {
            Assert.NotNull(line);
            if (!line.StartsWith("data: ", StringComparison.Ordinal)) continue;
            await Soon.In(time.WhenArmed(new HttpOptions().KeepAliveInterval));
            time.Advance(new HttpOptions().KeepAliveInterval);
        }
    }
}
