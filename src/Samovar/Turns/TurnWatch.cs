using Samovar.Accounting;
using Samovar.Tracing;

namespace Samovar.Turns;

/// <summary>Who learns how turns went.</summary>
internal sealed record TurnWatch(IRequestLog Requests, TurnMetrics Metrics, TurnTraces Traces);
