using System.Globalization;

namespace Samovar.Cli.Pull;

/// <summary>Tries again what passes, at longer and longer intervals.</summary>
internal sealed class Retries(TimeProvider time, DownloadBounds bounds)
{
    /// <param name="once">One try.</param>
    /// <param name="progress">Who reads why something is tried again.</param>
    /// <param name="reached">How far it is: tries count in a row that get no further.</param>
    /// <exception cref="PullException">It does not pass, or was tried often enough.</exception>
    public async Task<T> RunAsync<T>(Func<Task<T>> once, IPullProgress progress, Func<long> reached, CancellationToken userGone)
    {
        var (failed, most) = (0, reached());
        while (true)
        {
            try
            {
                return await once();
            }
            catch (PullException passing) when (passing.IsPassing)
            {
                failed = reached() > most ? 1 : failed + 1;
                most = Math.Max(most, reached()); // what comes again and again is no progress
                if (failed >= bounds.TriesMax) throw;
                var delay = Delay(failed, passing.RetryAfter);
                progress.Say(string.Create(
                    CultureInfo.InvariantCulture, $"{passing.Message} Trying again in {delay.TotalSeconds:0.#} s."));
                await Task.Delay(delay, time, userGone);
            }
        }
    }

    /// <summary>As the server asks, within bounds; it is not asked sooner than it would have been anyway.</summary>
    private TimeSpan Delay(int failed, TimeSpan? asked)
    {
        var delay = bounds.DelayMin * Math.Pow(2, failed - 1);
        if (asked > delay) delay = asked.Value;
        return delay < bounds.DelayMax ? delay : bounds.DelayMax;
    }
}
