using Microsoft.Extensions.Logging;
using Samovar.Escaping;
using Samovar.Metering;
using Samovar.Protocol.Errors;
using Samovar.Protocol.Ids;

namespace Samovar.Gateway.Destinations;

/// <summary>What the log reports about destinations: each change once.</summary>
internal sealed partial class DestinationLog(ILogger logger)
{
    public void CircuitOpened(string destination, TimeSpan pause) =>
        GuardedLog.Write(() => Log.CircuitOpened(logger, ForeignText.OneLine(destination), DurationText.Of(pause)));

    public void CircuitClosed(string destination) =>
        GuardedLog.Write(() => Log.CircuitClosed(logger, ForeignText.OneLine(destination)));

    public void Unfit(string destination) => GuardedLog.Write(() => Log.Unfit(logger, ForeignText.OneLine(destination)));

    public void Fit(string destination) => GuardedLog.Write(() => Log.Fit(logger, ForeignText.OneLine(destination)));

    public void Pauses(string destination, TimeSpan pause) =>
        GuardedLog.Write(() => Log.Pauses(logger, ForeignText.OneLine(destination), DurationText.Of(pause)));

    public void AwaitsConnection(string destination) =>
        GuardedLog.Write(() => Log.AwaitsConnection(logger, ForeignText.OneLine(destination)));

    public void NoWay(string destination, string reason, TimeSpan waitMax) => GuardedLog.Write(() =>
        Log.NoWay(logger, ForeignText.OneLine(destination), ForeignText.OneLine(reason), DurationText.Of(waitMax)));

    public void HasWay(string destination) => GuardedLog.Write(() => Log.HasWay(logger, ForeignText.OneLine(destination)));

    public void PausesFor(string destination, TenantId tenant, TimeSpan pause) => GuardedLog.Write(() =>
        Log.PausesFor(logger, ForeignText.OneLine(destination), ForeignText.OneLine(tenant.Value), DurationText.Of(pause)));

    public void Overdue(string destination) => GuardedLog.Write(() => Log.Overdue(logger, ForeignText.OneLine(destination)));

    public void AnswersAgain(string destination) => GuardedLog.Write(() => Log.AnswersAgain(logger, ForeignText.OneLine(destination)));

    public void KeyChanged(string destination) => GuardedLog.Write(() => Log.KeyChanged(logger, ForeignText.OneLine(destination)));

    public void Failover(string from, string to, string reason) => GuardedLog.Write(() =>
        Log.Failover(logger, ForeignText.OneLine(from), ForeignText.OneLine(to), ForeignText.OneLine(reason)));

    public void LookBroke(string destination, Exception exception) =>
        GuardedLog.Write(() => Log.LookBroke(logger, ForeignText.OneLine(destination), exception));

    private static partial class Log
    {
        [LoggerMessage(6110, LogLevel.Warning, "Destination '{Destination}' failed repeatedly: its circuit is open for {Pause}")]
        public static partial void CircuitOpened(ILogger logger, string destination, string pause);

        [LoggerMessage(6111, LogLevel.Information, "Destination '{Destination}' answers: its circuit is closed")]
        public static partial void CircuitClosed(ILogger logger, string destination);

        [LoggerMessage(6112, LogLevel.Warning, "Destination '{Destination}' failed its health check and gets no turns")]
        public static partial void Unfit(ILogger logger, string destination);

        [LoggerMessage(6113, LogLevel.Information, "Destination '{Destination}' is fit again")]
        public static partial void Fit(ILogger logger, string destination);

        [LoggerMessage(6114, LogLevel.Warning, "Destination '{Destination}' takes no more turns for {Pause}")]
        public static partial void Pauses(ILogger logger, string destination, string pause);

        [LoggerMessage(6115, LogLevel.Warning,
            "Destination '{Destination}' keeps turns waiting for longer than usual: others get new turns")]
        public static partial void Overdue(ILogger logger, string destination);

        [LoggerMessage(6116, LogLevel.Information, "Destination '{Destination}' answers as fast as usual again")]
        public static partial void AnswersAgain(ILogger logger, string destination);

        [LoggerMessage(6117, LogLevel.Information, "Destination '{Destination}' has a new key now")]
        public static partial void KeyChanged(ILogger logger, string destination);

        [LoggerMessage(6118, LogLevel.Warning, "Turns go from destination '{From}' to '{To}': {Reason}")]
        public static partial void Failover(ILogger logger, string from, string to, string reason);

        [LoggerMessage(6120, LogLevel.Information, "Destination '{Destination}' takes no more turns of the key of {Tenant} for {Pause}")]
        public static partial void PausesFor(ILogger logger, string destination, string tenant, string pause);

        [LoggerMessage(6121, LogLevel.Warning, "Destination '{Destination}' cannot be reached: its turns wait for a connection")]
        public static partial void AwaitsConnection(ILogger logger, string destination);

        [LoggerMessage(6122, LogLevel.Warning,
            "There is no way to destination '{Destination}': {Reason}; its turns wait for one, up to {WaitMax}")]
        public static partial void NoWay(ILogger logger, string destination, string reason, string waitMax);

        [LoggerMessage(6123, LogLevel.Warning, "There is a way to destination '{Destination}' again")] // for whoever read the other one
        public static partial void HasWay(ILogger logger, string destination);

        [LoggerMessage(6119, LogLevel.Error, "Checking the turns that wait at destination '{Destination}' failed; they keep waiting")]
        public static partial void LookBroke(ILogger logger, string destination, Exception exception);
    }
}
