using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Samovar.Prefixes;
using Samovar.Protocol.Errors;

namespace Samovar.Server.Hosting;

/// <summary>Warms the prefixes that the settings name, one after the other, beside the first requests: one that begins with a prefix which
/// is just computed waits for that and computes only what follows. One whose model's file was replaced is warmed anew.</summary>
internal sealed partial class PrefixStartService(
    PrefixDesk desk, PrefixTable table, PrefixesOptions options, TimeProvider time, IHostApplicationLifetime life,
    ILogger<PrefixStartService> logger)
    : BackgroundService
{
    private const int TriesMax = 10;
    private static readonly TimeSpan AgainAfter = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Warm.Count == 0) return;
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var listening = life.ApplicationStarted.UnsafeRegister(
            static state => ((TaskCompletionSource)state!).TrySetResult(), started);
        try
        {
            await started.Task.WaitAsync(stoppingToken);
            foreach (var (name, of) in options.Warm) await WarmAsync(name, of, stoppingToken);
            while (await table.Outdated.WaitToReadAsync(stoppingToken))
                while (table.Outdated.TryRead(out var name))
                    if (options.Warm.TryGetValue(name, out var of)) await WarmAsync(name, of, stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // the server ends
        }
    }

    private async Task WarmAsync(string name, WarmPrefixOptions of, CancellationToken stopping)
    {
        for (var tries = 1; ; tries++)
            try
            {
                var (prefix, warmth) = await desk.WarmAsync(WarmPrefixes.Read(name, of), stopping);
                Log.Warmed(logger, name, prefix.Id.Value, prefix.Plan.Path.Length, warmth.ComputedTokens);
                return;
            }
            catch (ApiException busy) when (busy.Kind.Retryable && tries < TriesMax)
            {
                await Task.Delay(busy.RetryAfter ?? AgainAfter, time, stopping);
            }
            catch (Exception fault) when (!stopping.IsCancellationRequested) // one prefix: whoever begins with it computes it
            {
                Log.NotWarmed(logger, name, fault is ApiException or InvalidDataException ? fault.Message : fault.ToString());
                return;
            }
    }

    private static partial class Log
    {
        [LoggerMessage(8701, LogLevel.Information, "Prefix '{Name}' is warm ({Prefix}): {Tokens} tokens, {Computed} of them computed")]
        public static partial void Warmed(ILogger logger, string name, string prefix, int tokens, int computed);

        [LoggerMessage(8702, LogLevel.Error, "Prefix '{Name}' could not be warmed: {Reason}")]
        public static partial void NotWarmed(ILogger logger, string name, string reason);
    }
}
