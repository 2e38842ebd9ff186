using Samovar.Backends;
using Samovar.Gateway.Faults;
using Samovar.Gateway.Wire;

namespace Samovar.Gateway.Drivers;

/// <summary>Speaks one protocol to a destination.</summary>
internal interface IUpstreamDriver
{
    /// <summary>
    /// Runs one attempt: <see cref="BackendEvent.Accepted"/> first, <see cref="BackendEvent.Finished"/> last, the call's phase kept up to
    /// date.
    /// Throws <see cref="UpstreamException"/> or what the transport throws. Cancelling gives up the connection.
    /// </summary>
    IAsyncEnumerable<BackendEvent> RunAsync(UpstreamCall call, CancellationToken attemptEnded);
}
